package cluster

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// front is the edge and the shared cache of a service. They are no part of the
// cluster, so they run here, and ask the cluster as a proxy on the Internet would.
type front struct {
	*embedded.Traffic
	transport *http.Transport
	// told is how many transits Observe has told of already.
	told int
}

// newFront puts a front before what behind leads to.
func (t *traffic) newFront(s *placedService, behind entrance) (*front, error) {
	f := &front{transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) { return behind.dial(ctx, network) },
		TLSClientConfig: &tls.Config{
			RootCAs: t.environment.authority.Pool(), ServerName: s.At.Name(), CurvePreferences: []tls.CurveID{tls.X25519},
		},
		DisableCompression: true,
	}}
	var err error
	f.Traffic, err = embedded.NewFront(t.environment.authority, s.Service, &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.URL.RawQuery = s.At.Scheme, s.At.Address(), r.In.URL.RawQuery
			r.Out.Host = r.In.Host
		},
		Transport: f.transport,
		ErrorLog:  log.New(io.Discard, "", 0),
		// What the client gets of it is the affair of the hop in front.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// passed is what the front let through to the cluster of a request that arrived at it, in the form of an exchange.
func passed(transit harness.Transit) (exchange simulator.Exchange, passed bool) {
	if len(transit.Hops) == 0 || transit.Hops[0].Hop != embedded.HopBehind {
		return simulator.Exchange{}, false
	}
	return simulator.Exchange{
		Kind: simulator.ExchangeRequest, Method: transit.Method, URL: transit.URL, RequestHeader: transit.RequestHeader,
		Status: transit.Hops[0].Status, ResponseHeader: transit.Hops[0].Header,
	}, true
}

// close ends the front.
func (f *front) close() error {
	err := f.Traffic.Close()
	f.transport.CloseIdleConnections()
	return err
}
