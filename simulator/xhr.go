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
	url, err := p.browser.parse(init.URL, p.base)
	if err != nil {
		t.add(algorithmXMLHttpRequest, "open 6", "SyntaxError: ", err.Error())
		return nil, Reason{Code: InvalidURL}
	}
	request := p.newRequest(init.Initiator, normalizeMethod(method), url)
	request.unsafeRequest = true
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
	request.useCORSPreflight = init.Initiator == InitiatorXHRUploadListener &&
		(request.body != nil || !p.browser.profile.UploadListenerNeedsBody)
	return request, Reason{}
}

// setXHRBody is step 4 of send(): the body, and a Content-Type that says UTF-8.
func (r *request) setXHRBody(init *Body) {
	extracted, contentType := extractBody(init)
	r.body = extracted
	for i, header := range r.headers {
		if !strings.EqualFold(header.Name, "Content-Type") {
			continue
		}
		if init.FormData == nil {
			r.headers[i].Value = withCharsetUTF8(header.Value)
		}
		return
	}
	r.headers = append(r.headers, Field{Name: "Content-Type", Value: contentType})
}

// withCharsetUTF8 corrects the charset parameter of a MIME type that has
// another one; the MIME type is serialized anew only then.
func withCharsetUTF8(contentType string) string {
	essence, ok := mimeTypeEssence(contentType)
	if !ok {
		return contentType
	}
	serialized, changed := essence, false
	_, parameters, _ := strings.Cut(contentType, ";")
	for _, parameter := range strings.Split(parameters, ";") {
		name, value, found := strings.Cut(strings.Trim(parameter, "\t\n\r "), "=")
		if !found {
			continue
		}
		name = byteLowercase(name)
		if name == "charset" && !strings.EqualFold(strings.Trim(value, `"`), "UTF-8") {
			value, changed = "UTF-8", true
		}
		serialized += ";" + name + "=" + value
	}
	if !changed {
		return contentType
	}
	return serialized
}
