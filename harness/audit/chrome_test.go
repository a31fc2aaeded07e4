package audit

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// What the audit says of each origin is what a real Chrome does with a page of
// that origin, the same Ingress and the same requests.
func TestARealChromeReadsAndSendsWhatTheAuditSays(t *testing.T) {
	t.Parallel()
	authority, err := ca.New()
	require.NoError(t, err)
	path, err := chrome.Find(t.Context(), os.Getenv("CHROME"))
	require.NoError(t, err, "make test finds or installs a Chrome")
	browser, err := chrome.Launch(t.Context(), chrome.Options{ExecPath: path, Authority: authority, Sessions: 2})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, browser.Close()) })
	environment := embedded.New(authority)
	t.Cleanup(func() { require.NoError(t, environment.Close()) })

	for _, list := range []string{"https://app.example.com, https://*.example.org, null, http://localhost:3000", "https://app.example.com/"} {
		policy := auditManifest(t, ingress("api", "enable-cors", "true", "cors-allow-origin", list, "cors-allow-methods", "GET, PUT"), ingressnginx.V1_15_1).Policies[0]
		running, err := environment.Apply(t.Context(), harness.Deployment{Services: []harness.Service{{
			Name: "API", Origin: "https://api.example.com", App: harness.App{Kind: harness.AppScripted, Responses: []harness.Response{{Status: 200}}},
			Ingress: &harness.Ingress{Version: string(ingressnginx.V1_15_1), Annotations: map[string]string{
				"enable-cors": "true", "cors-allow-origin": list, "cors-allow-methods": "GET, PUT",
			}},
		}}})
		require.NoError(t, err)
		readers := 0
		for _, reach := range policy.Reach {
			traffic, err := running.NewTraffic(t.Context())
			require.NoError(t, err)
			session, err := browser.NewSession(t.Context(), traffic)
			require.NoError(t, err)
			page := simulator.PageSpec{URL: reach.Origin}
			if reach.Class == Opaque {
				page = simulator.PageSpec{URL: foreignOrigin(policy.URL), Frame: simulator.FrameSandboxedSrcdoc}
			}
			reads := func(method string, credentials simulator.CredentialsMode) bool {
				outcome, err := session.Fetch(t.Context(), page, simulator.Request{Method: method, URL: policy.URL, Credentials: credentials})
				require.NoError(t, err)
				return outcome.Readable()
			}
			require.Equal(t, reach.ReadsWithCredentials, reads(http.MethodGet, simulator.CredentialsInclude), "%s reads as the user", reach.Origin)
			require.Equal(t, reach.Reads, reads(http.MethodGet, simulator.CredentialsOmit), "%s reads", reach.Origin)
			for _, method := range []string{http.MethodPut, http.MethodDelete} {
				sent := reads(method, simulator.CredentialsInclude) || reads(method, simulator.CredentialsOmit)
				require.Equal(t, slices.Contains(reach.Sends, method), sent, "%s sends %s", reach.Origin, method)
			}
			if strings.HasPrefix(reach.Origin, "http") && reach.Reads {
				readers++
			}
			require.NoError(t, session.Close())
			require.NoError(t, traffic.Close())
		}
		require.Greater(t, readers, 1, "the list lets somebody in")
	}
}
