package vectors

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"strconv"
	"strings"
	"sync"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
)

// wire is a vector's server as a network: HTTP/1.1 over connections in memory,
// written by hand, because net/http's server mends the bytes that vectors are about.
type wire struct {
	server    *server
	authority *ca.Authority

	mutex       sync.Mutex
	connections []net.Conn
	work        sync.WaitGroup
}

func newWire(server *server, authority *ca.Authority) *wire {
	return &wire{server: server, authority: authority}
}

// DialContext connects to the server, whatever the name and the port.
func (w *wire) DialContext(_ context.Context, _, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	config, err := w.authority.HostConfig(host, "http/1.1")
	if err != nil {
		return nil, err
	}
	near, far := net.Pipe()
	w.mutex.Lock()
	w.connections = append(w.connections, near)
	w.mutex.Unlock()
	w.accept(far, config)
	return near, nil
}

// accept serves a connection, in TLS where the client begins with it.
func (w *wire) accept(connection net.Conn, config *tls.Config) {
	w.mutex.Lock()
	w.connections = append(w.connections, connection)
	w.mutex.Unlock()
	w.work.Go(func() {
		defer connection.Close()
		reader := bufio.NewReader(connection)
		first, err := reader.Peek(1)
		switch {
		case err != nil:
		case first[0] == handshakeRecord:
			w.serve(tls.Server(begun{connection, reader}, config), "https")
		default:
			w.serve(begun{connection, reader}, "http")
		}
	})
}

// handshakeRecord is the first byte of TLS, and of no HTTP request (RFC 8446, section 5.1).
const handshakeRecord = 0x16

// begun is a connection whose first bytes have been looked at.
type begun struct {
	net.Conn
	reader io.Reader
}

// Read reads.
func (b begun) Read(p []byte) (int, error) { return b.reader.Read(p) }

// serve answers requests until the connection ends.
func (w *wire) serve(connection net.Conn, scheme string) {
	reader := textproto.NewReader(bufio.NewReader(connection))
	for {
		request, err := readRequest(reader, scheme)
		if err != nil {
			return
		}
		if _, err := connection.Write(w.server.answer(request).bytes(request.method)); err != nil {
			return
		}
	}
}

// readRequest reads a request as it came: net/http's server refuses bytes in
// header values that script may set.
func readRequest(reader *textproto.Reader, scheme string) (seenRequest, error) {
	line, err := reader.ReadLine()
	if err != nil {
		return seenRequest{}, err
	}
	method, rest, _ := strings.Cut(line, " ")
	target, _, found := strings.Cut(rest, " ")
	if !found {
		return seenRequest{}, fmt.Errorf("the request line is %q", line)
	}
	request := seenRequest{method: method, header: http.Header{}}
	for {
		line, err := reader.ReadLine()
		if err != nil {
			return seenRequest{}, err
		}
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ":")
		request.header.Add(name, strings.Trim(value, " \t"))
	}
	request.host = request.header.Get("Host")
	request.url = scheme + "://" + request.host + target
	return request, discardBody(reader.R, request.header)
}

// discardBody reads the body, which no exchange depends on.
func discardBody(reader *bufio.Reader, header http.Header) error {
	if strings.EqualFold(header.Get("Transfer-Encoding"), "chunked") {
		if _, err := io.Copy(io.Discard, httputil.NewChunkedReader(reader)); err != nil {
			return err
		}
		// The empty line behind the last chunk.
		_, err := reader.ReadString('\n')
		return err
	}
	length, err := strconv.ParseInt(cmp.Or(header.Get("Content-Length"), "0"), 10, 64)
	if err != nil {
		return fmt.Errorf("read the request's Content-Length: %w", err)
	}
	_, err = io.CopyN(io.Discard, reader, length)
	return err
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
