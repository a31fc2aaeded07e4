package simulator

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// splitFuzzed makes up to a few header lines of one fuzzed string; a line
// break cannot be in a value. An empty string is no header at all.
func splitFuzzed(name, lines string) []Field {
	if lines == "" {
		return nil
	}
	var list []Field
	for _, value := range strings.Split(strings.ReplaceAll(lines, "\r", ""), "\n") {
		list = append(list, Field{Name: name, Value: strings.Trim(value, "\t ")})
	}
	return list
}

func FuzzCORSCheck(f *testing.F) {
	for _, seed := range []struct {
		origin, allowOrigin, allowCredentials string
		include                               bool
	}{
		{appOrigin, appOrigin, "true", true},
		{appOrigin, "*", "", false},
		{appOrigin, "*", "true", true},
		{"null", "null", "TRUE", true},
		{appOrigin, appOrigin + "\n" + appOrigin, "true\ntrue", true},
		{appOrigin, "\n*", "", false},
		{appOrigin, appOrigin + "/", "", false},
		{appOrigin, "\n", "", false},
		{"", "\n", "", false},
		{appOrigin, " * ", "", false},
	} {
		f.Add(seed.origin, seed.allowOrigin, seed.allowCredentials, seed.include)
	}
	f.Fuzz(func(t *testing.T, origin, allowOrigin, allowCredentials string, include bool) {
		credentials := CredentialsSameOrigin
		if include {
			credentials = CredentialsInclude
		}
		list := append(splitFuzzed("access-control-allow-origin", allowOrigin), splitFuzzed("Access-Control-Allow-Credentials", allowCredentials)...)
		reason := corsCheck(nil, origin, credentials, headerOf(list))
		if want := naiveCORSCheck(origin, credentials, list); want != (reason.Code == "") {
			t.Fatalf("origin %q, credentials %s, %q: %v, want success %v", origin, credentials, list, reason, want)
		}
	})
}

func FuzzUnsafeRequestHeaderNames(f *testing.F) {
	f.Add("Accept", "a", "Content-Type", "text/plain;charset=\"x\"", "X-A")
	f.Add("Range", "bytes=0-5", "range", "bytes=5-0", "Content-Language")
	f.Add("Accept-Language", strings.Repeat("a", 128), "accept", strings.Repeat("a", 129), "Accept")
	f.Add("Content-Type", " Text/Plain ;", "content-TYPE", "multipart/form-data;boundary=x\x80", "b")
	f.Fuzz(func(t *testing.T, firstName, firstValue, secondName, secondValue, thirdName string) {
		headers := []Field{{firstName, firstValue}, {secondName, secondValue}, {thirdName, firstValue}}
		if len(firstValue) > 64 {
			// So that many safelisted values go over what they may have together.
			for range 10 {
				headers = append(headers, headers[0])
			}
		}
		for _, header := range headers {
			got, want := isSafelistedRequestHeader(&Standard, header.Name, header.Value), naiveIsSafelisted(header.Name, header.Value)
			if got != want {
				t.Fatalf("%q: %q is safelisted: %v, want %v", header.Name, header.Value, got, want)
			}
		}
		if got, want := unsafeRequestHeaderNames(&Standard, headers), naiveUnsafeNames(headers); !slices.Equal(got, want) {
			t.Fatalf("%q: %q, want %q", headers, got, want)
		}
	})
}

// preflightAnswer is what a server answers to preflights; to anything else it says yes.
func preflightAnswer(status int, list []Field) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			return &http.Response{StatusCode: status, Header: headerOf(list), Body: http.NoBody}, nil
		}
		header := http.Header{"Access-Control-Allow-Origin": {appOrigin}, "Access-Control-Allow-Credentials": {"true"}}
		return &http.Response{StatusCode: http.StatusOK, Header: header, Body: http.NoBody}, nil
	}
}

func FuzzPreflight(f *testing.F) {
	for _, seed := range []struct {
		method, name, value, allowOrigin, allowMethods, allowHeaders string
		status                                                       uint16
		include                                                      bool
	}{
		{"PUT", "X-A", "1", appOrigin, "PUT", "x-a", 204, true},
		{"PUT", "Authorization", "1", "*", "*", "*", 200, false},
		{"patch", "Content-Type", "application/json", appOrigin, "PATCH, *", ",,content-TYPE", 299, true},
		{"GET", "Range", "bytes=-5", "*", "GET; POST", "range", 204, false},
		{"DELETE", "Accept", "{}", appOrigin, "GET\nDELETE", "\naccept", 204, false},
		{"PUT", "authorization", "", "*", "PUT", "authorization\n*", 404, false},
		{"", "X-A", "1", appOrigin, "", "x-a", 204, false},
	} {
		f.Add(seed.method, seed.name, seed.value, seed.allowOrigin, seed.allowMethods, seed.allowHeaders, seed.status, seed.include)
	}
	f.Fuzz(func(t *testing.T, method, name, value, allowOrigin, allowMethods, allowHeaders string, status uint16, include bool) {
		credentials := CredentialsSameOrigin
		if include {
			credentials = CredentialsInclude
		}
		list := slices.Concat(splitFuzzed("Access-Control-Allow-Origin", allowOrigin), splitFuzzed("Access-Control-Allow-Methods", allowMethods),
			splitFuzzed("Access-Control-Allow-Headers", allowHeaders), fields("Access-Control-Allow-Credentials", "true"))
		if slices.ContainsFunc(list, func(field Field) bool { return strings.Contains(field.Value, "\x00") }) {
			return
		}
		statusCode := 200 + int(status)%400
		if statusCode == http.StatusProxyAuthRequired || statusCode == http.StatusMisdirectedRequest {
			return
		}
		page := New(Standard, WithTransport(preflightAnswer(statusCode, list))).Open(appOrigin)
		outcome := page.Fetch(t.Context(), Request{Method: method, URL: apiURL, Credentials: credentials, Headers: []Field{{name, value}}})
		if outcome.Kind == KindAPIError {
			return
		}
		encoded, _ := byteString(value)
		var headers []Field
		if normalized := normalizeHeaderValue(encoded); !isForbiddenRequestHeader(&Standard, name, normalized) {
			headers = []Field{{name, normalized}}
		}
		// No method is the default one.
		method = cmp.Or(normalizeMethod(method), "GET")
		unsafeNames := naiveUnsafeNames(headers)
		needed := method != "GET" && method != "HEAD" && method != "POST" || len(unsafeNames) > 0
		if preflights := outcome.Preflights(); needed != (len(preflights) == 1) {
			t.Fatalf("%s with %q: %d preflights", method, headers, len(preflights))
		} else if needed {
			sent := preflights[0].RequestHeader
			if sent.Get("Access-Control-Request-Method") != method || sent.Get("Access-Control-Request-Headers") != strings.Join(unsafeNames, ",") {
				t.Fatalf("%s with %q: the preflight is %v", method, headers, sent)
			}
		}
		want := !needed || naivePreflightSucceeds(appOrigin, method, headers, credentials, statusCode, list)
		if want != outcome.Readable() {
			t.Fatalf("%s with %q, answered %d %q: %v, want success %v", method, headers, statusCode, list, outcome.Reason, want)
		}
	})
}
