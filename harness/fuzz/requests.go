package fuzz

import (
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// request makes up what script asks for.
func (g *generator) request(url string) vectors.Request {
	request := vectors.Request{URL: url}
	if url == simulator.BlobSelfURL {
		request.BlobBody = new(pick(g.dice, "", "text", "\u00e9"))
		request.BlobType = pick(g.dice, "", "text/plain", "Text/HTML; charset=x", "bogus")
	}
	switch {
	case url == simulator.BlobSelfURL && g.percent(30):
		request.Initiator = simulator.InitiatorXHR
		request.Method, request.Headers = g.method(), g.requestHeaders()
		return request
	case url == simulator.BlobSelfURL, strings.HasPrefix(url, "data:"):
		g.fetchInit(&request)
		return request
	}
	request.Initiator = pickWeighted(g.dice, []weighted[simulator.Initiator]{
		{146, ""},
		{20, simulator.InitiatorXHR},
		{10, simulator.InitiatorXHRUploadListener},
		{4, simulator.InitiatorXHRUploadListenerLate},
		{3, simulator.InitiatorImage},
		{1, simulator.InitiatorImageAnonymous},
		{1, simulator.InitiatorImageUseCredentials},
		{3, simulator.InitiatorScript},
		{1, simulator.InitiatorScriptAnonymous},
		{1, simulator.InitiatorScriptUseCredentials},
		{1, simulator.InitiatorModuleScript},
		{1, simulator.InitiatorModuleScriptAnonymous},
		{1, simulator.InitiatorModuleScriptUseCredentials},
		{1, simulator.InitiatorStylesheet},
		{1, simulator.InitiatorStylesheetAnonymous},
		{1, simulator.InitiatorStylesheetUseCredentials},
		{1, simulator.InitiatorFont},
		{2, simulator.InitiatorEventSource},
		{1, simulator.InitiatorEventSourceWithCredentials},
		{3, simulator.InitiatorBeacon},
	})
	switch {
	case request.Initiator == "":
		g.fetchInit(&request)
	case isXHR(request.Initiator):
		request.Method = g.method()
		if g.percent(40) {
			request.Credentials = simulator.CredentialsInclude
		}
		request.Headers = g.requestHeaders()
		request.Body = g.body(request.Method)
	case request.Initiator == simulator.InitiatorBeacon:
		request.Body = g.body(new("POST"))
	default:
		if g.percent(20) && hasReferrerPolicy(request.Initiator) {
			request.ReferrerPolicy = pick(g.dice, referrerPolicies()...)
		}
	}
	return request
}

// hasReferrerPolicy reports whether the element has the attribute.
func hasReferrerPolicy(initiator simulator.Initiator) bool {
	return !strings.HasPrefix(string(initiator), "eventsource") && initiator != simulator.InitiatorFont
}

// fetchInit makes up the second argument of fetch().
func (g *generator) fetchInit(request *vectors.Request) {
	request.Method = g.method()
	request.Mode = pickWeighted(g.dice, []weighted[simulator.Mode]{
		{75, ""}, {5, simulator.ModeCORS}, {15, simulator.ModeNoCORS}, {5, simulator.ModeSameOrigin},
	})
	if request.Mode == simulator.ModeNoCORS && g.percent(80) {
		request.Method = pick(g.dice, nil, new("GET"), new("HEAD"), new("POST"), new("post"))
	}
	request.Credentials = pickWeighted(g.dice, []weighted[simulator.CredentialsMode]{
		{45, ""}, {35, simulator.CredentialsInclude}, {10, simulator.CredentialsOmit}, {10, simulator.CredentialsSameOrigin},
	})
	request.Redirect = pickWeighted(g.dice, []weighted[simulator.RedirectMode]{
		{80, ""}, {5, simulator.RedirectFollow}, {8, simulator.RedirectManual}, {7, simulator.RedirectError},
	})
	request.Headers = g.requestHeaders()
	request.Body = g.body(request.Method)
	if g.percent(15) {
		request.ReferrerPolicy = pick(g.dice, append(referrerPolicies(), "never", "")...)
	}
	if g.percent(10) {
		request.Referrer = new(pick(g.dice, "", "about:client", "about:blank", "/other?x=1#y", appOrigin+"/r/s?t",
			"https://www.partner.net/x", "http://app.example.com/insecure", "https://[bad", "https://u:p@app.example.com/x"))
	}
}

func isXHR(initiator simulator.Initiator) bool { return strings.HasPrefix(string(initiator), "xhr") }

// method makes up a method; nil is the default.
func (g *generator) method() *string {
	return pickWeighted(g.dice, []weighted[*string]{
		{20, nil},
		{12, new("GET")},
		{16, new("POST")},
		{14, new("PUT")},
		{8, new("DELETE")},
		{8, new("PATCH")},
		{4, new("HEAD")},
		{3, new("OPTIONS")},
		{12, new(pick(g.dice, "get", "Get", "post", "Post", "head", "put", "Put", "delete", "Delete", "options", "patch", "Patch"))},
		{2, new(pick(g.dice, "FOO", "foo", "PROPFIND", "X-Y", "!#$%&'*+-.^_`|~9", "M", "GETS", "LOCK"))},
		{2, new(pick(g.dice, "CONNECT", "connect", "TRACE", "trace", "Track", "TRACK", "a b", "GET ", "P\u00dcT", "(", "G\nT"))},
	})
}

// methodOnTheWire is the method as a server sees it.
// https://fetch.spec.whatwg.org/#concept-method-normalize
func methodOnTheWire(request vectors.Request) string {
	switch {
	case request.Initiator == simulator.InitiatorBeacon:
		return "POST"
	case request.Method == nil:
		return "GET"
	}
	switch upper := strings.ToUpper(*request.Method); upper {
	case "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT":
		return upper
	}
	return *request.Method
}

// body makes up a body for most methods that can have one, and for some that cannot.
func (g *generator) body(method *string) *vectors.Body {
	chance := 60
	if method == nil || strings.EqualFold(*method, "GET") || strings.EqualFold(*method, "HEAD") {
		chance = 2
	}
	if !g.percent(chance) {
		return nil
	}
	return pickWeighted(g.dice, []weighted[*vectors.Body]{
		{6, &vectors.Body{Text: "text"}},
		{1, &vectors.Body{Text: ""}},
		{1, &vectors.Body{Text: "\u00e9\u20ac\U0001F600"}},
		{2, &vectors.Body{FormData: []vectors.Pair{{"a", "1"}, {"b", "\u00e9"}}}},
	})
}

// requestHeaders makes up headers as script sets them.
func (g *generator) requestHeaders() []vectors.Pair {
	count := pickWeighted(g.dice, []weighted[int]{{40, 0}, {26, 1}, {16, 2}, {8, 3}, {6, 4}, {2, 9}, {2, 10 + g.IntN(30)}})
	var headers []vectors.Pair
	for range count {
		header := g.requestHeader()
		if g.percent(15) {
			header[0] = g.mixCase(header[0])
		}
		headers = append(headers, header)
		if g.percent(6) {
			headers = append(headers, vectors.Pair{header[0], g.requestHeaderValue(header[0])})
		}
	}
	return headers
}

func (g *generator) requestHeader() vectors.Pair {
	name := pickWeighted(g.dice, []weighted[string]{
		{10, "Accept"},
		{7, "Accept-Language"},
		{6, "Content-Language"},
		{14, "Content-Type"},
		{9, "Range"},
		{22, pick(g.dice, "X-A", "X-B", "X-Custom", "x-lower", "X-Requested-With", "Traceparent", "Last-Event-ID", "!odd~name", "_", "9")},
		{8, "Authorization"},
		{6, pick(g.dice, "Cache-Control", "Pragma", "If-None-Match", "If-Modified-Since", "If-Range", "If-Match")},
		{7, pick(g.dice, "Save-Data", "DPR", "Width", "Viewport-Width", "Downlink", "Device-Memory", "RTT", "ECT", "Sec-CH-UA", "Sec-CH-UA-Mobile")},
		{5, pick(g.dice, "Accept-Charset", "Accept-Encoding", "Access-Control-Request-Headers", "Access-Control-Request-Method",
			"Connection", "Content-Length", "Cookie", "Cookie2", "Date", "DNT", "Expect", "Host", "Keep-Alive", "Origin",
			"Referer", "Set-Cookie", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "Proxy-X", "Sec-X", "Sec", "Proxy")},
		{2, pick(g.dice, "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override")},
		{2, pick(g.dice, "User-Agent", "Content-Encoding", "Content-Location", "Purpose", "Priority", "Upgrade-Insecure-Requests", "From", "Max-Forwards")},
		{1, pick(g.dice, "", "X A", "X:", "\u00e9", "X\n", "X-A ")},
	})
	return vectors.Pair{name, g.requestHeaderValue(name)}
}

// requestHeaderValue makes up a value, in code units as script passes it.
func (g *generator) requestHeaderValue(name string) string {
	if g.percent(3) {
		return pick(g.dice, "", " ", " a ", "\ta\t", "\x01", "a\x7fb", "\u00e9", "\u0100", "a\nb", "a\x00b", "\na\n", "a\rb", "a,b", ",")
	}
	switch strings.ToLower(name) {
	case "accept":
		return pick(g.dice, "*/*", "application/json", "text/html;q=0.9, */*", g.longValue(), g.unsafeValue(), "a\tb", "\x0b", "\u00ff")
	case "accept-language", "content-language":
		return pick(g.dice, "en", "de-DE,de;q=0.9", "*", "en_US", "en/gb", "e\u00f1", "a=b", "a;b,c.d*-", g.longValue(), g.unsafeValue())
	case "content-type":
		return pick(g.dice, "text/plain", "TEXT/PLAIN", "text/plain;charset=utf-8", "text/plain; charset=\"utf-8\"", "text/plain;", "text/plain ; a=b",
			"text/plain;charset=us-ascii", "text/plainx", "text", "text/", "/plain", "text/plain, text/html", "text/html", "application/json",
			"application/json;charset=utf-8", "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=x",
			"multipart/form-data", "multipart/form-data; boundary=x", "application/csp-report", "application/grpc", "text/plain;p="+strings.Repeat("a", 114+g.IntN(4)),
			"text/plain;a=(", "text/plain;a=b c", "text /plain", "image/png", "", "text/plain\u00e9")
	case "range":
		return pick(g.dice, "bytes=0-", "bytes=0-5", "bytes=5-2", "bytes=5-5", "bytes=-5", "bytes=-0", "bytes=-1", "bytes=0--1", "bytes=-", "bytes=", "BYTES=0-5", "bytes=0-5,7-8", "bytes= 0-5", "bytes =0-5",
			"bytes=0 -5", "bytes=0- 5", "bytes=\t0-5", "bytes=00-005", "bytes=9223372036854775807-", "bytes=9223372036854775808-",
			"bytes=0-9223372036854775808", "bytes=99999999999999999999-", "items=0-1", "bytes=0-5 ", "bytes=+0-5", "bytes=0x0-", "bytes=0-5;", "bytes")
	case "authorization":
		return pick(g.dice, "Basic dTpw", "Bearer token", "x")
	case "save-data":
		return pick(g.dice, "on", "On", "off", "", "1")
	case "dpr", "width", "viewport-width", "downlink", "device-memory", "rtt":
		return pick(g.dice, "1", "1.5", "0", "-1", "x", "1e3", "", "1.", ".5", "1 ", "100")
	case "ect":
		return pick(g.dice, "4g", "3g", "5g", "", "4G", "slow-2g")
	case "x-http-method", "x-http-method-override", "x-method-override":
		return pick(g.dice, "PUT", "TRACE", "trace", "PUT, track", "\"TRACE\"", "TRACES", " CONNECT ", "a,,CONNECT")
	case "if-none-match", "if-match", "if-range":
		return pick(g.dice, "\"x\"", "*", "W/\"y\"")
	case "if-modified-since", "date":
		return "Sun, 06 Nov 1994 08:49:37 GMT"
	case "cache-control":
		return pick(g.dice, "no-cache", "no-store", "max-age=0", "only-if-cached", "x")
	case "transfer-encoding":
		return "chunked"
	}
	return pick(g.dice, "1", "x", "a b", "a, b", "")
}

// longValue is about as long as the safelist allows.
func (g *generator) longValue() string {
	return strings.Repeat("a", pick(g.dice, 126, 127, 128, 129, 64))
}

// unsafeValue holds one byte on or next to the list of unsafe ones.
// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte
func (g *generator) unsafeValue() string {
	return "a" + string(pick(g.dice, []rune("\x01\x08\x0b\x0c\x1f !\"#'()*:;<=>?@[\\]^`{|}~\x7f\u0080\u00ff")...)) + "b"
}
