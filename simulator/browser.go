package simulator

import (
	"net/http"
	"sync"
	"time"
)

// defaultBodyLimit is how many bytes of a response's body are kept by default.
const defaultBodyLimit = 16 << 20

// defaultUserAgent is what we say that we are: servers that look at it expect a browser.
const defaultUserAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"

// Browser is one browsing session: a cookie jar, a CORS-preflight cache and a
// clock, shared by its pages. Several goroutines may use it.
type Browser struct {
	profile   Profile
	transport http.RoundTripper
	// owned is the transport when the browser made it itself.
	owned     *http.Transport
	userAgent string
	bodyLimit int64
	tracing   bool
	clock     func() time.Time

	// mutex guards what follows: the state that fetches share.
	mutex      sync.Mutex
	advanced   time.Duration
	jar        cookieJar
	preflights preflightCache
	urls       urlMemory
	// authentications are the authentication entries.
	authentications authentications
}

// Option configures a [Browser].
type Option func(*Browser)

// WithTransport sends the requests through a transport. The browser handles
// redirects, cookies and content codings itself: the transport must not.
func WithTransport(transport http.RoundTripper) Option {
	return func(b *Browser) { b.transport = transport }
}

// WithHandler lets a handler in memory answer every request, whatever its host:
// no sockets, no goroutines. The handler runs on the goroutine that fetches,
// so it must return when its request's context is done.
func WithHandler(handler http.Handler) Option {
	return WithTransport(HandlerTransport(handler))
}

// HandlerTransport is what [WithHandler] sends requests through, for transports
// that ask a handler for some requests only.
func HandlerTransport(handler http.Handler) http.RoundTripper { return newHandlerTransport(handler) }

// WithClock replaces time.Now as the source of the browser's time.
func WithClock(now func() time.Time) Option { return func(b *Browser) { b.clock = now } }

// WithTrace makes every outcome tell its decisions, step by step.
func WithTrace() Option { return func(b *Browser) { b.tracing = true } }

// WithUserAgent replaces the User-Agent that requests carry.
func WithUserAgent(userAgent string) Option { return func(b *Browser) { b.userAgent = userAgent } }

// WithBodyLimit sets how many bytes of a response's body are kept, after its
// content codings are undone: 16 MiB unless set. What is longer is cut off
// there, and the exchange's Failure says so.
func WithBodyLimit(bytes int64) Option { return func(b *Browser) { b.bodyLimit = bytes } }

// New begins a session of a browser that behaves as the profile says. Without
// [WithTransport] or [WithHandler] it uses the network.
func New(profile Profile, options ...Option) *Browser {
	browser := &Browser{
		profile:   profile,
		userAgent: defaultUserAgent,
		bodyLimit: defaultBodyLimit,
		clock:     time.Now,
		urls:      make(urlMemory),
	}
	browser.preflights.profile = &browser.profile
	browser.jar.renewsChanged = profile.RenewsChangedCookies
	browser.jar.trustsLoopback = profile.TrustsLoopbackCookies
	for _, option := range options {
		option(browser)
	}
	if browser.transport == nil {
		browser.owned = newTransport()
		browser.transport = browser.owned
	}
	return browser
}

// maximumResponseHeader is how many bytes of response header are accepted: Chromium's limit.
const maximumResponseHeader = 256 << 10

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maximumResponseHeader,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    30 * time.Second,
	}
}

// Close ends the connections that the browser keeps open. A transport given by
// [WithTransport] is its owner's to close.
func (b *Browser) Close() {
	if b.owned != nil {
		b.owned.CloseIdleConnections()
	}
}

// Open opens a page at a URL, such as "https://app.example.com".
func (b *Browser) Open(url string) *Page { return b.OpenPage(PageSpec{URL: url}) }

// OpenPage opens a page. It fetches nothing: a page is known by its
// description. [Page.Err] tells of a URL that cannot be parsed.
func (b *Browser) OpenPage(spec PageSpec) *Page {
	page, err := openPage(b, spec)
	if err != nil {
		return &Page{browser: b, spec: spec, err: err}
	}
	return page
}

// Advance moves the browser's clock forward: cookies and preflight-cache
// entries grow older by d.
func (b *Browser) Advance(d time.Duration) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.advanced += d
}

// SetCookie stores a cookie as a Set-Cookie header of a page at url would. The
// error says why a browser ignores the cookie.
func (b *Browser) SetCookie(url, setCookie string) error {
	parsed, err := parseURL(url, nil)
	if err != nil {
		return err
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.jar.store(parsed, setCookie, true, b.now())
}

// now is the browser's time. The mutex is held.
func (b *Browser) now() time.Time { return b.clock().Add(b.advanced) }

func (b *Browser) parse(input string, base *parsedURL) (*parsedURL, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.urls.parse(input, base)
}

func (b *Browser) preflightCovered(key preflightCacheKey, needs preflightNeeds) bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.preflights.covers(key, needs, b.now())
}

func (b *Browser) preflightStore(key preflightCacheKey, result preflightResult) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.preflights.store(key, result, b.now())
}

func (b *Browser) preflightClear(key preflightCacheKey) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.preflights.clear(key)
}
