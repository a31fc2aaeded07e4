package fuzz

import (
	"fmt"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// generator makes up one case.
type generator struct {
	dice
	page  page
	token string
	// exchanges are the server's answers so far.
	exchanges []vectors.Exchange
}

// idPrefix begins the identifiers of cases; their tokens follow.
const idPrefix = "fuzz-"

// Token is in the path of every URL of the case and of no other case's: what
// browsers remember by URL (preflights, cookies, cached responses) stays apart.
func Token(seed, index uint64) string { return fmt.Sprintf("s%dc%d", seed, index) }

// Generate makes up a case: a vector without expectations. The same seed and
// index give the same case, whatever else is run.
func Generate(seed, index uint64) vectors.Vector {
	g := &generator{dice: diceFor(seed, casesStream, index), page: pageOf(seed, index), token: Token(seed, index)}
	vector := vectors.Vector{ID: idPrefix + g.token, Page: g.page.Page, Origin: g.page.origin}
	target := g.target()
	first := g.request(target.url)
	steps := []vectors.Request{first}
	if strings.HasPrefix(target.url, "http") && g.percent(15) {
		steps = g.sequence(first)
	}
	g.serve(target, steps)
	if g.page.cookies && g.percent(20) {
		vector.Cookies = g.cookies(target)
	}
	vector.Exchanges = g.exchanges
	for i := range steps {
		vector.Steps = append(vector.Steps, vectors.Step{Request: &steps[i]})
	}
	return vector
}

// sequence is a few requests for one URL, as the preflight cache and cookies need them.
func (g *generator) sequence(first vectors.Request) []vectors.Request {
	steps := []vectors.Request{first}
	for range 1 + g.IntN(2) {
		next := first
		switch g.IntN(5) {
		case 0:
			// The same again.
		case 1:
			next.Headers = g.requestHeaders()
		case 2:
			next.Method = g.method()
			next.Body = g.body(next.Method)
		default:
			next = g.request(first.URL)
		}
		if strings.HasPrefix(string(next.Initiator), string(simulator.InitiatorModuleScript)) {
			next.Initiator = simulator.InitiatorScript
		}
		steps = append(steps, next)
	}
	return steps
}

// target is where a request goes.
type target struct {
	// url is as script writes it, wire as a server sees it; empty when none ever does.
	url, wire string
	origin    string
}

// servers are the origins that requests go to, seen from the page.
func (g *generator) servers() []weighted[string] {
	own := g.page.origin
	if own == opaque {
		own = appOrigin
	}
	return []weighted[string]{
		{50, apiOrigin},
		{16, partnerOrigin},
		{12, own},
		{6, "https://www1.example.com"},
		{4, appOrigin + ":8443"},
		{4, "http://api.example.com"},
		{2, insecurePage},
		{2, "https://xn--bcher-kva.example"},
		{2, "https://example.com"},
		{2, "http://api.partner.net"},
	}
}

// target makes up the URL of a request.
func (g *generator) target() target {
	origin := pickWeighted(g.dice, g.servers())
	path := "/" + g.token + "/x"
	if !g.percent(20) {
		return target{url: origin + path, wire: origin + path, origin: origin}
	}
	scheme, host, _ := strings.Cut(origin, "://")
	switch g.IntN(12) {
	case 0:
		return target{url: origin + path + "?q=1", wire: origin + path + "?q=1", origin: origin}
	case 1:
		return target{url: origin + path + "#part", wire: origin + path, origin: origin}
	case 2:
		return target{url: strings.ToUpper(scheme) + "://" + strings.ToUpper(host) + path, wire: origin + path, origin: origin}
	case 3:
		return target{url: scheme + "://user:pass@" + host + path, wire: origin + path, origin: origin}
	case 4:
		port := map[string]string{"https": ":443", "http": ":80"}[scheme]
		if strings.Contains(host, ":") {
			port = ""
		}
		return target{url: scheme + "://" + host + port + path, wire: origin + path, origin: origin}
	case 5:
		return target{url: "https://b\u00fccher.example" + path, wire: "https://xn--bcher-kva.example" + path, origin: "https://xn--bcher-kva.example"}
	case 6:
		escaped := pick(g.dice, "/a b", "/\u00e9", "/%zz", "/a%2Fb", "/..", "/.", "/a\\b", "/?a'b", "?", "/;p=1", "//x")
		wire := map[string]string{
			"/a b": "/x/a%20b", "/\u00e9": "/x/%C3%A9", "/..": "/", "/.": "/x/", "/a\\b": "/x/a/b",
			"/?a'b": "/x/?a%27b", "?": "/x?",
		}[escaped]
		if wire == "" {
			wire = "/x" + escaped
		}
		return target{url: origin + path + escaped, wire: origin + "/" + g.token + wire, origin: origin}
	case 7:
		if g.page.origin != opaque {
			return target{url: path, wire: g.page.origin + path, origin: g.page.origin}
		}
		return target{url: path, wire: appOrigin + path, origin: appOrigin}
	case 8:
		return target{url: pick(g.dice, "https://", "https://[::1", "https://a^b/", "//", "https://api.example.com:99999/", "http://%zz/", "https://1.2.3.999/")}
	case 9:
		return target{url: pick(g.dice, "data:text/plain,hello", "data:text/plain;base64,aGk=", "data:,", "data:x", "data:application/json;charset=x,{}", simulator.BlobSelfURL, simulator.BlobSelfURL)}
	case 10:
		return target{url: pick(g.dice, "ftp://api.example.com"+path, "about:blank", "file:///etc/hostname", "foo:bar", "javascript:1", "mailto:a@b", "ws://api.example.com"+path)}
	default:
		return target{url: pick(g.dice, "https://api.example.com:6000", "http://api.example.com:22", "https://app.example.com:10080", "http://api.example.com:25") + path}
	}
}

// cookies are the jar before the first request. Their paths keep them from other cases.
func (g *generator) cookies(to target) []vectors.Cookie {
	if to.wire == "" {
		return nil
	}
	path := "Path=/" + g.token
	var cookies []vectors.Cookie
	for i := range 1 + g.IntN(3) {
		attributes := path + pick(g.dice, "; Secure; SameSite=None", "; Secure; SameSite=None", "; Secure; SameSite=Lax", "; SameSite=Strict", "; Secure", "",
			"; SameSite=None", "; HttpOnly; Secure; SameSite=None", "; Secure; SameSite=bogus", "; Max-Age=0; Secure", "/y; Secure; SameSite=None", "/x; Secure; SameSite=None",
			"; Domain=example.com; Secure; SameSite=None", "; Domain=.partner.net; Secure; SameSite=None", "; Domain=com; Secure; SameSite=None", "; secure; samesite=none")
		name := pick(g.dice, "a", "b", "__Secure-c")
		cookies = append(cookies, vectors.Cookie{URL: to.origin + "/", Name: name, Value: fmt.Sprint(i), Attributes: &attributes})
	}
	return cookies
}
