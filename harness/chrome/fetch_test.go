package chrome_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

func TestAPreflightedPUTIsReadable(t *testing.T) {
	network := deploy(t).serve("api.example.com:443", answer(200,
		"Access-Control-Allow-Origin", app, "Access-Control-Allow-Credentials", "true", "Access-Control-Allow-Methods", "PUT",
		"Access-Control-Expose-Headers", "ETag", "ETag", `"1"`, "X-Hidden", "1"))
	outcome := fetch(t, session(t, network), simulator.Request{Method: "PUT", URL: api + "/user?id=1", Credentials: simulator.CredentialsInclude})

	require.Equal(t, simulator.KindReadable, outcome.Kind)
	require.Equal(t, simulator.ResponseCORS, outcome.Type)
	require.Equal(t, 200, outcome.Status)
	require.Equal(t, http.Header{"Etag": {`"1"`}, "Content-Length": {"0"}}, outcome.Header)
	require.Equal(t, []string{"OPTIONS api.example.com/user", "PUT api.example.com/user"}, network.seen())
	require.Len(t, outcome.Exchanges, 2)
	preflight, request := outcome.Exchanges[0], outcome.Exchanges[1]
	require.Equal(t, simulator.ExchangePreflight, preflight.Kind)
	require.Equal(t, "PUT", preflight.RequestHeader.Get("Access-Control-Request-Method"))
	require.Equal(t, app, request.RequestHeader.Get("Origin"))
	require.Equal(t, "1", request.ResponseHeader.Get("X-Hidden"))
	require.Equal(t, api+"/user?id=1", request.URL)
}
