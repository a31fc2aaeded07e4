package live_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/harness/live"
	"github.com/crosscheck-dev/crosscheck/harness/simulated"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// company is a private authority and the servers that have certificates of it.
type company struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

func newCompany(t *testing.T) *company {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Company CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &company{key, certificate}
}

func (c *company) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c.certificate)
	return pool
}

// server answers for the host, with a certificate that is valid until then.
func (c *company) server(t *testing.T, host string, until time.Time, protocols ...string) string {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: until, DNSNames: []string{host},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, c.certificate, c.key.Public(), c.key)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(http.HandlerFunc(answer))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableHTTP2 = len(protocols) == 0
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: c.key}}, NextProtos: protocols}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// answer lets the app's pages read which protocol the server speaks, and sends "/moved" elsewhere.
func answer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	if r.URL.Path == "/moved" {
		http.Redirect(w, r, "https://other.example.com/here", http.StatusFound)
		return
	}
	_, _ = fmt.Fprintf(w, "%s %s", r.Proto, r.Host)
}

// browsers are the simulator and a Chrome that trust the authority of the run.
func browsers(t *testing.T, authority *ca.Authority) []harness.Browser {
	t.Helper()
	path, err := chrome.Find(t.Context(), os.Getenv("CHROME"))
	require.NoError(t, err)
	real, err := chrome.Launch(t.Context(), chrome.Options{ExecPath: path, Authority: authority})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, real.Close()) })
	return []harness.Browser{simulated.New(simulator.Chromium, "simulator", authority.Pool()), real}
}

// ask makes a request of the app's page in a session of its own, and gives what the environment says of it.
func ask(t *testing.T, environment *live.Environment, browser harness.Browser, page, url string) (simulator.Outcome, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	running, err := environment.Apply(ctx, harness.Deployment{})
	require.NoError(t, err)
	traffic, err := running.NewTraffic(ctx)
	require.NoError(t, err)
	defer func() { require.NoError(t, traffic.Close()) }()
	session, err := browser.NewSession(ctx, traffic)
	require.NoError(t, err)
	defer func() { require.NoError(t, session.Close()) }()
	outcome, err := session.Fetch(ctx, simulator.PageSpec{URL: page}, simulator.Request{URL: url})
	require.NoError(t, err)
	seen, err := traffic.Observe(ctx, outcome.Exchanges)
	require.Empty(t, seen.Transits)
	return outcome, err
}

func TestBothBrowsersReachWhatIsDeployedOverItsOwnTLS(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	c := newCompany(t)
	tomorrow := time.Now().Add(24 * time.Hour)
	plain := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(plain.Close)
	environment := live.New(live.Options{Authority: authority, Roots: c.roots(), Hosts: live.Hosts{
		"api.example.com":      c.server(t, "api.example.com", tomorrow),
		"old.example.com:8443": c.server(t, "old.example.com", tomorrow, "http/1.1"),
		"other.example.com":    c.server(t, "other.example.com", tomorrow),
		"plain.example.com":    plain.Listener.Addr().String(),
	}})
	for _, browser := range browsers(t, authority) {
		t.Run(browser.Name(), func(t *testing.T) {
			for _, test := range []struct{ page, url, body string }{
				{"https://app.example.com", "https://api.example.com/x", "HTTP/2.0 api.example.com"},
				{"https://app.example.com", "https://old.example.com:8443/x", "HTTP/1.1 old.example.com:8443"},
				{"https://app.example.com", "https://api.example.com/moved", "HTTP/2.0 other.example.com"},
				{"http://app.example.com", "http://plain.example.com/x", "HTTP/1.1 plain.example.com"},
				// A page of the API's own origin is ours, its requests are the API's.
				{"https://api.example.com/page", "https://api.example.com/x", "HTTP/2.0 api.example.com"},
			} {
				outcome, err := ask(t, environment, browser, test.page, test.url)
				require.NoError(t, err, test.url)
				require.True(t, outcome.Readable(), "%s: %s", test.url, outcome.Reason)
				require.Equal(t, test.body, string(outcome.Body))
			}
		})
	}
}

func TestAServerThatABrowserWouldNotTrustIsUnreachableInBothAndSaysWhatToDo(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	c, stranger := newCompany(t), newCompany(t)
	tomorrow := time.Now().Add(24 * time.Hour)
	plain := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(plain.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	environment := live.New(live.Options{Authority: authority, Roots: c.roots(), Hosts: live.Hosts{
		"expired.example.com":  c.server(t, "expired.example.com", time.Now().Add(-time.Minute)),
		"stranger.example.com": stranger.server(t, "stranger.example.com", tomorrow),
		"named.example.com":    c.server(t, "other.example.com", tomorrow),
		"plain.example.com":    plain.Listener.Addr().String(),
		"closed.example.com":   closed.Addr().String(),
	}})
	for _, browser := range browsers(t, authority) {
		for host, advice := range map[string]string{
			"expired.example.com":  "renew the certificate (valid from ",
			"stranger.example.com": "name its PEM file as live.ca",
			"named.example.com":    "the certificate is for other hosts",
			"plain.example.com":    "speaks no TLS",
			"closed.example.com":   "nothing listens there",
		} {
			t.Run(browser.Name()+" "+host, func(t *testing.T) {
				outcome, err := ask(t, environment, browser, "https://app.example.com", "https://"+host+"/x")
				var unreachable *harness.Unreachable
				require.ErrorAs(t, err, &unreachable, "the outcome is %s %s", outcome.Kind, outcome.Reason)
				require.Equal(t, host+":443", unreachable.Tried)
				require.Contains(t, unreachable.Error(), advice)
				require.Equal(t, simulator.ConnectionFailed, outcome.Reason.Code)
			})
		}
	}
}

func TestARedirectToAServerThatIsNotThereIsSaid(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	c := newCompany(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	environment := live.New(live.Options{Authority: authority, Roots: c.roots(), Hosts: live.Hosts{
		"api.example.com":   c.server(t, "api.example.com", time.Now().Add(time.Hour)),
		"other.example.com": closed.Addr().String(),
	}})
	for _, browser := range browsers(t, authority) {
		_, err := ask(t, environment, browser, "https://app.example.com", "https://api.example.com/moved")
		var unreachable *harness.Unreachable
		require.ErrorAs(t, err, &unreachable)
		require.Equal(t, "other.example.com:443 (to which https://api.example.com/moved redirects with 302)", unreachable.Tried)
	}
}

func TestNothingIsDeployedAndWhatWouldHaveToBeIsSaid(t *testing.T) {
	environment := live.New(live.Options{})
	deployed := harness.Service{Name: "API", Origin: "https://api.example.com", App: harness.App{Kind: harness.AppDeployed}}
	_, err := environment.Apply(t.Context(), harness.Deployment{Services: []harness.Service{deployed}})
	require.NoError(t, err)
	for want, change := range map[string]func(*harness.Service){
		"what the API at https://api.example.com runs":                func(s *harness.Service) { s.App.Kind = harness.AppGo },
		"the Ingress of the API at https://api.example.com":           func(s *harness.Service) { s.Ingress = &harness.Ingress{} },
		"how the API at https://api.example.com is meshed":            func(s *harness.Service) { s.Linkerd = &harness.Linkerd{} },
		"what stands in front of the API at":                          func(s *harness.Service) { s.SharedCache = true },
		"which HTTP version the API at https://api.example.com speak": func(s *harness.Service) { s.Protocols = []string{"h2"} },
	} {
		changed := deployed
		change(&changed)
		_, err := environment.Apply(t.Context(), harness.Deployment{Services: []harness.Service{changed}})
		var unavailable *harness.Unavailable
		require.ErrorAs(t, err, &unavailable)
		require.Contains(t, unavailable.Reason, want)
		require.Contains(t, unavailable.Reason, `Given the API at "https://api.example.com" as deployed`)
	}
}

func TestTheEndOfATrafficEndsItsConnections(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	environment := live.New(live.Options{Authority: authority, Hosts: live.Hosts{"api.example.com": silent.Addr().String()}})
	running, err := environment.Apply(t.Context(), harness.Deployment{})
	require.NoError(t, err)
	traffic, err := running.NewTraffic(t.Context())
	require.NoError(t, err)
	connection, err := traffic.DialContext(t.Context(), "tcp", "api.example.com:80")
	require.NoError(t, err)
	_, err = io.WriteString(connection, "GET / HTTP/1.1\r\n")
	require.NoError(t, err)
	require.NoError(t, traffic.Close())
	_, err = connection.Read(make([]byte, 1))
	require.Error(t, err)
	_, err = traffic.DialContext(t.Context(), "tcp", "api.example.com:80")
	require.ErrorIs(t, err, net.ErrClosed)
}

func TestAHostIsANameAndItsPlaceAnAddress(t *testing.T) {
	for entry, wrong := range map[string]string{
		"api.example.com=10.0.0.5:443":      "",
		"api.example.com=10.0.0.5":          "",
		"api.example.com:8443=[::1]:443":    "",
		"api.example.com=::1":               "",
		"api.example.com=staging.internal":  "is no place of api.example.com",
		"API.example.com=10.0.0.5":          "is no host",
		"https://api.example.com=10.0.0.5":  "is no host",
		"api.example.com:https=10.0.0.5":    "has no port",
		"api.example.com:70000=10.0.0.5":    "has no port",
		"api.example.com=10.0.0.5:99999999": "is no place",
	} {
		host, place, _ := strings.Cut(entry, "=")
		err := live.CheckHost(host, place)
		if wrong == "" {
			require.NoError(t, err, entry)
		} else {
			require.ErrorContains(t, err, wrong, entry)
		}
	}
}
