package live

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"time"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// relay passes on the requests of one client's connection to a host that has an
// Addition, one by one: to the server over connections with and without the certificate.
type relay struct {
	traffic  *Traffic
	address  string
	addition Addition
	// probe is the connection to the server over which its protocol was found out; it is no *tls.Conn for plain HTTP.
	client, probe net.Conn
	handlers      sync.WaitGroup
	// with and without are the ways to the server; they are the same where there is no certificate.
	with, without *http.Transport
}

// relay serves the client until it ends the connection or the traffic does. The probe is used and closed.
func (t *Traffic) relay(client, probe net.Conn, address string, addition Addition) {
	r := &relay{traffic: t, address: address, addition: addition, client: client, probe: probe}
	var first sync.Once
	dial := func(certificate *tls.Certificate) func(context.Context, string, string) (net.Conn, error) {
		return func(ctx context.Context, network, _ string) (connection net.Conn, err error) {
			// The probe had the certificate.
			if certificate == addition.Certificate {
				first.Do(func() { connection = probe })
			}
			if connection == nil {
				connection, err = t.dialAs(ctx, network, address, probe, certificate)
			}
			return connection, err
		}
	}
	r.with = transport(dial(addition.Certificate))
	defer r.with.CloseIdleConnections()
	r.without = r.with
	if addition.Certificate != nil {
		r.without = transport(dial(nil))
		defer r.without.CloseIdleConnections()
	}
	r.serve()
	first.Do(func() { _ = probe.Close() })
}

// transport sends requests as they are over connections that dial makes.
func transport(dial func(context.Context, string, string) (net.Conn, error)) *http.Transport {
	return &http.Transport{DialContext: dial, DialTLSContext: dial, ForceAttemptHTTP2: true, DisableCompression: true}
}

// dialAs connects to the server as the probe did, in the protocol that it chose then.
func (t *Traffic) dialAs(ctx context.Context, network, address string, probe net.Conn, certificate *tls.Certificate) (net.Conn, error) {
	server, err := t.options.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	encrypted, ok := probe.(*tls.Conn)
	if !ok {
		return server, nil
	}
	var protocols []string
	if chosen := encrypted.ConnectionState().NegotiatedProtocol; chosen != "" {
		protocols = []string{chosen}
	}
	trusted, err := t.options.handshake(ctx, server, address, protocols, certificate)
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return trusted, nil
}

// serve reads requests until the client ends the connection or the traffic does.
func (r *relay) serve() {
	silent := log.New(io.Discard, "", 0)
	scheme := "http"
	if _, encrypted := r.probe.(*tls.Conn); encrypted {
		scheme = "https"
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(p *httputil.ProxyRequest) { r.rewrite(p, scheme) },
		Transport:     roundTripper(r.roundTrip),
		FlushInterval: -1,
		ErrorLog:      silent,
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) {
			r.traffic.trouble(r.address, err)
			// What the client had without this hop: a connection that ends.
			_ = r.client.Close()
			panic(http.ErrAbortHandler)
		},
	}
	ended, end := context.WithCancel(r.traffic.ctx)
	defer end()
	server := &http.Server{
		ErrorLog: silent,
		BaseContext: func(net.Listener) context.Context {
			return r.traffic.ctx
		},
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				end()
			}
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			r.handlers.Add(1)
			defer r.handlers.Done()
			// What the server did not say is not said: Go would add these two.
			w.Header()["Date"], w.Header()["Content-Type"] = nil, nil
			proxy.ServeHTTP(w, request)
		}),
	}
	_ = server.Serve(&single{connection: r.client, ended: ended})
	r.handlers.Wait()
}

// rewrite makes the request that goes on: the browser's own, with what the host gets beside it.
func (r *relay) rewrite(p *httputil.ProxyRequest, scheme string) {
	p.Out.URL.Scheme, p.Out.URL.Host = scheme, r.address
	p.Out.URL.RawQuery, p.Out.Host = p.In.URL.RawQuery, p.In.Host
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, set := p.In.Header[name]; set {
			p.Out.Header[name] = values
		}
	}
	maps.Copy(p.Out.Header, r.addition.Header)
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip does the request.
func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// roundTrip sends a request with the certificate where it includes credentials, and without where it does not.
// https://fetch.spec.whatwg.org/#create-a-connection, step 2
func (r *relay) roundTrip(request *http.Request) (*http.Response, error) {
	way, certificate := r.with, r.addition.Certificate
	if !r.traffic.includesCredentials(request.Header, isPreflight(request)) {
		way, certificate = r.without, nil
	}
	response, err := way.RoundTrip(request)
	if err == nil || request.Context().Err() != nil || r.addition.Certificate == nil {
		return response, err
	}
	if !isRefusal(err) {
		// HTTP/2 may have taken the server's alert for an end like any other.
		if refusal := r.refusal(request.Context(), certificate); refusal != nil {
			err = refusal
		}
	}
	if certificate == nil && isRefusal(err) {
		err = &certificateDemanded{preflight: isPreflight(request), cause: err}
	}
	return nil, err
}

// refusalTime is how long a server may take to refuse a client: it answers a handshake that has ended.
const refusalTime = time.Second

// refusal connects anew and says nothing, to hear whether the server refuses the certificate, or a client without one; nil when it does not.
func (r *relay) refusal(ctx context.Context, certificate *tls.Certificate) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	connection, err := r.traffic.dialAs(ctx, "tcp", r.address, r.probe, certificate)
	if err == nil {
		defer connection.Close()
		if err = connection.SetReadDeadline(time.Now().Add(refusalTime)); err == nil {
			_, err = connection.Read(make([]byte, 1))
		}
	}
	if isRefusal(err) {
		return err
	}
	return nil
}

// isPreflight tells a preflight by what only it has.
// https://fetch.spec.whatwg.org/#cors-preflight-fetch, step 1 and 3
func isPreflight(request *http.Request) bool {
	return request.Method == http.MethodOptions && request.Header.Get("Access-Control-Request-Method") != ""
}

// includesCredentials is the boolean of https://fetch.spec.whatwg.org/#http-network-or-cache-fetch, step 8.3, for a
// request as it is on the wire. The page's request was announced; that it has stayed at its own origin is what the browser says.
func (t *Traffic) includesCredentials(header http.Header, preflight bool) bool {
	t.mutex.Lock()
	credentials := t.credentials
	t.mutex.Unlock()
	switch {
	case preflight:
		return false
	case credentials == simulator.CredentialsSameOrigin:
		return header.Get("Sec-Fetch-Site") == "same-origin"
	}
	return credentials == simulator.CredentialsInclude
}

// isRefusal tells that the server itself ended the TLS connection.
func isRefusal(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "remote error"
}

// certificateDemanded says that a request without credentials came to a server
// that demands a certificate of every connection. It is what the page gets, and no fault of the environment.
type certificateDemanded struct {
	preflight bool
	cause     error
}

func (e *certificateDemanded) Error() string { return e.cause.Error() }
func (e *certificateDemanded) Unwrap() error { return e.cause }

// note is what to say of it to whoever wrote the scenario.
func (e *certificateDemanded) note(address string) string {
	if e.preflight {
		return fmt.Sprintf("%s refuses connections without a client certificate (%v), and a preflight is sent without one (https://fetch.spec.whatwg.org/#create-a-connection): let its TLS ask for a certificate without demanding one, and refuse behind it whatever is no preflight and has none. Chromium by default looks for a certificate there all the same, so that it may work in that browser and in no other", address, e.cause)
	}
	return fmt.Sprintf("%s refuses connections without a client certificate (%v), and a request without credentials is sent without one (https://fetch.spec.whatwg.org/#create-a-connection): fetch with credentials, or let its TLS accept connections without a certificate", address, e.cause)
}

// single is a listener for one connection.
type single struct {
	once       sync.Once
	connection net.Conn
	ended      context.Context
}

// Accept gives the connection; after that it waits for its end.
func (l *single) Accept() (connection net.Conn, err error) {
	l.once.Do(func() { connection = l.connection })
	if connection != nil {
		return connection, nil
	}
	<-l.ended.Done()
	return nil, net.ErrClosed
}

// Close does nothing: the connection is its owner's.
func (l *single) Close() error { return nil }

// Addr is the connection's.
func (l *single) Addr() net.Addr { return l.connection.LocalAddr() }
