package live_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/live"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// issue makes a certificate of the company's.
func (c *company) issue(t *testing.T, template *x509.Certificate) *tls.Certificate {
	t.Helper()
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, template, c.certificate, c.key.Public(), c.key)
	require.NoError(t, err)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: c.key}
}

// arrivals are what a server was asked, as "METHOD path, …".
type arrivals struct {
	mutex sync.Mutex
	list  []string
}

func (a *arrivals) add(line string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.list = append(a.list, line)
}

func (a *arrivals) take() []string {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	taken := a.list
	a.list = nil
	slices.Sort(taken)
	return taken
}

// mutual is a server whose TLS asks for client certificates, and whose CORS lets the app's pages do everything.
func (c *company) mutual(t *testing.T, demand tls.ClientAuthType, version uint16, protocols ...string) (address string, asked *arrivals) {
	t.Helper()
	asked = &arrivals{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := "nobody"
		if len(r.TLS.PeerCertificates) > 0 {
			who = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		asked.add(fmt.Sprintf("%s %s by %s", r.Method, r.URL.RequestURI(), who))
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example.com")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		if who == "nobody" && r.Method != http.MethodOptions {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = io.WriteString(w, r.Proto)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableHTTP2 = len(protocols) == 0
	own := c.issue(t, &x509.Certificate{DNSNames: []string{"api.example.com"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	server.TLS = &tls.Config{Certificates: []tls.Certificate{*own}, NextProtos: protocols, ClientAuth: demand, ClientCAs: c.roots(), MaxVersion: version}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), asked
}

// scenario makes requests of the app's page in one session, and gives what the environment says of the last one and notes.
func scenario(t *testing.T, options live.Options, browser harness.Browser, requests ...simulator.Request) (outcome simulator.Outcome, notes []string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	running, err := live.New(options).Apply(ctx, harness.Deployment{})
	require.NoError(t, err)
	traffic, err := running.NewTraffic(ctx)
	require.NoError(t, err)
	defer func() { require.NoError(t, traffic.Close()) }()
	session, err := browser.NewSession(ctx, traffic)
	require.NoError(t, err)
	defer func() { require.NoError(t, session.Close()) }()
	for _, request := range requests {
		require.NoError(t, traffic.Begin(ctx))
		traffic.(harness.Announced).Announce(request)
		outcome, err = session.Fetch(ctx, simulator.PageSpec{URL: "https://app.example.com"}, request)
		require.NoError(t, err)
		_, err = traffic.Observe(ctx, outcome.Exchanges)
	}
	return outcome, running.(harness.Noter).Notes(), err
}

func (c *company) client(t *testing.T) *tls.Certificate {
	t.Helper()
	return c.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "ada"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
}

const orders = "https://api.example.com/orders?a=1;b=2"

func TestACertificateGoesWithCredentialsAndNeverWithAPreflight(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	c := newCompany(t)
	put := simulator.Request{Method: "PUT", URL: orders, Credentials: simulator.CredentialsInclude}
	for name, server := range map[string]struct {
		version   uint16
		protocols []string
		proto     string
	}{
		"TLS 1.3, HTTP/2":   {tls.VersionTLS13, nil, "HTTP/2.0"},
		"TLS 1.2, HTTP/1.1": {tls.VersionTLS12, []string{"http/1.1"}, "HTTP/1.1"},
	} {
		address, asked := c.mutual(t, tls.VerifyClientCertIfGiven, server.version, server.protocols...)
		options := live.Options{
			Authority: authority, Roots: c.roots(), Hosts: live.Hosts{"api.example.com": address},
			Additions: map[string]live.Addition{"api.example.com": {Certificate: c.client(t)}},
		}
		for _, browser := range browsers(t, authority) {
			t.Run(name+" "+browser.Name(), func(t *testing.T) {
				outcome, notes, err := scenario(t, options, browser, put)
				require.NoError(t, err)
				require.Empty(t, notes)
				require.True(t, outcome.Readable(), outcome.Reason)
				require.Equal(t, server.proto, string(outcome.Body))
				require.Equal(t, []string{"OPTIONS /orders?a=1;b=2 by nobody", "PUT /orders?a=1;b=2 by ada"}, asked.take())

				for credentials, who := range map[simulator.CredentialsMode]string{
					simulator.CredentialsOmit: "nobody", simulator.CredentialsSameOrigin: "nobody", simulator.CredentialsInclude: "ada",
				} {
					outcome, _, err := scenario(t, options, browser, put, simulator.Request{URL: orders, Credentials: credentials})
					require.NoError(t, err)
					require.Equal(t, who == "nobody", outcome.Status == http.StatusUnauthorized)
					require.Contains(t, asked.take(), "GET /orders?a=1;b=2 by "+who)
				}
			})
		}
	}
}

func TestAServerThatDemandsACertificateOfEveryConnectionBreaksPreflightsAndIsToldSo(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	c := newCompany(t)
	for _, version := range []uint16{tls.VersionTLS13, tls.VersionTLS12} {
		address, asked := c.mutual(t, tls.RequireAndVerifyClientCert, version)
		options := live.Options{
			Authority: authority, Roots: c.roots(), Hosts: live.Hosts{"api.example.com": address},
			Additions: map[string]live.Addition{"api.example.com": {Certificate: c.client(t)}},
		}
		for _, browser := range browsers(t, authority) {
			t.Run(tls.VersionName(version)+" "+browser.Name(), func(t *testing.T) {
				outcome, notes, err := scenario(t, options, browser, simulator.Request{Method: "PUT", URL: orders, Credentials: simulator.CredentialsInclude})
				require.NoError(t, err, "what the server does is an outcome")
				require.Equal(t, simulator.ConnectionFailed, outcome.Reason.Code)
				require.Len(t, notes, 1)
				require.Contains(t, notes[0], "api.example.com:443 refuses connections without a client certificate (remote error: tls: ")
				require.Contains(t, notes[0], "a preflight is sent without one")
				require.Empty(t, asked.take())

				outcome, notes, err = scenario(t, options, browser, simulator.Request{URL: orders, Credentials: simulator.CredentialsInclude})
				require.NoError(t, err)
				require.Empty(t, notes)
				require.True(t, outcome.Readable(), outcome.Reason)
				require.Equal(t, []string{"GET /orders?a=1;b=2 by ada"}, asked.take())

				_, notes, err = scenario(t, options, browser, simulator.Request{URL: orders})
				require.NoError(t, err)
				require.Len(t, notes, 1)
				require.Contains(t, notes[0], "a request without credentials is sent without one")
			})
		}
	}
}

func TestACertificateThatIsMissingOrRefusedIsTheEnvironmentsFault(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	c, stranger := newCompany(t), newCompany(t)
	for _, version := range []uint16{tls.VersionTLS13, tls.VersionTLS12} {
		address, _ := c.mutual(t, tls.RequireAndVerifyClientCert, version)
		for name, additions := range map[string]map[string]live.Addition{
			"missing": nil, "refused": {"api.example.com": {Certificate: stranger.client(t)}},
		} {
			options := live.Options{Authority: authority, Roots: c.roots(), Hosts: live.Hosts{"api.example.com": address}, Additions: additions}
			for _, browser := range browsers(t, authority) {
				t.Run(fmt.Sprint(tls.VersionName(version), " ", name, " ", browser.Name()), func(t *testing.T) {
					_, _, err := scenario(t, options, browser, simulator.Request{URL: orders, Credentials: simulator.CredentialsInclude})
					var unreachable *harness.Unreachable
					require.ErrorAs(t, err, &unreachable)
					require.Contains(t, unreachable.Error(), "name one that it accepts under live.client_certificates in crosscheck.yaml")
				})
			}
		}
	}
}

func TestHeadersOnTheWayCauseNoPreflightAndAreSeenByNoPage(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	asked := &arrivals{}
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.add(fmt.Sprintf("%s %s key=%s authorization=%s forwarded=%s", r.Method, r.Host, r.Header["X-Api-Key"], r.Header["Authorization"], r.Header["X-Forwarded-For"]))
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		w.Header()["Date"], w.Header()["Content-Type"] = nil, nil
		_, _ = io.WriteString(w, "<html>")
	}))
	t.Cleanup(gateway.Close)
	options := live.Options{
		Authority: authority, Hosts: live.Hosts{"api.example.com": gateway.Listener.Addr().String()},
		Additions: map[string]live.Addition{
			"api.example.com":    {Header: http.Header{"X-Api-Key": {"of the host"}, "Authorization": {"Bearer gateway"}}},
			"api.example.com:80": {Header: http.Header{"X-Api-Key": {"of the port"}}},
		},
	}
	for _, browser := range browsers(t, authority) {
		t.Run(browser.Name(), func(t *testing.T) {
			outcome, _, err := scenario(t, options, browser, simulator.Request{URL: "http://api.example.com/x"})
			require.NoError(t, err)
			// The page is https and the API is not.
			require.Equal(t, simulator.MixedContent, outcome.Reason.Code)
			require.Empty(t, asked.take())
		})
		t.Run(browser.Name()+" from a plain page", func(t *testing.T) {
			environment := live.New(options)
			outcome, err := ask(t, environment, browser, "http://app.example.com", "http://api.example.com/x")
			require.NoError(t, err)
			require.True(t, outcome.Readable(), outcome.Reason)
			require.Equal(t, []string{"GET api.example.com key=[of the port] authorization=[Bearer gateway] forwarded=[]"}, asked.take())
			require.Len(t, outcome.Exchanges, 1, "no preflight")
			for _, exchange := range outcome.Exchanges {
				require.NotContains(t, strings.ToLower(fmt.Sprint(exchange.RequestHeader)), "gateway")
				require.NotContains(t, exchange.ResponseHeader, "Date")
				require.NotContains(t, exchange.ResponseHeader, "Content-Type")
			}
		})
	}
}

func TestAHeaderOnTheWayIsNoneOfTheBrowsersOwn(t *testing.T) {
	for name, wrong := range map[string]string{
		"X-Api-Key": "", "Authorization": "", "origin": "is what the browser itself says", "Sec-Fetch-Mode": "is what the browser itself says",
		"access-control-request-method": "is what the browser itself says", "Cookie": "live.cookies", "a b": "is no name of a header",
	} {
		err := live.CheckHeader(name, "value")
		if wrong == "" {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, wrong, name)
		}
	}
	err := live.CheckHeader("X-Api-Key", "secret\nvalue")
	require.ErrorContains(t, err, "the value of X-Api-Key has characters")
	require.NotContains(t, err.Error(), "secret")
}
