package simulator

import (
	"bytes"
	"strings"
)

// body is a request body: its bytes, which can be sent again after a redirect.
// https://fetch.spec.whatwg.org/#concept-body
type body struct{ bytes []byte }

// formDataBoundary delimits the parts of form data. Browsers make a new one up
// each time; a fixed one makes the same request the same bytes.
const formDataBoundary = "----CrosscheckFormBoundary7MA4YWxkTrZu0gW"

// extractBody extracts a body with type: the bytes, and the Content-Type they imply.
// https://fetch.spec.whatwg.org/#concept-bodyinit-extract
func extractBody(init *Body) (extracted *body, contentType string) {
	if init.FormData == nil {
		return &body{bytes: []byte(init.Text)}, "text/plain;charset=UTF-8"
	}
	var encoded bytes.Buffer
	for _, entry := range init.FormData {
		encoded.WriteString("--" + formDataBoundary + "\r\nContent-Disposition: form-data; name=\"")
		encoded.WriteString(escapeFormDataName(entry[0]))
		encoded.WriteString("\"\r\n\r\n" + entry[1] + "\r\n")
	}
	encoded.WriteString("--" + formDataBoundary + "--\r\n")
	return &body{bytes: encoded.Bytes()}, "multipart/form-data; boundary=" + formDataBoundary
}

// escapeFormDataName is https://html.spec.whatwg.org/#multipart-form-data
func escapeFormDataName(name string) string {
	return strings.NewReplacer("\n", "%0A", "\r", "%0D", `"`, "%22").Replace(name)
}
