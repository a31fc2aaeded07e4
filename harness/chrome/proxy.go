package chrome

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"

	"github.com/things-go/go-socks5"
	"github.com/things-go/go-socks5/statute"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
)

// proxy is the only way out of one browser context: a SOCKS5 server, on
// loopback unless Chrome is elsewhere. Chrome leaves the names to it, so every session resolves them by its own
// harness.Network, without a hosts file and without any other session in the way.
type proxy struct {
	listener  net.Listener
	authority *ca.Authority
	// documents serves the pages, kept the handlers of the session in charge;
	// each with the connections that arrive for it.
	documents    *http.Server
	arrivals     *arrivals
	kept         *http.Server
	keptArrivals *arrivals
	// handlers are the goroutines that serve connections, server those that accept them.
	handlers sync.WaitGroup
	servers  sync.WaitGroup

	mutex       sync.Mutex
	route       *route
	connections map[*connection]struct{}
	closed      bool
}

// route says where connections go: to the network of the session in charge, or,
// while a page is being opened, to its documents.
type route struct {
	ctx     context.Context
	cancel  context.CancelFunc
	network harness.Network
	pages   map[string]*document
}

// connection is one connection that Chrome opened to the proxy.
type connection struct {
	net.Conn
	proxy *proxy
	// address is the "host:port" that Chrome asked for; empty until it did.
	address string
	// kept is set while the connection may outlive its session.
	kept    *keptConnection
	closing sync.Once
}

// startProxy listens on a free port of the address.
func startProxy(ctx context.Context, host string, authority *ca.Authority) (*proxy, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, fmt.Errorf("listen on %s for a browser context's connections: %w", host, err)
	}
	p := &proxy{
		listener: listener, authority: authority, connections: map[*connection]struct{}{},
		arrivals: newArrivals(listener.Addr()), keptArrivals: newArrivals(listener.Addr()),
	}
	p.documents, p.kept = newDocumentServer(), p.newKeptServer()
	server := socks5.NewServer(
		socks5.WithResolver(unresolved{}),
		socks5.WithRule(&socks5.PermitCommand{EnableConnect: true}),
		socks5.WithConnectHandle(p.connect),
		socks5.WithGPool(p),
	)
	p.servers.Go(func() { _ = server.Serve(acceptor{p}) })
	p.servers.Go(func() { _ = p.documents.Serve(p.arrivals) })
	p.servers.Go(func() { _ = p.kept.Serve(p.keptArrivals) })
	return p, nil
}

// URL is the proxy in the form of Chromium's proxy settings.
func (p *proxy) URL() string { return "socks5://" + p.listener.Addr().String() }

// Submit runs a goroutine of the SOCKS server, so that close can wait for it.
func (p *proxy) Submit(f func()) error {
	p.handlers.Go(f)
	return nil
}

// attach sends connections to the network from now on. Those that were kept go
// on only where it serves the same address in the same way.
func (p *proxy) attach(network harness.Network) {
	ctx, cancel := context.WithCancel(context.Background())
	p.mutex.Lock()
	p.route = &route{ctx: ctx, cancel: cancel, network: network}
	p.mutex.Unlock()
	p.closeConnections(func(c *connection) bool {
		if c.kept == nil {
			return true
		}
		_, ok := c.kept.serves(network)
		return !ok
	})
}

// detach ends the session's connections, so that none of its bytes reach the
// next one. Kept connections on which nothing is under way may stay.
func (p *proxy) detach() {
	p.endRoute()
	p.closeConnections(func(c *connection) bool { return c.kept == nil || !c.kept.idle.Load() })
}

// endRoute takes the proxy from the session in charge.
func (p *proxy) endRoute() {
	p.mutex.Lock()
	if p.route != nil {
		p.route.cancel()
	}
	p.route = nil
	p.mutex.Unlock()
}

// serve answers the addresses of documents with them until the returned
// function is called. Connections to these addresses are closed before and
// after, so that a page whose origin the network serves too takes nothing from
// the network but the document: its requests go there untouched.
func (p *proxy) serve(documents []*document) (stop func()) {
	pages := map[string]*document{}
	for _, d := range documents {
		d.next = pages[d.address]
		pages[d.address] = d
	}
	ofPages := func(c *connection) bool { return pages[c.address] != nil }
	set := func(pages map[string]*document) {
		p.mutex.Lock()
		if p.route != nil {
			p.route.pages = pages
		}
		p.mutex.Unlock()
		p.closeConnections(ofPages)
	}
	set(pages)
	return func() { set(nil) }
}

// connect handles one CONNECT of Chrome, until the connection ends.
func (p *proxy) connect(_ context.Context, writer io.Writer, request *socks5.Request) error {
	client, ok := writer.(*connection)
	if !ok {
		return fmt.Errorf("connect: %T is no connection of this proxy", writer)
	}
	host := request.RawDestAddr.FQDN
	if host == "" {
		host = request.RawDestAddr.IP.String()
	}
	address := net.JoinHostPort(host, strconv.Itoa(request.RawDestAddr.Port))

	p.mutex.Lock()
	client.address = address
	current := p.route
	var page *document
	if current != nil {
		page = current.pages[address]
	}
	p.mutex.Unlock()

	switch {
	case current == nil:
		return refuse(writer, fmt.Errorf("connect to %s: no session uses this browser context", address))
	case page != nil:
		connection, err := newPageConnection(client, request.Reader, host, page, p.authority)
		if err != nil {
			return refuse(writer, err)
		}
		if err := accept(writer); err != nil {
			return err
		}
		p.arrivals.serve(connection, connection.done)
		return nil
	}
	if entrance, ok := entranceOf(current.network, address); ok {
		kept, served, err := newKeptConnection(client, request.Reader, host, entrance, p.authority)
		if err != nil {
			return refuse(writer, err)
		}
		if err := accept(writer); err != nil {
			return err
		}
		p.mutex.Lock()
		client.kept = kept
		p.mutex.Unlock()
		p.keptArrivals.serve(served, kept.done)
		return nil
	}
	server, err := current.network.DialContext(current.ctx, "tcp", address)
	if err != nil {
		return refuse(writer, err)
	}
	defer server.Close()
	if err := accept(writer); err != nil {
		return err
	}
	p.relay(client, request.Reader, server)
	return nil
}

// relay copies both ways until both ends have finished or one is gone.
func (p *proxy) relay(client *connection, fromClient io.Reader, server net.Conn) {
	var copies sync.WaitGroup
	copies.Go(func() {
		_, err := io.Copy(client.Conn, server)
		// What was sent before an orderly end must arrive: close no more than this direction.
		if half, ok := client.Conn.(interface{ CloseWrite() error }); ok && err == nil {
			_ = half.CloseWrite()
			return
		}
		_ = client.Close()
	})
	_, _ = io.Copy(server, fromClient)
	// Chrome never closes one direction only: it is gone, and waits for nothing.
	_ = server.Close()
	copies.Wait()
}

// closeConnections closes those that match.
func (p *proxy) closeConnections(match func(*connection) bool) {
	p.mutex.Lock()
	var matching []*connection
	for c := range p.connections {
		if match(c) {
			matching = append(matching, c)
		}
	}
	p.mutex.Unlock()
	for _, c := range matching {
		_ = c.Close()
	}
}

// close ends the proxy and waits for its goroutines.
func (p *proxy) close() error {
	p.mutex.Lock()
	p.closed = true
	p.mutex.Unlock()
	err := p.listener.Close()
	p.endRoute()
	p.closeConnections(func(*connection) bool { return true })
	err = errors.Join(err, p.documents.Close(), p.kept.Close())
	p.handlers.Wait()
	p.servers.Wait()
	return err
}

// accept tells Chrome that it is connected. The bound address means nothing to it.
func accept(writer io.Writer) error {
	return socks5.SendReply(writer, statute.RepSuccess, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
}

// refuse tells Chrome that there is no connection to be had.
func refuse(writer io.Writer, cause error) error {
	if err := socks5.SendReply(writer, statute.RepHostUnreachable, nil); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}

// unresolved leaves names as they are: the session's network knows them.
type unresolved struct{}

// Resolve resolves nothing.
func (unresolved) Resolve(ctx context.Context, _ string) (context.Context, net.IP, error) {
	return ctx, nil, nil
}

// acceptor registers connections from the moment they are accepted, so that
// one that never says where to is closed as well.
type acceptor struct{ *proxy }

// Accept waits for a connection of Chrome.
func (a acceptor) Accept() (net.Conn, error) {
	conn, err := a.listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &connection{Conn: conn, proxy: a.proxy}
	a.mutex.Lock()
	closed := a.closed
	a.connections[c] = struct{}{}
	a.mutex.Unlock()
	if closed {
		_ = c.Close()
	}
	return c, nil
}

// Close stops listening.
func (a acceptor) Close() error { return a.listener.Close() }

// Addr is where the proxy listens.
func (a acceptor) Addr() net.Addr { return a.listener.Addr() }

// Close closes the connection to Chrome and forgets it.
func (c *connection) Close() error {
	err := net.ErrClosed
	c.closing.Do(func() {
		c.proxy.mutex.Lock()
		delete(c.proxy.connections, c)
		c.proxy.mutex.Unlock()
		err = c.Conn.Close()
	})
	return err
}
