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
	"slices"
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
	// Remote are the DevTools addresses of Chromes that run already and were started
	// with RemoteFlags, such as "http://10.0.0.7:9222". Sessions are shared out among them, and none is
	// started; ExecPath is not looked at. They go on running after Close.
	Remote []string
	// ProxyHost is the address of this machine on which Chromes reach their proxies: 127.0.0.1 when empty. Who
	// else reaches it gets to the deployments, as long as the sessions last.
	ProxyHost string
	// Sessions is how many sessions can run at a time, in each Chrome; DefaultSessions when 0.
	Sessions int
	// ThirdPartyCookies is the cookie policy; third-party cookies are allowed when it is not set.
	ThirdPartyCookies ThirdPartyCookies
}

// tabs is the size of the pool: one is being cleaned while the others work.
func (o Options) tabs() int { return o.Sessions + 1 }

func (o Options) proxyHost() string {
	if o.ProxyHost == "" {
		return "127.0.0.1"
	}
	return o.ProxyHost
}

// browserName is the browser's in flags and reports.
const browserName = "chrome"

// Browser is a running Chrome. It implements harness.Browser.
type Browser struct {
	options Options
	context context.Context
	cancel  context.CancelFunc
	// permits are indices of engines, one for each session that can run in it.
	permits chan int

	mutex   sync.Mutex
	engines []*engine
	err     error
}

var _ harness.Browser = (*Browser)(nil)

// Launch starts Chrome, or connects to those that Options.Remote names; one of these that cannot be used is a
// *RemoteUnfit. What it started ends with Close, or when the context ends.
func Launch(ctx context.Context, options Options) (*Browser, error) {
	if options.Authority == nil {
		return nil, errors.New("launch Chrome: Options.Authority is missing")
	}
	if err := options.CheckRemote(); err != nil {
		return nil, err
	}
	if options.Sessions <= 0 {
		options.Sessions = DefaultSessions
	}
	places := options.Remote
	if len(places) == 0 {
		places = []string{""}
	}
	lifetime, cancel := context.WithCancel(ctx)
	b := &Browser{options: options, context: lifetime, cancel: cancel, permits: make(chan int, options.Sessions*len(places))}
	for _, remote := range places {
		started, err := startEngine(lifetime, options, remote)
		if err == nil {
			b.engines = append(b.engines, started)
			err = sameVersion(b.engines)
		}
		if err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	for range options.Sessions {
		for i := range b.engines {
			b.permits <- i
		}
	}
	return b, nil
}

// Name is "chrome".
func (b *Browser) Name() string { return browserName }

// Version is as in "Chromium 156.0.8078.79".
func (b *Browser) Version() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	product, version, found := strings.Cut(b.engines[0].version, "/")
	if !found {
		return b.engines[0].version
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
	case permit := <-b.permits:
		return &session{browser: b, permit: permit, network: network}, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a free session of Chrome: %w", ctx.Err())
	case <-b.context.Done():
		return nil, errClosed
	}
}

// current is the engine that new sessions with the permit use.
func (b *Browser) current(permit int) (*engine, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.engines[permit], b.err
}

// restart replaces an engine that died; once, whoever notices it. A remote one is connected to anew.
func (b *Browser) restart(dead *engine) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	i := slices.Index(b.engines, dead)
	if i < 0 || b.err != nil {
		return b.err
	}
	closeErr := dead.close()
	fresh, err := startEngine(b.context, b.options, dead.remote)
	if err != nil {
		b.err = errors.Join(err, closeErr)
		return b.err
	}
	b.engines[i] = fresh
	return nil
}

// Close ends Chrome and waits until nothing of it is left.
func (b *Browser) Close() error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.cancel()
	var err error
	for _, e := range b.engines {
		err = errors.Join(err, e.close())
	}
	return err
}
