// Package simulated is the simulator as a browser of the harness: what it
// predicts, it predicts over the same network that the real browsers use.
package simulated

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// maximumResponseHeader is how many bytes of response header are accepted: Chromium's limit.
const maximumResponseHeader = 256 << 10

// Browser is the simulator under one profile. It is safe for concurrent use.
type Browser struct {
	profile  simulator.Profile
	name     string
	roots    *x509.CertPool
	inMemory bool
}

// Option changes a Browser.
type Option func(*Browser)

// InMemory makes the browser ask the handlers of a harness.HTTPNetwork without
// connections, which are nearly all that a session costs. What breaks connections is
// still reached by one. The clock of a session stands still between its waits.
func InMemory() Option { return func(b *Browser) { b.inMemory = true } }

var (
	_ harness.Browser = (*Browser)(nil)
	_ harness.Session = (*Session)(nil)
)

// New makes a browser that behaves as the profile says and trusts the roots.
func New(profile simulator.Profile, name string, roots *x509.CertPool, options ...Option) *Browser {
	browser := &Browser{profile: profile, name: name, roots: roots}
	for _, option := range options {
		option(browser)
	}
	return browser
}

// Name is the name given to New.
func (b *Browser) Name() string { return b.name }

// Version is the profile's name, and the program's version where it is known.
func (b *Browser) Version() string {
	if build, ok := debug.ReadBuildInfo(); ok && build.Main.Version != "" {
		return fmt.Sprintf("profile %s, %s", b.profile.Name, build.Main.Version)
	}
	return "profile " + b.profile.Name
}

// NewSession begins a session. Any number can run at a time.
func (b *Browser) NewSession(ctx context.Context, network harness.Network) (harness.Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("begin a session of the %s: %w", b.name, err)
	}
	transport := &http.Transport{
		DialContext: network.DialContext,
		// Post-quantum key exchange would be a tenth of a session's cost, on loopback for nothing.
		TLSClientConfig:        &tls.Config{RootCAs: b.roots, CurvePreferences: []tls.CurveID{tls.X25519}},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maximumResponseHeader,
	}
	through, clock := http.RoundTripper(transport), time.Now
	if handlers, ok := network.(harness.HTTPNetwork); ok && b.inMemory {
		through = &memoryTransport{network: handlers, otherwise: transport}
		began := time.Now()
		clock = func() time.Time { return began }
	}
	return &Session{
		browser:   simulator.New(b.profile, simulator.WithTransport(through), simulator.WithTrace(), simulator.WithClock(clock)),
		transport: transport,
		pages:     map[string]*simulator.Page{},
	}, nil
}

// Close does nothing: sessions own everything.
func (b *Browser) Close() error { return nil }

// Session is one simulated browsing session.
type Session struct {
	browser   *simulator.Browser
	transport *http.Transport
	// pages are those that are open, by the JSON form of their description.
	pages map[string]*simulator.Page
}

// Fetch predicts what the page gets for the request.
func (s *Session) Fetch(ctx context.Context, spec simulator.PageSpec, request simulator.Request) (simulator.Outcome, error) {
	key, err := json.Marshal(spec)
	if err != nil {
		return simulator.Outcome{}, fmt.Errorf("open the page %s: %w", spec.URL, err)
	}
	page := s.pages[string(key)]
	if page == nil {
		page = s.browser.OpenPage(spec)
		if err := page.Err(); err != nil {
			return simulator.Outcome{}, fmt.Errorf("open the page %s: %w", spec.URL, err)
		}
		s.pages[string(key)] = page
	}
	outcome := page.Fetch(ctx, request)
	// A deadline is the request's own, and NoResponse its outcome; who cancels wants no outcome.
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return simulator.Outcome{}, fmt.Errorf("fetch %s: %w", request.URL, err)
	}
	return outcome, nil
}

// SetCookie puts a cookie into the session's jar.
func (s *Session) SetCookie(_ context.Context, url, setCookie string) error {
	if err := s.browser.SetCookie(url, setCookie); err != nil {
		return fmt.Errorf("set the cookie %q for %s: %w", setCookie, url, err)
	}
	return nil
}

// Wait lets the session's clock jump.
func (s *Session) Wait(_ context.Context, d time.Duration) error {
	s.browser.Advance(d)
	return nil
}

// Restarts is 0: there is nothing that could die.
func (s *Session) Restarts() int { return 0 }

// Close ends the session's connections.
func (s *Session) Close() error {
	s.browser.Close()
	s.transport.CloseIdleConnections()
	return nil
}
