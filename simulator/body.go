package simulator

import (
	"bytes"
	"strings"
)

// body is a request body: its bytes, which can be sent again after a redirect.
// https://fetch.spec.whatwg.org/#concept-body
type body struct{ bytes []byte }

// formDataBoundary delimits the parts of form data. Browsers make a new one up
// each time; a fixed one makes the same request the same bytes. It is as long as
// Chromium's, and so is the body.
const formDataBoundary = "----CrosscheckFormBoundary7MA4YWxkTrZu"

// extractBody extracts a body with type: the bytes, and the Content-Type that
// they imply, "" for none.
// https://fetch.spec.whatwg.org/#concept-bodyinit-extract
func extractBody(init *Body) (extracted *body, contentType string) {
	switch {
	case init.FormData != nil:
		return &body{bytes: encodeFormData(init.FormData)}, "multipart/form-data; boundary=" + formDataBoundary
	case init.URLSearchParams != nil:
		return &body{bytes: encodeURLSearchParams(init.URLSearchParams)}, "application/x-www-form-urlencoded;charset=UTF-8"
	case init.Blob:
		return &body{bytes: []byte(init.Text)}, blobType(init.Type)
	}
	return &body{bytes: []byte(init.Text)}, "text/plain;charset=UTF-8"
}

// isString reports whether the body is a string, whose encoding its Content-Type has to name.
func (b *Body) isString() bool { return b.FormData == nil && b.URLSearchParams == nil && !b.Blob }

// encodeFormData is https://html.spec.whatwg.org/#multipart/form-data-encoding-algorithm
func encodeFormData(entries [][2]string) []byte {
	var encoded bytes.Buffer
	escape := strings.NewReplacer("\n", "%0A", "\r", "%0D", `"`, "%22")
	for _, entry := range entries {
		encoded.WriteString("--" + formDataBoundary + "\r\nContent-Disposition: form-data; name=\"")
		encoded.WriteString(escape.Replace(normalizeNewlines(entry[0])))
		encoded.WriteString("\"\r\n\r\n" + normalizeNewlines(entry[1]) + "\r\n")
	}
	encoded.WriteString("--" + formDataBoundary + "--\r\n")
	return encoded.Bytes()
}

// normalizeNewlines makes every line break CR LF.
func normalizeNewlines(s string) string {
	return strings.NewReplacer("\r\n", "\r\n", "\r", "\r\n", "\n", "\r\n").Replace(s)
}

// encodeURLSearchParams is https://url.spec.whatwg.org/#concept-urlencoded-serializer
func encodeURLSearchParams(pairs [][2]string) []byte {
	var encoded []byte
	for i, pair := range pairs {
		if i > 0 {
			encoded = append(encoded, '&')
		}
		encoded = append(appendFormURLEncoded(encoded, pair[0]), '=')
		encoded = appendFormURLEncoded(encoded, pair[1])
	}
	return encoded
}

func appendFormURLEncoded(encoded []byte, s string) []byte {
	const upperHex = "0123456789ABCDEF"
	for i := range len(s) {
		switch b := s[i]; {
		case b == ' ':
			encoded = append(encoded, '+')
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', strings.IndexByte("*-._", b) >= 0:
			encoded = append(encoded, b)
		default:
			encoded = append(encoded, '%', upperHex[b>>4], upperHex[b&15])
		}
	}
	return encoded
}

// blobType is the type that a Blob has which is made with one: in lower case,
// and none at all when it has other characters than printable ASCII.
// https://w3c.github.io/FileAPI/#constructorBlob
func blobType(name string) string {
	for i := range len(name) {
		if name[i] < ' ' || name[i] > '~' {
			return ""
		}
	}
	return byteLowercase(name)
}
