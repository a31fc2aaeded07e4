package simulator

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maximumRedirects is the standard's limit: the 21st redirect is a network error.
const maximumRedirects = 20

// maximumRedirects is how many redirects of a request are followed.
func (p *fetchParams) maximumRedirects(request *request) int {
	if request.keepalive && p.browser.profile.KeepaliveFollowsOneLess {
		return maximumRedirects - 1
	}
	return maximumRedirects
}

// redirectFetch is https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
func (p *fetchParams) redirectFetch(ctx context.Context, response *response) *response {
	// 1. and 2.
	request := p.request
	// 3. and 4.
	if !p.hasLocation(response.header) {
		p.trace.add(algorithmHTTPRedirectFetch, "4", "no Location: status ", strconv.Itoa(response.status), " is the response")
		return response
	}
	response.discard()
	// 5. to 10.
	locationURL, reason := p.redirectTarget(request, response.header["Location"])
	if reason.Code != "" {
		return networkError(reason.Code, reason.Parameter)
	}
	if locationURL.includesCredentials && p.browser.profile.RefusesRedirectCredentials && request.initiator.refusesRedirectCredentials() {
		p.trace.add(algorithmHTTPRedirectFetch, "10", "network error: the engine follows no redirect with a user name or password: ", locationURL.serialized)
		return networkError(InvalidRedirect, "")
	}
	// 12.
	if (response.status == 301 || response.status == 302) && request.method == "POST" ||
		response.status == 303 && request.method != "GET" && request.method != "HEAD" {
		p.trace.add(algorithmHTTPRedirectFetch, "12", "status ", strconv.Itoa(response.status), " makes ", request.method, " a GET without a body")
		request.method = "GET"
		request.body = nil
		request.headers = slices.DeleteFunc(request.headers, func(field Field) bool { return isRequestBodyHeaderName(field.Name) })
	}
	// 13.
	if !sameOrigin(request.currentURL().origin, locationURL.origin) && request.headers.contains("Authorization") {
		p.trace.add(algorithmHTTPRedirectFetch, "13", "Authorization is dropped: ", locationURL.wire, " is of another origin")
		request.headers = request.headers.remove("Authorization")
	}
	if p.browser.profile.RedirectsDropClientHints && !(request.client.isOfTopLevelOrigin() && sameOrigin(request.origin, locationURL.origin)) {
		request.headers = slices.DeleteFunc(request.headers, func(field Field) bool { return isClientHintName(byteLowercase(field.Name)) })
	}
	// 18.
	request.urlList = append(request.urlList, locationURL)
	p.trace.add(algorithmHTTPRedirectFetch, "18", "redirect ", strconv.Itoa(request.redirectCount), " to ", locationURL.wire, "; the request's origin is now ", request.serializedOrigin())
	// 19.
	setReferrerPolicyOnRedirect(request, response.header)
	// 22.
	return p.mainFetch(ctx)
}

// refusesRedirectCredentials reports whether an engine that follows no redirect
// with credentials minds them: not where an XMLHttpRequest or a beacon is redirected.
func (i Initiator) refusesRedirectCredentials() bool {
	switch i {
	case InitiatorXHR, InitiatorXHRUploadListener, InitiatorXHRUploadListenerLate, InitiatorBeacon:
		return false
	}
	return true
}

// redirectTarget is the URL that a redirect leads to, or why it leads nowhere.
// https://fetch.spec.whatwg.org/#concept-http-redirect-fetch, steps 5 to 10
func (p *fetchParams) redirectTarget(request *request, locations []string) (*parsedURL, Reason) {
	// 5.
	locationURL, err := p.locationURL(request, locations)
	if err != nil {
		p.trace.add(algorithmHTTPRedirectFetch, "5", "network error: Location is not one URL: ", strings.Join(locations, ", "))
		if errors.Is(err, errSeveralLocations) {
			return nil, Reason{Code: InvalidHTTPResponse}
		}
		return nil, Reason{Code: InvalidRedirect}
	}
	// 6.
	if !locationURL.isHTTP() {
		p.trace.add(algorithmHTTPRedirectFetch, "6", "network error: Location's scheme is ", locationURL.scheme)
		return nil, Reason{Code: schemeRefusal(locationURL.scheme)}
	}
	// 7.
	if request.redirectCount == p.maximumRedirects(request) {
		p.trace.add(algorithmHTTPRedirectFetch, "7", "network error: this is redirect ", strconv.Itoa(request.redirectCount+1))
		return nil, Reason{Code: TooManyRedirects}
	}
	// 8.
	request.redirectCount++
	if !locationURL.includesCredentials {
		return locationURL, Reason{}
	}
	// 9. and 10.
	if request.mode == ModeCORS && !sameOrigin(request.origin, locationURL.origin) || request.tainting == taintingCORS {
		p.trace.add(algorithmHTTPRedirectFetch, "9", "network error: Location has a user name or password: ", locationURL.serialized)
		return nil, Reason{Code: RedirectContainsCredentials}
	}
	return locationURL, Reason{}
}

// locationURL is a response's location URL.
// https://fetch.spec.whatwg.org/#concept-response-location-url
func (p *fetchParams) locationURL(request *request, locations []string) (*parsedURL, error) {
	for _, location := range locations[1:] {
		if !p.browser.profile.AcceptsEqualLocations || location != locations[0] {
			return nil, errSeveralLocations
		}
	}
	current := request.currentURL()
	base := current
	if p.losesCredentials(request, current) {
		var err error
		if base, err = p.browser.parse(current.wire, nil); err != nil {
			return nil, err
		}
	}
	locationURL, err := p.browser.parse(escapeNonASCII(locations[0]), base)
	if err != nil {
		return nil, err
	}
	if locationURL.fragment == "" && current.fragment != "" && !(p.browser.profile.RedirectsDropEmptyFragments && current.fragment == "#") {
		inherited := *locationURL
		inherited.fragment = current.fragment
		return &inherited, nil
	}
	return locationURL, nil
}

// losesCredentials reports whether an engine forgets the URL's user name and password.
func (p *fetchParams) losesCredentials(request *request, url *parsedURL) bool {
	return url.includesCredentials && p.browser.profile.CrossOriginURLsLoseCredentials && !sameOrigin(request.origin, url.origin)
}

// escapeNonASCII percent-encodes the bytes of a header value that are not ASCII,
// each for itself: nothing says what encoding they are in.
func escapeNonASCII(value string) string {
	const upperHex = "0123456789ABCDEF"
	for i := range len(value) {
		if value[i] < 0x80 {
			continue
		}
		escaped := []byte(value[:i])
		for ; i < len(value); i++ {
			if value[i] < 0x80 {
				escaped = append(escaped, value[i])
			} else {
				escaped = append(escaped, '%', upperHex[value[i]>>4], upperHex[value[i]&15])
			}
		}
		return string(escaped)
	}
	return value
}

// hasLocation reports whether a redirect says where to.
func (p *fetchParams) hasLocation(header http.Header) bool {
	values := header["Location"]
	return len(values) > 0 && !(p.browser.profile.IgnoresEmptyLocation && values[0] == "")
}

// schemeRefusal is the reason Chromium gives for a redirect to a scheme that is
// not HTTP(S): its network stack refuses those that it knows.
func schemeRefusal(scheme string) ReasonCode {
	switch scheme {
	case "about", "blob", "data", "file":
		return InvalidRedirect
	}
	return CORSDisabledScheme
}

var errSeveralLocations = errors.New("the response has several Location headers; a redirect needs one")
