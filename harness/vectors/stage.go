package vectors

import (
	"context"
	"net"
	"net/http"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Stage is a network that plays exchanges, be they of one vector or of many
// that share no URL, and tells what it was sent. It serves a browser by its
// connections, and the simulator as a round tripper.
type Stage struct {
	server *server
	wire   *wire
}

var (
	_ harness.Network   = (*Stage)(nil)
	_ http.RoundTripper = (*Stage)(nil)
)

// Sent is a request as the server saw it.
type Sent struct {
	Method string
	// URL has neither fragment nor userinfo.
	URL string
	// Header holds the bytes of the wire.
	Header http.Header
}

// Preflight reports whether it is a CORS-preflight request.
func (s Sent) Preflight() bool {
	return seenRequest{method: s.Method, header: s.Header}.preflight()
}

// NewStage makes a stage. The authority signs the certificates of its hosts; nil
// where the stage is a round tripper only. The error is about a header that is no byte string.
func NewStage(exchanges []Exchange, authority *ca.Authority) (*Stage, error) {
	server, err := newServer(exchanges)
	if err != nil {
		return nil, err
	}
	return &Stage{server: server, wire: newWire(server, authority)}, nil
}

// DialContext connects to the server, whatever the name and the port.
func (s *Stage) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return s.wire.DialContext(ctx, network, address)
}

// RoundTrip answers in memory.
func (s *Stage) RoundTrip(request *http.Request) (*http.Response, error) {
	return s.server.RoundTrip(request)
}

// Play has the stage play other exchanges from now on, over the connections that there are.
func (s *Stage) Play(exchanges []Exchange) error { return s.server.play(exchanges) }

// Sent gives what was sent since the last call, in order.
func (s *Stage) Sent() []Sent {
	seen := s.server.take()
	sent := make([]Sent, 0, len(seen))
	for _, request := range seen {
		sent = append(sent, Sent{Method: request.method, URL: request.url, Header: request.header})
	}
	return sent
}

// Close ends every connection and waits for those that served them.
func (s *Stage) Close() { s.wire.close() }

// Spec is the page in the simulator's terms.
func (p Page) Spec() simulator.PageSpec { return p.spec() }

// ForScript is the request in the simulator's terms.
func (r Request) ForScript() simulator.Request { return r.forScript() }

// SetCookie is the cookie as a Set-Cookie header.
func (c Cookie) SetCookie() string {
	attributes := defaultAttributes
	if c.Attributes != nil {
		attributes = *c.Attributes
	}
	return c.Name + "=" + c.Value + "; " + attributes
}

// Each gives the vector's requests in the form of steps.
func (v *Vector) Each() []Step { return v.steps() }
