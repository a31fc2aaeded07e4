package simulator

import (
	"net/http"
	"strings"
)

// corsCheck decides whether a response shares itself with the request's
// origin, given serialized. The zero Reason is success.
// https://fetch.spec.whatwg.org/#concept-cors-check
func corsCheck(t *trace, requestOrigin string, credentials CredentialsMode, header http.Header) Reason {
	// 1.
	allowed, found := getHeader(header, "Access-Control-Allow-Origin")
	// 2.
	if !found {
		t.add(algorithmCORSCheck, "2", "failure: the response has no Access-Control-Allow-Origin; ", requestOrigin, " was needed")
		return Reason{Code: MissingAllowOriginHeader}
	}
	// 3.
	if allowed == "*" {
		if credentials != CredentialsInclude {
			t.add(algorithmCORSCheck, "3", "success: Access-Control-Allow-Origin is * and the credentials mode is ", string(credentials))
			return Reason{}
		}
		t.add(algorithmCORSCheck, "4", "failure: Access-Control-Allow-Origin is *, which a request with credentials does not accept; ", requestOrigin, " was needed")
		return Reason{Code: WildcardOriginNotAllowed}
	}
	// 4.
	if allowed != requestOrigin {
		t.add(algorithmCORSCheck, "4", "failure: Access-Control-Allow-Origin is ", allowed, ", the request's origin is ", requestOrigin)
		return Reason{Code: mismatchCode(allowed), Parameter: allowed}
	}
	// 5.
	if credentials != CredentialsInclude {
		t.add(algorithmCORSCheck, "5", "success: Access-Control-Allow-Origin is ", allowed, " and the credentials mode is ", string(credentials))
		return Reason{}
	}
	// 6.
	allowCredentials, _ := getHeader(header, "Access-Control-Allow-Credentials")
	// 7.
	if allowCredentials == "true" {
		t.add(algorithmCORSCheck, "7", "success: Access-Control-Allow-Origin is ", allowed, " and Access-Control-Allow-Credentials is true")
		return Reason{}
	}
	// 8.
	t.add(algorithmCORSCheck, "8", "failure: the credentials mode is include and Access-Control-Allow-Credentials is not true, but \"", allowCredentials, "\"")
	return Reason{Code: InvalidAllowCredentials, Parameter: allowCredentials}
}

// mismatchCode tells apart, as Chromium does, why a value of
// Access-Control-Allow-Origin is not the request's origin. The standard knows
// one failure only.
func mismatchCode(allowed string) ReasonCode {
	switch {
	case strings.ContainsAny(allowed, " ,"):
		return MultipleAllowOriginValues
	case allowed == opaqueOrigin:
		return AllowOriginMismatch
	}
	if _, err := parseURL(allowed, nil); err != nil {
		return InvalidAllowOriginValue
	}
	return AllowOriginMismatch
}
