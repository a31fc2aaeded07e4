package simulator

import "strings"

// newXHRRequest makes the request that open(), setRequestHeader() and send() of
// an asynchronous XMLHttpRequest stand for. It has no mode and no redirect
// mode, and its credentials are "include" or "same-origin"; what else init says
// is ignored.
// https://xhr.spec.whatwg.org/#the-send()-method
func (p *Page) newXHRRequest(t *trace, init *Request) (*request, Reason) {
	method := init.Method
	if method == "" {
		method = "GET"
	}
	if !isToken(method) || isForbiddenMethod(method) {
		t.add(algorithmXMLHttpRequest, "open 2", "exception: ", method, " is not a method, or a forbidden one")
		return nil, Reason{Code: InvalidRequest}
	}
	url, err := p.parseURL(init.URL)
	if err != nil {
		t.add(algorithmXMLHttpRequest, "open 6", "SyntaxError: ", err.Error())
		return nil, Reason{Code: InvalidURL}
	}
	request := p.newRequest(init.Initiator, normalizeMethod(method), url)
	request.unsafeRequest, request.useURLCredentials = true, url.includesCredentials
	if init.Credentials == CredentialsInclude {
		request.credentials = CredentialsInclude
	}
	for _, field := range init.Headers {
		encoded, ok := byteString(field.Value)
		encoded = normalizeHeaderValue(encoded)
		if !ok || !isToken(field.Name) || !isHeaderValue(encoded) {
			return nil, Reason{Code: InvalidRequest}
		}
		if isForbiddenRequestHeader(&p.browser.profile, field.Name, encoded) {
			t.add(algorithmXMLHttpRequest, "setRequestHeader 5", "ignored, a forbidden request-header: ", field.Name)
			continue
		}
		request.headers = request.headers.combine(field.Name, encoded)
	}
	if init.Body != nil && request.method != "GET" && request.method != "HEAD" {
		request.setXHRBody(init.Body)
	}
	listening := init.Initiator == InitiatorXHRUploadListener
	request.useCORSPreflight = listening && (request.body != nil || !p.browser.profile.UploadListenerNeedsBody)
	if listening || init.Initiator == InitiatorXHRUploadListenerLate {
		// What is added after send() hears nothing, and without a body there is nothing to hear.
		heard := listening && request.body != nil
		request.uploadEvents = &heard
		request.uploadFailureHeard = heard
		if p.browser.profile.UploadListenersHearFailures {
			request.uploadFailureHeard = heard && url.isHTTP() || p.mayHearOfUploads(request)
			if url.scheme == "ftp" {
				// It fails within send(): what is added later is too late.
				request.uploadFailureHeard = listening
			}
		}
	}
	return request, Reason{}
}

// hearsUploadEvents is what the outcome tells of the upload listeners.
func (r *request) hearsUploadEvents(kind Kind) *bool {
	if r.uploadEvents == nil || kind != KindNetworkError {
		return r.uploadEvents
	}
	return &r.uploadFailureHeard
}

// mayHearOfUploads reports whether a page could learn as much without upload
// listeners: the URL is of its own origin, or needs a preflight.
func (p *Page) mayHearOfUploads(request *request) bool {
	url := request.currentURL()
	return sameOrigin(url.origin, p.origin) || !isSafelistedMethod(request.method) ||
		len(unsafeRequestHeaderNames(&p.browser.profile, request.headers)) > 0
}

// setXHRBody is step 4 of send(): the body, and a Content-Type that says UTF-8.
func (r *request) setXHRBody(init *Body) {
	extracted, contentType := extractBody(init)
	r.body = extracted
	for i, header := range r.headers {
		if !strings.EqualFold(header.Name, "Content-Type") {
			continue
		}
		if init.isString() {
			r.headers[i].Value = withCharsetUTF8(&r.client.browser.profile, header.Value)
		}
		return
	}
	if contentType != "" {
		r.headers = append(r.headers, Field{Name: "Content-Type", Value: contentType})
	}
}

// withCharsetUTF8 corrects the charset parameter of a MIME type that has
// another one; the MIME type is serialized anew only then.
func withCharsetUTF8(profile *Profile, contentType string) string {
	if profile.RewritesCharsetInPlace {
		return rewriteCharsets(contentType)
	}
	parsed, ok := parseMIMEType(contentType)
	if !ok {
		return contentType
	}
	charset := parsed.parameter("charset")
	if charset == nil || strings.EqualFold(charset.value, "UTF-8") {
		return contentType
	}
	charset.value = "UTF-8"
	return parsed.String()
}

// rewriteCharsets makes every charset UTF-8 where it stands: what follows the
// word and an equals sign, up to a blank, a quote or a semicolon. Whether the rest
// is a MIME type does not matter.
func rewriteCharsets(contentType string) string {
	const word, blanks, quotes = "charset", "\t\n\r ", `"'`
	var rewritten strings.Builder
	rest := contentType
	for {
		start := strings.Index(byteLowercase(rest), word)
		if start < 0 {
			break
		}
		isWord := rewritten.Len()+start > 0 && (start == 0 || strings.IndexByte(blanks+";", rest[start-1]) >= 0)
		value, isParameter := strings.CutPrefix(strings.TrimLeft(rest[start+len(word):], blanks), "=")
		value = strings.TrimLeft(value, blanks+quotes)
		after := strings.TrimLeftFunc(value, func(r rune) bool { return !strings.ContainsRune(blanks+quotes+";", r) })
		if !isWord || !isParameter {
			rewritten.WriteString(rest[:start+len(word)])
			rest = rest[start+len(word):]
			continue
		}
		if after == value {
			break
		}
		rewritten.WriteString(rest[:len(rest)-len(value)] + "UTF-8")
		rest = after
	}
	return rewritten.String() + rest
}
