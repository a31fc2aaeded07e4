package fuzz

import (
	"net/url"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// serve makes up the server's answers to the requests and, where it redirects them, to what follows.
func (g *generator) serve(to target, steps []vectors.Request) {
	if to.wire == "" {
		return
	}
	hops := pickWeighted(g.dice, []weighted[int]{{68, 0}, {20, 1}, {8, 2}, {4, 3}})
	at, origin := to.wire, to.origin
	// What a server must allow: the page's origin, until a redirect from one foreign origin to another.
	allowed := g.page.origin
	for hop := 0; ; hop++ {
		policy := policy{allowed: allowed, steps: steps}
		g.preflightAnswers(at, policy)
		if hop == hops {
			g.answer(at, policy, hop, g.finalStatus(), nil)
			return
		}
		status := pickWeighted(g.dice, []weighted[int]{{28, 302}, {18, 301}, {16, 303}, {18, 307}, {16, 308}, {4, pick(g.dice, 300, 304, 305, 306, 200)}})
		location, next, nextOrigin := g.location(at, origin, hop)
		g.answer(at, policy, hop, status, location)
		if next == "" {
			return
		}
		if nextOrigin != origin && origin != g.page.origin {
			allowed = opaque
		}
		at, origin = next, nextOrigin
	}
}

// location makes up the Location headers of a redirect, and what URL the next request then goes to.
func (g *generator) location(at, origin string, hop int) (headers []vectors.Pair, next, nextOrigin string) {
	name := "r" + string(rune('1'+hop))
	path := "/" + g.token + "/" + name
	one := func(value string) []vectors.Pair { return []vectors.Pair{{"Location", value}} }
	if g.percent(65) {
		target := pickWeighted(g.dice, g.servers())
		return one(target + path), target + path, target
	}
	target := pickWeighted(g.dice, g.servers())
	scheme, host, _ := strings.Cut(target, "://")
	switch g.IntN(15) {
	case 14:
		// Round and round: the 21st redirect is one too many.
		return one(at), "", ""
	case 0:
		return one(path), origin + path, origin
	case 1:
		return one(name), resolve(at, name), origin
	case 2:
		own, _, _ := strings.Cut(origin, "://")
		if strings.Contains(host, ":") {
			host = "api.example.com"
		}
		return one("//" + host + path), own + "://" + host + path, own + "://" + host
	case 3:
		return one("?next"), resolve(at, "?next"), origin
	case 4:
		return one(target + path + "#fragment"), target + path, target
	case 5, 6:
		return one(scheme + "://" + pick(g.dice, "u:p@", "u@", ":p@", "@") + host + path), target + path, target
	case 7:
		return one(pick(g.dice, "data:text/plain,hi", "ftp://api.example.com/x", "about:blank", "blob:https://app.example.com/x", "javascript:1", "file:///x", "foo:bar", "mailto:a")), "", ""
	case 8:
		return one(pick(g.dice, "https://", "https://[bad", "https://a^b/"+g.token, "http://%zz/", "https://api.example.com:99999/")), "", ""
	case 9:
		return one(""), "", ""
	case 10:
		return nil, "", ""
	case 11:
		return []vectors.Pair{{"Location", target + path}, {"Location", pick(g.dice, target+path, target+path+"2")}}, target + path, target
	case 12:
		return one("  " + target + path + " "), target + path, target
	default:
		return one(target + path + pick(g.dice, "?\u00c3\u00a9", "/a b", "/\u00e9", "?'\"<>")), target + path, target
	}
}

// resolve is a reference made absolute; the references here are simple ones.
func resolve(base, reference string) string {
	parsed, err := url.Parse(base)
	if err != nil {
		return ""
	}
	relative, err := parsed.Parse(reference)
	if err != nil {
		return ""
	}
	return relative.String()
}

func (g *generator) finalStatus() int {
	return pickWeighted(g.dice, []weighted[int]{
		{78, 200},
		{22, pick(g.dice, 201, 202, 203, 204, 205, 206, 226, 299, 300, 302, 304, 307, 400, 401, 403, 404, 405, 410, 416, 418, 422, 429, 431, 451, 500, 501, 502, 503, 504, 511, 599, 600, 999)},
	})
}

// answer makes up the answers at a URL to the requests themselves.
func (g *generator) answer(at string, policy policy, hop, status int, location []vectors.Pair) {
	headers := g.allowHeaders(policy)
	headers = append(headers, location...)
	headers = append(headers, g.plainHeaders()...)
	response := vectors.Response{Status: status, Headers: g.shuffled(headers)}
	if !isEmptyStatus(status) {
		response.Body = pick(g.dice, "", "body", "body", "{}", "<!doctype html><p>", "x=1", "\u00e9\u20ac", "\ufeffbom", "GIF89a")
		// A document does not ask again for an image that it has.
		if len(policy.steps) == 1 && isImage(policy.steps[0].Initiator) && g.percent(95) {
			response.Body = image
		}
	}
	for _, method := range methodsAt(policy.steps, hop) {
		g.exchanges = append(g.exchanges, vectors.Exchange{When: vectors.When{Method: method, URL: at}, Response: response})
	}
}

// image is a GIF of one pixel.
const image = "GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

func isImage(initiator simulator.Initiator) bool {
	return strings.HasPrefix(string(initiator), string(simulator.InitiatorImage))
}

// isEmptyStatus tells the statuses whose responses have no content (RFC 9110):
// bytes behind them would be taken for the next response of the connection.
func isEmptyStatus(status int) bool { return status == 204 || status == 205 || status == 304 }

// methodsAt are the methods with which requests may arrive at a hop.
func methodsAt(steps []vectors.Request, hop int) []string {
	seen := map[string]bool{}
	var methods []string
	add := func(method string) {
		if !seen[method] {
			seen[method] = true
			methods = append(methods, method)
		}
	}
	for _, step := range steps {
		add(methodOnTheWire(step))
	}
	if hop > 0 {
		add("GET")
	}
	return methods
}

// preflightAnswers makes up what OPTIONS requests are answered, in turn.
func (g *generator) preflightAnswers(at string, policy policy) {
	for left := len(policy.steps) - 1; ; left-- {
		headers := g.allowHeaders(policy)
		headers = append(headers, g.preflightHeaders(policy)...)
		if g.percent(8) {
			headers = append(headers, g.plainHeaders()...)
		}
		status := pickWeighted(g.dice, []weighted[int]{{60, 204}, {30, 200}, {10, pick(g.dice, 201, 206, 205, 299, 300, 301, 302, 304, 307, 400, 401, 403, 404, 405, 500, 503, 599)}})
		if status/100 == 3 && g.percent(70) {
			headers = append(headers, vectors.Pair{"Location", apiOrigin + "/" + g.token + "/pf"})
		}
		exchange := vectors.Exchange{When: vectors.When{Method: "OPTIONS", URL: at}, Response: vectors.Response{Status: status, Headers: g.shuffled(headers)}}
		if left == 0 || g.percent(40) {
			g.exchanges = append(g.exchanges, exchange)
			return
		}
		exchange.Times = new(1)
		g.exchanges = append(g.exchanges, exchange)
	}
}

// shuffled puts headers into another order, and says that nothing may be stored:
// the simulator has no HTTP cache.
func (g *generator) shuffled(headers []vectors.Pair) []vectors.Pair {
	headers = append(headers, vectors.Pair{"Cache-Control", "no-store"})
	g.Shuffle(len(headers), func(i, j int) { headers[i], headers[j] = headers[j], headers[i] })
	return headers
}
