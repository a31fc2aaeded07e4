package simulator

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPagesOfOneBrowserMayFetchAtTheSameTime(t *testing.T) {
	browser := New(Chromium, WithHandler(serve(answer{status: 200, header: allow(appOrigin, "Access-Control-Allow-Credentials", "true",
		"Access-Control-Allow-Methods", "PUT", "Set-Cookie", "a=b; SameSite=None; Secure")})))
	var pages sync.WaitGroup
	for range 8 {
		pages.Go(func() {
			page := browser.Open(appOrigin)
			for range 20 {
				outcome := page.Fetch(t.Context(), Request{Method: "PUT", URL: apiURL, Credentials: CredentialsInclude})
				if !outcome.Readable() {
					t.Errorf("refused: %s", outcome.Reason)
				}
			}
		})
	}
	pages.Wait()
}

func TestBrowsersShareNothing(t *testing.T) {
	handler := serve(answer{status: 200, header: allow(appOrigin, "Access-Control-Allow-Credentials", "true", "Access-Control-Allow-Methods", "PUT", "Set-Cookie", "a=b")})
	for range 2 {
		outcome := New(Standard, WithHandler(handler)).Open(appOrigin).Fetch(t.Context(), Request{Method: "PUT", URL: apiURL, Credentials: CredentialsInclude})
		require.Len(t, outcome.Preflights(), 1)
		require.Empty(t, sent(outcome, "Cookie"))
	}
}

func TestTheClockIsTheCallers(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	browser := New(Standard, WithClock(func() time.Time { return now }), WithHandler(serve(answer{status: 200})), WithUserAgent("mine"))
	require.NoError(t, browser.SetCookie(appOrigin, "a=b; Max-Age=60"))
	page := browser.Open(appOrigin)
	require.Equal(t, "a=b", sent(page.Fetch(t.Context(), Request{URL: "/"}), "Cookie"))
	now = now.Add(time.Minute)
	outcome := page.Fetch(t.Context(), Request{URL: "/"})
	require.Empty(t, sent(outcome, "Cookie"))
	require.Equal(t, "mine", sent(outcome, "User-Agent"))
}

func TestNothingAPageIsShownAliasesTheNextFetch(t *testing.T) {
	page := New(Standard, WithHandler(serve(answer{status: 200, header: allow("*", "Cache-Control", "no-store")}))).Open(appOrigin)
	first := page.Fetch(t.Context(), Request{URL: apiURL})
	first.Header["Cache-Control"][0] = "changed"
	first.Exchanges[0].RequestHeader["Origin"][0] = "changed"
	second := page.Fetch(t.Context(), Request{URL: apiURL})
	require.Equal(t, http.Header{"Cache-Control": {"no-store"}, "Content-Length": {"0"}}, second.Header)
	require.Equal(t, appOrigin, sent(second, "Origin"))
}

func TestASessionThatVisitsManyURLsForgetsThem(t *testing.T) {
	remembered := make(urlMemory)
	for i := range 3 * maximumRememberedURLs {
		_, err := remembered.parse(apiURL+"?"+time.Duration(i).String(), nil)
		require.NoError(t, err)
		require.LessOrEqual(t, len(remembered), maximumRememberedURLs)
	}
}
