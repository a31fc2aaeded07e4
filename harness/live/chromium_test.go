package live_test

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// counted is a listener that counts what it accepts.
type counted struct {
	net.Listener
	accepted *atomic.Int32
}

// Accept waits for a connection.
func (l counted) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err == nil {
		l.accepted.Add(1)
	}
	return connection, err
}

// straight is a network in which every host is at one address, with nothing of ours in between.
type straight string

func (s straight) DialContext(ctx context.Context, network, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, string(s))
}

// TestChromiumStopsForACertificateBeforeAPreflightToo is why the documentation says that Chromium is no judge here: left to
// itself, it breaks the first connection of a preflight off to look for a certificate, which the standard forbids to send. When this fails,
// Chromium has come to do as the standard says, and docs/own-api.md and the note on preflights have to say so.
func TestChromiumStopsForACertificateBeforeAPreflightToo(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	certificate, err := authority.Certificate("api.example.com")
	require.NoError(t, err)
	var accepted, before atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			before.Store(accepted.Load())
		}
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example.com")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
	}))
	server.Listener = counted{server.Listener, &accepted}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{*certificate}, ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)

	real := browsers(t, authority)[1]
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	session, err := real.NewSession(ctx, straight(server.Listener.Addr().String()))
	require.NoError(t, err)
	defer func() { require.NoError(t, session.Close()) }()
	outcome, err := session.Fetch(ctx, simulator.PageSpec{URL: "https://app.example.com"}, simulator.Request{Method: "PUT", URL: "https://api.example.com/x", Credentials: simulator.CredentialsInclude})
	require.NoError(t, err)
	require.True(t, outcome.Readable(), outcome.Reason)
	require.EqualValues(t, 2, before.Load(), "one that was broken off, and one for the preflight")
}
