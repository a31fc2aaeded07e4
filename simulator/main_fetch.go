package simulator

import "context"

// fetchParams is the state of one fetch: the standard's fetch params, and what
// the outcome will tell about it.
// https://fetch.spec.whatwg.org/#fetch-params
type fetchParams struct {
	browser   *Browser
	request   *request
	exchanges []Exchange
	trace     *trace
	// preflights are the results that no other fetch finds.
	preflights preflightCache

	// firstExchanges and firstResponse are room for what most fetches need: a
	// request, and perhaps its preflight.
	firstExchanges [2]Exchange
	firstResponse  response
}

// mainFetch is main fetch up to the point where it returns to its recursive
// caller; [fetchParams.filter] does the rest.
// https://fetch.spec.whatwg.org/#concept-main-fetch
func (p *fetchParams) mainFetch(ctx context.Context) *response {
	// 1.
	request := p.request
	// 6.
	upgradeMixedContent(p.trace, request)
	// 7.
	url := request.currentURL()
	if url.isHTTP() && isBadPort(&p.browser.profile, url.port) && !p.browser.profile.ChecksPortsLast {
		p.trace.add(algorithmMainFetch, "7", "network error: port ", url.port, " is a bad port")
		return networkError(ConnectionFailed, "")
	}
	refusal := refusalByMode(request)
	if blockedAsMixedContent(request) {
		p.trace.add(algorithmMixedContent, "2", "blocked: ", url.wire, " is not trustworthy, the page is ", request.client.url.wire)
		if refusal.Code != "" {
			// Chromium looks at the mode first, so its reason names the mode.
			return networkError(refusal.Code, refusal.Parameter)
		}
		return networkError(MixedContent, "")
	}
	// 8.
	if request.referrerPolicy == "" {
		request.referrerPolicy = request.client.referrerPolicy
	}
	// 9.
	setReferrer(request)
	// 12.
	switch {
	case isBasicFetch(request):
		p.trace.add(algorithmMainFetch, "12", "the response tainting is basic: ", url.wire, " is of the page's origin ", request.origin.serialized)
		return p.schemeFetch(ctx)
	case refusal.Code != "":
		p.trace.add(algorithmMainFetch, "12", "network error: mode ", string(request.mode), ", redirect mode ", string(request.redirect), " and URL ", url.wire, " do not go together from ", request.origin.serialized)
		return networkError(refusal.Code, refusal.Parameter)
	case request.mode == ModeNoCORS:
		request.tainting = taintingOpaque
		p.trace.add(algorithmMainFetch, "12", "the response tainting is opaque: a no-cors request from ", request.origin.serialized, " to ", url.wire)
		return p.schemeFetch(ctx)
	}
	request.tainting = taintingCORS
	unsafeNames := p.unsafeRequestHeaderNames(request)
	if request.useCORSPreflight || request.unsafeRequest && (!isSafelistedMethod(request.method) || len(unsafeNames) > 0) {
		p.trace.add(algorithmMainFetch, "12", "the response tainting is cors, with a preflight: ", request.method, " from ", request.origin.serialized, " to ", url.wire)
		response := p.httpFetch(ctx, true, unsafeNames)
		if response.isNetworkError() && !p.browser.profile.KeepsPreflightsOnFailure {
			p.browser.preflightClear(p.preflightCacheKey(request))
		}
		return response
	}
	p.trace.add(algorithmMainFetch, "12", "the response tainting is cors, without a preflight: ", request.method, " from ", request.origin.serialized, " to ", url.wire)
	return p.httpFetch(ctx, false, nil)
}

// unsafeRequestHeaderNames are those of the request as fetch leaves it to main
// fetch: an Accept that script did not set counts too, in the total of values.
// https://fetch.spec.whatwg.org/#concept-fetch, step 13
func (p *fetchParams) unsafeRequestHeaderNames(request *request) []string {
	headers := request.headers
	if len(headers) > 0 && !headers.contains("Accept") {
		headers = append(headers, Field{Name: "Accept", Value: p.browser.profile.defaultAccept(request.destination)})
	}
	names := unsafeRequestHeaderNames(&p.browser.profile, headers)
	if p.trace != nil {
		for _, name := range names {
			value, _ := headers.get(name)
			p.trace.add(algorithmUnsafeHeaderNames, "4.1", name, " is not safelisted: \"", value, "\"")
		}
	}
	return names
}

// isBasicFetch is the first case of main fetch's step 12.
func isBasicFetch(request *request) bool {
	url := request.currentURL()
	return url.scheme == "data" || request.tainting == taintingBasic && sameOrigin(url.origin, request.origin)
}

// refusalByMode is why main fetch's step 12 answers with a network error
// before anything is sent; the zero Reason when it does not.
func refusalByMode(request *request) Reason {
	url := request.currentURL()
	switch {
	case isBasicFetch(request):
	case request.mode == ModeSameOrigin:
		return Reason{Code: DisallowedByMode}
	case request.mode == ModeNoCORS:
		if request.redirect != RedirectFollow {
			return Reason{Code: NoCORSRedirectModeNotFollow}
		}
	case !url.isHTTP():
		return Reason{Code: CORSDisabledScheme, Parameter: url.scheme}
	}
	return Reason{}
}
