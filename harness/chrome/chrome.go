// Package chrome drives a real Chromium over the DevTools protocol: the browser
// whose word counts.
//
// One process serves all sessions. Each runs in a tab with a browser context of
// its own, taken from a pool and cleaned between sessions, because a new one
// costs twenty times a clean-up. A context's only way out is a SOCKS5 proxy in
// this program that knows the session's harness.Network: names need no hosts
// file, and sessions whose deployments differ do not meet. Pages are really
// served for their origin. Requests are observed and never intercepted.
package chrome

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"
	"sync"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
)

// silent drops what servers would print about connections that Chrome broke off.
var silent = log.New(io.Discard, "", 0)

// errClosed is the answer to a session after the end.
var errClosed = errors.New("begin a session: Chrome is closed")

// DefaultSessions is how many sessions run at a time unless Options says otherwise.
const DefaultSessions = 3

// Options say which Chrome to start, and how.
type Options struct {
	// ExecPath is the program, as Find gives it.
	ExecPath string
	// Authority signs the certificates of pages and deployments; Chrome trusts it.
	Authority *ca.Authority
	// Sessions is how many sessions can run at a time; DefaultSessions when 0.
	Sessions int
	// ThirdPartyCookies is the cookie policy; third-party cookies are allowed when it is not set.
	ThirdPartyCookies ThirdPartyCookies
}

// tabs is the size of the pool: one is being cleaned while the others work.
func (o Options) tabs() int { return o.Sessions + 1 }

// browserName is the browser's in flags and reports.
const browserName = "chrome"

// Browser is a running Chrome. It implements harness.Browser.
type Browser struct {
	options Options
	context context.Context
	cancel  context.CancelFunc
	permits chan struct{}

	mutex  sync.Mutex
	engine *engine
	err    error
}

var _ harness.Browser = (*Browser)(nil)

// Launch starts Chrome. It and everything it started end with Close, or when the context ends.
func Launch(ctx context.Context, options Options) (*Browser, error) {
	if options.Authority == nil {
		return nil, errors.New("launch Chrome: Options.Authority is missing")
	}
	if options.Sessions <= 0 {
		options.Sessions = DefaultSessions
	}
	lifetime, cancel := context.WithCancel(ctx)
	b := &Browser{options: options, context: lifetime, cancel: cancel, permits: make(chan struct{}, options.Sessions)}
	var err error
	if b.engine, err = startEngine(lifetime, options); err != nil {
		cancel()
		return nil, err
	}
	for range options.Sessions {
		b.permits <- struct{}{}
	}
	return b, nil
}

// Name is "chrome".
func (b *Browser) Name() string { return browserName }

// Version is as in "Chromium 156.0.8078.79".
func (b *Browser) Version() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	product, version, found := strings.Cut(b.engine.version, "/")
	if !found {
		return b.engine.version
	}
	if product == "HeadlessChrome" || product == "Chrome" {
		product = "Chromium"
	}
	return product + " " + version
}

// NewSession begins a session; see harness.Browser.
func (b *Browser) NewSession(ctx context.Context, network harness.Network) (harness.Session, error) {
	if b.context.Err() != nil {
		return nil, errClosed
	}
	select {
	case <-b.permits:
		return &session{browser: b, network: network}, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a free session of Chrome: %w", ctx.Err())
	case <-b.context.Done():
		return nil, errClosed
	}
}

// current is the engine that new sessions use.
func (b *Browser) current() (*engine, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.engine, b.err
}

// restart replaces an engine that died; once, whoever notices it.
func (b *Browser) restart(dead *engine) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.engine != dead || b.err != nil {
		return b.err
	}
	closeErr := dead.close()
	fresh, err := startEngine(b.context, b.options)
	if err != nil {
		b.err = errors.Join(err, closeErr)
		return b.err
	}
	b.engine = fresh
	return nil
}

// Close ends Chrome and waits until nothing of it is left.
func (b *Browser) Close() error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.cancel()
	return b.engine.close()
}
