package chrome_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// TestAKeptConnectionAnswersForTheSessionInChargeOnly runs deployments of one
// host one after another in every tab: each with an answer of its own, some over
// other protocols, some that break their connections, some without the host.
func TestAKeptConnectionAnswersForTheSessionInChargeOnly(t *testing.T) {
	environment := embedded.New(authority)
	t.Cleanup(func() { require.NoError(t, environment.Close()) })
	for i := range 40 {
		name := fmt.Sprintf("deployment-%d", i)
		service := harness.Service{Name: "API", Origin: "https://api.example.com", App: harness.App{
			Kind: harness.AppScripted, Responses: []harness.Response{{Status: 200, Body: name, Headers: []simulator.Field{
				{Name: "Access-Control-Allow-Origin", Value: app}, {Name: "Access-Control-Allow-Methods", Value: "PUT"},
			}}},
		}}
		want := simulator.Reason{}
		switch i % 5 {
		case 1:
			service.Protocols = []string{"http/1.1"}
		case 2:
			service.App.Responses[0].Fault = harness.FaultClose
			want.Code = simulator.ConnectionFailed
		case 3:
			service.Origin = "https://elsewhere.example.com"
			want.Code = simulator.ConnectionFailed
		}
		running, err := environment.Apply(t.Context(), harness.Deployment{Services: []harness.Service{service}})
		require.NoError(t, err)
		network, err := running.NewTraffic(t.Context())
		require.NoError(t, err)
		traffic := network.(*embedded.Traffic)
		s, err := browser.NewSession(t.Context(), traffic)
		require.NoError(t, err)
		outcome := fetch(t, s, simulator.Request{URL: api, Method: "PUT"})
		require.Equal(t, want, outcome.Reason, name)
		if want.Code == "" {
			require.Equal(t, name, string(outcome.Body))
			require.Len(t, traffic.Transits(), 2, name)
			protocol := map[bool]string{true: "HTTP/1.1", false: "HTTP/2.0"}[i%5 == 1]
			require.Equal(t, protocol, traffic.Transits()[1].Protocol, name)
		}
		require.NoError(t, s.Close())
		require.NoError(t, traffic.Close())
	}
}
