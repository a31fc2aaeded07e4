package simulator

import (
	"net/http"
	"strconv"
)

// blobURLFetch answers the blob: URL of a Blob that the page itself has made.
// https://fetch.spec.whatwg.org/#concept-scheme-fetch, step 3, "blob"
func (p *fetchParams) blobURLFetch() *response {
	blob := p.request.blob
	if blob == nil {
		p.trace.add(algorithmSchemeFetch, "3", "network error: no Blob is behind the URL")
		return networkError(CORSDisabledScheme, "blob")
	}
	if p.request.method != http.MethodGet {
		p.trace.add(algorithmSchemeFetch, "3", "network error: a Blob is there for GET, not for ", p.request.method)
		return networkError(InvalidRequest, "")
	}
	content := blob.bytes
	response := localResponse(blob.contentType, content)
	if rangeHeader, found := p.request.headers.get("Range"); found {
		start, end, ok := blobRange(&p.browser.profile, rangeHeader, len(content))
		if !ok {
			p.trace.add(algorithmSchemeFetch, "3", "network error: the Blob has no range ", rangeHeader)
			return networkError(InvalidRequest, "")
		}
		response = localResponse(blob.contentType, content[start:end])
		response.status = http.StatusPartialContent
		response.header["Content-Range"] = []string{"bytes " + strconv.Itoa(start) + "-" + strconv.Itoa(end-1) + "/" + strconv.Itoa(len(content))}
		content = content[start:end]
	}
	response.header["Content-Length"] = []string{strconv.Itoa(len(content))}
	return response
}

// blob is a Blob behind a blob: URL.
type blob struct {
	bytes       []byte
	contentType string
}

// blobRange is the slice of a Blob that a Range asks for.
func blobRange(profile *Profile, rangeHeader string, length int) (start, end int, ok bool) {
	first, last, ok := parseSingleRange(rangeHeader, true)
	if !ok {
		return 0, 0, false
	}
	if first == "" {
		suffix := decimal(last)
		return length - min(suffix, length), length, suffix > 0 || !profile.RefusesEmptySuffixRanges
	}
	start, end = decimal(first), length
	if last != "" {
		end = min(decimal(last), length-1) + 1
	}
	return start, end, start < length
}

// decimal interprets digits; what is beyond any Blob is the largest number.
func decimal(digits string) int {
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return int(^uint(0) >> 1)
	}
	return int(number)
}
