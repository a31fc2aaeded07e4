package simulator

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedirectsRewriteTheMethod(t *testing.T) {
	cases := []struct {
		status       int
		method, want string
		keepsTheBody bool
	}{
		{301, "POST", "GET", false},
		{302, "POST", "GET", false},
		{303, "POST", "GET", false},
		{307, "POST", "POST", true},
		{308, "POST", "POST", true},
		{301, "PUT", "PUT", true},
		{302, "PUT", "PUT", true},
		{303, "PUT", "GET", false},
		{307, "PUT", "PUT", true},
		{303, "HEAD", "HEAD", false},
		{301, "GET", "GET", false},
		{303, "PATCH", "GET", false},
	}
	for _, c := range cases {
		t.Run(c.method+" "+strconv.Itoa(c.status), func(t *testing.T) {
			request := Request{Method: c.method, URL: "/here"}
			if c.method != "GET" && c.method != "HEAD" {
				request.Body = &Body{Text: "content"}
			}
			outcome := fetch(t, Standard, request,
				answer{url: appOrigin + "/here", status: c.status, header: fields("Location", "there#part")}, answer{status: 200})
			require.Equal(t, KindReadable, outcome.Kind)
			require.Equal(t, []string{c.method + " " + appOrigin + "/here", c.want + " " + appOrigin + "/there"}, wire(outcome))
			require.Equal(t, appOrigin+"/there", outcome.URL)
			require.Equal(t, c.keepsTheBody, sent(outcome, "Content-Type") != "")
			require.Equal(t, c.keepsTheBody, sent(outcome, "Content-Length") == "7")
		})
	}
}

func TestTwentyRedirectsAreFollowedAndOneMoreIsNot(t *testing.T) {
	countdown := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		left, err := strconv.Atoi(r.URL.Path[1:])
		if err == nil && left > 0 {
			http.Redirect(w, r, "/"+strconv.Itoa(left-1), http.StatusFound)
		}
	})
	page := New(Standard, WithHandler(countdown)).Open(appOrigin)
	outcome := page.Fetch(t.Context(), Request{URL: "/20"})
	require.Equal(t, KindReadable, outcome.Kind)
	require.Len(t, outcome.Exchanges, 21)
	outcome = page.Fetch(t.Context(), Request{URL: "/21"})
	require.Equal(t, Reason{Code: TooManyRedirects}, outcome.Reason)
	require.Len(t, outcome.Exchanges, 21)
}

func TestTheOriginIsTaintedOnTheWayThroughAnotherOrigin(t *testing.T) {
	cases := []struct {
		name       string
		start      string
		hop, last  string
		wantOrigin string
	}{
		{"same origin to another", appOrigin + "/here", "", apiURL, appOrigin},
		{"another origin to itself", apiURL, "", "https://api.example.com/there", appOrigin},
		{"another origin to a third", apiURL, "", partnerURL, "null"},
		{"another origin back to the page's", apiURL, "", appOrigin + "/back", "null"},
		{"the page's, another, the page's", appOrigin + "/here", apiURL, appOrigin + "/back", "null"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			next := c.last
			if c.hop != "" {
				next = c.hop
			}
			answers := []answer{{url: c.start, status: 302, header: allow("*", "Location", next)}}
			if c.hop != "" {
				answers = append(answers, answer{url: c.hop, status: 302, header: allow("*", "Location", c.last)})
			}
			outcome := fetch(t, Standard, Request{URL: c.start}, append(answers, answer{status: 200, header: allow("*")})...)
			require.Equal(t, KindReadable, outcome.Kind)
			require.Equal(t, ResponseCORS, outcome.Type)
			require.Equal(t, c.wantOrigin, sent(outcome, "Origin"))
		})
	}
}

func TestAuthorizationIsDroppedWhereTheOriginChanges(t *testing.T) {
	headers := fields("Authorization", "Bearer x", "X-A", "1")
	preflight := answer{method: "OPTIONS", status: 204, header: allow("*", "Access-Control-Allow-Headers", "authorization, x-a")}
	for location, want := range map[string]string{partnerURL: "", "https://api.example.com/there": "Bearer x"} {
		outcome := fetch(t, Standard, Request{URL: apiURL, Headers: headers}, preflight,
			answer{url: apiURL, status: 307, header: allow("*", "Location", location)}, answer{status: 200, header: allow("*")})
		require.Equal(t, KindReadable, outcome.Kind)
		require.Equal(t, want, sent(outcome, "Authorization"))
		require.Equal(t, "1", sent(outcome, "X-A"))
		require.Len(t, outcome.Preflights(), 2)
	}
}

func TestRedirectModes(t *testing.T) {
	redirected := answer{url: apiURL, status: 302, header: allow("*", "Location", "/there", "X-Secret", "1"), body: "moved"}
	manual := fetch(t, Standard, Request{URL: apiURL + "#part", Redirect: RedirectManual}, redirected)
	require.Equal(t, KindOpaqueRedirect, manual.Kind)
	require.Equal(t, ResponseOpaqueRedirect, manual.Type)
	require.Equal(t, apiURL, manual.URL)
	require.Zero(t, manual.Status)
	require.Empty(t, manual.Header)
	require.Empty(t, manual.Body)
	refused := fetch(t, Standard, Request{URL: apiURL, Redirect: RedirectManual}, answer{status: 302, header: fields("Location", "/there")})
	require.Equal(t, Reason{Code: MissingAllowOriginHeader}, refused.Reason, "the CORS check comes first")
	plain := fetch(t, Standard, Request{URL: apiURL}, answer{status: 302, header: allow("*"), body: "no Location"})
	require.Equal(t, KindReadable, plain.Kind)
	require.Equal(t, 302, plain.Status)
}

func TestARequestThatIsRedirectedIntoCORSIsPreflightedThere(t *testing.T) {
	outcome := fetch(t, Standard, Request{Method: "PUT", URL: "/here"},
		answer{url: appOrigin + "/here", status: 307, header: fields("Location", apiURL)},
		answer{status: 200, header: allow(appOrigin, "Access-Control-Allow-Methods", "PUT")})
	require.Equal(t, KindReadable, outcome.Kind)
	require.Equal(t, []string{"PUT " + appOrigin + "/here", "OPTIONS " + apiURL, "PUT " + apiURL}, wire(outcome))
}
