package simulator

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhichCookiesAResponseMaySet(t *testing.T) {
	cases := []struct {
		name, url, setCookie string
		want                 error
	}{
		{"plain", apiURL, "a=b", nil},
		{"for the site", apiURL, "a=b; Domain=.Example.com", nil},
		{"for another host", apiURL, "a=b; Domain=www1.example.com", errCookieDomain},
		{"for a public suffix", apiURL, "a=b; Domain=com", errCookieDomain},
		{"Secure over http", "http://api.example.com/", "a=b; Secure", errCookieSecure},
		{"Secure over http on this machine", "http://localhost/", "a=b; Secure", errCookieSecure},
		{"SameSite=None without Secure", apiURL, "a=b; SameSite=None", errCookieSameSite},
		{"SameSite=None", apiURL, "a=b; SameSite=None; Secure", nil},
		{"__Secure-", apiURL, "__Secure-a=b; Secure", nil},
		{"__Secure- without Secure", apiURL, "__Secure-a=b", errCookiePrefix},
		{"__Host-", apiURL, "__Host-a=b; Secure; Path=/", nil},
		{"__Host- in other letters with a Domain", apiURL, "__HOST-a=b; Secure; Path=/; Domain=api.example.com", errCookiePrefix},
		{"__Host- without a Path", "https://api.example.com/", "__Host-a=b; Secure", errCookiePrefix},
		{"a value that looks like __Host-", apiURL, "=__Host-a=b", errCookiePrefix},
		{"nothing", apiURL, ";Secure", errCookieSyntax},
		{"a control character", apiURL, "a=b\x01", errCookieSyntax},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.ErrorIs(t, New(Standard).SetCookie(c.url, c.setCookie), c.want)
		})
	}
	require.Error(t, New(Standard).SetCookie("no URL", "a=b"))
	require.NoError(t, New(Chromium).SetCookie("http://localhost/", "a=b; Secure"))
	require.ErrorIs(t, New(Chromium).SetCookie("http://api.example.com/", "a=b; Secure"), errCookieSecure)
}

// jarOfEverySameSite holds a cookie of each kind for the API.
func jarOfEverySameSite(t *testing.T, browser *Browser) {
	t.Helper()
	for _, setCookie := range []string{"none=1; SameSite=None; Secure; Path=/", "lax=1; SameSite=Lax; Path=/", "strict=1; SameSite=Strict; Path=/", "default=1; Path=/"} {
		require.NoError(t, browser.SetCookie(apiURL, setCookie))
	}
}

func TestWhichCookiesARequestCarries(t *testing.T) {
	const all = "none=1; lax=1; strict=1; default=1"
	cases := []struct {
		name    string
		page    PageSpec
		request Request
		want    string
	}{
		{"of the site, include", PageSpec{URL: appOrigin}, Request{URL: apiURL, Credentials: CredentialsInclude}, all},
		{"of the site, same-origin", PageSpec{URL: appOrigin}, Request{URL: apiURL}, ""},
		{"of the origin, same-origin", PageSpec{URL: "https://api.example.com"}, Request{URL: apiURL}, all},
		{"of the origin, omit", PageSpec{URL: "https://api.example.com"}, Request{URL: apiURL, Credentials: CredentialsOmit}, ""},
		{"of another site", PageSpec{URL: "https://shop.partner.net"}, Request{URL: apiURL, Credentials: CredentialsInclude}, "none=1"},
		{"of another scheme", PageSpec{URL: "http://app.example.com"}, Request{URL: apiURL, Credentials: CredentialsInclude}, "none=1"},
		{"an iframe in another site", PageSpec{URL: "https://shop.partner.net", Iframe: appOrigin}, Request{URL: apiURL, Credentials: CredentialsInclude}, "none=1"},
		{"an iframe in the site", PageSpec{URL: "https://www1.example.com", Iframe: appOrigin}, Request{URL: apiURL, Credentials: CredentialsInclude}, all},
		{"a sandboxed frame", PageSpec{URL: appOrigin, Frame: FrameSandboxedSrcdoc}, Request{URL: apiURL, Credentials: CredentialsInclude}, "none=1"},
		{"a frame of the page", PageSpec{URL: appOrigin, Frame: FrameSrcdoc}, Request{URL: apiURL, Credentials: CredentialsInclude}, all},
		{"an image", PageSpec{URL: appOrigin}, Request{URL: apiURL, Initiator: InitiatorImage}, all},
		{"XMLHttpRequest withCredentials", PageSpec{URL: appOrigin}, Request{URL: apiURL, Initiator: InitiatorXHR, Credentials: CredentialsInclude}, all},
		{
			"no-cors of a credentialless page",
			PageSpec{URL: appOrigin, Headers: fields("Cross-Origin-Embedder-Policy", "credentialless")},
			Request{URL: apiURL, Mode: ModeNoCORS, Credentials: CredentialsInclude},
			"",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			browser := New(Standard, WithHandler(serve(answer{status: 200})))
			jarOfEverySameSite(t, browser)
			outcome := browser.OpenPage(c.page).Fetch(t.Context(), c.request)
			require.Len(t, outcome.Exchanges, 1)
			require.Equal(t, c.want, sent(outcome, "Cookie"))
		})
	}
}

func TestPreflightsCarryAndSetNoCookies(t *testing.T) {
	browser := New(Standard, WithHandler(serve(answer{status: 200, header: allow(appOrigin, "Access-Control-Allow-Credentials", "true",
		"Access-Control-Allow-Methods", "PUT", "Set-Cookie", "new=1")})))
	jarOfEverySameSite(t, browser)
	outcome := browser.Open(appOrigin).Fetch(t.Context(), Request{Method: "PUT", URL: apiURL, Credentials: CredentialsInclude})
	require.Len(t, outcome.Exchanges, 2)
	require.Empty(t, outcome.Exchanges[0].RequestHeader["Cookie"])
	require.NotContains(t, outcome.Exchanges[1].RequestHeader.Get("Cookie"), "new=1")
	require.NotEmpty(t, outcome.Exchanges[1].RequestHeader.Get("Cookie"))
}

func TestACookieIsStoredEvenWhenTheResponseIsNotShared(t *testing.T) {
	for credentials, want := range map[CredentialsMode]string{CredentialsInclude: "a=1", CredentialsSameOrigin: ""} {
		browser := New(Standard, WithHandler(serve(answer{status: 200, header: fields("Set-Cookie", "a=1")})))
		outcome := browser.Open(appOrigin).Fetch(t.Context(), Request{URL: apiURL, Credentials: credentials})
		require.Equal(t, Reason{Code: MissingAllowOriginHeader}, outcome.Reason)
		outcome = browser.Open(appOrigin).Fetch(t.Context(), Request{URL: apiURL, Credentials: CredentialsInclude})
		require.Equal(t, want, sent(outcome, "Cookie"))
	}
}

func TestCookiesAreOrderedScopedAndExpire(t *testing.T) {
	browser := New(Standard, WithHandler(serve(answer{status: 200})))
	for _, setCookie := range []string{"short=1; Max-Age=60", "root=1; Path=/", "deep=1; Path=/a/b", "other=1; Path=/ab", "gone=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT", "root=2; Path=/"} {
		require.NoError(t, browser.SetCookie(appOrigin+"/a/index", setCookie))
	}
	cookies := func() string {
		return sent(browser.Open(appOrigin).Fetch(t.Context(), Request{URL: "/a/b/c"}), "Cookie")
	}
	require.Equal(t, "deep=1; short=1; root=2", cookies())
	browser.Advance(time.Minute)
	require.Equal(t, "deep=1; root=2", cookies())
	require.NoError(t, browser.SetCookie(appOrigin+"/a/index", "root=; Path=/; Max-Age=0"))
	require.Equal(t, "deep=1", cookies())
}

func TestCookieDates(t *testing.T) {
	want := time.Date(2030, time.October, 21, 7, 28, 0, 0, time.UTC)
	for _, value := range []string{"Mon, 21 Oct 2030 07:28:00 GMT", "Monday, 21-Oct-30 07:28:00 GMT", "Mon Oct 21 07:28:00 2030", "21 oct 2030 7:28:0"} {
		date, ok := parseCookieDate(value)
		require.True(t, ok, value)
		require.Equal(t, want, date)
	}
	for _, value := range []string{"", "tomorrow", "31 Feb 2030 07:28:00", "21 Oct 1600 07:28:00", "21 Oct 2030 24:00:00", "21 Oct 2030"} {
		_, ok := parseCookieDate(value)
		require.False(t, ok, value)
	}
}
