package simulator

import (
	"net/http"
	"slices"
)

// taoCheck decides whether a response shares its timing with the request's origin.
// https://fetch.spec.whatwg.org/#concept-tao-check
func taoCheck(t *trace, request *request, header http.Header) bool {
	// 2.
	if request.timingAllowFailed {
		return false
	}
	// 3.
	if value, found := getHeader(header, "Timing-Allow-Origin"); found {
		values := splitHeaderValue(value)
		// 4. and 5.
		if slices.Contains(values, "*") || slices.Contains(values, request.serializedOrigin()) {
			t.add(algorithmTAOCheck, "5", "success: Timing-Allow-Origin is ", value)
			return true
		}
	}
	// 7. and 8.
	return request.tainting == taintingBasic
}
