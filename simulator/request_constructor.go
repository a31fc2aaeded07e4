package simulator

// construct makes the request that a script's call stands for. A reason means
// that the call throws.
func (p *Page) construct(t *trace, init *Request) (constructed *request, reason Reason) {
	switch init.Initiator {
	case "", InitiatorFetch:
		constructed, reason = p.newFetchRequest(t, init)
	case InitiatorXHR, InitiatorXHRUploadListener, InitiatorXHRUploadListenerLate:
		constructed, reason = p.newXHRRequest(t, init)
	case InitiatorImage, InitiatorImageAnonymous, InitiatorImageUseCredentials,
		InitiatorScript, InitiatorScriptAnonymous, InitiatorScriptUseCredentials,
		InitiatorModuleScript, InitiatorModuleScriptAnonymous, InitiatorModuleScriptUseCredentials,
		InitiatorStylesheet, InitiatorStylesheetAnonymous, InitiatorStylesheetUseCredentials, InitiatorFont:
		constructed, reason = p.newElementRequest(t, init)
	case InitiatorEventSource, InitiatorEventSourceWithCredentials:
		constructed, reason = p.newEventSourceRequest(t, init)
	case InitiatorBeacon:
		constructed, reason = p.newBeaconRequest(t, init)
	default:
		return nil, Reason{Code: InvalidRequest}
	}
	if reason.Code == "" && init.URL == BlobSelfURL {
		constructed.blob = &blob{bytes: []byte(init.BlobBody), contentType: blobType(init.BlobType)}
	}
	return constructed, reason
}

// parseURL parses what a script passes as a URL. The URL of the page's own Blob
// is of the page's origin, an opaque one too.
// https://url.spec.whatwg.org/#concept-url-origin
func (p *Page) parseURL(input string) (*parsedURL, error) {
	parsed, err := p.browser.parse(input, p.base)
	if err != nil || input != BlobSelfURL {
		return parsed, err
	}
	ownBlob := *parsed
	ownBlob.origin = p.origin
	return &ownBlob, nil
}

// newFetchRequest is the Request constructor for a URL and an init.
// https://fetch.spec.whatwg.org/#dom-request
func (p *Page) newFetchRequest(t *trace, init *Request) (*request, Reason) {
	// 5.
	url, err := p.parseURL(init.URL)
	if err != nil {
		t.add(algorithmRequestConstructor, "5.2", "TypeError: ", err.Error())
		return nil, Reason{Code: InvalidURL}
	}
	if url.includesCredentials {
		t.add(algorithmRequestConstructor, "5.3", "TypeError: the URL has a user name or password: ", init.URL)
		return nil, Reason{Code: InvalidURL}
	}
	request := p.newRequest(InitiatorFetch, "GET", url)
	request.unsafeRequest, request.keepalive = true, init.Keepalive
	// 14.
	if reason := p.setReferrer(request, init.Referrer); reason.Code != "" {
		return nil, reason
	}
	// 15. to 22.
	if reason := setModes(request, init); reason.Code != "" {
		return nil, reason
	}
	// 25.
	if init.Method != "" {
		if !isToken(init.Method) || isForbiddenMethod(init.Method) {
			t.add(algorithmRequestConstructor, "25.2", "TypeError: ", init.Method, " is not a method, or a forbidden one")
			return nil, Reason{Code: InvalidRequest}
		}
		request.method = normalizeMethod(init.Method)
	}
	// 32.
	headers := headersObject{guard: guardRequest, profile: &p.browser.profile, trace: t}
	if request.mode == ModeNoCORS {
		if !isSafelistedMethod(request.method) {
			t.add(algorithmRequestConstructor, "32.1", "TypeError: a no-cors request cannot have the method ", request.method)
			return nil, Reason{Code: InvalidRequest}
		}
		headers.guard = guardRequestNoCORS
	}
	// 33.
	if reason := headers.fill(init.Headers); reason.Code != "" {
		return nil, reason
	}
	// 35.
	if init.Body != nil && (request.method == "GET" || request.method == "HEAD") {
		t.add(algorithmRequestConstructor, "35", "TypeError: a ", request.method, " request cannot have a body")
		return nil, Reason{Code: InvalidRequest}
	}
	// 37.
	if init.Body != nil {
		extracted, contentType := extractBody(init.Body)
		request.body = extracted
		if contentType != "" && !headers.list.contains("Content-Type") {
			if reason := headers.append("Content-Type", contentType); reason.Code != "" {
				return nil, reason
			}
		}
	}
	request.headers = headers.list
	return request, Reason{}
}

// noReferrerValue is how a [Request] asks for no referrer, which script does with the empty string.
const noReferrerValue = "no-referrer"

// setReferrer is step 14 of the Request constructor.
func (p *Page) setReferrer(request *request, referrer string) Reason {
	switch referrer {
	case "", "about:client":
		return Reason{}
	case noReferrerValue:
		request.noReferrer = true
		return Reason{}
	}
	parsed, err := p.browser.parse(referrer, p.base)
	if err != nil {
		return Reason{Code: InvalidRequest}
	}
	if sameOrigin(parsed.origin, p.origin) {
		request.referrer = parsed
	}
	return Reason{}
}

// setModes is steps 15 to 22 of the Request constructor. Values that Web IDL
// does not know throw there.
func setModes(request *request, init *Request) Reason {
	policy, known := parseReferrerPolicy(init.ReferrerPolicy)
	if !known {
		return Reason{Code: InvalidRequest}
	}
	request.referrerPolicy = policy
	switch init.Mode {
	case "":
	case ModeCORS, ModeNoCORS, ModeSameOrigin:
		request.mode = init.Mode
	default:
		return Reason{Code: InvalidRequest}
	}
	switch init.Credentials {
	case "":
	case CredentialsOmit, CredentialsSameOrigin, CredentialsInclude:
		request.credentials = init.Credentials
	default:
		return Reason{Code: InvalidRequest}
	}
	switch init.Redirect {
	case "":
	case RedirectFollow, RedirectError, RedirectManual:
		request.redirect = init.Redirect
	default:
		return Reason{Code: InvalidRequest}
	}
	return Reason{}
}
