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
