package harness

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Browser is anything that turns a page and a request into an outcome: the
// simulator, Chrome, later other engines.
type Browser interface {
	// Name is the name that --browser and the reports use, such as "chrome".
	Name() string
	// Version is the engine's version, such as "Chromium 156.0.8078.79".
	Version() string
	// NewSession begins a browsing session with no cookies and empty caches,
	// whose every connection goes through the network. It blocks while all
	// sessions that the browser can run at a time are in use.
	NewSession(ctx context.Context, network Network) (Session, error)
	// Close ends the browser and everything it started.
	Close() error
}

// Session is one browsing session. It is used by one goroutine at a time.
type Session interface {
	// Fetch makes the request from the page, opening the page first when the
	// session does not have it open. The error is an environment error (the
	// browser died, the context ended); what the page would see is the outcome.
	Fetch(ctx context.Context, page simulator.PageSpec, request simulator.Request) (simulator.Outcome, error)
	// SetCookie puts a cookie into the jar as a Set-Cookie header of a response from url would.
	SetCookie(ctx context.Context, url, setCookie string) error
	// Wait lets the session's clock advance: the simulator's jumps, a real browser's passes.
	Wait(ctx context.Context, d time.Duration) error
	// Restarts counts how often the browser had to be restarted to finish what this session was asked.
	Restarts() int
	// Close ends the session.
	Close() error
}

// SetCookie is a Set-Cookie header of a response from a URL.
type SetCookie struct{ URL, Header string }

// Batcher is a session that does many things at less than their cost one by one.
type Batcher interface {
	Session
	// SetCookies is SetCookie for each, in order as far as one URL is concerned.
	SetCookies(ctx context.Context, cookies []SetCookie) error
	// FetchAll makes the requests from the page, several at a time, and returns
	// their outcomes in the same order. They are to have nothing in common that a
	// browser remembers: preflights, cookies and stored responses by URL, and by host
	// the passwords that a server asked for. Where each URL's path begins with a segment of its own,
	// and servers redirect to paths that begin with the same, more can be told in brief.
	FetchAll(ctx context.Context, page simulator.PageSpec, requests []simulator.Request, detail Detail) ([]simulator.Outcome, error)
	// Forget empties the jar and the caches, and keeps connections and the page: no later
	// request is to be for a URL of an earlier one. After an error the session is of no more use.
	Forget(ctx context.Context) error
}

// Detail is how much a [Batcher] finds out about a request.
type Detail int

const (
	// InFull is all that Fetch finds out.
	InFull Detail = iota
	// InBrief is at least what the page's script and the browser's console are told, at half the cost:
	// no exchanges, no response type but where script is told it, and [Untold] as the reason
	// of a failure that nobody is told the cause of. Of a beacon's failure behind a redirect nobody may be told at all.
	InBrief
)

// Untold is the reason of a request that failed, or was not made, where its cause
// shows only in full detail.
const Untold simulator.ReasonCode = "Untold"

// Network reaches the hosts of a deployment by the names that a browser uses.
type Network interface {
	// DialContext connects to "host:port" as the deployment serves it. An
	// address that the deployment does not serve is an error: nothing leaves it.
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Inexpressible says that a browser of the harness has no way to do what was
// asked, whatever the standard makes of it. Nothing was done.
type Inexpressible struct {
	// Browser is the browser's name, What is what it cannot do.
	Browser, What string
}

// Error gives the browser and what it cannot do.
func (e *Inexpressible) Error() string { return "the browser " + e.Browser + " cannot " + e.What }

// BrowserDied says that a browser's process ended or stopped answering in the
// middle of a session, or lost its connections. What the session held is lost;
// the browser itself has been restarted where it had to be, and gives new sessions.
type BrowserDied struct {
	// Browser is the browser's name, Cause what was noticed.
	Browser string
	Cause   error
}

// Error gives the browser and the cause.
func (e *BrowserDied) Error() string {
	return "the browser " + e.Browser + " died: " + e.Cause.Error()
}

// Unwrap gives the cause.
func (e *BrowserDied) Unwrap() error { return e.Cause }

// HTTPNetwork is a Network whose servers are handlers in this process. A
// browser may serve them over connections that it keeps from one session to
// the next: two new TLS connections are half of what a session costs.
type HTTPNetwork interface {
	Network
	// Entrance is what answers at "host:port". It is not ok where nothing does,
	// and where the connection itself is part of what is served, such as one that
	// is refused or broken: DialContext is the way to those.
	Entrance(address string) (entrance Entrance, ok bool)
}

// Entrance is a server without its connections.
type Entrance struct {
	Handler http.Handler
	// Protocols are the ALPN protocols offered; none for plain HTTP/1.1 without TLS.
	Protocols []string
}
