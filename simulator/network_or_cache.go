package simulator

import (
	"context"
	"net/http"
	"slices"
	"strconv"
)

// networkOrCacheFetch decides what goes on the wire for a request, or for its
// preflight when one is given, and sends it. There is no HTTP cache.
// https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch
func (p *fetchParams) networkOrCacheFetch(ctx context.Context, request *request, preflight *corsPreflight) *response {
	method := request.method
	header := newWireHeader(p.wireHeaderSize(request, preflight))
	var body *body
	includeCredentials := false
	if preflight != nil {
		method = http.MethodOptions
		header.set("Accept", "*/*")
		header.set("Access-Control-Request-Method", preflight.method)
		if preflight.headerNames != "" {
			header.set("Access-Control-Request-Headers", preflight.headerNames)
		}
	} else {
		for _, field := range request.headers {
			header.add(http.CanonicalHeaderKey(field.Name), field.Value)
		}
		header.setDefault("Accept", p.browser.profile.defaultAccept(request.destination))
		if !p.browser.profile.OmitsAcceptLanguage {
			header.setDefault("Accept-Language", acceptLanguage)
		}
		body = request.body
		// 8.3 and 8.4.
		includeCredentials = (request.withCredentials() ||
			request.credentials == CredentialsSameOrigin && request.tainting == taintingBasic) &&
			embedderPolicyAllowsCredentials(request)
	}
	// 8.5 to 8.9.
	if body != nil {
		header.set("Content-Length", strconv.Itoa(len(body.bytes)))
	} else if method == http.MethodPost || method == http.MethodPut {
		header.set("Content-Length", "0")
	}
	// 8.10.
	if body != nil && request.keepalive && len(body.bytes) > maximumKeepaliveBody {
		p.trace.add(algorithmNetworkOrCacheFetch, "8.10.5", "network error: a keepalive body of ", strconv.Itoa(len(body.bytes)), " bytes is over 65536")
		return networkError(KeepaliveBodyTooLarge, "")
	}
	// 8.11.
	if referrer := referrerHeader(request); referrer != "" {
		header.set("Referer", referrer)
	}
	// 8.12.
	origin := originHeader(request)
	if origin != "" {
		header.set("Origin", origin)
	}
	p.traceOrigin(request, origin)
	// 8.13.
	if preflight != nil && p.browser.profile.MarksInsecurePreflights {
		header.set("Sec-Fetch-Mode", string(ModeCORS))
	}
	if request.currentURL().isPotentiallyTrustworthy() {
		header.set("Sec-Fetch-Dest", fetchDestination(request))
		header.set("Sec-Fetch-Mode", string(request.mode))
		header.set("Sec-Fetch-Site", fetchSite(request.origin, p.fetchSiteURLs(request, preflight)))
	}
	// 8.15.
	header.setDefault("User-Agent", p.browser.userAgent)
	// 8.16 to 8.18.
	if preflight == nil || p.browser.profile.RevalidatesConditionalRequests {
		p.setCacheControl(request, &header)
	}
	// 8.19 and 8.20. We ask for no coding that we cannot undo.
	if header.contains("Range") {
		if p.browser.profile.NormalizesRange && method == http.MethodGet && !request.headers.isConditional() {
			header.set("Range", normalizedRange(header.header["Range"][0]))
		}
		header.set("Accept-Encoding", "identity")
	} else {
		header.set("Accept-Encoding", "gzip, deflate")
	}
	// 8.21.
	if includeCredentials {
		p.appendCookies(request, &header)
		p.appendAuthorization(request, &header)
	} else {
		p.trace.add(algorithmNetworkOrCacheFetch, "8.21", "no cookies: the credentials mode is ", string(request.credentials), " and the response tainting ", string(request.tainting))
	}
	// 10.2.
	wire := &wireRequest{method: method, url: request.currentURL(), header: header.header, body: body, preflight: preflight != nil}
	response := p.networkFetch(ctx, wire)
	// 16. The server wants another connection.
	if response.status == http.StatusMisdirectedRequest {
		p.trace.add(algorithmNetworkOrCacheFetch, "16.2", "once more: status 421")
		response.discard()
		if includeCredentials && !p.browser.profile.IgnoresMisdirectedCookies {
			p.storeCookies(request, response.header)
			p.renewCookies(request, wire)
		}
		response = p.networkFetch(ctx, wire)
	}
	if response.isNetworkError() {
		return response
	}
	response.requestIncludesCredentials = includeCredentials
	if includeCredentials {
		p.storeCookies(request, response.header)
	}
	// 14.
	if authorization, realm := p.answerToChallenge(wire, request, response); authorization != "" {
		p.trace.add(algorithmNetworkOrCacheFetch, "14.3", "once more, with a user name and password: status 401")
		response.discard()
		p.renewCookies(request, wire)
		wire.header["Authorization"] = []string{authorization}
		if response = p.networkFetch(ctx, wire); response.isNetworkError() {
			return response
		}
		response.requestIncludesCredentials = includeCredentials
		p.storeCookies(request, response.header)
		p.rememberAuthentication(wire.url, realm, authorization, response)
	}
	// 15. Nobody answers a prompt for a proxy's password here.
	if response.status == http.StatusProxyAuthRequired {
		p.trace.add(algorithmNetworkOrCacheFetch, "15", "network error: status 407, and no user to ask")
		response.discard()
		return networkError(InvalidHTTPResponse, "")
	}
	return response
}

// maximumKeepaliveBody is how many bytes the bodies of keepalive requests may have.
const maximumKeepaliveBody = 64 << 10

func (p *fetchParams) traceOrigin(request *request, origin string) {
	if origin == "" {
		p.trace.add(algorithmOriginHeader, "4", "no Origin header: ", request.method, " with response tainting ", string(request.tainting))
		return
	}
	p.trace.add(algorithmOriginHeader, "3", "Origin: ", origin)
}

// defaultAccept is https://fetch.spec.whatwg.org/#concept-fetch, step 13.
func (profile *Profile) defaultAccept(destination string) string {
	switch destination {
	case "image":
		if profile.ImageAccept != "" {
			return profile.ImageAccept
		}
		return "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
	case "style":
		return "text/css,*/*;q=0.1"
	}
	return "*/*"
}

// acceptLanguage is what a browser of an English-speaking user sends.
// https://fetch.spec.whatwg.org/#concept-fetch, step 15.
const acceptLanguage = "en-US,en;q=0.9"

// setCacheControl asks caches for a response of the server's own. A request
// that is conditional already is not answered from a cache either.
// https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch, steps 8.16 to 8.18
func (p *fetchParams) setCacheControl(request *request, header *wireHeader) {
	credentialless := p.browser.profile.CredentiallessBypassesCaches && !embedderPolicyAllowsCredentials(request)
	if !request.preventsCaching && !credentialless {
		if !request.headers.isConditional() {
			return
		}
		if p.browser.profile.RevalidatesConditionalRequests {
			header.setDefault("Cache-Control", "max-age=0")
			return
		}
	}
	header.setDefault("Pragma", "no-cache")
	header.setDefault("Cache-Control", "no-cache")
}

// isConditional reports whether the server is asked to answer under a condition.
func (l headerList) isConditional() bool {
	return slices.ContainsFunc(l, func(field Field) bool {
		switch byteLowercase(field.Name) {
		case "if-modified-since", "if-none-match", "if-unmodified-since", "if-match", "if-range":
			return true
		}
		return false
	})
}

// embedderPolicyAllowsCredentials is
// https://fetch.spec.whatwg.org/#cross-origin-embedder-policy-allows-credentials
func embedderPolicyAllowsCredentials(request *request) bool {
	if request.mode != ModeNoCORS || request.client.embedderPolicy != embedderCredentialless {
		return true
	}
	// 5. Read for what it means: the request never left its origin.
	return sameOrigin(request.origin, request.currentURL().origin) && request.redirectTaint() == redirectTaintSameOrigin
}

// wireHeader builds the header of a request on the wire: keys canonical, the
// values in one array instead of one for each.
type wireHeader struct {
	header http.Header
	values []string
}

// headersOfTheBrowser is how many headers the browser adds to a simple request,
// Accept-Language not counted. A map of eight is a small one.
const headersOfTheBrowser = 8

// wireHeaderSize is how many headers the request will have, or a few more.
func (p *fetchParams) wireHeaderSize(request *request, preflight *corsPreflight) int {
	size := headersOfTheBrowser
	if preflight != nil {
		return size + 2
	}
	if !p.browser.profile.OmitsAcceptLanguage {
		size++
	}
	if request.method != http.MethodGet || request.withCredentials() {
		size += 2
	}
	return size + len(request.headers)
}

func newWireHeader(size int) wireHeader {
	return wireHeader{header: make(http.Header, size), values: make([]string, 0, size)}
}

func (h *wireHeader) set(canonicalName, value string) {
	h.values = append(h.values, value)
	h.header[canonicalName] = h.values[len(h.values)-1 : len(h.values) : len(h.values)]
}

func (h *wireHeader) add(canonicalName, value string) {
	if existing, found := h.header[canonicalName]; found {
		h.header[canonicalName] = append(existing, value)
		return
	}
	h.set(canonicalName, value)
}

func (h *wireHeader) setDefault(canonicalName, value string) {
	if !h.contains(canonicalName) {
		h.set(canonicalName, value)
	}
}

func (h *wireHeader) contains(canonicalName string) bool { return len(h.header[canonicalName]) > 0 }
