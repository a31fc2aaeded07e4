package simulated_test

import (
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/simulated"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// handlers is a network whose servers are handlers by address.
type handlers struct {
	entrances map[string]harness.Entrance
	dialed    []string
}

func (h *handlers) Entrance(address string) (harness.Entrance, bool) {
	entrance, ok := h.entrances[address]
	return entrance, ok
}

func (h *handlers) DialContext(_ context.Context, _, address string) (net.Conn, error) {
	h.dialed = append(h.dialed, address)
	return nil, net.ErrClosed
}

func TestInMemoryAsksTheHandlerOfTheAddressAndDialsWhereThereIsNone(t *testing.T) {
	var asked *http.Request
	network := &handlers{entrances: map[string]harness.Entrance{
		"api.example.com:443": {Protocols: []string{"h2"}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r
			w.Header().Set("Access-Control-Allow-Origin", "*")
		})},
	}}
	browser := simulated.New(simulator.Chromium, "simulator", nil, simulated.InMemory())
	session, err := browser.NewSession(t.Context(), network)
	require.NoError(t, err)
	page := simulator.PageSpec{URL: "https://app.example.com"}
	outcome, err := session.Fetch(t.Context(), page, simulator.Request{URL: "https://api.example.com/user"})
	require.NoError(t, err)
	require.True(t, outcome.Readable(), outcome.Reason)
	require.Equal(t, "api.example.com", asked.Host)
	require.Equal(t, "127.0.0.1:49152", asked.RemoteAddr)
	require.NotNil(t, asked.TLS)
	require.Empty(t, network.dialed)

	outcome, err = session.Fetch(t.Context(), page, simulator.Request{URL: "https://down.example.com/user"})
	require.NoError(t, err)
	require.Equal(t, simulator.ConnectionFailed, outcome.Reason.Code)
	require.Equal(t, []string{"down.example.com:443"}, network.dialed)
	require.NoError(t, session.Close())
}
