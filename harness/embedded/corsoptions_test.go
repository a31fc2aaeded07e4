package embedded_test

import (
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
)

func TestTheOptionsOfAnExpressAppCanBeOthersThanItsCodeSays(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("Node.js was not found on PATH")
	}
	w := newWorld(t, embedded.WithNodeDir(nodeDir(t)))
	for _, kind := range []harness.AppKind{harness.AppExpress4, harness.AppExpress5} {
		t.Run(string(kind), func(t *testing.T) {
			with := func(options map[string]json.RawMessage) *embedded.Traffic {
				return w.traffic(harness.Service{Name: "API", Origin: "http://api.example.com", App: harness.App{Kind: kind, CORSOptions: options}})
			}
			changed := with(map[string]json.RawMessage{"origin": json.RawMessage("true"), "maxAge": json.RawMessage("null"), "methods": json.RawMessage(`["GET"]`)})
			preflight := ask(t, w.client(changed, false), "OPTIONS", "http://api.example.com/api/user", "Origin", foreign, "Access-Control-Request-Method", "DELETE")
			require.Equal(t, foreign, preflight.Header.Get("Access-Control-Allow-Origin"))
			require.Equal(t, "GET", preflight.Header.Get("Access-Control-Allow-Methods"))
			require.NotContains(t, preflight.Header, "Access-Control-Max-Age")
			require.Equal(t, "Content-Type,Authorization", preflight.Header.Get("Access-Control-Allow-Headers"), "the rest stays as the code says")
			require.NotContains(t, changed.Transits()[0].RequestHeader, "X-Crosscheck-Cors-Options", "what arrived is recorded as it arrived")

			// The same process has other options for another deployment.
			beyond := with(map[string]json.RawMessage{"preflightContinue": json.RawMessage("true")})
			preflight = ask(t, w.client(beyond, false), "OPTIONS", "http://api.example.com/api/user", "Origin", allowed, "Access-Control-Request-Method", "PATCH")
			require.Equal(t, "*", preflight.Header.Get("Access-Control-Allow-Origin"), "the bare cors() of the options route answers")

			// And an app without changes is one that was started without the module.
			declared := ask(t, w.client(with(nil), false), "GET", "http://api.example.com/api/user", "Origin", foreign, "X-Crosscheck-Cors-Options", `{"origin":true}`)
			require.Equal(t, 500, declared.StatusCode)
		})
	}
	_, err := w.environment.Apply(t.Context(), harness.Deployment{Services: []harness.Service{{
		Name: "API", Origin: "http://api.example.com", App: harness.App{Kind: harness.AppGo, CORSOptions: map[string]json.RawMessage{}},
	}}})
	var invalid *harness.InvalidDeployment
	require.ErrorAs(t, err, &invalid)
	require.Contains(t, invalid.Reason, `the app "go" has no cors package of Express`)
}
