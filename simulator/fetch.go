package simulator

import "context"

// Fetch makes the request from the page and returns what the page gets. It
// blocks until the response's body has arrived, or the context ends, which is
// the network error NoResponse.
// https://fetch.spec.whatwg.org/#dom-global-fetch
func (p *Page) Fetch(ctx context.Context, init Request) Outcome {
	if p.err != nil {
		return Outcome{Kind: KindAPIError, Reason: Reason{Code: InvalidURL}}
	}
	var steps *trace
	if p.browser.tracing {
		steps = &trace{}
	}
	request, reason := p.construct(steps, &init)
	if reason.Code != "" {
		if init.Initiator.elementDestination() != "" {
			// An element throws nothing: it has an error event.
			return Outcome{Kind: KindNetworkError, Type: ResponseError, Reason: reason, Trace: steps.taken()}
		}
		return Outcome{Kind: KindAPIError, Reason: reason, Trace: steps.taken()}
	}
	if request.refusesCredentials() {
		steps.add(algorithmPotentialCORSRequest, "1", "refused: the URL has a user name or password: ", init.URL)
		return Outcome{Kind: KindNetworkError, Type: ResponseError, Reason: Reason{Code: InvalidURL}, Trace: steps.taken()}
	}
	params := &fetchParams{browser: p.browser, request: request, trace: steps}
	params.exchanges = params.firstExchanges[:0]
	response := params.mainFetch(ctx)
	outcome := params.outcome(ctx, response)
	outcome.UploadEvents = request.hearsUploadEvents(outcome.Kind)
	outcome.Trace = steps.taken()
	return outcome
}

// reportsTiming tells whether Resource Timing shows the details of the request.
// https://fetch.spec.whatwg.org/#fetch-finale, step 4.2
func (p *fetchParams) reportsTiming() bool {
	return p.request.urlList[0].isHTTP() && !p.request.timingAllowFailed
}

// outcome is what the page's script gets of a response, filtered.
// https://fetch.spec.whatwg.org/#concept-main-fetch, steps 14 to 22
func (p *fetchParams) outcome(ctx context.Context, response *response) Outcome {
	if response.isNetworkError() {
		p.trace.add(algorithmMainFetch, "22", "network error: ", response.reason.String())
		return Outcome{Kind: KindNetworkError, Type: ResponseError, Reason: response.reason, Exchanges: p.exchanges}
	}
	if p.blockedAsOpaque(response) {
		response.discard()
		return Outcome{Kind: KindNetworkError, Type: ResponseError, Reason: Reason{Code: BlockedByORB}, Exchanges: p.exchanges}
	}
	blocked := p.blockedDueToType(response)
	if blocked || !p.isUsable(response) {
		p.trace.add(algorithmMainFetch, "19", "error event: the status or the MIME type is not what a ", string(p.request.initiator), " needs")
		response.discard()
		timed := !blocked || p.browser.profile.TimesBlockedScripts && p.request.destination == "script"
		return Outcome{Kind: KindNetworkError, Type: ResponseError, Reason: Reason{Code: UnusableResponse}, Exchanges: p.exchanges, TimingAllowed: timed && p.reportsTiming()}
	}
	p.filter(response)
	outcome := Outcome{Type: response.kind, Exchanges: p.exchanges, TimingAllowed: p.reportsTiming()}
	switch response.kind {
	case ResponseOpaque:
		outcome.Kind = KindOpaque
		response.discard()
		return outcome
	case ResponseOpaqueRedirect:
		outcome.Kind = KindOpaqueRedirect
		outcome.TimingAllowed = outcome.TimingAllowed && !(p.browser.profile.HidesOpaqueRedirectTiming && p.hasLocation(response.header))
		outcome.URL = p.request.currentURL().serialized
		response.discard()
		return outcome
	}
	outcome.Kind = KindReadable
	if p.request.initiator.showsNothing() {
		response.discard()
		return outcome
	}
	body, reason := p.readBody(ctx, response)
	if reason.Code != "" {
		return Outcome{Kind: KindNetworkError, Type: ResponseError, Reason: reason, Exchanges: p.exchanges}
	}
	outcome.Status, outcome.Header, outcome.Body = response.status, p.readableHeader(response), body
	outcome.URL = p.request.currentURL().serialized
	return outcome
}
