package explain_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/explain"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

func TestAServerThatCannotBeAskedIsToldWithWhatToDo(t *testing.T) {
	hanging := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		change  func(*testing.T, *server, *explain.Question)
		message string
	}{
		"nothing listens": {nil, func(t *testing.T, _ *server, q *explain.Question) {
			q.Resolutions = []explain.Resolution{{Host: "api.example.com", Port: "443", Address: closedAddress(t)}}
		}, "nothing listens there"},
		"no such host": {nil, func(_ *testing.T, _ *server, q *explain.Question) {
			q.Request.URL = "https://nowhere.invalid/"
		}, "check the spelling of the host"},
		"an unknown authority": {nil, func(t *testing.T, _ *server, q *explain.Question) {
			other, err := ca.New()
			require.NoError(t, err)
			q.Roots = other.Pool()
		}, "--cacert FILE"},
		"no TLS": {nil, func(_ *testing.T, s *server, q *explain.Question) {
			q.Resolutions = []explain.Resolution{{Host: "api.example.com", Port: "443", Address: s.plain.Listener.Addr().String()}}
		}, "speaks no TLS"},
		"no answer in time": {hanging, func(_ *testing.T, _ *server, q *explain.Question) {
			q.Timeout = 50 * time.Millisecond
		}, "no answer within 50ms"},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, true, test.handler)
			question := server.question(simulator.Request{Method: "GET", URL: userURL})
			test.change(t, server, &question)
			explanation, err := explain.Ask(t.Context(), question)
			var unreachable *explain.Unreachable
			require.ErrorAs(t, err, &unreachable)
			require.Contains(t, err.Error(), test.message)
			require.Contains(t, err.Error(), "GET "+question.Request.URL)
			require.True(t, explanation.Refused())
			require.Len(t, explanation.Curl, 1)
		})
	}
}

func TestAHostileServerIsBounded(t *testing.T) {
	pour := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		chunk := make([]byte, 64<<10)
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		kind    simulator.Kind
		reason  simulator.ReasonCode
		note    string
	}{
		"an endless body":   {pour, simulator.KindReadable, "", "broke off"},
		"endless redirects": {answering(302, "Access-Control-Allow-Origin", "*", "Location", "?again"), simulator.KindNetworkError, simulator.TooManyRedirects, ""},
		"an early end":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, simulator.KindNetworkError, simulator.ConnectionFailed, ""},
		"huge headers":      {answering(200, "X-Huge", strings.Repeat("x", 400<<10)), simulator.KindNetworkError, simulator.InvalidHTTPResponse, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, false, test.handler)
			explanation, err := explain.Ask(t.Context(), server.question(simulator.Request{Method: "GET", URL: userURL}))
			require.NoError(t, err, "the server was reached: what it does is its answer")
			require.Equal(t, test.kind, explanation.Kind)
			require.Equal(t, test.reason, explanation.Reason.Code)
			require.Contains(t, strings.Join(explanation.Notes, "\n"), test.note)
		})
	}
}

func TestWhoCancelsGetsNoExplanation(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := serve(t, true, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, err := explain.Ask(ctx, server.question(simulator.Request{Method: "GET", URL: userURL}))
	require.ErrorIs(t, err, context.Canceled)
}

func TestWhatIsNoHTTPIsTheServersAnswer(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = connection.Read(make([]byte, 1024))
		_, _ = connection.Write([]byte("SSH-2.0-OpenSSH\r\n\r\n"))
		_ = connection.Close()
	}()
	t.Cleanup(func() { _ = listener.Close(); <-ended })
	explanation, err := explain.Ask(t.Context(), explain.Question{
		Origin: "http://app.example.com", Timeout: time.Minute, Profile: simulator.Standard,
		Request: simulator.Request{Method: "GET", URL: "http://" + listener.Addr().String()},
	})
	require.NoError(t, err)
	require.Equal(t, simulator.InvalidHTTPResponse, explanation.Reason.Code)
	require.Contains(t, explanation.Verdict, "The request fails: InvalidHTTPResponse")
}
