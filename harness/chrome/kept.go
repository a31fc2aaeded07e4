package chrome

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
)

// keptConnection is a connection that may outlive its session: it ends in this
// package's own server, which asks the session in charge for the handler anew
// with each request. So nothing of one session's deployment reaches another.
type keptConnection struct {
	net.Conn
	// address and protocols are what the connection is for.
	address   string
	protocols []string
	// idle tells that no request is under way on it.
	idle    atomic.Bool
	done    chan struct{}
	closing sync.Once
}

// newKeptConnection wraps Chrome's connection, in TLS where the entrance has any.
func newKeptConnection(client *connection, reader io.Reader, host string, entrance harness.Entrance, authority *ca.Authority) (kept *keptConnection, served net.Conn, err error) {
	kept = &keptConnection{
		Conn: buffered{client, reader}, address: client.address, protocols: entrance.Protocols, done: make(chan struct{}),
	}
	if len(entrance.Protocols) == 0 {
		return kept, kept, nil
	}
	config, err := authority.HostConfig(host, entrance.Protocols...)
	if err != nil {
		return nil, nil, err
	}
	return kept, tls.Server(kept, config), nil
}

// Close ends the connection.
func (c *keptConnection) Close() error {
	err := net.ErrClosed
	c.closing.Do(func() {
		err = c.Conn.Close()
		close(c.done)
	})
	return err
}

// serves reports whether the network has the connection's address, over the same protocols.
func (c *keptConnection) serves(network harness.Network) (harness.Entrance, bool) {
	entrance, ok := entranceOf(network, c.address)
	return entrance, ok && slices.Equal(entrance.Protocols, c.protocols)
}

// entranceOf is the network's entrance at the address, if it has such things.
func entranceOf(network harness.Network, address string) (harness.Entrance, bool) {
	if n, ok := network.(harness.HTTPNetwork); ok {
		return n.Entrance(address)
	}
	return harness.Entrance{}, false
}

// keptKey is the context key of a request's *keptConnection.
type keptKey struct{}

// keptOf finds the kept connection under what the server was given.
func keptOf(conn net.Conn) *keptConnection {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	kept, _ := conn.(*keptConnection)
	return kept
}

// newKeptServer serves the handlers of whatever session is in charge of the proxy.
func (p *proxy) newKeptServer() *http.Server {
	return &http.Server{
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          silent,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, keptKey{}, keptOf(conn))
		},
		ConnState: func(conn net.Conn, state http.ConnState) { keptOf(conn).idle.Store(state == http.StateIdle) },
		Handler:   http.HandlerFunc(p.serveKept),
	}
}

// serveKept answers a request by the session in charge at this moment.
func (p *proxy) serveKept(response http.ResponseWriter, request *http.Request) {
	kept, _ := request.Context().Value(keptKey{}).(*keptConnection)
	p.mutex.Lock()
	current := p.route
	p.mutex.Unlock()
	if current == nil {
		panic(http.ErrAbortHandler)
	}
	entrance, ok := kept.serves(current.network)
	if !ok {
		_ = kept.Close()
		panic(http.ErrAbortHandler)
	}
	// Wherever Chrome runs, a deployment sees all clients at this machine, as it does over its own network.
	if _, port, err := net.SplitHostPort(request.RemoteAddr); err == nil {
		request.RemoteAddr = net.JoinHostPort("127.0.0.1", port)
	}
	entrance.Handler.ServeHTTP(response, request)
}
