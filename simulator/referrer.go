package simulator

import (
	"net/http"
	"strings"
)

// referrerPolicy is a referrer policy; "" means that none is given.
// https://w3c.github.io/webappsec-referrer-policy/#referrer-policies
type referrerPolicy string

const (
	referrerNone                        referrerPolicy = "no-referrer"
	referrerNoneWhenDowngrade           referrerPolicy = "no-referrer-when-downgrade"
	referrerSameOrigin                  referrerPolicy = "same-origin"
	referrerOrigin                      referrerPolicy = "origin"
	referrerStrictOrigin                referrerPolicy = "strict-origin"
	referrerOriginWhenCrossOrigin       referrerPolicy = "origin-when-cross-origin"
	referrerStrictOriginWhenCrossOrigin referrerPolicy = "strict-origin-when-cross-origin"
	referrerUnsafeURL                   referrerPolicy = "unsafe-url"
)

// parseReferrerPolicy reports whether a policy's name is one; the empty one is.
func parseReferrerPolicy(name string) (referrerPolicy, bool) {
	switch policy := referrerPolicy(name); policy {
	case "", referrerNone, referrerNoneWhenDowngrade, referrerSameOrigin, referrerOrigin, referrerStrictOrigin,
		referrerOriginWhenCrossOrigin, referrerStrictOriginWhenCrossOrigin, referrerUnsafeURL:
		return policy, true
	}
	return "", false
}

// referrerPolicyFromHeader is the last policy of a Referrer-Policy header that
// we know; "" where there is none, or where something in it is no policy token of
// letters and hyphens, unless the engine tolerates that.
// https://w3c.github.io/webappsec-referrer-policy/#parse-referrer-policy-from-header
func referrerPolicyFromHeader(values []string, tolerant bool) referrerPolicy {
	last := referrerPolicy("")
	for _, value := range values {
		for token := range strings.SplitSeq(value, ",") {
			token = byteLowercase(strings.Trim(token, "\t "))
			if !tolerant && strings.Trim(token, "abcdefghijklmnopqrstuvwxyz-") != "" {
				return ""
			}
			if policy, known := parseReferrerPolicy(token); known && policy != "" {
				last = policy
			}
		}
	}
	return last
}

// setReferrerPolicyOnRedirect is https://w3c.github.io/webappsec-referrer-policy/#set-requests-referrer-policy-on-redirect
func setReferrerPolicyOnRedirect(request *request, header http.Header) {
	if policy := referrerPolicyFromHeader(header["Referrer-Policy"], request.client.browser.profile.IgnoresInvalidRedirectPolicies); policy != "" {
		request.referrerPolicy = policy
	}
}

// maximumReferrer is the longest referrer, in bytes, that is sent with its path.
const maximumReferrer = 4096

// referrerHeader is the Referer that a request carries, "" for none.
func referrerHeader(request *request) string {
	switch {
	case request.noReferrer:
		return ""
	case request.referrerOriginOnly:
		return request.referrer.origin.url
	}
	return request.referrer.wire
}

// setReferrer determines the request's referrer. A redirect starts from what
// the hop before it left of the referrer.
// https://fetch.spec.whatwg.org/#concept-main-fetch, step 9
func setReferrer(request *request) {
	if request.noReferrer {
		return
	}
	source := request.referrer
	if source == nil || !source.isHTTP() {
		request.noReferrer = true
		return
	}
	determined := determineReferrer(request)
	request.noReferrer = determined == ""
	request.referrerOriginOnly = determined == source.origin.url
}

// determineReferrer is https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer
func determineReferrer(request *request) string {
	source, url := request.referrer, request.currentURL()
	full, originOnly := source.wire, source.origin.url
	if request.referrerOriginOnly || len(full) > maximumReferrer {
		full = originOnly
	}
	same := sameOrigin(source.origin, url.origin)
	downgrade := request.client.secures(source) && !request.client.secures(url)
	switch request.referrerPolicy {
	case referrerNone:
		return ""
	case referrerOrigin:
		return originOnly
	case referrerUnsafeURL:
		return full
	case referrerStrictOrigin:
		if downgrade {
			return ""
		}
		return originOnly
	case referrerOriginWhenCrossOrigin:
		if same {
			return full
		}
		return originOnly
	case referrerSameOrigin:
		if same {
			return full
		}
		return ""
	case referrerNoneWhenDowngrade:
		if downgrade {
			return ""
		}
		return full
	}
	switch {
	case same:
		return full
	case downgrade:
		return ""
	}
	return originOnly
}
