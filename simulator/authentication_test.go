package simulator

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnXMLHttpRequestAnswersAChallengeWithTheURLsCredentials(t *testing.T) {
	challenge := answer{status: 401, header: allow(appOrigin, "Access-Control-Allow-Credentials", "true", "WWW-Authenticate", `Basic realm="x"`)}
	const own = "https://us%20er:p%3As@app.example.com/data"
	outcome := fetch(t, Standard, Request{URL: own, Initiator: InitiatorXHR}, challenge)
	require.Equal(t, 401, outcome.Status)
	require.Equal(t, own, outcome.URL)
	require.Equal(t, []string{"GET " + appOrigin + "/data", "GET " + appOrigin + "/data"}, wire(outcome))
	require.Empty(t, outcome.Exchanges[0].RequestHeader.Get("Authorization"))
	user := http.Request{Header: outcome.Exchanges[1].RequestHeader}
	name, password, ok := user.BasicAuth()
	require.True(t, ok)
	require.Equal(t, []string{"us er", "p:s"}, []string{name, password})

	once := map[string]struct {
		request Request
		answer  answer
	}{
		"another origin":        {Request{URL: "https://user:secret@api.example.com/", Credentials: CredentialsInclude}, challenge},
		"a header of script's":  {Request{URL: own, Headers: fields("Authorization", "own")}, challenge},
		"no name":               {Request{URL: "/data"}, challenge},
		"no challenge":          {Request{URL: own}, answer{status: 401}},
		"no failure":            {Request{URL: own}, answer{status: 200}},
		"another kind of proof": {Request{URL: own}, answer{status: 401, header: fields("WWW-Authenticate", "Bearer")}},
	}
	for name, c := range once {
		c.request.Initiator = InitiatorXHR
		require.Len(t, fetch(t, Standard, c.request, c.answer).Exchanges, 1, name)
	}
}

func TestWhatAnsweredAChallengeIsSentUnaskedBelowItsDirectory(t *testing.T) {
	browser := New(Standard, WithHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, ok := r.BasicAuth(); !ok && r.URL.Path == "/a/x" {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
	})))
	page := browser.Open(appOrigin)
	require.Len(t, page.Fetch(t.Context(), Request{URL: "https://user:secret@app.example.com/a/x", Initiator: InitiatorXHR}).Exchanges, 2)
	for path, want := range map[string]bool{"/a/y": true, "/a/b/c": true, "/a": false, "/b": false} {
		request := http.Request{Header: page.Fetch(t.Context(), Request{URL: path}).Exchanges[0].RequestHeader}
		_, _, sent := request.BasicAuth()
		require.Equal(t, want, sent, path)
	}
	omitted := page.Fetch(t.Context(), Request{URL: "/a/y", Credentials: CredentialsOmit})
	require.Empty(t, omitted.Exchanges[0].RequestHeader.Get("Authorization"))
}
