package chrome_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// The origins of the tests, as in the scenarios.
const (
	app   = "https://app.example.com"
	api   = "https://api.example.com"
	other = "https://api.partner.net"
)

// authority and browser are shared by all tests of the package.
var (
	authority *ca.Authority
	browser   *chrome.Browser
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if authority, err = ca.New(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		if browser, err = chrome.Launch(context.Background(), options()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		code := m.Run()
		if err := browser.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "close Chrome:", err)
			return 1
		}
		return code
	}())
}

// options are those of the shared browser.
func options() chrome.Options {
	path, err := chrome.Find(context.Background(), os.Getenv("CHROME"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return chrome.Options{ExecPath: path, Authority: authority}
}

// deployment is a harness.Network of loopback servers, and what they saw.
type deployment struct {
	t         testing.TB
	authority *ca.Authority
	servers   map[string]string

	mutex    sync.Mutex
	requests []*http.Request
}

// deploy makes an empty deployment.
func deploy(t testing.TB) *deployment {
	return &deployment{t: t, authority: authority, servers: map[string]string{}}
}

// serve answers "host:port" with the handler, in TLS when it is port 443 or 8443.
func (d *deployment) serve(address string, handler http.HandlerFunc, protocols ...string) *deployment {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mutex.Lock()
		d.requests = append(d.requests, r.Clone(context.Background()))
		d.mutex.Unlock()
		handler(w, r)
	}))
	_, port, err := net.SplitHostPort(address)
	require.NoError(d.t, err)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if port == "443" || port == "8443" {
		if len(protocols) == 0 {
			protocols = []string{"http/1.1"}
		}
		server.EnableHTTP2 = protocols[0] == "h2"
		server.TLS = d.authority.ServerConfig(protocols...)
		// httptest adds a certificate of its own, which GetCertificate comes before.
		server.StartTLS()
	} else {
		server.Start()
	}
	d.t.Cleanup(server.Close)
	d.servers[address] = server.Listener.Addr().String()
	return d
}

// serveRaw answers each connection, TLS already done, with what the function does to it.
func (d *deployment) serveRaw(address string, answer func(net.Conn)) *deployment {
	listener, err := tls.Listen("tcp", "127.0.0.1:0", d.authority.ServerConfig("http/1.1"))
	require.NoError(d.t, err)
	var connections sync.WaitGroup
	connections.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Go(func() {
				defer conn.Close()
				answer(conn)
			})
		}
	})
	d.t.Cleanup(func() {
		_ = listener.Close()
		connections.Wait()
	})
	d.servers[address] = listener.Addr().String()
	return d
}

// DialContext connects to the server of an address.
func (d *deployment) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	server, ok := d.servers[address]
	if !ok {
		return nil, fmt.Errorf("nothing is deployed at %s", address)
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, network, server)
}

// seen lists the requests that arrived as "METHOD host/path".
func (d *deployment) seen() []string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	lines := []string{}
	for _, r := range d.requests {
		lines = append(lines, r.Method+" "+r.Host+r.URL.Path)
	}
	return lines
}

// session begins a session in the shared browser.
func session(t testing.TB, network harness.Network) harness.Session {
	t.Helper()
	s, err := browser.NewSession(t.Context(), network)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// fetch makes a request from a page at the origin app.
func fetch(t testing.TB, s harness.Session, request simulator.Request) simulator.Outcome {
	t.Helper()
	return fetchFrom(t, s, simulator.PageSpec{URL: app}, request)
}

// fetchFrom makes a request from a page.
func fetchFrom(t testing.TB, s harness.Session, page simulator.PageSpec, request simulator.Request) simulator.Outcome {
	t.Helper()
	outcome, err := s.Fetch(t.Context(), page, request)
	require.NoError(t, err)
	return outcome
}

// answer is a handler that sets headers, given as name, value, name, value….
func answer(status int, fields ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(fields); i += 2 {
			w.Header().Add(fields[i], fields[i+1])
		}
		w.WriteHeader(status)
	}
}

// alias serves an address by the server of another one.
func (d *deployment) alias(address, existing string) *deployment {
	d.servers[address] = d.servers[existing]
	return d
}

// hang is a handler that never answers; it closes reached when it is first asked.
func hang(reached chan struct{}) http.HandlerFunc {
	var first sync.Once
	return func(_ http.ResponseWriter, r *http.Request) {
		first.Do(func() { close(reached) })
		<-r.Context().Done()
	}
}
