package pod

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/yamux"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/proxy"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/node"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// patience is more than anything here takes.
const patience = 10 * time.Second

// newProgram is the program with its admin interface on loopback.
func newProgram(t *testing.T) (*program, string) {
	t.Helper()
	p := &program{journal: &journal{sessions: map[string][]*Request{}}, nodes: &expressApps{dir: t.TempDir(), started: map[harness.AppKind]*node.Process{}}, apps: map[string]*app{}}
	server := httptest.NewServer(p.admin())
	t.Cleanup(func() {
		server.Close()
		p.close()
	})
	return p, server.URL
}

func scripted(responses ...harness.Response) harness.App {
	return harness.App{Kind: harness.AppScripted, Responses: responses}
}

func (p *program) mustPlace(t *testing.T, id string, spec Spec) int {
	t.Helper()
	placed, err := p.app(t.Context(), id, spec)
	require.NoError(t, err)
	return placed.port
}

// dial connects to an app and sends what comes before HTTP.
func dial(t *testing.T, port int, preamble string) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	require.NoError(t, connection.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(connection, preamble)
	require.NoError(t, err)
	return connection
}

func answerOn(t *testing.T, connection net.Conn, request string) *http.Response {
	t.Helper()
	_, err := io.WriteString(connection, request)
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	require.NoError(t, err)
	return response
}

func TestTheSessionIsKnownByWhateverCameBeforeTheRequest(t *testing.T) {
	t.Parallel()
	p, _ := newProgram(t)
	port := p.mustPlace(t, "a", Spec{App: scripted(harness.Response{Status: 201, Headers: []simulator.Field{{Name: "Vary", Value: "Origin"}}})})
	const get = "GET /x?y HTTP/1.1\r\nHost: api.example.com\r\n"
	for name, test := range map[string]struct{ preamble, request, session string }{
		"a PROXY protocol header":                  {"PROXY TCP4 127.9.9.9 127.0.0.1 1 443\r\n", get + "\r\n", "127.9.9.9"},
		"an ingress controller":                    {"", get + "X-Real-Ip: 127.8.8.8\r\n\r\n", "127.8.8.8"},
		"a header that a client made up":           {"PROXY TCP4 127.7.7.7 127.0.0.1 1 443\r\n", get + "X-Real-Ip: 127.6.6.6\r\n\r\n", "127.7.7.7"},
		"a request that begins as PROXY does":      {"PROXY TCP4 127.5.5.5 127.0.0.1 1 443\r\n", "PUT /x?y HTTP/1.1\r\nHost: api.example.com\r\nContent-Length: 0\r\n\r\n", "127.5.5.5"},
		"a request that begins so, and is proxied": {"", "POST /x?y HTTP/1.1\r\nHost: api.example.com\r\nX-Real-Ip: 127.4.4.4\r\nContent-Length: 0\r\n\r\n", "127.4.4.4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := answerOn(t, dial(t, port, test.preamble), test.request)
			require.Equal(t, 201, response.StatusCode)
			require.NotContains(t, response.Header, "Date")
			require.NotContains(t, response.Header, "Content-Type")
			requests := p.journal.of(test.session)
			require.Len(t, requests, 1)
			require.Equal(t, "/x?y", requests[0].URI)
			require.Equal(t, "api.example.com", requests[0].Host)
			require.Equal(t, 201, requests[0].Status)
			require.Equal(t, http.Header{"Vary": {"Origin"}}, requests[0].ResponseHeader)
			p.journal.forget(test.session)
			require.Empty(t, p.journal.of(test.session))
		})
	}
}

func TestWhatIsNoPROXYHeaderEndsTheConnection(t *testing.T) {
	t.Parallel()
	p, _ := newProgram(t)
	port := p.mustPlace(t, "a", Spec{App: scripted(harness.Response{Status: 200})})
	for _, preamble := range []string{"PROXY UNKNOWN\r\n", "PROXY TCP4 nobody 127.0.0.1 1 2\r\n", "PROXY " + strings.Repeat("x", 200)} {
		_, err := bufio.NewReader(dial(t, port, preamble)).ReadByte()
		require.Error(t, err, preamble)
	}
}

func TestAnAppSpeaksTLSBehindThePROXYHeader(t *testing.T) {
	t.Parallel()
	authority, err := ca.New()
	require.NoError(t, err)
	certificate, err := authority.Certificate("api.example.com")
	require.NoError(t, err)
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	require.NoError(t, err)
	p, _ := newProgram(t)
	port := p.mustPlace(t, "a", Spec{
		App: scripted(harness.Response{Status: 204}), Protocols: []string{"h2", "http/1.1"},
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
	})
	transport := &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			return dial(t, port, "PROXY TCP4 127.3.3.3 127.0.0.1 1 443\r\n"), nil
		},
		TLSClientConfig: &tls.Config{RootCAs: authority.Pool()}, ForceAttemptHTTP2: true,
	}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get("https://api.example.com/")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, "HTTP/2.0", response.Proto)
	requests := p.journal.of("127.3.3.3")
	require.Len(t, requests, 1)
	require.True(t, requests[0].TLS)
}

func TestAnAppFailsInItsWay(t *testing.T) {
	t.Parallel()
	p, _ := newProgram(t)
	const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	closing := dial(t, p.mustPlace(t, "close", Spec{App: scripted(harness.Response{Fault: harness.FaultClose})}), get)
	_, err := closing.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	malformed := dial(t, p.mustPlace(t, "malformed", Spec{App: scripted(harness.Response{Fault: harness.FaultMalformed})}), get)
	sent, err := io.ReadAll(malformed)
	require.NoError(t, err)
	require.Contains(t, string(sent), "\x00this is no header field")
	down := Spec{App: scripted(harness.Response{Fault: harness.FaultDown})}
	require.Equal(t, []int{1, 2, 1}, []int{p.mustPlace(t, "down", down), p.mustPlace(t, "down, too", down), p.mustPlace(t, "down", down)})
	hanging := dial(t, p.mustPlace(t, "hang", Spec{App: scripted(harness.Response{Fault: harness.FaultHang})}), "PROXY TCP4 127.2.2.2 127.0.0.1 1 80\r\n"+get)
	require.Eventually(t, func() bool { return len(p.journal.of("127.2.2.2")) == 1 }, patience, time.Millisecond)
	require.Zero(t, p.journal.of("127.2.2.2")[0].Status)
	require.NoError(t, hanging.Close())
}

func TestTheAdminInterfaceTellsWhatTheProxyCounted(t *testing.T) {
	t.Parallel()
	p, base := newProgram(t)
	metrics := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, `response_total{direction="inbound",tls="true",client_id="ingress",srv_port="4711",status_code="204",classification="success"} 3`)
	}))
	p.proxy = metrics.URL
	ask := func(port string) (int, string) {
		response, err := http.Get(base + "/proxy/" + port)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(body)
	}
	status, body := ask("4711")
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"responses": [{"classification": "success", "status_code": 204, "client_id": "ingress", "value": 3}], "denied": 0}`, body)
	status, _ = ask("http")
	require.Equal(t, http.StatusBadRequest, status)
	metrics.Close()
	status, body = ask("4711")
	require.Equal(t, http.StatusBadGateway, status, "a pod without a proxy")
	require.Contains(t, body, "ask Linkerd's proxy what it counted")
}

func TestTheAdminInterfacePlacesAnAppOnce(t *testing.T) {
	t.Parallel()
	_, base := newProgram(t)
	put := func(body string) (int, string) {
		request, err := http.NewRequest(http.MethodPut, base+"/apps/a", strings.NewReader(body))
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		content, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(content)
	}
	status, first := put(`{"app":{"kind":"scripted","responses":[{"status":200}]}}`)
	require.Equal(t, 200, status)
	_, second := put(`{"app":{"kind":"scripted","responses":[{"status":200}]}}`)
	require.Equal(t, first, second)
	status, _ = put(`{`)
	require.Equal(t, 400, status)
	request, err := http.NewRequest(http.MethodPut, base+"/apps/b", strings.NewReader(`{"app":{"kind":"php"}}`))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, 503, response.StatusCode)
	response, err = http.Get(base + ProbePath + "anything")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, Admin, response.Header.Get(ProbeHeader))
}

func TestTheProbeIsAnsweredByTheProgramAndNotByTheApp(t *testing.T) {
	t.Parallel()
	p, _ := newProgram(t)
	port := p.mustPlace(t, "app-1", Spec{App: scripted(harness.Response{Status: 500})})
	response := answerOn(t, dial(t, port, "PROXY TCP4 127.1.1.1 127.0.0.1 1 80\r\n"), "GET "+ProbePath+"x/app HTTP/1.1\r\nHost: a\r\n\r\n")
	require.Equal(t, 200, response.StatusCode)
	require.Equal(t, "app-1", response.Header.Get(ProbeHeader))
	require.Empty(t, p.journal.of("127.1.1.1"))
}

// One connection to the relay carries many, each as free as one of its own.
func TestTheRelayConnects(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serveRelay(ctx, listener) }()
	connection, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	session, err := yamux.Client(connection, Multiplexing())
	require.NoError(t, err)
	dialer, err := proxy.SOCKS5("tcp", "relay", nil, opener{session})
	require.NoError(t, err)

	greeter, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer greeter.Close()
	go func() {
		for {
			client, err := greeter.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(client, "hello")
			_ = client.Close()
		}
	}()
	for range 5 {
		through, err := dialer.Dial("tcp", greeter.Addr().String())
		require.NoError(t, err)
		require.NoError(t, through.SetDeadline(time.Now().Add(patience)))
		said, err := io.ReadAll(through)
		require.NoError(t, err, "the end of the server's direction is passed on while the client's is open")
		require.Equal(t, "hello", string(said))
		require.NoError(t, through.Close())
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	_, err = dialer.Dial("tcp", closed.Addr().String())
	require.ErrorContains(t, err, "connection refused")
	require.False(t, errors.Is(err, syscall.ECONNREFUSED), "SOCKS says it in its own words")

	cancel()
	require.NoError(t, listener.Close())
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(patience):
		t.Fatal("the relay does not end")
	}
}

// opener opens a stream for each SOCKS connection.
type opener struct{ session *yamux.Session }

func (o opener) Dial(string, string) (net.Conn, error) { return o.session.Open() }
