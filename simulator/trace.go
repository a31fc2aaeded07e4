package simulator

import "strings"

// algorithm is the standard's name of an algorithm.
type algorithm string

const (
	algorithmRequestConstructor  algorithm = "Request constructor"
	algorithmXMLHttpRequest      algorithm = "XMLHttpRequest send()"
	algorithmMainFetch           algorithm = "main fetch"
	algorithmSchemeFetch         algorithm = "scheme fetch"
	algorithmHTTPFetch           algorithm = "HTTP fetch"
	algorithmHTTPRedirectFetch   algorithm = "HTTP-redirect fetch"
	algorithmNetworkOrCacheFetch algorithm = "HTTP-network-or-cache fetch"
	algorithmNetworkFetch        algorithm = "HTTP-network fetch"
	algorithmPreflightFetch      algorithm = "CORS-preflight fetch"
	algorithmCORSCheck           algorithm = "CORS check"
	algorithmTAOCheck            algorithm = "TAO check"
	algorithmResourcePolicyCheck algorithm = "cross-origin resource policy internal check"
	algorithmOriginHeader        algorithm = "append a request Origin header"
	algorithmCookieHeader        algorithm = "append a request Cookie header"
	algorithmSetCookieHeader     algorithm = "parse and store response Set-Cookie headers"
	algorithmUnsafeHeaderNames   algorithm = "CORS-unsafe request-header names"
	algorithmValidateHeader      algorithm = "validate a header"
	algorithmUpgradeMixedContent algorithm = "upgrade a mixed content request"
	algorithmMixedContent        algorithm = "should fetching request be blocked as mixed content?"

	algorithmPotentialCORSRequest   algorithm = "create a potential-CORS request"
	algorithmEventSource            algorithm = "EventSource constructor"
	algorithmSendBeacon             algorithm = "sendBeacon()"
	algorithmOpaqueResponseBlocking algorithm = "opaque-response-safelist check"
)

const (
	standardURL               = "https://fetch.spec.whatwg.org/"
	mixedContentStandardURL   = "https://w3c.github.io/webappsec-mixed-content/"
	xmlHTTPRequestStandardURL = "https://xhr.spec.whatwg.org/"
	htmlStandardURL           = "https://html.spec.whatwg.org/"
)

// url is the algorithm's section.
func (a algorithm) url() string {
	switch a {
	case algorithmRequestConstructor:
		return standardURL + "#dom-request"
	case algorithmXMLHttpRequest:
		return xmlHTTPRequestStandardURL + "#the-send()-method"
	case algorithmMainFetch:
		return standardURL + "#concept-main-fetch"
	case algorithmSchemeFetch:
		return standardURL + "#concept-scheme-fetch"
	case algorithmHTTPFetch:
		return standardURL + "#concept-http-fetch"
	case algorithmHTTPRedirectFetch:
		return standardURL + "#concept-http-redirect-fetch"
	case algorithmNetworkOrCacheFetch:
		return standardURL + "#concept-http-network-or-cache-fetch"
	case algorithmNetworkFetch:
		return standardURL + "#concept-http-network-fetch"
	case algorithmPreflightFetch:
		return standardURL + "#cors-preflight-fetch-0"
	case algorithmCORSCheck:
		return standardURL + "#concept-cors-check"
	case algorithmTAOCheck:
		return standardURL + "#concept-tao-check"
	case algorithmResourcePolicyCheck:
		return standardURL + "#cross-origin-resource-policy-internal-check"
	case algorithmOriginHeader:
		return standardURL + "#append-a-request-origin-header"
	case algorithmCookieHeader:
		return standardURL + "#cookie-header"
	case algorithmSetCookieHeader:
		return standardURL + "#set-cookie-header"
	case algorithmUnsafeHeaderNames:
		return standardURL + "#cors-unsafe-request-header-names"
	case algorithmValidateHeader:
		return standardURL + "#headers-validate"
	case algorithmUpgradeMixedContent:
		return mixedContentStandardURL + "#upgrade-algorithm"
	case algorithmMixedContent:
		return mixedContentStandardURL + "#should-block-fetch"
	case algorithmPotentialCORSRequest:
		return htmlStandardURL + "#create-a-potential-cors-request"
	case algorithmEventSource:
		return htmlStandardURL + "#dom-eventsource"
	case algorithmSendBeacon:
		return "https://w3c.github.io/beacon/#sendbeacon-method"
	case algorithmOpaqueResponseBlocking:
		return "https://github.com/annevk/orb"
	}
	return standardURL
}

// trace collects the decisions of one fetch. A nil trace collects nothing and
// costs nothing: the words are joined only when somebody listens.
type trace struct{ steps []Step }

func (t *trace) add(algorithm algorithm, number string, words ...string) {
	if t == nil {
		return
	}
	t.steps = append(t.steps, Step{
		Algorithm: string(algorithm),
		Number:    number,
		URL:       algorithm.url(),
		Text:      strings.Join(words, ""),
	})
}

// taken returns the steps, nil for a nil trace.
func (t *trace) taken() []Step {
	if t == nil {
		return nil
	}
	return t.steps
}
