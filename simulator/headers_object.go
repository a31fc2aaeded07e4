package simulator

// headersGuard is a headers guard.
// https://fetch.spec.whatwg.org/#headers-guard
type headersGuard string

const (
	guardRequest       headersGuard = "request"
	guardRequestNoCORS headersGuard = "request-no-cors"
)

// headersObject is a Headers object of a request.
// https://fetch.spec.whatwg.org/#headers-class
type headersObject struct {
	list    headerList
	guard   headersGuard
	profile *Profile
	trace   *trace
}

// fill is https://fetch.spec.whatwg.org/#concept-headers-fill
func (h *headersObject) fill(fields []Field) Reason {
	if len(fields) == 0 {
		return Reason{}
	}
	// One more, for the Content-Type of a body.
	h.list = make(headerList, 0, len(fields)+1)
	for _, field := range fields {
		if reason := h.append(field.Name, field.Value); reason.Code != "" {
			return reason
		}
	}
	return Reason{}
}

// append is https://fetch.spec.whatwg.org/#concept-headers-append
func (h *headersObject) append(name, value string) Reason {
	// 1.
	encoded, ok := byteString(value)
	encoded = normalizeHeaderValue(encoded)
	// 2.
	if !ok || !isToken(name) || !isHeaderValue(encoded) {
		h.trace.add(algorithmValidateHeader, "1", "TypeError: not a header name, or not a header value: ", name, ": ", value)
		return Reason{Code: InvalidRequest}
	}
	if h.guard == guardRequest && isForbiddenRequestHeader(h.profile, name, encoded) {
		h.trace.add(algorithmValidateHeader, "3", "ignored, a forbidden request-header: ", name)
		return Reason{}
	}
	// 3.
	if h.guard == guardRequestNoCORS {
		combined := encoded
		if existing, found := h.list.get(name); found {
			combined = existing + ", " + encoded
		}
		if !isNoCORSSafelistedRequestHeader(h.profile, name, combined) {
			h.trace.add(algorithmValidateHeader, "3", "ignored, a no-cors request cannot carry it: ", name, ": ", combined)
			return Reason{}
		}
	}
	// 4.
	if h.profile.CombinesRequestHeaders {
		h.list = h.list.combine(name, encoded)
	} else {
		h.list = append(h.list, Field{Name: name, Value: encoded})
	}
	return Reason{}
}
