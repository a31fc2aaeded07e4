package simulator

import (
	"context"
	"strconv"
)

// httpFetch is https://fetch.spec.whatwg.org/#concept-http-fetch
func (p *fetchParams) httpFetch(ctx context.Context, makeCORSPreflight bool, unsafeNames []string) *response {
	// 1.
	request := p.request
	// 4.1.
	if makeCORSPreflight && p.needsPreflight(request, unsafeNames) {
		if preflight := p.preflightFetch(ctx, request, unsafeNames); preflight.isNetworkError() {
			return preflight
		}
	}
	// 4.3.
	response := p.networkOrCacheFetch(ctx, request, nil)
	if response.isNetworkError() {
		return response
	}
	if p.browser.profile.RefusesInvalidLocations && isRedirectStatus(response.status) && p.hasLocation(response.header) {
		if _, err := p.locationURL(request, response.header["Location"]); err != nil {
			p.trace.add(algorithmHTTPFetch, "4.3", "network error: the engine takes a Location that is no URL for an invalid response: ", response.header["Location"][0])
			response.discard()
			return networkError(InvalidRedirect, "")
		}
	}
	// 4.4.
	if request.tainting == taintingCORS {
		if reason := corsCheck(p.trace, request.serializedOrigin(), request.credentials, response.header); reason.Code != "" {
			response.discard()
			return networkError(reason.Code, reason.Parameter)
		}
	}
	// 4.5.
	if !taoCheck(p.trace, request, response.header) {
		request.timingAllowFailed = true
	}
	// 5.
	if request.tainting == taintingOpaque && !resourcePolicyAllows(p.trace, request, response) {
		response.discard()
		return networkError(CrossOriginResourcePolicy, "")
	}
	// 6.
	if !isRedirectStatus(response.status) ||
		request.redirect == RedirectError && p.browser.profile.ErrorModeNeedsLocation && !p.hasLocation(response.header) {
		return response
	}
	switch request.redirect {
	case RedirectError:
		if p.browser.profile.ErrorModeComesLast {
			if _, reason := p.redirectTarget(request, response.header["Location"]); reason.Code != "" && reason.Code != CORSDisabledScheme {
				response.discard()
				return networkError(reason.Code, reason.Parameter)
			}
		}
		p.trace.add(algorithmHTTPFetch, "6.3", "network error: status ", strconv.Itoa(response.status), " under redirect mode error")
		response.discard()
		return networkError(RedirectModeError, "")
	case RedirectManual:
		p.trace.add(algorithmHTTPFetch, "6.3", "an opaque-redirect filtered response: status ", strconv.Itoa(response.status), " under redirect mode manual")
		response.kind = ResponseOpaqueRedirect
		return response
	}
	return p.redirectFetch(ctx, response)
}
