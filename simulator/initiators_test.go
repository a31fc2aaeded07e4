package simulator

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEachInitiatorMakesItsRequest(t *testing.T) {
	cases := []struct {
		initiator                Initiator
		mode, destination        string
		anotherOrigin, ownCookie bool
		accept                   string
	}{
		{InitiatorImage, "no-cors", "image", true, true, "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"},
		{InitiatorImageAnonymous, "cors", "image", false, true, "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"},
		{InitiatorImageUseCredentials, "cors", "image", true, true, "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"},
		{InitiatorScript, "no-cors", "script", true, true, "*/*"},
		{InitiatorScriptAnonymous, "cors", "script", false, true, "*/*"},
		{InitiatorScriptUseCredentials, "cors", "script", true, true, "*/*"},
		{InitiatorModuleScript, "cors", "script", false, true, "*/*"},
		{InitiatorModuleScriptAnonymous, "cors", "script", false, true, "*/*"},
		{InitiatorModuleScriptUseCredentials, "cors", "script", true, true, "*/*"},
		{InitiatorStylesheet, "no-cors", "style", true, true, "text/css,*/*;q=0.1"},
		{InitiatorStylesheetAnonymous, "cors", "style", false, true, "text/css,*/*;q=0.1"},
		{InitiatorStylesheetUseCredentials, "cors", "style", true, true, "text/css,*/*;q=0.1"},
		{InitiatorFont, "cors", "font", false, true, "*/*"},
		{InitiatorEventSource, "cors", "empty", false, true, "text/event-stream"},
		{InitiatorEventSourceWithCredentials, "cors", "empty", true, true, "text/event-stream"},
	}
	for _, c := range cases {
		t.Run(string(c.initiator), func(t *testing.T) {
			for url, wantCookie := range map[string]bool{apiURL: c.anotherOrigin, appOrigin + "/data": c.ownCookie} {
				browser := New(Standard, WithHandler(serve(answer{status: 404})))
				require.NoError(t, browser.SetCookie(url, "session=1; SameSite=None; Secure; Path=/"))
				// What an element cannot choose is ignored.
				outcome := browser.Open(appOrigin).Fetch(t.Context(), Request{URL: url, Initiator: c.initiator, Method: "PUT", Headers: fields("X-A", "1")})
				require.Len(t, outcome.Exchanges, 1)
				require.Equal(t, "GET", outcome.Exchanges[0].Method)
				require.Equal(t, c.mode, sent(outcome, "Sec-Fetch-Mode"))
				require.Equal(t, c.destination, sent(outcome, "Sec-Fetch-Dest"))
				require.Equal(t, c.accept, sent(outcome, "Accept"))
				require.Equal(t, wantCookie, sent(outcome, "Cookie") != "", url)
				require.Empty(t, sent(outcome, "X-A"))
				require.Equal(t, c.mode == "cors" && url == apiURL, sent(outcome, "Origin") != "")
			}
		})
	}
}

func TestWhatAnElementNeedsOfAResponse(t *testing.T) {
	cases := []struct {
		initiator    Initiator
		status       int
		contentType  string
		nosniff      bool
		want, engine ReasonCode
	}{
		{InitiatorScript, 200, "text/javascript", true, "", ""},
		{InitiatorScript, 200, "text/plain", false, "", ""},
		{InitiatorScript, 200, "text/plain", true, UnusableResponse, BlockedByORB},
		{InitiatorScript, 200, "text/csv, text/javascript", false, "", ""},
		{InitiatorScript, 200, "text/javascript, text/csv", false, UnusableResponse, BlockedByORB},
		{InitiatorScript, 200, "video/mp4", false, UnusableResponse, UnusableResponse},
		{InitiatorScript, 404, "text/javascript", false, UnusableResponse, UnusableResponse},
		{InitiatorModuleScript, 200, "text/javascript;charset=utf-8", false, "", ""},
		{InitiatorModuleScript, 200, "text/plain", false, UnusableResponse, UnusableResponse},
		{InitiatorModuleScript, 200, "", false, UnusableResponse, UnusableResponse},
		{InitiatorModuleScript, 500, "text/javascript", false, UnusableResponse, UnusableResponse},
		{InitiatorStylesheet, 200, "text/css", true, "", ""},
		{InitiatorStylesheet, 200, "text/plain", false, UnusableResponse, ""},
		{InitiatorStylesheet, 404, "text/css", false, UnusableResponse, UnusableResponse},
		{InitiatorStylesheetAnonymous, 200, "text/plain", true, UnusableResponse, UnusableResponse},
		{InitiatorStylesheetAnonymous, 200, "text/css", false, "", ""},
		{InitiatorFont, 200, "font/woff2", false, "", ""},
		{InitiatorImage, 404, "image/png", false, "", ""},
		{InitiatorEventSource, 200, "text/event-stream;charset=utf-8", false, "", ""},
		{InitiatorEventSource, 200, "text/plain", false, UnusableResponse, UnusableResponse},
		{InitiatorEventSource, 204, "text/event-stream", false, UnusableResponse, UnusableResponse},
	}
	for _, c := range cases {
		t.Run(string(c.initiator)+" "+c.contentType, func(t *testing.T) {
			header := allow("*")
			if c.contentType != "" {
				header = append(header, fields("Content-Type", c.contentType)...)
			}
			if c.nosniff {
				header = append(header, fields("X-Content-Type-Options", "NoSniff")...)
			}
			for _, profile := range []Profile{Standard, Chromium} {
				want := c.want
				if profile.Name == "chromium" {
					want = c.engine
				}
				outcome := fetch(t, profile, Request{URL: apiURL, Initiator: c.initiator}, answer{status: c.status, header: header})
				require.Equal(t, want, outcome.Reason.Code, profile.Name)
				require.Zero(t, outcome.Status)
				require.Empty(t, outcome.Body)
				require.Len(t, outcome.Exchanges, 1)
			}
		})
	}
}

func TestAnElementHasAnErrorEventForAURLThatCannotBeParsed(t *testing.T) {
	for _, initiator := range []Initiator{InitiatorImage, InitiatorModuleScript, InitiatorFont} {
		outcome := fetch(t, Standard, Request{URL: "https://a:b/", Initiator: initiator})
		require.Equal(t, KindNetworkError, outcome.Kind)
		require.Equal(t, Reason{Code: InvalidURL}, outcome.Reason)
	}
	outcome := fetch(t, Standard, Request{URL: "https://a:b/", Initiator: InitiatorEventSource})
	require.Equal(t, KindAPIError, outcome.Kind)
}

func TestAnEventSourceBypassesCaches(t *testing.T) {
	outcome := fetch(t, Standard, Request{URL: apiURL, Initiator: InitiatorEventSource}, answer{status: 200})
	require.Equal(t, "no-cache", sent(outcome, "Pragma"))
	require.Equal(t, "no-cache", sent(outcome, "Cache-Control"))
	require.Empty(t, outcome.Preflights())
}

func TestABeaconIsPreflightedWhenItsTypeIsNotSafelisted(t *testing.T) {
	ok := answer{status: 200, header: allow(appOrigin, "Access-Control-Allow-Credentials", "true", "Access-Control-Allow-Headers", "content-type")}
	cases := []struct {
		name              string
		body              *Body
		contentType, mode string
		preflights        int
	}{
		{"nothing", nil, "", "no-cors", 0},
		{"a string", &Body{Text: "x"}, "text/plain;charset=UTF-8", "no-cors", 0},
		{"form data", &Body{FormData: [][2]string{{"a", "b"}}}, "multipart/form-data; boundary=" + formDataBoundary, "no-cors", 0},
		{"parameters", &Body{URLSearchParams: [][2]string{{"a", "b"}}}, "application/x-www-form-urlencoded;charset=UTF-8", "no-cors", 0},
		{"a Blob of text", &Body{Blob: true, Text: "x", Type: "text/plain"}, "text/plain", "no-cors", 0},
		{"a Blob without a type", &Body{Blob: true, Text: "x"}, "", "no-cors", 0},
		{"a Blob of JSON", &Body{Blob: true, Text: "{}", Type: "application/JSON"}, "application/json", "cors", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			outcome := fetch(t, Standard, Request{URL: apiURL, Initiator: InitiatorBeacon, Body: c.body}, ok)
			require.Len(t, outcome.Preflights(), c.preflights)
			require.Equal(t, "POST", outcome.Exchanges[len(outcome.Exchanges)-1].Method)
			require.Equal(t, c.contentType, sent(outcome, "Content-Type"))
			require.Equal(t, c.mode, sent(outcome, "Sec-Fetch-Mode"))
			require.Equal(t, appOrigin, sent(outcome, "Origin"))
			require.Zero(t, outcome.Status)
		})
	}
	tooLong := fetch(t, Standard, Request{URL: apiURL, Initiator: InitiatorBeacon, Body: &Body{Text: strings.Repeat("x", maximumKeepaliveBody+1)}}, ok)
	require.Equal(t, Reason{Code: KeepaliveBodyTooLarge}, tooLong.Reason)
	require.Empty(t, tooLong.Exchanges)
	for _, url := range []string{"ftp://example.com/", "data:,x", "https://a:b/"} {
		thrown := fetch(t, Standard, Request{URL: url, Initiator: InitiatorBeacon}, ok)
		require.Equal(t, KindAPIError, thrown.Kind)
		require.Equal(t, Reason{Code: InvalidURL}, thrown.Reason)
	}
}

func TestChromiumLoadsNoURLWithCredentialsForSubresourcesWithoutCORS(t *testing.T) {
	for _, url := range []string{"https://user:secret@api.example.com/data", "https://user@app.example.com/data"} {
		for initiator, refused := range map[Initiator]bool{
			InitiatorImage: true, InitiatorScript: true, InitiatorStylesheet: true, InitiatorEventSource: true, InitiatorBeacon: true,
			InitiatorImageAnonymous: false, InitiatorScriptUseCredentials: false, InitiatorModuleScript: false, InitiatorFont: false, InitiatorXHR: false,
		} {
			request := Request{URL: url, Initiator: initiator}
			require.Equal(t, refused, len(fetch(t, Chromium, request, answer{status: 200}).Exchanges) == 0, initiator)
			require.Len(t, fetch(t, Standard, request, answer{status: 200}).Exchanges, 1, initiator)
		}
	}
}
