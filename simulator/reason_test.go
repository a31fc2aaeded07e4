package simulator

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every CorsError that a server or a page can trigger, with the response that does.
func TestEachReasonHasAResponseThatTriggersIt(t *testing.T) {
	get := Request{URL: apiURL}
	withCredentials := Request{URL: apiURL, Credentials: CredentialsInclude}
	put := Request{Method: "PUT", URL: apiURL}
	putWithCredentials := Request{Method: "PUT", URL: apiURL, Credentials: CredentialsInclude}
	withHeaders := Request{URL: apiURL, Headers: fields("X-B", "1", "X-A", "1")}
	preflight := func(status int, header ...Field) []answer {
		return []answer{{method: "OPTIONS", status: status, header: header}, {status: 200, header: allow(appOrigin)}}
	}
	response := func(status int, header ...Field) []answer { return []answer{{status: status, header: header}} }
	redirect := func(location string) []answer {
		return []answer{{url: apiURL, status: 302, header: allow(appOrigin, "Location", location)}, {status: 200, header: allow("*")}}
	}
	cases := []struct {
		name    string
		request Request
		answers []answer
		want    Reason
	}{
		{"same-origin mode leaves the origin", Request{URL: apiURL, Mode: ModeSameOrigin}, nil, Reason{DisallowedByMode, ""}},
		{"a file", Request{URL: "file:///etc/passwd"}, nil, Reason{CORSDisabledScheme, "file"}},
		{"ftp", Request{URL: "ftp://example.com/"}, nil, Reason{CORSDisabledScheme, "ftp"}},
		{"a scheme nobody knows", Request{URL: "foo:bar"}, nil, Reason{CORSDisabledScheme, "foo"}},
		{"about:blank", Request{URL: "about:blank"}, nil, Reason{CORSDisabledScheme, "about"}},
		{"a blob", Request{URL: "blob:https://api.example.com/1"}, nil, Reason{CORSDisabledScheme, "blob"}},
		{"a redirect to ftp", get, redirect("ftp://example.com/"), Reason{CORSDisabledScheme, ""}},
		{"no-cors and redirect mode error", Request{URL: apiURL, Mode: ModeNoCORS, Redirect: RedirectError}, nil, Reason{NoCORSRedirectModeNotFollow, ""}},
		{"no-cors and redirect mode manual", Request{URL: apiURL, Mode: ModeNoCORS, Redirect: RedirectManual}, nil, Reason{NoCORSRedirectModeNotFollow, ""}},
		{"no header", get, response(200), Reason{MissingAllowOriginHeader, ""}},
		{"an empty header", get, response(200, allow("")...), Reason{InvalidAllowOriginValue, ""}},
		{"a host", get, response(200, allow("app.example.com")...), Reason{InvalidAllowOriginValue, "app.example.com"}},
		{"a pattern without a scheme", get, response(200, allow("*.example.com")...), Reason{InvalidAllowOriginValue, "*.example.com"}},
		{"NULL", get, response(200, allow("NULL")...), Reason{InvalidAllowOriginValue, "NULL"}},
		{"another origin", get, response(200, allow("https://www1.example.com")...), Reason{AllowOriginMismatch, "https://www1.example.com"}},
		{"a slash at the end", get, response(200, allow(appOrigin+"/")...), Reason{AllowOriginMismatch, appOrigin + "/"}},
		{"upper case", get, response(200, allow("https://APP.example.com")...), Reason{AllowOriginMismatch, "https://APP.example.com"}},
		{"the default port", get, response(200, allow(appOrigin+":443")...), Reason{AllowOriginMismatch, appOrigin + ":443"}},
		{"null", get, response(200, allow("null")...), Reason{AllowOriginMismatch, "null"}},
		{"a pattern", get, response(200, allow("https://*.example.com")...), Reason{AllowOriginMismatch, "https://*.example.com"}},
		{"two values", get, response(200, allow("https://a.com, "+appOrigin)...), Reason{MultipleAllowOriginValues, "https://a.com, " + appOrigin}},
		{"the header twice", get, response(200, allow(appOrigin, "Access-Control-Allow-Origin", appOrigin)...), Reason{MultipleAllowOriginValues, appOrigin + ", " + appOrigin}},
		{"* twice", get, response(200, allow("*", "Access-Control-Allow-Origin", "*")...), Reason{MultipleAllowOriginValues, "*, *"}},
		{"an empty one and *", get, response(200, allow("", "Access-Control-Allow-Origin", "*")...), Reason{MultipleAllowOriginValues, ", *"}},
		{"* with credentials", withCredentials, response(200, allow("*", "Access-Control-Allow-Credentials", "true")...), Reason{WildcardOriginNotAllowed, ""}},
		{"credentials not allowed", withCredentials, response(200, allow(appOrigin)...), Reason{InvalidAllowCredentials, ""}},
		{"credentials allowed in capitals", withCredentials, response(200, allow(appOrigin, "Access-Control-Allow-Credentials", "TRUE")...), Reason{InvalidAllowCredentials, "TRUE"}},
		{"credentials allowed twice", withCredentials, response(200, allow(appOrigin, "Access-Control-Allow-Credentials", "true", "Access-Control-Allow-Credentials", "true")...), Reason{InvalidAllowCredentials, "true, true"}},
		{"a preflight answered 404", put, preflight(404, allow(appOrigin)...), Reason{PreflightInvalidStatus, ""}},
		{"a preflight answered 304", put, preflight(304, allow(appOrigin)...), Reason{PreflightInvalidStatus, ""}},
		{"a preflight answered 301 without a Location", put, preflight(301, allow(appOrigin)...), Reason{PreflightInvalidStatus, ""}},
		{"a preflight answered 401 without CORS", put, preflight(401), Reason{PreflightMissingAllowOriginHeader, ""}},
		{"a preflight without the header", put, preflight(204), Reason{PreflightMissingAllowOriginHeader, ""}},
		{"a preflight with two origins", put, preflight(204, allow("a, b")...), Reason{PreflightMultipleAllowOriginValues, "a, b"}},
		{"a preflight with a host", put, preflight(204, allow("app.example.com")...), Reason{PreflightInvalidAllowOriginValue, "app.example.com"}},
		{"a preflight with another origin", put, preflight(204, allow("https://a.com")...), Reason{PreflightAllowOriginMismatch, "https://a.com"}},
		{"a preflight with * for credentials", putWithCredentials, preflight(204, allow("*")...), Reason{PreflightWildcardOriginNotAllowed, ""}},
		{"a preflight without leave for credentials", putWithCredentials, preflight(204, allow(appOrigin)...), Reason{PreflightInvalidAllowCredentials, ""}},
		{"a preflight redirected", put, preflight(301, allow(appOrigin, "Location", "/login")...), Reason{PreflightDisallowedRedirect, ""}},
		{"a preflight redirected without CORS", put, preflight(302, fields("Location", "/login")...), Reason{PreflightDisallowedRedirect, ""}},
		{"methods separated by a semicolon", put, preflight(204, allow(appOrigin, "Access-Control-Allow-Methods", "PUT; POST")...), Reason{InvalidAllowMethodsPreflightResponse, ""}},
		{"methods separated by a space", put, preflight(204, allow(appOrigin, "Access-Control-Allow-Methods", "PUT POST")...), Reason{InvalidAllowMethodsPreflightResponse, ""}},
		{"a method that is none", withHeaders, preflight(204, allow(appOrigin, "Access-Control-Allow-Methods", "PUT, /")...), Reason{InvalidAllowMethodsPreflightResponse, ""}},
		{"header names with a parameter", withHeaders, preflight(204, allow(appOrigin, "Access-Control-Allow-Headers", "X-A; q=1")...), Reason{InvalidAllowHeadersPreflightResponse, ""}},
		{"header names in quotes", withHeaders, preflight(204, allow(appOrigin, "Access-Control-Allow-Headers", `"X-A"`)...), Reason{InvalidAllowHeadersPreflightResponse, ""}},
		{"no methods", put, preflight(204, allow(appOrigin)...), Reason{MethodDisallowedByPreflightResponse, "PUT"}},
		{"the method in small letters", put, preflight(204, allow(appOrigin, "Access-Control-Allow-Methods", "put")...), Reason{MethodDisallowedByPreflightResponse, "PUT"}},
		{"patch is not PATCH", Request{Method: "patch", URL: apiURL}, preflight(204, allow(appOrigin, "Access-Control-Allow-Methods", "PATCH")...), Reason{MethodDisallowedByPreflightResponse, "patch"}},
		{"* for a method with credentials", putWithCredentials, preflight(204, allow(appOrigin, "Access-Control-Allow-Credentials", "true", "Access-Control-Allow-Methods", "*")...), Reason{MethodDisallowedByPreflightResponse, "PUT"}},
		{"a header is missing, the first in order", withHeaders, preflight(204, allow(appOrigin, "Access-Control-Allow-Headers", "X-C")...), Reason{HeaderDisallowedByPreflightResponse, "x-a"}},
		{"one of two headers is missing", withHeaders, preflight(204, allow(appOrigin, "Access-Control-Allow-Headers", "X-A")...), Reason{HeaderDisallowedByPreflightResponse, "x-b"}},
		{"a redirect to a URL with a password", get, redirect("https://user:secret@api.example.com/there"), Reason{RedirectContainsCredentials, ""}},
		{"a redirect without CORS", get, response(302, fields("Location", "/there")...), Reason{MissingAllowOriginHeader, ""}},
		{"a redirect that goes on to another origin", get, []answer{{url: apiURL, status: 302, header: allow("*", "Location", partnerURL)}, {status: 200, header: allow(appOrigin)}}, Reason{AllowOriginMismatch, appOrigin}},
		{"a redirect to data", get, redirect("data:,x"), Reason{InvalidRedirect, ""}},
		{"a redirect to no URL", get, redirect("https://a:b/"), Reason{InvalidRedirect, ""}},
		{"a redirect under redirect mode error", Request{URL: apiURL, Redirect: RedirectError}, redirect("/there"), Reason{RedirectModeError, ""}},
		{"a redirect to itself", get, response(302, allow("*", "Location", apiURL)...), Reason{TooManyRedirects, ""}},
		{"http from https", Request{URL: "http://api.example.com/data"}, nil, Reason{MixedContent, ""}},
		{"a redirect to http", get, redirect("http://api.example.com/data"), Reason{MixedContent, ""}},
		{"same-origin resource policy", Request{URL: apiURL, Mode: ModeNoCORS}, response(200, fields("Cross-Origin-Resource-Policy", "same-origin")...), Reason{CrossOriginResourcePolicy, ""}},
		{"same-site resource policy from another site", Request{URL: partnerURL, Mode: ModeNoCORS}, response(200, fields("Cross-Origin-Resource-Policy", "same-site")...), Reason{CrossOriginResourcePolicy, ""}},
		{"a proxy's status", get, response(407, allow("*")...), Reason{InvalidHTTPResponse, ""}},
		{"a port of another service", Request{URL: "https://api.example.com:25/"}, nil, Reason{ConnectionFailed, ""}},
		{"data that are not base64", Request{URL: "data:;base64,a"}, nil, Reason{InvalidURL, ""}},
		{"a script that is not there", Request{URL: apiURL, Initiator: InitiatorScript}, response(404), Reason{UnusableResponse, ""}},
	}
	for _, profile := range []Profile{Standard, Chromium} {
		for _, c := range cases {
			t.Run(profile.Name+"/"+c.name, func(t *testing.T) {
				outcome := fetch(t, profile, c.request, c.answers...)
				require.Equal(t, KindNetworkError, outcome.Kind)
				require.Equal(t, ResponseError, outcome.Type)
				require.Equal(t, c.want, outcome.Reason)
				require.Zero(t, outcome.Status)
				require.Empty(t, outcome.Header)
				require.Empty(t, outcome.URL)
			})
		}
	}
}

func TestWhatTheAPIRefusesIsNeverSent(t *testing.T) {
	cases := []struct {
		name    string
		request Request
		want    ReasonCode
	}{
		{"a URL that cannot be parsed", Request{URL: "https://a:b/"}, InvalidURL},
		{"a URL with a password", Request{URL: "https://user:secret@api.example.com/"}, InvalidURL},
		{"a forbidden method", Request{URL: apiURL, Method: "trace"}, InvalidRequest},
		{"a method that is no token", Request{URL: apiURL, Method: "G E T"}, InvalidRequest},
		{"a header name that is no token", Request{URL: apiURL, Headers: fields("X A", "1")}, InvalidRequest},
		{"a header value with a line break", Request{URL: apiURL, Headers: fields("X-A", "1\n2")}, InvalidRequest},
		{"a header value beyond bytes", Request{URL: apiURL, Headers: fields("X-A", "€")}, InvalidRequest},
		{"GET with a body", Request{URL: apiURL, Body: &Body{Text: "x"}}, InvalidRequest},
		{"PUT without CORS", Request{URL: apiURL, Method: "PUT", Mode: ModeNoCORS}, InvalidRequest},
		{"mode navigate", Request{URL: apiURL, Mode: "navigate"}, InvalidRequest},
		{"credentials that do not exist", Request{URL: apiURL, Credentials: "always"}, InvalidRequest},
		{"a redirect mode that does not exist", Request{URL: apiURL, Redirect: "never"}, InvalidRequest},
		{"a referrer policy that does not exist", Request{URL: apiURL, ReferrerPolicy: "never"}, InvalidRequest},
		{"an initiator that does not exist", Request{URL: apiURL, Initiator: "video"}, InvalidRequest},
		{"a forbidden method of XMLHttpRequest", Request{URL: apiURL, Method: "CONNECT", Initiator: InitiatorXHR}, InvalidRequest},
		{"a header name of XMLHttpRequest", Request{URL: apiURL, Headers: fields("", "1"), Initiator: InitiatorXHR}, InvalidRequest},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			outcome := fetch(t, Standard, c.request, answer{status: 200, header: allow("*")})
			require.Equal(t, KindAPIError, outcome.Kind)
			require.Equal(t, Reason{Code: c.want}, outcome.Reason)
			require.Empty(t, outcome.Exchanges)
		})
	}
}

func TestTheListOfReasonCodesIsComplete(t *testing.T) {
	source, err := os.ReadFile("reason.go")
	require.NoError(t, err)
	codes := map[ReasonCode]bool{}
	for _, code := range ReasonCodes() {
		codes[code] = true
	}
	require.Len(t, codes, len(ReasonCodes()))
	require.Len(t, codes, strings.Count(string(source), " ReasonCode = "))
}
