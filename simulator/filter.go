package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// filter gives a response the type that its tainting allows.
// https://fetch.spec.whatwg.org/#concept-main-fetch, step 14
func (p *fetchParams) filter(response *response) {
	if response.kind != "" {
		return
	}
	switch p.request.tainting {
	case taintingCORS:
		response.kind = ResponseCORS
	case taintingOpaque:
		response.kind = ResponseOpaque
	default:
		response.kind = ResponseBasic
	}
	p.trace.add(algorithmMainFetch, "14.2", "a response of type ", string(response.kind), ", status ", strconv.Itoa(response.status))
}

// readableHeader is the header list of a filtered response.
// https://fetch.spec.whatwg.org/#concept-filtered-response-basic and
// https://fetch.spec.whatwg.org/#concept-filtered-response-cors
func (p *fetchParams) readableHeader(response *response) http.Header {
	readable := make(http.Header, len(response.header))
	if response.kind == ResponseBasic {
		for name, values := range response.header {
			if !isForbiddenResponseHeaderName(name) {
				readable[name] = values
			}
		}
		return readable
	}
	exposed, all := p.exposedHeaderNames(response.header)
	for name, values := range response.header {
		if isForbiddenResponseHeaderName(name) {
			continue
		}
		if all || isSafelistedResponseHeaderName(name) || containsFold(exposed, name) {
			readable[name] = values
		}
	}
	return readable
}

// exposedHeaderNames is a response's CORS-exposed header-name list, or all.
// https://fetch.spec.whatwg.org/#concept-main-fetch, step 14.1
func (p *fetchParams) exposedHeaderNames(header http.Header) (names []string, all bool) {
	values := header["Access-Control-Expose-Headers"]
	if len(values) == 0 {
		return nil, false
	}
	names, ok := extractList(values)
	if !ok {
		p.trace.add(algorithmMainFetch, "14.1.1", "Access-Control-Expose-Headers exposes nothing, it is not a list of header names: ", strings.Join(values, ", "))
		return nil, false
	}
	all = !p.request.withCredentials() && slices.Contains(names, "*")
	p.trace.add(algorithmMainFetch, "14.1.1", "Access-Control-Expose-Headers: ", strings.Join(values, ", "))
	return names, all
}
