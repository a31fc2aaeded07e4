package explain_test

import (
	"context"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/explain"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// received is a request as a server got it.
type received struct {
	Method, Host, Target, Protocol string
	Header                         http.Header
	Body                           string
}

// server is https://api.example.com and http://api.example.com on loopback.
type server struct {
	t         *testing.T
	authority *ca.Authority
	tls       *httptest.Server
	plain     *httptest.Server
	rootsFile string

	mutex    sync.Mutex
	requests []received
}

func serve(t *testing.T, http2 bool, handler http.HandlerFunc) *server {
	t.Helper()
	authority, err := ca.New()
	require.NoError(t, err)
	s := &server{t: t, authority: authority, rootsFile: filepath.Join(t.TempDir(), "ca.pem")}
	recording := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			body = []byte(err.Error())
		}
		s.mutex.Lock()
		s.requests = append(s.requests, received{r.Method, r.Host, r.RequestURI, r.Proto, r.Header.Clone(), string(body)})
		s.mutex.Unlock()
		handler(w, r)
	})
	s.tls, s.plain = httptest.NewUnstartedServer(recording), httptest.NewServer(recording)
	protocols := []string{"http/1.1"}
	if http2 {
		protocols = []string{"h2", "http/1.1"}
	}
	s.tls.EnableHTTP2 = http2
	s.tls.TLS = authority.ServerConfig(protocols...)
	s.tls.StartTLS()
	t.Cleanup(s.tls.Close)
	t.Cleanup(s.plain.Close)
	certificate, err := authority.Certificate("api.example.com")
	require.NoError(t, err)
	content := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[1]})
	require.NoError(t, os.WriteFile(s.rootsFile, content, 0o600))
	return s
}

// taken gives the requests so far, and forgets them.
func (s *server) taken() []received {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	taken := s.requests
	s.requests = nil
	return taken
}

// question asks the server from a page at https://app.example.com.
func (s *server) question(request simulator.Request) explain.Question {
	address := func(server *httptest.Server) string { return server.Listener.Addr().String() }
	return explain.Question{
		Profile: simulator.Chromium, Origin: "https://app.example.com", Request: request,
		Roots: s.authority.Pool(), RootsFile: s.rootsFile, Timeout: time.Minute,
		Resolutions: []explain.Resolution{
			{Host: "api.example.com", Port: "443", Address: address(s.tls)},
			{Host: "login.example.net", Port: "443", Address: address(s.tls)},
			{Host: "api.example.com", Port: "80", Address: address(s.plain)},
		},
	}
}

// anonymous takes out of a text what differs from run to run.
func (s *server) anonymous(text string) string {
	return strings.NewReplacer(
		s.rootsFile, "ca.pem", s.tls.Listener.Addr().String(), "127.0.0.1:8443", s.plain.Listener.Addr().String(), "127.0.0.1:8080",
	).Replace(text)
}

// closedAddress is one where nothing listens.
func closedAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

// answering answers with a status and headers: name, value, name, value …
func answering(status int, fields ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(fields); i += 2 {
			w.Header().Add(fields[i], fields[i+1])
		}
		w.WriteHeader(status)
	}
}
