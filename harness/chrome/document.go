package chrome

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/nlnwa/whatwg-url/url"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// blank is a page without anything in it. The icon keeps browsers from asking for /favicon.ico.
const blank = `<!doctype html><html><head><link rel="icon" href="data:,"></head><body></body></html>`

// document is an HTML document that is served for its URL while a page is opened.
type document struct {
	url *url.Url
	// address is the "host:port" of the URL.
	address string
	headers []simulator.Field
	// next is another document at the same address.
	next *document
}

// InvalidPage says that a page cannot be opened, because its URL is none.
type InvalidPage struct {
	URL   string
	Cause error
}

// Error names the URL and what is wrong with it.
func (e *InvalidPage) Error() string { return fmt.Sprintf("open a page at %q: %v", e.URL, e.Cause) }

// Unwrap gives the cause.
func (e *InvalidPage) Unwrap() error { return e.Cause }

// newDocument makes the document for a URL; the error is an *InvalidPage or a *harness.Inexpressible.
func newDocument(rawURL string, headers []simulator.Field) (*document, error) {
	parsed, err := url.Parse(rawURL)
	if err != nil {
		return nil, &InvalidPage{URL: rawURL, Cause: err}
	}
	port := parsed.Port()
	switch scheme := parsed.Scheme(); {
	case scheme != "http" && scheme != "https":
		return nil, &harness.Inexpressible{Browser: browserName, What: fmt.Sprintf("open a page at %q: a page is served, by http or https", rawURL)}
	case parsed.Username() != "" || parsed.Password() != "":
		return nil, &harness.Inexpressible{Browser: browserName, What: fmt.Sprintf("open a page at %q: a page's URL holds no credentials", rawURL)}
	case port == "" && scheme == "http":
		port = "80"
	case port == "":
		port = "443"
	}
	// A fragment is never sent, and going from one to another opens nothing.
	parsed.SetHash("")
	host := parsed.Hostname()
	if len(host) > 2 && host[0] == '[' {
		host = host[1 : len(host)-1]
	}
	return &document{url: parsed, address: net.JoinHostPort(host, port), headers: headers}, nil
}

// pageConnection is a connection over which documents are served.
type pageConnection struct {
	net.Conn
	document *document
	done     chan struct{}
	closing  sync.Once
}

// newPageConnection wraps Chrome's connection, in TLS when the page is https.
func newPageConnection(client net.Conn, reader io.Reader, host string, page *document, authority *ca.Authority) (*pageConnection, error) {
	conn := net.Conn(buffered{client, reader})
	if page.url.Scheme() == "https" {
		config, err := authority.HostConfig(host, "http/1.1")
		if err != nil {
			return nil, err
		}
		conn = tls.Server(conn, config)
	}
	return &pageConnection{Conn: conn, document: page, done: make(chan struct{})}, nil
}

// Close ends the connection.
func (c *pageConnection) Close() error {
	err := net.ErrClosed
	c.closing.Do(func() {
		err = c.Conn.Close()
		close(c.done)
	})
	return err
}

// buffered reads what the SOCKS server has already taken from the connection first.
type buffered struct {
	net.Conn
	reader io.Reader
}

// Read reads.
func (b buffered) Read(p []byte) (int, error) { return b.reader.Read(p) }

// arrivals is a net.Listener of connections that others accepted.
type arrivals struct {
	address net.Addr
	queue   chan net.Conn
	closed  chan struct{}
	closing sync.Once
}

func newArrivals(address net.Addr) *arrivals {
	return &arrivals{address: address, queue: make(chan net.Conn), closed: make(chan struct{})}
}

// serve hands the connection to the server and waits until it is done with it.
func (a *arrivals) serve(c net.Conn, done <-chan struct{}) {
	select {
	case a.queue <- c:
		<-done
	case <-a.closed:
		_ = c.Close()
	}
}

// Accept waits for the next connection.
func (a *arrivals) Accept() (net.Conn, error) {
	select {
	case c := <-a.queue:
		return c, nil
	case <-a.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (a *arrivals) Close() error {
	a.closing.Do(func() { close(a.closed) })
	return nil
}

// Addr is the proxy's address.
func (a *arrivals) Addr() net.Addr { return a.address }

// pageKey is the context key of a request's *document.
type pageKey struct{}

// newDocumentServer serves documents over connections that carry them.
func newDocumentServer() *http.Server {
	return &http.Server{
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          silent,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			if c, ok := conn.(*pageConnection); ok {
				return context.WithValue(ctx, pageKey{}, c.document)
			}
			return ctx
		},
		Handler: http.HandlerFunc(serveDocument),
	}
}

func serveDocument(response http.ResponseWriter, request *http.Request) {
	page, _ := request.Context().Value(pageKey{}).(*document)
	for ; page != nil; page = page.next {
		if page.url.Pathname() == request.URL.EscapedPath() {
			break
		}
	}
	if page == nil {
		http.NotFound(response, request)
		return
	}
	header := response.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	set := map[string]bool{}
	for _, field := range page.headers {
		name := http.CanonicalHeaderKey(field.Name)
		if !set[name] {
			header.Del(name)
			set[name] = true
		}
		header.Add(name, field.Value)
	}
	if header.Get("Location") != "" {
		response.WriteHeader(http.StatusFound)
		return
	}
	_, _ = io.WriteString(response, blank)
}
