package chrome

import (
	"net/http"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/network"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// exchanges are the requests on the wire, in the order in which they were sent:
// before each hop of the page's request the preflight that it needed.
func (r *recording) exchanges() []simulator.Exchange {
	exchanges := []simulator.Exchange{}
	for _, request := range r.requests {
		if len(request.hops) == 0 || request.preflightOf != "" {
			continue
		}
		preflights := r.preflights(request.id)
		raw := request.rawHeaders()
		for i := range request.hops {
			refused := false
			for _, p := range preflights {
				if request.hopOf(p) != i {
					continue
				}
				exchanges = p.appendTo(exchanges, simulator.ExchangePreflight, 0, p.rawHeaders()[0])
				refused = p.failed != nil || !p.finished
			}
			if !refused || raw[i].sent != nil {
				exchanges = request.appendTo(exchanges, simulator.ExchangeRequest, i, raw[i])
			}
		}
	}
	return exchanges
}

// hopOf is the hop that a preflight belongs to: the last that was begun before it, of those for
// its URL where there is one. Times alone would not do: a preflight's is that of Chrome's main
// thread, which may take it up after the next hop has begun.
func (q *recordedRequest) hopOf(preflight *recordedRequest) int {
	of, _ := wireURL(preflight.hops[0].request.URL)
	forURL := func(hop recordedHop) bool {
		url, _ := wireURL(hop.request.URL)
		return url == of
	}
	anyURL := !slices.ContainsFunc(q.hops, forURL)
	found := -1
	for i, hop := range q.hops {
		if (anyURL || forURL(hop)) && (found < 0 || hop.at <= preflight.hops[0].at) {
			found = i
		}
	}
	return found
}

// rawPair are the raw headers of one hop; nil where it has none.
type rawPair struct {
	sent     *network.EventRequestWillBeSentExtraInfo
	received *network.EventResponseReceivedExtraInfo
}

// rawHeaders assigns the raw headers to the hops. A hop from the HTTP cache has
// none. For the last hop the announcement is not relied on: a response that
// Chromium blocks as opaque (ORB) is replaced by an empty one that denies its headers.
func (q *recordedRequest) rawHeaders() []rawPair {
	pairs := make([]rawPair, len(q.hops))
	sent, received := q.sent, q.received
	unsent := q.redirectRefused()
	for i := range q.hops {
		hop := &q.hops[i]
		last := i == len(q.hops)-1
		if last && unsent || !last && !hop.hasExtra && !(unsent && i == len(q.hops)-2) {
			continue
		}
		if last && len(sent) > 1 {
			// Chrome sends a request again, without a word, when a kept connection turns out
			// to be closed. What it sent last is what was answered.
			sent = sent[len(sent)-1:]
		}
		if len(sent) > 0 {
			pairs[i].sent, sent = sent[0], sent[1:]
		}
		if len(received) > 0 {
			pairs[i].received, received = received[0], received[1:]
		}
	}
	return pairs
}

// redirectRefused reports whether the page did not follow the last redirect: its hop
// was never sent, and the one before it has raw headers that were not announced.
func (q *recordedRequest) redirectRefused() bool {
	return len(q.hops) > 1 && q.response == nil && q.failed != nil && q.failed.ErrorText == "net::ERR_ABORTED"
}

// appendTo adds the exchange of a hop, unless nothing of it went to the network.
func (q *recordedRequest) appendTo(exchanges []simulator.Exchange, kind simulator.ExchangeKind, i int, raw rawPair) []simulator.Exchange {
	hop := q.hops[i]
	wire, ok := wireURL(hop.request.URL)
	if !ok {
		return exchanges
	}
	exchange := simulator.Exchange{Kind: kind, Method: hop.request.Method, URL: wire}
	switch {
	case raw.sent != nil:
		exchange.RequestHeader = headerOf(raw.sent.Headers)
	case raw.received != nil:
		exchange.RequestHeader = headerOf(hop.request.Headers)
	case q.connectionFailed(i):
		// There was no connection, so no header was sent.
	default:
		// From the HTTP cache, or refused before it was sent.
		return exchanges
	}
	if raw.received != nil {
		exchange.Status = int(raw.received.StatusCode)
		exchange.ResponseHeader = headerOf(raw.received.Headers)
	} else {
		exchange.Failure = q.failureText()
	}
	return append(exchanges, exchange)
}

// connectionFailed reports whether the hop went to the network and failed there.
func (q *recordedRequest) connectionFailed(i int) bool {
	if i != len(q.hops)-1 || q.response != nil || q.cached {
		return false
	}
	if q.failed == nil {
		return !q.finished
	}
	if q.failed.BlockedReason != "" || q.failed.CorsErrorStatus != nil {
		return false
	}
	entry, known := netErrors[q.failed.ErrorText]
	return known && entry.onTheWire
}

// failureText says in the browser's words why there is no response.
func (q *recordedRequest) failureText() string {
	if q.failed == nil {
		return "no response"
	}
	return q.failed.ErrorText
}

// wireURL is a URL as it goes on the wire, without fragment and userinfo; not
// ok for those that never do.
func wireURL(raw string) (string, bool) {
	scheme, rest, found := strings.Cut(raw, "://")
	if !found || scheme != "http" && scheme != "https" {
		return "", false
	}
	rest, _, _ = strings.Cut(rest, "#")
	authority, path := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		authority = authority[at+1:]
	}
	return scheme + "://" + authority + path, true
}

// headerOf turns DevTools' headers into Go's: canonical names, a value for
// each line, without the pseudo-header fields of HTTP/2.
func headerOf(headers network.Headers) http.Header {
	header := make(http.Header, len(headers))
	names := make([]string, 0, len(headers))
	for name := range headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text, ok := headers[name].(string)
		if !ok || strings.HasPrefix(name, ":") {
			continue
		}
		for value := range strings.SplitSeq(text, "\n") {
			header.Add(name, value)
		}
	}
	return header
}
