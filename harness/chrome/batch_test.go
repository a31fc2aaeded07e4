package chrome_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// TestABatchTellsOfEachRequestWhatItTellsOfOne: what DevTools says must not end up with another request.
func TestABatchTellsOfEachRequestWhatItTellsOfOne(t *testing.T) {
	network := deploy(t).serve("api.example.com:443", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/open", "/moved":
			w.Header().Set("Access-Control-Allow-Origin", "*")
		case "/list":
			w.Header().Set("Access-Control-Allow-Origin", "https://a.example, https://b.example")
		case "/other":
			w.Header().Set("Access-Control-Allow-Origin", "https://other.example")
		}
		if r.URL.Path == "/moved" {
			w.Header().Set("Location", "/other")
			w.WriteHeader(http.StatusFound)
		}
	})
	requests := []simulator.Request{
		{URL: api + "/open"},
		{URL: api + "/other"},
		{URL: api + "/open#again"},
		{URL: api + "/list"},
		{URL: api + "/none", Method: "PUT"},
		{URL: api + "/moved"},
		{URL: api + "/closed", Mode: simulator.ModeSameOrigin},
		{URL: "foo:bar"},
		{URL: "https://[bad"},
		{URL: strings.Replace(api, "://", "://user:secret@", 1) + "/mine", Initiator: simulator.InitiatorXHR},
		{URL: api + "/opaque", Mode: simulator.ModeNoCORS},
	}
	batcher, ok := session(t, network).(harness.Batcher)
	require.True(t, ok)
	outcomes, err := batcher.FetchAll(t.Context(), simulator.PageSpec{URL: app}, requests, harness.InFull)
	require.NoError(t, err)
	require.Len(t, outcomes, len(requests))
	alone := session(t, network)
	for i, request := range requests {
		one := fetch(t, alone, request)
		require.Equal(t, one.Kind, outcomes[i].Kind, request.URL)
		require.Equal(t, one.Reason, outcomes[i].Reason, request.URL)
		require.Equal(t, one.URL, outcomes[i].URL)
		require.Len(t, outcomes[i].Exchanges, len(one.Exchanges), request.URL)
		for n := range one.Exchanges {
			require.Equal(t, one.Exchanges[n].URL, outcomes[i].Exchanges[n].URL)
		}
	}
}

// fetchBriefly makes the requests from the app's page in one batch.
func fetchBriefly(t *testing.T, s harness.Session, requests ...simulator.Request) []simulator.Outcome {
	t.Helper()
	batcher, ok := s.(harness.Batcher)
	require.True(t, ok)
	outcomes, err := batcher.FetchAll(t.Context(), simulator.PageSpec{URL: app}, requests, harness.InBrief)
	require.NoError(t, err)
	require.Len(t, outcomes, len(requests))
	return outcomes
}

// TestABatchInBriefTellsWhatOneRequestTellsOrThatItDoesNot: a reason that is not known for certain is none.
func TestABatchInBriefTellsWhatOneRequestTellsOrThatItDoesNot(t *testing.T) {
	network := deploy(t).serve("api.example.com:443", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/open", "/moved", "/out":
			w.Header().Set("Access-Control-Allow-Origin", "*")
		case "/byte":
			w.Header().Set("Access-Control-Allow-Origin", "https://\xe9.example")
		case "/quoted":
			w.Header().Set("Access-Control-Allow-Origin", "'https://a.example'")
		}
		switch r.URL.Path {
		case "/moved":
			w.Header().Set("Location", "/other")
			w.WriteHeader(http.StatusFound)
		case "/out":
			w.Header().Set("Location", "mailto:a@example.com")
			w.WriteHeader(http.StatusFound)
		case "/a/away", "/b/away":
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Location", "http://api.example.com"+strings.TrimSuffix(r.URL.Path, "away"))
			w.WriteHeader(http.StatusFound)
		case "/to-corp":
			w.Header().Set("Location", "/corp")
			w.WriteHeader(http.StatusFound)
		case "/script.js":
			w.WriteHeader(http.StatusNotFound)
		case "/accepted":
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.WriteHeader(http.StatusAccepted)
		case "/module.txt", "/stream.txt":
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Content-Type", "text/plain")
		case "/corp":
			w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		}
	})
	told := []simulator.Request{
		{URL: api + "/open", Headers: []simulator.Field{{Name: "Accept", Value: "*/*"}}},
		{URL: api + "/other"},
		{URL: api + "/moved"},
		{URL: api + "/out"},
		{URL: api + "/quoted"},
		{URL: api + "/open", Credentials: simulator.CredentialsInclude, Initiator: simulator.InitiatorXHR},
		{URL: api + "/put", Method: "PUT", Initiator: simulator.InitiatorXHR},
		{URL: api + "/corp", Mode: simulator.ModeNoCORS},
		{URL: "http://api.example.com/mixed"},
		{URL: "https://api.example.com:6000/port"},
		{URL: "https://[bad"},
		{URL: api + "/bad header", Headers: []simulator.Field{{Name: "a b", Value: "1"}}},
		{URL: api + "/opaque", Mode: simulator.ModeNoCORS},
		{URL: api + "/script.js", Initiator: simulator.InitiatorScript},
		{URL: api + "/module.js", Initiator: simulator.InitiatorScriptAnonymous},
		{URL: api + "/module.txt", Initiator: simulator.InitiatorModuleScript},
		{URL: api + "/stream", Initiator: simulator.InitiatorEventSource},
		{URL: api + "/stream.txt", Initiator: simulator.InitiatorEventSource},
		{URL: api + "/same-origin", Mode: simulator.ModeSameOrigin},
		{URL: api + "/no-redirect", Mode: simulator.ModeNoCORS, Redirect: simulator.RedirectError},
		{URL: "foo:bar"},
		{URL: "ftp://api.example.com/", Initiator: simulator.InitiatorXHR},
		{URL: api + "/b/away", Redirect: simulator.RedirectError},
	}
	alone, inBrief := session(t, network), session(t, network)
	for i, brief := range fetchBriefly(t, inBrief, told...) {
		full := fetch(t, alone, told[i])
		require.Equal(t, full.Kind, brief.Kind, told[i].URL)
		require.Equal(t, full.Reason, brief.Reason, told[i].URL)
		require.Equal(t, full.Status, brief.Status, told[i].URL)
		require.Equal(t, full.Header, brief.Header, told[i].URL)
		require.Empty(t, brief.Exchanges)
	}
	// A byte that DevTools has no words for is told by the console.
	odd := fetchBriefly(t, inBrief, simulator.Request{URL: api + "/byte"})
	require.Equal(t, "https://\xe9.example", odd[0].Reason.Parameter)

	// Of a redirect to mixed content the network's events do not tell why it ended.
	require.Equal(t, simulator.MixedContent, fetchBriefly(t, inBrief, simulator.Request{URL: api + "/a/away"})[0].Reason.Code)

	// Which event source got another type of content the console does not say, and whose the failure of a redirect is.
	unclear := fetchBriefly(t, inBrief,
		simulator.Request{URL: api + "/stream.txt?again", Initiator: simulator.InitiatorEventSource},
		simulator.Request{URL: api + "/to-corp", Mode: simulator.ModeNoCORS},
	)
	require.Equal(t, harness.Untold, unclear[0].Reason.Code)
	require.Equal(t, harness.Untold, unclear[1].Reason.Code)

	// Of one that got another status than 200 it says nothing.
	silent := fetchBriefly(t, inBrief, simulator.Request{URL: api + "/accepted", Initiator: simulator.InitiatorEventSource})
	require.Equal(t, harness.Untold, silent[0].Reason.Code)

	sent := len(network.seen())
	for _, outcome := range fetchBriefly(t, inBrief,
		simulator.Request{URL: api + "/beacon", Initiator: simulator.InitiatorBeacon},
		simulator.Request{URL: api + "/moved", Redirect: simulator.RedirectError},
		simulator.Request{URL: api + "/no.png", Initiator: simulator.InitiatorImage},
	) {
		require.Equal(t, simulator.Reason{Code: harness.Untold}, outcome.Reason)
	}
	require.Len(t, network.seen(), sent+2, "a beacon that nothing follows is not sent")

	require.NotEmpty(t, fetch(t, inBrief, told[0]).Exchanges, "what is asked in full is told in full again")
}

// TestABatchInBriefTellsOfBeacons: nobody is told of their ends, but what follows them ends later.
func TestABatchInBriefTellsOfBeacons(t *testing.T) {
	network := deploy(t).serve("api.example.com:443", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/open" {
			w.Header().Set("Access-Control-Allow-Origin", app)
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			w.Header().Set("Access-Control-Allow-Headers", "content-type")
		}
	})
	body := &simulator.Body{Text: "{}", Type: "application/json", Blob: true}
	requests := []simulator.Request{
		{URL: api + "/closed", Initiator: simulator.InitiatorBeacon, Body: body},
		{URL: api + "/open", Initiator: simulator.InitiatorBeacon, Body: body},
		{URL: "http://api.example.com/mixed", Initiator: simulator.InitiatorBeacon},
	}
	for i := range 100 {
		requests = append(requests, simulator.Request{URL: fmt.Sprint(api, "/", i)})
	}
	outcomes := fetchBriefly(t, session(t, network), requests...)
	require.Equal(t, simulator.PreflightMissingAllowOriginHeader, outcomes[0].Reason.Code)
	require.Equal(t, simulator.KindReadable, outcomes[1].Kind)
	require.Empty(t, outcomes[1].Reason)
	require.Equal(t, simulator.MixedContent, outcomes[2].Reason.Code)
	require.Equal(t, simulator.MissingAllowOriginHeader, outcomes[3].Reason.Code)
}

// TestABatchThatOverflowsTheConsoleTellsNoWrongReason: Chrome keeps 1,000 entries, and each failure makes two.
func TestABatchThatOverflowsTheConsoleTellsNoWrongReason(t *testing.T) {
	network := deploy(t).serve("api.example.com:443", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/open" {
			w.Header().Set("Access-Control-Allow-Origin", "*")
		}
	})
	requests := []simulator.Request{{URL: api + "/open", Initiator: simulator.InitiatorBeacon}, {URL: api + "/open?read"}}
	for i := range 600 {
		requests = append(requests, simulator.Request{URL: fmt.Sprint(api, "/", i)})
	}
	s := session(t, network)
	outcomes := fetchBriefly(t, s, requests...)
	require.Equal(t, harness.Untold, outcomes[0].Reason.Code)
	require.Equal(t, simulator.KindReadable, outcomes[1].Kind)
	for _, outcome := range outcomes[2:] {
		require.Equal(t, harness.Untold, outcome.Reason.Code)
	}
	require.Equal(t, simulator.MissingAllowOriginHeader, fetchBriefly(t, s, simulator.Request{URL: api + "/again"})[0].Reason.Code)
}

func TestASessionForgetsItsCookiesAndPreflights(t *testing.T) {
	network := deploy(t).serve("api.example.com:443", allowing(answer(200))).serve("app.example.com:443", allowing(answer(200)))
	batcher, ok := session(t, network).(harness.Batcher)
	require.True(t, ok)
	require.NoError(t, batcher.SetCookies(t.Context(), []harness.SetCookie{
		{URL: api, Header: "a=1; Secure; SameSite=None"}, {URL: app, Header: "b=2; Secure"}, {URL: api, Header: "c=3; Secure; SameSite=None"},
	}))
	put := simulator.Request{URL: api, Method: "PUT", Credentials: simulator.CredentialsInclude}
	first := fetch(t, batcher, put)
	require.Len(t, first.Exchanges, 2)
	require.Equal(t, "a=1; c=3", first.Exchanges[1].RequestHeader.Get("Cookie"))
	require.Equal(t, "b=2", fetch(t, batcher, simulator.Request{URL: app + "/x"}).Exchanges[0].RequestHeader.Get("Cookie"))
	require.Len(t, fetch(t, batcher, put).Exchanges, 1, "the preflight is remembered")

	require.NoError(t, batcher.Forget(t.Context()))
	again := fetch(t, batcher, put)
	require.Len(t, again.Exchanges, 2, "the preflight is forgotten")
	require.Empty(t, again.Exchanges[1].RequestHeader.Get("Cookie"))
}
