package simulator

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"
)

// cookieJar is a cookie store. Time is passed in; the zero value is empty.
// https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-storage-model
type cookieJar struct {
	// renewsChanged makes a cookie with a new value a new one, as some engines do.
	renewsChanged bool
	// trustsLoopback takes http to this machine for secure, as some engines do.
	trustsLoopback bool
	cookies        []cookie
}

// cookie is a stored cookie.
type cookie struct {
	name, value string
	domain      string
	hostOnly    bool
	path        string
	secure      bool
	sameSite    sameSiteFlag
	created     time.Time
	// expires is zero for a session cookie.
	expires time.Time
}

// sameSiteFlag is a cookie's same-site-flag. A cookie without the attribute is
// treated as Lax.
type sameSiteFlag string

const (
	sameSiteLax    sameSiteFlag = "lax"
	sameSiteStrict sameSiteFlag = "strict"
	sameSiteNone   sameSiteFlag = "none"
)

// header is the Cookie header for a request to url, "" for none. A request that
// is not same-site gets the cookies with SameSite=None only.
// https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-retrieval-algorithm
func (j *cookieJar) header(url *parsedURL, sameSite bool, now time.Time) string {
	if len(j.cookies) == 0 {
		return ""
	}
	j.expire(now)
	var matching []*cookie
	for i := range j.cookies {
		cookie := &j.cookies[i]
		if cookie.matches(url) && (!cookie.secure || j.isSecure(url)) && (sameSite || cookie.sameSite == sameSiteNone) {
			matching = append(matching, cookie)
		}
	}
	slices.SortStableFunc(matching, func(a, b *cookie) int {
		if byLength := len(b.path) - len(a.path); byLength != 0 {
			return byLength
		}
		return a.created.Compare(b.created)
	})
	pairs := make([]string, len(matching))
	for i, cookie := range matching {
		pairs[i] = cookie.value
		if cookie.name != "" {
			pairs[i] = cookie.name + "=" + cookie.value
		}
	}
	return strings.Join(pairs, "; ")
}

func (j *cookieJar) expire(now time.Time) {
	j.cookies = slices.DeleteFunc(j.cookies, func(cookie cookie) bool {
		return !cookie.expires.IsZero() && !now.Before(cookie.expires)
	})
}

func (c *cookie) matches(url *parsedURL) bool {
	if c.hostOnly && url.host != c.domain || !c.hostOnly && !domainMatches(url.host, c.domain) {
		return false
	}
	return pathMatches(url.path, c.path)
}

// isSecure reports whether Secure cookies go to a URL and come from it.
// https://fetch.spec.whatwg.org/#append-a-request-cookie-header, step 3
func (j *cookieJar) isSecure(url *parsedURL) bool {
	return url.scheme == "https" || j.trustsLoopback && url.isPotentiallyTrustworthy()
}

// domainMatches is https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-domain-matching
func domainMatches(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain) && !isIPAddress(host)
}

// pathMatches is https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-paths-and-path-match
func pathMatches(path, cookiePath string) bool {
	rest, found := strings.CutPrefix(path, cookiePath)
	return found && (rest == "" || strings.HasSuffix(cookiePath, "/") || rest[0] == '/')
}

// The reasons why a browser ignores a Set-Cookie header.
var (
	errCookieSyntax   = errors.New("cookie ignored: it is empty, too long, or has control characters")
	errCookieDomain   = errors.New("cookie ignored: its Domain does not cover the host, or is a public suffix")
	errCookieSecure   = errors.New("cookie ignored: Secure needs an https URL, and an http URL cannot replace a Secure cookie")
	errCookieSameSite = errors.New("cookie ignored: SameSite=None needs Secure, and a cross-site response can set no other")
	errCookiePrefix   = errors.New("cookie ignored: __Secure- needs Secure; __Http- also HttpOnly; __Host- also Path=/ and no Domain; __Host-Http- all of them")
)

// maximumCookieAge is how long a cookie lives at most.
const maximumCookieAge = 400 * 24 * time.Hour

// store parses and stores a cookie that a response from url sets. The error
// says why a browser ignores it.
// https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-storage-model
func (j *cookieJar) store(url *parsedURL, setCookie string, sameSite bool, now time.Time) error {
	parsed, err := parseSetCookie(setCookie, now)
	if err != nil {
		return err
	}
	stored := parsed.cookie
	stored.created = now
	if err := stored.setDomain(url.host, parsed.domain); err != nil {
		return err
	}
	if stored.path == "" {
		stored.path = defaultCookiePath(url.path)
	}
	secure := j.isSecure(url)
	switch {
	case stored.secure && !secure:
		return errCookieSecure
	case !parsed.prefixAllows(&stored):
		return errCookiePrefix
	case stored.sameSite == sameSiteNone && !stored.secure, stored.sameSite != sameSiteNone && !sameSite:
		return errCookieSameSite
	}
	j.expire(now)
	if !secure && slices.ContainsFunc(j.cookies, stored.overlaysSecure) {
		return errCookieSecure
	}
	i := slices.IndexFunc(j.cookies, stored.replaces)
	switch {
	case i < 0:
		j.cookies = append(j.cookies, stored)
	case j.renewsChanged && j.cookies[i].value != stored.value:
		j.cookies = append(slices.Delete(j.cookies, i, i+1), stored)
	default:
		stored.created = j.cookies[i].created
		j.cookies[i] = stored
	}
	j.expire(now)
	return nil
}

// replaces reports whether the cookie takes the place of another.
func (c *cookie) replaces(old cookie) bool {
	return old.name == c.name && old.domain == c.domain && old.hostOnly == c.hostOnly && old.path == c.path
}

// overlaysSecure reports whether the cookie would be sent in place of a secure one.
func (c *cookie) overlaysSecure(old cookie) bool {
	return old.secure && old.name == c.name && (domainMatches(old.domain, c.domain) || domainMatches(c.domain, old.domain)) && pathMatches(c.path, old.path)
}

func (c *cookie) setDomain(host, domain string) error {
	if suffix, _ := publicsuffix.PublicSuffix(domain); domain != "" && suffix == domain {
		if host != domain {
			return errCookieDomain
		}
		domain = ""
	}
	if domain == "" {
		c.domain, c.hostOnly = host, true
		return nil
	}
	if !domainMatches(host, domain) {
		return errCookieDomain
	}
	c.domain = domain
	return nil
}

// defaultCookiePath is https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-the-path-attribute
func defaultCookiePath(path string) string {
	if last := strings.LastIndexByte(path, '/'); last > 0 {
		return path[:last]
	}
	return "/"
}

// isSameSiteRequest determines the same-site mode: whether the request's URL
// is of the site of its page, and the redirects never left that site.
// https://fetch.spec.whatwg.org/#determine-the-same-site-mode
func isSameSiteRequest(request *request) bool {
	return sameSite(request.client.siteForCookies, request.currentURL().origin) &&
		(request.client.browser.profile.CookiesIgnoreRedirects || request.redirectTaint() != redirectTaintCrossSite)
}

// appendCookies is https://fetch.spec.whatwg.org/#append-a-request-cookie-header
func (p *fetchParams) appendCookies(request *request, header *wireHeader) {
	sameSite := isSameSiteRequest(request)
	p.browser.mutex.Lock()
	value := p.browser.jar.header(request.currentURL(), sameSite, p.browser.now())
	p.browser.mutex.Unlock()
	if value != "" {
		header.set("Cookie", value)
	}
	if p.trace != nil {
		relation := "cross-site"
		if sameSite {
			relation = "same-site"
		}
		p.trace.add(algorithmCookieHeader, "5", "a ", relation, " request with credentials carries the cookies \"", value, "\"")
	}
}

// renewCookies makes a request ready to be sent once more, with the cookies
// that its first response left in the jar.
func (p *fetchParams) renewCookies(request *request, wire *wireRequest) {
	// The header itself is that of an exchange by now.
	header := wireHeader{header: wire.header.Clone()}
	delete(header.header, "Cookie")
	p.appendCookies(request, &header)
	wire.header = header.header
}

// storeCookies is https://fetch.spec.whatwg.org/#parse-and-store-response-set-cookie-headers
func (p *fetchParams) storeCookies(request *request, header http.Header) {
	values := header["Set-Cookie"]
	if len(values) == 0 {
		return
	}
	sameSite := isSameSiteRequest(request)
	p.browser.mutex.Lock()
	defer p.browser.mutex.Unlock()
	for _, value := range values {
		if err := p.browser.jar.store(request.currentURL(), value, sameSite, p.browser.now()); err != nil {
			p.trace.add(algorithmSetCookieHeader, "6.2", err.Error(), ": ", value)
			continue
		}
		p.trace.add(algorithmSetCookieHeader, "6.2", "stored: ", value)
	}
}
