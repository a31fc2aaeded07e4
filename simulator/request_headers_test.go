package simulator

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatABrowserSendsWithASimpleRequest(t *testing.T) {
	outcome := fetch(t, Standard, Request{URL: apiURL}, answer{status: 200, header: allow("*")})
	require.Equal(t, []Exchange{{
		Kind: ExchangeRequest, Method: "GET", URL: apiURL, Status: 200,
		RequestHeader: http.Header{
			"Accept": {"*/*"}, "Accept-Encoding": {"gzip, deflate"}, "Accept-Language": {"en-US,en;q=0.9"},
			"Origin": {appOrigin}, "Referer": {appOrigin + "/"}, "User-Agent": {defaultUserAgent},
			"Sec-Fetch-Dest": {"empty"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Site": {"same-site"},
		},
		ResponseHeader: http.Header{"Access-Control-Allow-Origin": {"*"}, "Content-Length": {"0"}},
	}}, outcome.Exchanges)
}

func TestWhenAnOriginHeaderIsSent(t *testing.T) {
	cases := []struct {
		name    string
		request Request
		want    string
	}{
		{"cors", Request{URL: apiURL}, appOrigin},
		{"same-origin GET", Request{URL: "/data"}, ""},
		{"same-origin POST", Request{URL: "/data", Method: "POST"}, appOrigin},
		{"same-origin POST in cors mode under no-referrer", Request{URL: "/data", Method: "POST", ReferrerPolicy: "no-referrer"}, appOrigin},
		{"same-origin POST in same-origin mode under no-referrer", Request{URL: "/data", Method: "POST", Mode: ModeSameOrigin, ReferrerPolicy: "no-referrer"}, "null"},
		{"no-cors GET", Request{URL: apiURL, Mode: ModeNoCORS}, ""},
		{"no-cors POST", Request{URL: apiURL, Mode: ModeNoCORS, Method: "POST"}, appOrigin},
		{"no-cors POST under same-origin", Request{URL: apiURL, Mode: ModeNoCORS, Method: "POST", ReferrerPolicy: "same-origin"}, "null"},
		{"no-cors POST under unsafe-url", Request{URL: apiURL, Mode: ModeNoCORS, Method: "POST", ReferrerPolicy: "unsafe-url"}, appOrigin},
		{"an image", Request{URL: apiURL, Initiator: InitiatorImage}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, sent(fetch(t, Standard, c.request, answer{status: 200, header: allow("*")}), "Origin"))
		})
	}
}

func TestTheRefererUnderEachPolicy(t *testing.T) {
	const page = appOrigin + "/path/page?query"
	cases := []struct{ policy, sameOrigin, crossOrigin string }{
		{"", page, appOrigin + "/"},
		{"strict-origin-when-cross-origin", page, appOrigin + "/"},
		{"no-referrer", "", ""},
		{"no-referrer-when-downgrade", page, page},
		{"same-origin", page, ""},
		{"origin", appOrigin + "/", appOrigin + "/"},
		{"strict-origin", appOrigin + "/", appOrigin + "/"},
		{"origin-when-cross-origin", page, appOrigin + "/"},
		{"unsafe-url", page, page},
	}
	for _, c := range cases {
		t.Run(c.policy, func(t *testing.T) {
			browser := New(Standard, WithHandler(serve(answer{status: 200})))
			byRequest := browser.Open(page + "#part")
			byPage := browser.OpenPage(PageSpec{URL: page, Headers: fields("Referrer-Policy", "nonsense, "+c.policy)})
			for url, want := range map[string]string{"/data": c.sameOrigin, apiURL: c.crossOrigin} {
				require.Equal(t, want, sent(byRequest.Fetch(t.Context(), Request{URL: url, ReferrerPolicy: c.policy}), "Referer"))
				require.Equal(t, want, sent(byPage.Fetch(t.Context(), Request{URL: url}), "Referer"))
			}
		})
	}
}

// Chromium looks at the schemes alone.
func TestALoopbackAPIHearsOfASecurePageByTheStandardOnly(t *testing.T) {
	for profile, want := range map[*Profile]string{&Standard: appOrigin + "/", &Chromium: ""} {
		page := New(*profile, WithHandler(serve(answer{status: 200, header: allow("*")}))).Open(appOrigin)
		require.Equal(t, want, sent(page.Fetch(t.Context(), Request{URL: "http://127.0.0.1:8000/"}), "Referer"), profile.Name)
	}
}

func TestAReferrerOfTheScript(t *testing.T) {
	cases := map[string]string{
		"about:client":           appOrigin + "/page",
		"/other":                 appOrigin + "/other",
		"https://elsewhere.com/": appOrigin + "/page",
		"no-referrer":            "",
		"/" + strings.Repeat("a", maximumReferrer): appOrigin + "/",
	}
	for referrer, want := range cases {
		page := New(Standard, WithHandler(serve(answer{status: 200}))).Open(appOrigin + "/page")
		require.Equal(t, want, sent(page.Fetch(t.Context(), Request{URL: "/data", Referrer: referrer}), "Referer"))
	}
}

func TestARedirectCanChangeTheReferrerPolicy(t *testing.T) {
	outcome := fetch(t, Standard, Request{URL: "/here"},
		answer{url: appOrigin + "/here", status: 302, header: fields("Location", "/there", "Referrer-Policy", "no-referrer")}, answer{status: 200})
	require.Equal(t, appOrigin+"/", outcome.Exchanges[0].RequestHeader.Get("Referer"))
	require.Empty(t, sent(outcome, "Referer"))
}

func TestHeadersThatScriptCannotSetAreIgnored(t *testing.T) {
	forbidden := []string{
		"Accept-Charset", "Accept-Encoding", "Access-Control-Request-Headers", "Access-Control-Request-Method", "Connection",
		"Content-Length", "Cookie", "Cookie2", "Date", "DNT", "Expect", "Host", "Keep-Alive", "Origin", "Referer", "Set-Cookie", "TE",
		"Trailer", "Transfer-Encoding", "Upgrade", "Via", "Proxy-Anything", "Sec-Anything", "sec-fetch-site",
	}
	for _, initiator := range []Initiator{InitiatorFetch, InitiatorXHR} {
		for _, name := range forbidden {
			outcome := fetch(t, Standard, Request{URL: apiURL, Initiator: initiator, Headers: fields(name, "forged")}, answer{status: 200, header: allow("*")})
			require.Equal(t, KindReadable, outcome.Kind, name)
			require.NotContains(t, sent(outcome, name), "forged")
		}
	}
	for value, forbidden := range map[string]bool{"TRACE": true, "GET, track": true, "PUT": false, `"CONNECT"`: false} {
		require.Equal(t, forbidden, isForbiddenRequestHeader(&Standard, "X-HTTP-Method-Override", value), value)
	}
}

func TestANoCORSRequestCarriesSafelistedHeadersOnly(t *testing.T) {
	outcome := fetch(t, Standard, Request{URL: apiURL, Mode: ModeNoCORS, Method: "POST", Body: &Body{Text: "{}"}, Headers: fields(
		"Accept", "text/html", "Accept-Language", "de", "Accept-Language", "_", "Content-Type", "application/json", "X-A", "1",
		"Range", "bytes=0-", "Authorization", "x")}, answer{status: 200})
	require.Equal(t, KindOpaque, outcome.Kind)
	require.Equal(t, "text/html", sent(outcome, "Accept"))
	require.Equal(t, "de", sent(outcome, "Accept-Language"))
	require.Equal(t, "text/plain;charset=UTF-8", sent(outcome, "Content-Type"))
	for _, name := range []string{"X-A", "Range", "Authorization"} {
		require.Empty(t, sent(outcome, name))
	}
}

func TestTheContentTypeOfABody(t *testing.T) {
	form := Body{FormData: [][2]string{{"na\"me", "value"}}}
	cases := []struct {
		name    string
		request Request
		want    string
	}{
		{"text", Request{Body: &Body{Text: "x"}}, "text/plain;charset=UTF-8"},
		{"form data", Request{Body: &form}, "multipart/form-data; boundary=" + formDataBoundary},
		{"given", Request{Body: &Body{Text: "x"}, Headers: fields("content-type", "application/json")}, "application/json"},
		{"given to XMLHttpRequest in another charset", Request{Initiator: InitiatorXHR, Body: &Body{Text: "x"}, Headers: fields("Content-Type", "Text/Plain; charset=latin1")}, "text/plain;charset=UTF-8"},
		{"given to XMLHttpRequest", Request{Initiator: InitiatorXHR, Body: &Body{Text: "x"}, Headers: fields("Content-Type", "Text/Plain; charset=utf-8")}, "Text/Plain; charset=utf-8"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.request.URL, c.request.Method = "/data", "POST"
			require.Equal(t, c.want, sent(fetch(t, Standard, c.request, answer{status: 200}), "Content-Type"))
		})
	}
	extracted, _ := extractBody(&form)
	require.Equal(t, "--"+formDataBoundary+"\r\nContent-Disposition: form-data; name=\"na%22me\"\r\n\r\nvalue\r\n--"+formDataBoundary+"--\r\n", string(extracted.bytes))
}

func TestXMLHttpRequestCombinesHeadersAndAsksForItsUploadListeners(t *testing.T) {
	answers := []answer{{status: 200, header: allow("*", "Access-Control-Allow-Headers", "*")}}
	outcome := fetch(t, Standard, Request{URL: apiURL, Initiator: InitiatorXHR, Headers: fields("X-A", "1", "x-a", "2")}, answers...)
	require.Equal(t, "1, 2", sent(outcome, "X-A"))
	for initiator, preflights := range map[Initiator]int{InitiatorXHR: 0, InitiatorXHRUploadListener: 1, InitiatorXHRUploadListenerLate: 0} {
		outcome := fetch(t, Standard, Request{URL: apiURL, Method: "POST", Initiator: initiator, Body: &Body{Text: "x"}}, answers...)
		require.Equal(t, KindReadable, outcome.Kind)
		require.Len(t, outcome.Preflights(), preflights, initiator)
	}
}

func TestAKeepaliveBodyIsLimited(t *testing.T) {
	for size, want := range map[int]Kind{maximumKeepaliveBody: KindReadable, maximumKeepaliveBody + 1: KindNetworkError} {
		outcome := fetch(t, Standard, Request{URL: apiURL, Method: "POST", Keepalive: true, Body: &Body{Text: strings.Repeat("x", size)}}, answer{status: 200, header: allow("*")})
		require.Equal(t, want, outcome.Kind)
	}
}

func TestTheReferrerOnlyShrinksFromRedirectToRedirect(t *testing.T) {
	cases := []struct {
		name, policy, onRedirect string
		want                     []string
	}{
		{"the path is not given back on the way home", "", "unsafe-url", []string{appOrigin + "/", appOrigin + "/"}},
		{"nothing stays nothing", "same-origin", "origin", []string{"", ""}},
		{"the path is lost on the way out", "unsafe-url", "origin", []string{appOrigin + "/page", appOrigin + "/"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			page := New(Standard, WithHandler(serve(
				answer{url: apiURL, status: 302, header: allow("*", "Location", appOrigin+"/back", "Referrer-Policy", c.onRedirect)},
				answer{status: 200, header: allow("*")}))).Open(appOrigin + "/page")
			outcome := page.Fetch(t.Context(), Request{URL: apiURL, ReferrerPolicy: c.policy})
			require.Len(t, outcome.Exchanges, 2)
			for i, exchange := range outcome.Exchanges {
				require.Equal(t, c.want[i], exchange.RequestHeader.Get("Referer"))
			}
		})
	}
}
