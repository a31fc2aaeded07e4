package vectors

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
)

// wire is a vector's server as a network: HTTP/1.1 over connections in memory,
// written by hand, because net/http's server mends the bytes that vectors are about.
type wire struct {
	server    *server
	authority *ca.Authority
	// plain are the addresses that the vector reaches by http.
	plain map[string]bool

	mutex       sync.Mutex
	connections []net.Conn
	work        sync.WaitGroup
}

func newWire(vector Vector, server *server, authority *ca.Authority) *wire {
	w := &wire{server: server, authority: authority, plain: map[string]bool{}}
	note := func(raw string) {
		if target, err := url.Parse(raw); err == nil && target.Scheme == "http" {
			port := target.Port()
			if port == "" {
				port = "80"
			}
			w.plain[net.JoinHostPort(target.Hostname(), port)] = true
		}
	}
	for _, exchange := range vector.Exchanges {
		note(exchange.When.URL)
	}
	for _, step := range vector.steps() {
		note(step.Request.URL)
	}
	return w
}

// DialContext connects to the server, whatever the name.
func (w *wire) DialContext(_ context.Context, _, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	near, far := net.Pipe()
	served, scheme := far, "http"
	if port != "80" && !w.plain[address] {
		certificate, err := w.authority.Certificate(host)
		if err != nil {
			return nil, err
		}
		served, scheme = tls.Server(far, &tls.Config{Certificates: []tls.Certificate{*certificate}, NextProtos: []string{"http/1.1"}}), "https"
	}
	w.mutex.Lock()
	w.connections = append(w.connections, near, far)
	w.mutex.Unlock()
	w.work.Go(func() {
		defer far.Close()
		w.serve(served, scheme)
	})
	return near, nil
}

// serve answers requests until the connection ends.
func (w *wire) serve(connection net.Conn, scheme string) {
	reader := bufio.NewReader(connection)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return
		}
		exchange := w.server.answer(seenRequest{
			method: request.Method, url: scheme + "://" + request.Host + request.RequestURI, header: request.Header,
		})
		if _, err := connection.Write(exchange.bytes(request.Method)); err != nil {
			return
		}
	}
}

// bytes is the answer as it goes on the wire.
func (p played) bytes(method string) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "HTTP/1.1 %d %s\r\n", p.status, http.StatusText(p.status))
	hasLength := false
	for _, pair := range p.header {
		out.WriteString(pair[0] + ": " + pair[1] + "\r\n")
		hasLength = hasLength || strings.EqualFold(pair[0], "Content-Length")
	}
	if !hasLength {
		fmt.Fprintf(&out, "Content-Length: %d\r\n", len(p.body))
	}
	out.WriteString("\r\n")
	if method != http.MethodHead {
		out.Write(p.body)
	}
	return out.Bytes()
}

// close ends every connection and waits for those that served them.
func (w *wire) close() {
	w.mutex.Lock()
	for _, connection := range w.connections {
		_ = connection.Close()
	}
	w.mutex.Unlock()
	w.work.Wait()
}
