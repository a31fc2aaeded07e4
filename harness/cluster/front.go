package cluster

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
	"github.com/crosscheck-dev/crosscheck/harness/service"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// front is the edge and the shared cache of a service. They are no part of the
// cluster, so they run here, and ask the cluster as a proxy on the Internet would. Before a mesh without an
// ingress controller, a front is also where TLS ends: Linkerd's proxies pass on what they cannot read, and count no responses in it.
type front struct {
	*embedded.Traffic
	transport *http.Transport
	// mesh tells that what is behind are Linkerd's proxies.
	mesh bool
	// told is how many transits Observe has told of already.
	told int
}

// newFront puts a front before what behind leads to.
func (t *traffic) newFront(s *service.Service, behind entrance) (*front, error) {
	f := &front{mesh: behind.mesh, transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) { return behind.dial(ctx, network) },
		TLSClientConfig: &tls.Config{
			RootCAs: t.environment.authority.Pool(), ServerName: s.At.Name(), CurvePreferences: []tls.CurveID{tls.X25519},
		},
		DisableCompression: true,
	}}
	var err error
	f.Traffic, err = embedded.NewFront(t.environment.authority, s, &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.URL.RawQuery = s.At.Scheme, s.At.Address(), r.In.URL.RawQuery
			r.Out.Host = r.In.Host
			if behind.mesh {
				r.Out.URL.Scheme = "http"
				introduceRequest(r.Out.Header, t.session, s.At.Scheme)
			}
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

// introduceRequest tells an app in the mesh, as an ingress controller does, who asks and over which scheme. A PROXY protocol header
// would be no HTTP to the proxies on the way.
func introduceRequest(header http.Header, session netip.Addr, scheme string) {
	header.Set("X-Real-Ip", session.String())
	header.Set("X-Forwarded-Proto", scheme)
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
