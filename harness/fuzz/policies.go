package fuzz

import (
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// policy is what a server would have to allow for the requests to succeed.
type policy struct {
	allowed string
	steps   []vectors.Request
}

func (p policy) credentialed() bool {
	for _, step := range p.steps {
		if step.Credentials == simulator.CredentialsInclude || strings.HasSuffix(string(step.Initiator), "-use-credentials") {
			return true
		}
	}
	return false
}

// lines are header lines of one name.
func lines(name string, values ...string) []vectors.Pair {
	pairs := make([]vectors.Pair, 0, len(values))
	for _, value := range values {
		pairs = append(pairs, vectors.Pair{name, value})
	}
	return pairs
}

// allowHeaders makes up Access-Control-Allow-Origin and -Credentials. Most of them
// allow what is asked, because behind each refusal everything else is hidden.
func (g *generator) allowHeaders(policy policy) []vectors.Pair {
	const origin, credentials = "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"
	var headers []vectors.Pair
	switch n := g.IntN(100); {
	case n < 66:
		headers = lines(origin, policy.allowed)
	case n < 80:
		headers = lines(origin, "*")
	case n < 84:
	case n < 87:
		headers = lines(origin, pick(g.dice, policy.allowed, "*", ""), pick(g.dice, policy.allowed, "*", "", "https://other.example"))
	default:
		headers = lines(origin, g.originEdge(policy.allowed))
	}
	switch n := g.IntN(100); {
	case n < 50 || policy.credentialed() && n < 88:
		headers = append(headers, vectors.Pair{credentials, "true"})
	case n < 90:
	case n < 92:
		headers = append(headers, lines(credentials, "true", pick(g.dice, "true", "false", ""))...)
	default:
		headers = append(headers, vectors.Pair{credentials, pick(g.dice,
			"TRUE", "True", "false", "", " true", "true ", "\ttrue\t", "true, true", "true,", "1", "\"true\"", "true\x0b", "tru\u00e9", "yes", "*")})
	}
	return headers
}

// originEdge is a value next to one that would be right.
func (g *generator) originEdge(allowed string) string {
	host := strings.TrimPrefix(strings.TrimPrefix(allowed, "https://"), "http://")
	return pick(g.dice, "", " ", opaque, "NULL", " null ", allowed+"/", allowed+":443", allowed+":80", " "+allowed+" ", "\t"+allowed, "http://"+host, "https://"+host,
		strings.ToUpper(allowed), strings.Replace(allowed, "https", "HTTPS", 1), host, "//"+host, "https://*.example.com", "*.example.com", "https://*",
		allowed+", "+allowed, allowed+" *", "*, *", "* ", "**", "*,", allowed+",", ","+allowed, allowed+";", "\""+allowed+"\"", "'"+allowed+"'", allowed+"\x0b", "\u00a0"+allowed,
		allowed+"\u00e9", allowed+"?x", allowed+"#x", "https://u@"+host, "https://other.example", "https://example.com", "true", "about:blank", "data:,", "https://", "://",
		"https://xn--bcher-kva.example", "https://b\u00c3\u00bccher.example", "file://", "[\""+allowed+"\"]", "https://"+host+".", "https://"+host+":8443", "https://"+host+":0443")
}

// preflightHeaders makes up what preflights are answered besides.
func (g *generator) preflightHeaders(policy policy) []vectors.Pair {
	headers := append(g.allowMethods(policy), g.allowRequestHeaders(policy)...)
	if g.percent(35) {
		headers = append(headers, lines("Access-Control-Max-Age", pick(g.dice, "0", "0", "600", "600", "86400", "-1", "+600", " 600 ", "00600", "abc", "1.5", "", "600s", "\"600\"",
			"600, 600", "99999999999", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "0x10", "6 0", "1e3", "-0", "- 1", "+", "-"))...)
		if g.percent(6) {
			headers = append(headers, vectors.Pair{"Access-Control-Max-Age", pick(g.dice, "600", "0", "x")})
		}
	}
	return headers
}

func (g *generator) allowMethods(policy policy) []vectors.Pair {
	const name = "Access-Control-Allow-Methods"
	var methods []string
	for _, step := range policy.steps {
		methods = append(methods, methodOnTheWire(step))
	}
	if !validBytes(strings.Join(methods, "")) {
		return nil
	}
	switch n := g.IntN(100); {
	case n < 66:
		return lines(name, strings.Join(methods, ", "))
	case n < 76:
		return lines(name, "*")
	case n < 80:
		return nil
	case n < 83:
		return lines(name, methods...)
	}
	one := methods[0]
	return lines(name, pick(g.dice, "", strings.ToLower(one), strings.ToUpper(one), "GET", "GET,POST", one+";", one+"; POST", one+" POST", ",,"+one+",,", " "+one+" ", "\t"+one+"\t,",
		"\""+one+"\"", one+"x", "*, "+one, "*,*", "(", one+", (", "/", "PUT, /", one+"\x0b", one+"\u00e9", "null", "PUT,DELETE,PATCH,FOO,foo,patch"))
}

func (g *generator) allowRequestHeaders(policy policy) []vectors.Pair {
	const name = "Access-Control-Allow-Headers"
	seen := map[string]bool{}
	var names []string
	for _, step := range policy.steps {
		for _, header := range step.Headers {
			if lower := strings.ToLower(header[0]); !seen[lower] && validBytes(lower) && lower != "" {
				seen[lower] = true
				names = append(names, lower)
			}
		}
	}
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	all := strings.Join(names, ", ")
	switch n := g.IntN(100); {
	case n < 55:
		return lines(name, all)
	case n < 68:
		return lines(name, "*")
	case n < 74:
		return nil
	case n < 78 && len(names) > 0:
		return lines(name, names...)
	case n < 86 && len(names) > 0:
		// One is missing.
		return lines(name, strings.Join(names[1:], ","))
	}
	return lines(name, pick(g.dice, "", strings.ToUpper(all), g.mixCase(all), strings.ReplaceAll(all, ", ", ","), ",,"+all+",,", " "+all+" ", "\t"+all, "*, "+all, "*, authorization", "authorization",
		"\""+all+"\"", all+";", all+"; q=1", strings.ReplaceAll(all, ", ", " "), "x-a, (", all+"\x0b", all+"\u00e9", "content-type", "X-A,X-B,X-Custom", "**", "x-*"))
}

// validBytes tells whether a text is one that a server can write into a header line.
func validBytes(text string) bool {
	for _, unit := range text {
		if unit > 0xFF || unit == '\n' || unit == '\r' || unit == 0 {
			return false
		}
	}
	return true
}

// plainHeaders makes up response headers that have nothing to do with permission,
// what is said of their visibility, and policies of the resource.
func (g *generator) plainHeaders() []vectors.Pair {
	candidates := []vectors.Pair{
		{"X-A", "1"},
		{"X-A", "2"},
		{"x-b", " padded "},
		{"X-C", ""},
		{"X-D", "\u00e9\u0080"},
		{"ETag", "\"v\""},
		{"Content-Language", "en"},
		{"Expires", "0"},
		{"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"},
		{"Pragma", "no-cache"},
		{"Vary", "Origin"},
		{"X-Content-Type-Options", "nosniff"},
		{"Allow", "GET"},
		{"Content-Disposition", "attachment"},
		{"Server", "s"},
		{"Set-Cookie2", "x=1"},
		{"Retry-After", "1"},
		{"Age", "0"},
		{"Content-Location", "/x"},
		{"X-E", "a,b"},
		{"Warning", "199 - x"},
		{"Access-Control-Request-Method", "PUT"},
		{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"},
		{"Server-Timing", "a;dur=1"},
	}
	var headers []vectors.Pair
	for range pickWeighted(g.dice, []weighted[int]{{35, 0}, {25, 1}, {20, 2}, {20, 4}}) {
		headers = append(headers, pick(g.dice, candidates...))
	}
	if g.percent(60) {
		headers = append(headers, vectors.Pair{"Content-Type", pick(g.dice, "text/plain", "text/plain;charset=utf-8", "application/json", "text/html", "text/javascript", "application/javascript",
			"image/gif", "image/png", "image/svg+xml", "text/css", "application/octet-stream", "", "x", "text/xml", "text/event-stream", "text/event-stream; charset=x", "font/woff2")})
	}
	if g.percent(35) {
		headers = append(headers, lines("Access-Control-Expose-Headers", pick(g.dice, "X-A", "x-a, x-b, x-c", "*", "*, X-A", "\"X-A\"", "X-A X-B", "X-A;", ",,X-A,,", "", "set-cookie, x-a",
			"x-d,etag,date,server", "authorization", "X-A,*", " X-A\t", "x-\u00e9", "X-A, (", "content-length", "vary,allow", "**"))...)
		if g.percent(15) {
			headers = append(headers, vectors.Pair{"Access-Control-Expose-Headers", pick(g.dice, "X-B", "*", "", "(")})
		}
	}
	if g.percent(25) {
		headers = append(headers, lines("Cross-Origin-Resource-Policy", pick(g.dice, "same-origin", "same-site", "cross-origin", "same-origin", "same-site", "Same-Origin", "",
			"cross-origin, same-origin", "same-origin;", "bogus", " same-site ", "\"same-origin\""))...)
		if g.percent(5) {
			headers = append(headers, vectors.Pair{"Cross-Origin-Resource-Policy", "same-site"})
		}
	}
	if g.percent(10) {
		headers = append(headers, vectors.Pair{"Timing-Allow-Origin", pick(g.dice, "*", g.page.origin, opaque, "", "https://other.example")})
	}
	if g.percent(10) {
		headers = append(headers, vectors.Pair{"Referrer-Policy", pick(g.dice, append(referrerPolicies(), "", "bogus", "no-referrer, bogus", "1, unsafe-url", "origin, unsafe-url", "NO-REFERRER", "\"origin\"")...)})
	}
	if g.percent(10) {
		headers = append(headers, vectors.Pair{"Set-Cookie", pick(g.dice, "s=1", "s=1; SameSite=None; Secure", "s=1; SameSite=Strict", "s=1; SameSite=Lax; Secure", "s=1; SameSite=None", "s=; Max-Age=0") + "; Path=/" + g.token})
	}
	return headers
}
