package simulator

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// dataURLFetch answers a data: URL.
// https://fetch.spec.whatwg.org/#data-url-processor
func (p *fetchParams) dataURLFetch(dataURL *parsedURL) *response {
	typeName, data, found := strings.Cut(strings.TrimPrefix(dataURL.serialized, "data:"), ",")
	if !found {
		p.trace.add(algorithmSchemeFetch, "3", "network error: a data: URL without a comma")
		return networkError(InvalidURL, "")
	}
	content := percentDecode(data)
	typeName = strings.Trim(typeName, "\t\n\f\r ")
	if rest, isBase64 := cutBase64(typeName); isBase64 {
		decoded, ok := forgivingBase64Decode(content)
		if !ok {
			p.trace.add(algorithmSchemeFetch, "3", "network error: a data: URL whose data are not base64")
			return networkError(InvalidURL, "")
		}
		typeName, content = rest, decoded
	}
	if strings.HasPrefix(typeName, ";") {
		typeName = "text/plain" + typeName
	}
	parsed, ok := parseMIMEType(typeName)
	if !ok {
		return localResponse("text/plain;charset=US-ASCII", content)
	}
	return localResponse(parsed.String(), content)
}

// localResponse is a response that came over no wire.
func localResponse(contentType string, content []byte) *response {
	return &response{
		status:   http.StatusOK,
		header:   http.Header{"Content-Type": {contentType}},
		body:     io.NopCloser(bytes.NewReader(content)),
		exchange: -1,
	}
}

// cutBase64 cuts ";base64" from the end, in any case and with spaces before the word.
func cutBase64(typeName string) (string, bool) {
	const word = "base64"
	if len(typeName) < len(word) || !strings.EqualFold(typeName[len(typeName)-len(word):], word) {
		return typeName, false
	}
	rest := strings.TrimRight(typeName[:len(typeName)-len(word)], " ")
	return strings.CutSuffix(rest, ";")
}

// percentDecode is https://url.spec.whatwg.org/#percent-decode
func percentDecode(s string) []byte {
	decoded := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if unescaped, err := url.PathUnescape(s[i : i+3]); err == nil {
				decoded = append(decoded, unescaped...)
				i += 2
				continue
			}
		}
		decoded = append(decoded, s[i])
	}
	return decoded
}

// forgivingBase64Decode is https://infra.spec.whatwg.org/#forgiving-base64-decode
func forgivingBase64Decode(data []byte) ([]byte, bool) {
	compact := strings.NewReplacer("\t", "", "\n", "", "\f", "", "\r", "", " ", "").Replace(string(data))
	if len(compact)%4 == 0 {
		compact = strings.TrimSuffix(strings.TrimSuffix(compact, "="), "=")
	}
	decoded, err := base64.RawStdEncoding.DecodeString(compact)
	return decoded, err == nil
}
