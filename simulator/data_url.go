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
	mimeType, data, found := strings.Cut(strings.TrimPrefix(dataURL.serialized, "data:"), ",")
	if !found {
		p.trace.add(algorithmSchemeFetch, "3", "network error: a data: URL without a comma")
		return networkError(InvalidURL, "")
	}
	content := percentDecode(data)
	mimeType = strings.Trim(mimeType, "\t\n\f\r ")
	if rest, isBase64 := cutBase64(mimeType); isBase64 {
		decoded, ok := forgivingBase64Decode(content)
		if !ok {
			p.trace.add(algorithmSchemeFetch, "3", "network error: a data: URL whose data are not base64")
			return networkError(InvalidURL, "")
		}
		mimeType, content = rest, decoded
	}
	if strings.HasPrefix(mimeType, ";") {
		mimeType = "text/plain" + mimeType
	}
	if _, ok := mimeTypeEssence(mimeType); !ok {
		mimeType = "text/plain;charset=US-ASCII"
	}
	return localResponse(mimeType, content)
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
func cutBase64(mimeType string) (string, bool) {
	const word = "base64"
	if len(mimeType) < len(word) || !strings.EqualFold(mimeType[len(mimeType)-len(word):], word) {
		return mimeType, false
	}
	rest := strings.TrimRight(mimeType[:len(mimeType)-len(word)], " ")
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
