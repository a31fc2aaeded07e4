package chrome_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

func TestARefusalThatIsNotCORSHasItsOwnReason(t *testing.T) {
	cors := []string{"Access-Control-Allow-Origin", "*"}
	toItself := func(w http.ResponseWriter, r *http.Request) {
		answer(302, append(cors, "Location", r.URL.Path+"x")...)(w, r)
	}
	for _, test := range []struct {
		name      string
		request   simulator.Request
		handler   http.HandlerFunc
		code      simulator.ReasonCode
		exchanges int
	}{
		{"mixed content", simulator.Request{URL: "http://api.example.com/"}, answer(200, cors...), simulator.MixedContent, 0},
		{
			"Cross-Origin-Resource-Policy",
			simulator.Request{URL: api, Mode: simulator.ModeNoCORS},
			answer(200, "Cross-Origin-Resource-Policy", "same-origin"), simulator.CrossOriginResourcePolicy, 1,
		},
		{
			"redirect mode error",
			simulator.Request{URL: api, Redirect: simulator.RedirectError},
			answer(302, append(cors, "Location", "/x")...), simulator.RedirectModeError, 1,
		},
		{"21 redirects", simulator.Request{URL: api}, toItself, simulator.TooManyRedirects, 21},
		{"a script that is not found", simulator.Request{URL: api, Initiator: simulator.InitiatorScript}, answer(404), simulator.UnusableResponse, 1},
		{"a redirect to a data URL", simulator.Request{URL: api}, answer(302, append(cors, "Location", "data:,x")...), simulator.InvalidRedirect, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			network := deploy(t).serve("api.example.com:443", test.handler).serve("api.example.com:80", test.handler)
			outcome := fetch(t, session(t, network), test.request)
			require.Equal(t, simulator.KindNetworkError, outcome.Kind)
			require.Equal(t, simulator.Reason{Code: test.code}, outcome.Reason)
			require.Len(t, outcome.Exchanges, test.exchanges)
			require.Len(t, network.seen(), test.exchanges)
		})
	}
}

func TestAServerThatFailsIsToldFromOneThatRefuses(t *testing.T) {
	readThen := func(text string) func(net.Conn) {
		return func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = conn.Write([]byte(text))
		}
	}
	for _, test := range []struct {
		name    string
		network *deployment
		method  string
		code    simulator.ReasonCode
		failure string
	}{
		{"nothing listens", deploy(t), "GET", simulator.ConnectionFailed, "net::ERR_SOCKS_CONNECTION_FAILED"},
		{"nothing listens, with a preflight", deploy(t), "PUT", simulator.ConnectionFailed, "net::ERR_SOCKS_CONNECTION_FAILED"},
		{"early close", deploy(t).serveRaw("api.example.com:443", readThen("")), "GET", simulator.ConnectionFailed, "net::ERR_EMPTY_RESPONSE"},
		{"early close of the preflight", deploy(t).serveRaw("api.example.com:443", readThen("")), "PUT", simulator.ConnectionFailed, "net::ERR_EMPTY_RESPONSE"},
		{"malformed", deploy(t).serveRaw("api.example.com:443", readThen("HTTP/1.1 200 OK\r\nX-Zero: \x00\r\n\r\n")), "GET", simulator.InvalidHTTPResponse, "net::ERR_INVALID_HTTP_RESPONSE"},
		{"not TLS", deploy(t).serve("api.example.com:80", answer(200)).alias("api.example.com:443", "api.example.com:80"), "GET", simulator.ConnectionFailed, "net::ERR_SSL_PROTOCOL_ERROR"},
	} {
		t.Run(test.name, func(t *testing.T) {
			outcome := fetch(t, session(t, test.network), simulator.Request{URL: api + "/a#b", Method: test.method})
			require.Equal(t, simulator.KindNetworkError, outcome.Kind)
			require.Equal(t, simulator.Reason{Code: test.code}, outcome.Reason)
			require.Len(t, outcome.Exchanges, 1)
			require.Equal(t, test.failure, outcome.Exchanges[0].Failure)
			require.Equal(t, api+"/a", outcome.Exchanges[0].URL)
			require.Zero(t, outcome.Exchanges[0].Status)
		})
	}
}

func TestBytesWithoutAStatusLineAreAnHTTP09ResponseToChrome(t *testing.T) {
	// Chromium takes them for a body without headers on the default ports.
	network := deploy(t).serveRaw("api.example.com:443", func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = conn.Write([]byte("this is no HTTP\r\n\r\n"))
	})
	outcome := fetch(t, session(t, network), simulator.Request{URL: api})
	require.Equal(t, simulator.Reason{Code: simulator.MissingAllowOriginHeader}, outcome.Reason)
}

func TestAServerThatNeverAnswersIsNoResponse(t *testing.T) {
	network := deploy(t).serve("api.example.com:443", hang(make(chan struct{}))).serve("api.partner.net:443", answer(200, "Access-Control-Allow-Origin", "*"))
	s := session(t, network)
	for _, method := range []string{"GET", "PUT"} {
		ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
		outcome, err := s.Fetch(ctx, simulator.PageSpec{URL: app}, simulator.Request{URL: api, Method: method})
		cancel()
		require.NoError(t, err)
		require.Equal(t, simulator.KindNetworkError, outcome.Kind)
		require.Equal(t, simulator.Reason{Code: simulator.NoResponse}, outcome.Reason)
		require.Len(t, outcome.Exchanges, 1)
		require.Equal(t, "no response", outcome.Exchanges[0].Failure)
	}
	// The session is usable afterwards.
	require.Equal(t, simulator.KindReadable, fetch(t, s, simulator.Request{URL: other}).Kind)
	require.Zero(t, s.Restarts())
}

func TestWhatTheAPIThrowsIsNoNetworkError(t *testing.T) {
	s := session(t, deploy(t))
	for _, test := range []struct {
		request simulator.Request
		code    simulator.ReasonCode
	}{
		{simulator.Request{URL: "https://"}, simulator.InvalidURL},
		{simulator.Request{URL: "https://u:p@api.example.com/"}, simulator.InvalidURL},
		{simulator.Request{URL: api, Method: "TRACE"}, simulator.InvalidRequest},
		{simulator.Request{URL: api, Body: &simulator.Body{Text: "x"}}, simulator.InvalidRequest},
		{simulator.Request{URL: api, Headers: []simulator.Field{{Name: "a b"}}}, simulator.InvalidRequest},
		{simulator.Request{URL: api, Method: "TRACE", Initiator: simulator.InitiatorXHR}, simulator.InvalidRequest},
		{simulator.Request{URL: "https://", Initiator: simulator.InitiatorXHR}, simulator.InvalidURL},
	} {
		outcome := fetch(t, s, test.request)
		require.Equal(t, simulator.KindAPIError, outcome.Kind, test.request)
		require.Equal(t, simulator.Reason{Code: test.code}, outcome.Reason, test.request)
		require.Empty(t, outcome.Exchanges)
	}
	outcome := fetchFrom(t, s, simulator.PageSpec{URL: "nonsense"}, simulator.Request{URL: api})
	require.Equal(t, simulator.KindAPIError, outcome.Kind)
	require.Equal(t, simulator.Reason{Code: simulator.InvalidURL}, outcome.Reason)
}
