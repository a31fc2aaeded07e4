package simulator

// originHeader is the Origin header that a request carries, "" for none.
// https://fetch.spec.whatwg.org/#append-a-request-origin-header
func originHeader(request *request) string {
	// 2.
	serialized := request.serializedOrigin()
	// 3.
	if request.tainting == taintingCORS {
		return serialized
	}
	if request.client.browser.profile.ElementsSendOrigin && request.mode == ModeCORS && request.destination != "" {
		return serialized
	}
	// 4.
	if request.method == "GET" || request.method == "HEAD" {
		return ""
	}
	if request.client.browser.profile.NoCORSRedirectsHideOrigin && request.mode == ModeNoCORS && request.leftAnOrigin() {
		return opaqueOrigin
	}
	if request.mode == ModeCORS || request.client.browser.profile.OriginIgnoresReferrerPolicy {
		return serialized
	}
	url := request.currentURL()
	switch request.referrerPolicy {
	case referrerNone:
		return opaqueOrigin
	case referrerNoneWhenDowngrade, referrerStrictOrigin, referrerStrictOriginWhenCrossOrigin:
		if request.origin.scheme == "https" && url.scheme != "https" {
			return opaqueOrigin
		}
	case referrerSameOrigin:
		if !sameOrigin(request.origin, url.origin) {
			return opaqueOrigin
		}
	}
	return serialized
}
