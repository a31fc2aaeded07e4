package simulator

import "strings"

// withoutCrossorigin is the initiator without its crossorigin attribute.
func (i Initiator) withoutCrossorigin() Initiator {
	bare, _, _ := strings.Cut(string(i), "-crossorigin-")
	return Initiator(bare)
}

// elementDestination is the destination of what an element asks for; "" for
// an initiator that is no element. A font counts as one.
func (i Initiator) elementDestination() string {
	switch i.withoutCrossorigin() {
	case InitiatorImage:
		return "image"
	case InitiatorScript, InitiatorModuleScript:
		return "script"
	case InitiatorStylesheet:
		return "style"
	case InitiatorFont:
		return "font"
	}
	return ""
}

// showsNothing reports whether script learns of the response only that it came
// or that it did not: from the load and error events of an element, or the open
// and error events of an EventSource. Of a beacon it does not learn even that.
func (i Initiator) showsNothing() bool {
	switch i {
	case InitiatorEventSource, InitiatorEventSourceWithCredentials, InitiatorBeacon:
		return true
	}
	return i.elementDestination() != ""
}

// newElementRequest makes the request of an element: a GET that its crossorigin
// attribute makes a cors request. Module scripts and fonts are cors requests
// without it. An element has no say in method, headers and modes; those of init
// are ignored.
// https://html.spec.whatwg.org/#create-a-potential-cors-request,
// https://html.spec.whatwg.org/#fetch-a-single-module-script and
// https://drafts.csswg.org/css-fonts/#font-fetching-requirements
func (p *Page) newElementRequest(t *trace, init *Request) (*request, Reason) {
	if init.URL == "" {
		// An empty src or href is no URL to an element, but an error event.
		return nil, Reason{Code: InvalidURL}
	}
	url, err := p.parseURL(init.URL)
	if err != nil {
		return nil, Reason{Code: InvalidURL}
	}
	policy, _ := parseReferrerPolicy(init.ReferrerPolicy)
	request := p.newRequest(init.Initiator, "GET", url)
	request.destination, request.referrerPolicy = init.Initiator.elementDestination(), policy
	_, crossorigin, _ := strings.Cut(string(init.Initiator), "-crossorigin-")
	bare := init.Initiator.withoutCrossorigin()
	request.useURLCredentials = url.includesCredentials && bare != InitiatorModuleScript && bare != InitiatorFont
	if bare == InitiatorFont && p.browser.profile.FontsIgnoreReferrerPolicy {
		request.referrerPolicy = referrerStrictOriginWhenCrossOrigin
	}
	switch {
	case crossorigin == "use-credentials":
		request.credentials = CredentialsInclude
	case crossorigin == "" && bare != InitiatorModuleScript && bare != InitiatorFont:
		request.mode, request.credentials = ModeNoCORS, CredentialsInclude
	}
	t.add(algorithmPotentialCORSRequest, "2", "a ", string(request.mode), " request with the credentials mode ", string(request.credentials))
	return request, Reason{}
}

// refusesCredentials reports whether the engine loads no URL with a user name or
// password for what asks: an element without CORS, an EventSource or a beacon.
func (r *request) refusesCredentials() bool {
	if !r.client.browser.profile.RefusesSubresourceCredentials || !r.currentURL().includesCredentials || !r.initiator.showsNothing() {
		return false
	}
	return r.mode == ModeNoCORS || r.initiator == InitiatorEventSource || r.initiator == InitiatorEventSourceWithCredentials
}

// newEventSourceRequest makes the request of new EventSource().
// https://html.spec.whatwg.org/#dom-eventsource
func (p *Page) newEventSourceRequest(t *trace, init *Request) (*request, Reason) {
	url, err := p.parseURL(init.URL)
	if err != nil {
		t.add(algorithmEventSource, "4", "SyntaxError: ", err.Error())
		return nil, Reason{Code: InvalidURL}
	}
	request := p.newRequest(init.Initiator, "GET", url)
	request.useURLCredentials = url.includesCredentials
	if init.Initiator == InitiatorEventSourceWithCredentials {
		request.credentials = CredentialsInclude
	}
	request.headers = headerList{{Name: "Accept", Value: "text/event-stream"}}
	request.preventsCaching = true
	return request, Reason{}
}

// newBeaconRequest makes the request of navigator.sendBeacon(): a POST that is a
// cors request when the body's type is not safelisted.
// https://w3c.github.io/beacon/#sendbeacon-method
func (p *Page) newBeaconRequest(t *trace, init *Request) (*request, Reason) {
	url, err := p.parseURL(init.URL)
	if err != nil || !url.isHTTP() {
		t.add(algorithmSendBeacon, "4", "TypeError: not an http or https URL: ", init.URL)
		return nil, Reason{Code: InvalidURL}
	}
	request := p.newRequest(init.Initiator, "POST", url)
	request.mode, request.credentials = ModeNoCORS, CredentialsInclude
	request.keepalive, request.unsafeRequest = true, true
	if init.Body == nil {
		return request, Reason{}
	}
	extracted, contentType := extractBody(init.Body)
	request.body = extracted
	if contentType != "" {
		request.headers = headerList{{Name: "Content-Type", Value: contentType}}
		if !isSafelistedRequestHeader(&p.browser.profile, "Content-Type", contentType) {
			request.mode = ModeCORS
		}
	}
	return request, Reason{}
}
