package simulator

import "net/http"

// embedderPolicy is an embedder policy value.
// https://html.spec.whatwg.org/#embedder-policy-value
type embedderPolicy string

const (
	embedderUnsafeNone     embedderPolicy = "unsafe-none"
	embedderCredentialless embedderPolicy = "credentialless"
	embedderRequireCORP    embedderPolicy = "require-corp"
)

// resourcePolicyAllows is the cross-origin resource policy check for what is
// not a navigation: once for the page as it would be without an embedder
// policy, once with it.
// https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check
func resourcePolicyAllows(t *trace, request *request, response *response) bool {
	return resourcePolicyInternalCheck(t, request.origin, embedderUnsafeNone, request.currentURL(), response) &&
		(request.client.embedderPolicy == embedderUnsafeNone ||
			resourcePolicyInternalCheck(t, request.origin, request.client.embedderPolicy, request.currentURL(), response))
}

// resourcePolicyInternalCheck is https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check
func resourcePolicyInternalCheck(t *trace, requestOrigin *origin, embedder embedderPolicy, url *parsedURL, response *response) bool {
	// 2. and 3.
	policy := crossOriginResourcePolicy(response.header)
	// 4.
	if policy == "" && (embedder == embedderRequireCORP || embedder == embedderCredentialless && response.requestIncludesCredentials) {
		policy = "same-origin"
	}
	// 5.
	allowed := true
	switch policy {
	case "same-origin":
		allowed = sameOrigin(requestOrigin, url.origin)
	case "same-site":
		allowed = schemelesslySameSite(requestOrigin, url.origin) && (requestOrigin.scheme == "https" || url.scheme != "https")
	}
	if !allowed {
		t.add(algorithmResourcePolicyCheck, "5", "blocked: the policy is ", policy, " (embedder policy ", string(embedder), "), the page's origin ",
			requestOrigin.serialized, ", the response's origin ", url.origin.serialized)
	}
	return allowed
}

// crossOriginResourcePolicy returns the header's value, "" when it is none of the three policies.
func crossOriginResourcePolicy(header http.Header) string {
	switch policy, _ := getHeader(header, "Cross-Origin-Resource-Policy"); policy {
	case "same-origin", "same-site", "cross-origin":
		return policy
	}
	return ""
}
