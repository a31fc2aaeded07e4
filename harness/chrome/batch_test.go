package chrome_test

import (
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
	outcomes, err := batcher.FetchAll(t.Context(), simulator.PageSpec{URL: app}, requests)
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
