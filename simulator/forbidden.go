package simulator

import "strings"

// isForbiddenMethod is https://fetch.spec.whatwg.org/#forbidden-method
func isForbiddenMethod(method string) bool {
	// Not strings.EqualFold: to that the bytes of a Kelvin sign are a K.
	switch byteLowercase(method) {
	case "connect", "trace", "track":
		return true
	}
	return false
}

// normalizeMethod upper-cases the methods that fetch() upper-cases; "patch" stays.
// https://fetch.spec.whatwg.org/#concept-method-normalize
func normalizeMethod(method string) string {
	for _, known := range [...]string{"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"} {
		if strings.EqualFold(method, known) {
			return known
		}
	}
	return method
}

// isForbiddenRequestHeader reports whether script must not set a header.
// https://fetch.spec.whatwg.org/#forbidden-request-header
func isForbiddenRequestHeader(profile *Profile, name, value string) bool {
	name = byteLowercase(name)
	// 1.
	switch name {
	case "accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
		"connection", "content-length", "cookie", "cookie2", "date", "dnt", "expect", "host", "keep-alive", "origin",
		"referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via":
		return true
	case "user-agent":
		return profile.ForbidsUserAgent
	// 3.
	case "x-http-method", "x-http-method-override", "x-method-override":
		for _, method := range splitHeaderValue(value) {
			if isForbiddenMethod(method) {
				return true
			}
		}
	}
	// 2.
	return strings.HasPrefix(name, "proxy-") || strings.HasPrefix(name, "sec-")
}

// isForbiddenResponseHeaderName is https://fetch.spec.whatwg.org/#forbidden-response-header-name
func isForbiddenResponseHeaderName(canonicalName string) bool {
	return canonicalName == "Set-Cookie" || canonicalName == "Set-Cookie2"
}

// isRequestBodyHeaderName lists what a redirect that drops the body drops with it.
// https://fetch.spec.whatwg.org/#request-body-header-name
func isRequestBodyHeaderName(name string) bool {
	switch byteLowercase(name) {
	case "content-encoding", "content-language", "content-location", "content-type":
		return true
	}
	return false
}

// isBadPort reports whether browsers refuse to connect to a port.
// https://fetch.spec.whatwg.org/#bad-port
func isBadPort(profile *Profile, port string) bool {
	switch port {
	case "4190", "6679":
		return !profile.AllowsRecentBadPorts
	case "0", "1", "7", "9", "11", "13", "15", "17", "19", "20", "21", "22", "23", "25", "37", "42", "43", "53", "69",
		"77", "79", "87", "95", "101", "102", "103", "104", "109", "110", "111", "113", "115", "117", "119", "123",
		"135", "137", "139", "143", "161", "179", "389", "427", "465", "512", "513", "514", "515", "526", "530", "531",
		"532", "540", "548", "554", "556", "563", "587", "601", "636", "989", "990", "993", "995", "1719", "1720",
		"1723", "2049", "3659", "4045", "5060", "5061", "6000", "6566", "6665", "6666", "6667", "6668", "6669",
		"6697", "10080":
		return true
	}
	return false
}
