package simulator

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// defaultMaxAge is how long a preflight's result is kept when its response does not say.
const defaultMaxAge = 5 * time.Second

// needsPreflight reports whether HTTP fetch has to run a CORS-preflight fetch,
// because the cache does not cover what the request needs.
// https://fetch.spec.whatwg.org/#concept-http-fetch, step 4.1
func (p *fetchParams) needsPreflight(request *request, unsafeNames []string) bool {
	needs := preflightNeeds{headerNames: unsafeNames, credentials: request.withCredentials()}
	if !isSafelistedMethod(request.method) || request.useCORSPreflight && !p.browser.profile.OnePreflightResult {
		needs.method = request.method
	}
	if p.browser.profile.ConditionalRequestsAskAnew && request.headers.isConditional() {
		return true
	}
	if p.preflightCovered(request, needs) {
		p.trace.add(algorithmHTTPFetch, "4.1", "the CORS-preflight cache covers ", request.method, " ", request.currentURL().wire, "; no preflight")
		return false
	}
	return true
}

// preflightCovered reports whether a preflight's result is remembered that allows what the request needs.
func (p *fetchParams) preflightCovered(request *request, needs preflightNeeds) bool {
	key := p.preflightCacheKey(request)
	switch {
	case !p.browser.profile.OpaqueOriginsForgetPreflights || key.origin != opaqueOrigin:
		return p.browser.preflightCovered(key, needs)
	case request.origin.opaque && request.redirectTaint() == redirectTaintSameOrigin:
		return p.preflights.covers(key, needs, p.browser.now())
	}
	return false
}

// preflightStore remembers a preflight's result. With an opaque origin of the
// page's, an engine that forgets those finds it again in a redirect to the same URL only.
func (p *fetchParams) preflightStore(request *request, result preflightResult) {
	key := p.preflightCacheKey(request)
	switch {
	case !p.browser.profile.OpaqueOriginsForgetPreflights || key.origin != opaqueOrigin:
		p.browser.preflightStore(key, result)
	case request.origin.opaque && request.redirectTaint() == redirectTaintSameOrigin:
		p.preflights.profile = &p.browser.profile
		p.preflights.store(key, result, p.browser.now())
	}
}

func (p *fetchParams) preflightCacheKey(request *request) preflightCacheKey {
	url := request.currentURL()
	key := preflightCacheKey{
		partition: request.client.partitionKey,
		origin:    request.serializedOrigin(),
		url:       url.serialized + url.fragment,
	}
	if p.losesCredentials(request, url) {
		key.url = url.wire + url.fragment
	}
	return key
}

// preflightFetch asks the server, by an OPTIONS that the browser sends on its
// own account, whether it wants the request. It returns a network error when
// the server does not.
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (p *fetchParams) preflightFetch(ctx context.Context, request *request, unsafeNames []string) *response {
	// 1. to 5.
	preflight := &corsPreflight{method: request.method, headerNames: strings.Join(unsafeNames, ",")}
	p.trace.add(algorithmPreflightFetch, "3", "asking for ", preflight.method, " with the headers \"", preflight.headerNames, "\"")
	// 6.
	response := p.networkOrCacheFetch(ctx, request, preflight)
	if response.isNetworkError() {
		return response
	}
	defer response.discard()
	if isRedirectStatus(response.status) && p.hasLocation(response.header) {
		p.trace.add(algorithmPreflightFetch, "8", "network error: the preflight was answered by a redirect, status ", strconv.Itoa(response.status))
		return networkError(PreflightDisallowedRedirect, "")
	}
	// 7. The check comes before the status, as in Chromium: it decides the reason.
	if reason := corsCheck(p.trace, request.serializedOrigin(), request.credentials, response.header); reason.Code != "" {
		return networkError("Preflight"+reason.Code, reason.Parameter)
	}
	if !isOKStatus(response.status) {
		p.trace.add(algorithmPreflightFetch, "8", "network error: the preflight's status is ", strconv.Itoa(response.status), ", not 200 to 299")
		return networkError(PreflightInvalidStatus, "")
	}
	result, reason := p.preflightResult(request, unsafeNames, response.header)
	if reason.Code != "" {
		return networkError(reason.Code, reason.Parameter)
	}
	// 7.12 to 7.15.
	p.preflightStore(request, result)
	return response
}

// corsPreflight is what distinguishes a preflight from the request it is for.
type corsPreflight struct {
	method string
	// headerNames is the value of Access-Control-Request-Headers, "" for none.
	headerNames string
}

// preflightResult reads what a preflight's response allows, and checks the request against it.
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0, steps 7.1 to 7.10
func (p *fetchParams) preflightResult(request *request, unsafeNames []string, header http.Header) (preflightResult, Reason) {
	// 1. and 3.
	methods, ok := extractList(header["Access-Control-Allow-Methods"])
	if !ok {
		p.trace.add(algorithmPreflightFetch, "7.3", "network error: Access-Control-Allow-Methods is not a list of methods: ", strings.Join(header["Access-Control-Allow-Methods"], ", "))
		return preflightResult{}, Reason{Code: InvalidAllowMethodsPreflightResponse}
	}
	// 2. and 3.
	headerNames, ok := extractList(header["Access-Control-Allow-Headers"])
	if !ok {
		p.trace.add(algorithmPreflightFetch, "7.3", "network error: Access-Control-Allow-Headers is not a list of header names: ", strings.Join(header["Access-Control-Allow-Headers"], ", "))
		return preflightResult{}, Reason{Code: InvalidAllowHeadersPreflightResponse}
	}
	// 4.
	if header["Access-Control-Allow-Methods"] == nil && request.useCORSPreflight && !p.browser.profile.UploadListenerNeedsMethod {
		methods = []string{request.method}
	}
	// 5.
	wildcards := !request.withCredentials()
	if !slices.Contains(methods, request.method) && !isSafelistedMethod(request.method) && !(wildcards && slices.Contains(methods, "*")) {
		p.trace.add(algorithmPreflightFetch, "7.5", "network error: ", request.method, " is not in Access-Control-Allow-Methods \"", strings.Join(methods, ", "), "\"")
		return preflightResult{}, Reason{Code: MethodDisallowedByPreflightResponse, Parameter: request.method}
	}
	// 6. and 7. in one pass: the names are sorted, and the first that is missing is the reason.
	wildcard := wildcards && slices.Contains(headerNames, "*")
	for _, name := range unsafeNames {
		if containsFold(headerNames, name) {
			continue
		}
		if wildcard && (!isNonWildcardRequestHeaderName(name) || p.browser.profile.WildcardCoversAuthorization) {
			continue
		}
		p.trace.add(algorithmPreflightFetch, "7.7", "network error: ", name, " is not in Access-Control-Allow-Headers \"", strings.Join(headerNames, ", "), "\"")
		return preflightResult{}, Reason{Code: HeaderDisallowedByPreflightResponse, Parameter: name}
	}
	// 8. to 10.
	return preflightResult{
		methods:     methods,
		headerNames: headerNames,
		credentials: request.withCredentials(),
		maxAge:      p.maxAge(header["Access-Control-Max-Age"]),
	}, Reason{}
}

func containsFold(names []string, name string) bool {
	return slices.ContainsFunc(names, func(candidate string) bool { return strings.EqualFold(candidate, name) })
}

// maxAge is how long to keep a preflight's result.
func (p *fetchParams) maxAge(values []string) time.Duration {
	age := defaultMaxAge
	if len(values) == 1 {
		if seconds, ok := parseMaxAge(values[0], p.browser.profile.SignedMaxAge); ok {
			age = seconds
		}
	}
	if limit := p.browser.profile.MaxAgeLimit; limit > 0 && age > limit {
		age = limit
	}
	p.trace.add(algorithmPreflightFetch, "7.10", "the preflight's result is kept for ", age.String(), " (Access-Control-Max-Age \"", strings.Join(values, ", "), "\")")
	return age
}

// parseMaxAge parses the delta-seconds of Access-Control-Max-Age: digits, and
// nothing else unless the engine reads signed numbers.
// https://fetch.spec.whatwg.org/#http-new-header-syntax
func parseMaxAge(value string, signed bool) (time.Duration, bool) {
	if value == "" || !signed && !isDigits(value) {
		return 0, false
	}
	seconds, err := strconv.ParseInt(value, 10, 64)
	switch {
	case err != nil && (signed || !isDigits(value)):
		return 0, false
	case err != nil, seconds > int64(math.MaxInt64/time.Second):
		return math.MaxInt64, true
	case seconds < 0:
		return 0, true
	}
	return time.Duration(seconds) * time.Second, true
}
