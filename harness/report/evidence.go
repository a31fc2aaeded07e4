package report

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// The response headers that advice is about.
const (
	allowOrigin      = "Access-Control-Allow-Origin"
	allowCredentials = "Access-Control-Allow-Credentials"
	allowMethods     = "Access-Control-Allow-Methods"
	allowHeaders     = "Access-Control-Allow-Headers"
	resourcePolicy   = "Cross-Origin-Resource-Policy"
)

// evidence is what is known of a refused request: the outcome, the exchange
// that was refused and what the hops made of its answer. Every part but the
// outcome can be missing, because a live deployment shows no hops and some
// requests are refused before they are sent.
type evidence struct {
	request  Request
	outcome  simulator.Outcome
	exchange simulator.Exchange
	hops     []harness.HopResponse
	events   []HeaderEvent
	// reachedApp and known: whether the app saw the request, if hops were seen at all.
	reachedApp bool
}

// decidingResult gives the result that counts: a real browser's before the
// simulator's. A client without CORS decides nothing.
func decidingResult(request Request) (BrowserResult, bool) {
	best, found := BrowserResult{}, false
	for _, result := range request.Browsers {
		if result.Browser == browserCurl {
			continue
		}
		// A prediction gives way to a real browser, and no refusal to a refusal.
		refused, bestRefused := result.Outcome.Reason.Code != "", best.Outcome.Reason.Code != ""
		if !found || refused && !bestRefused || refused == bestRefused && best.Browser == browserSimulator {
			best, found = result, true
		}
	}
	return best, found
}

// evidenceOf gathers the evidence; false when nothing was refused.
func evidenceOf(request Request) (evidence, bool) {
	result, ok := decidingResult(request)
	if !ok || result.Outcome.Reason.Code == "" {
		return evidence{}, false
	}
	e := evidence{request: request, outcome: result.Outcome}
	// A browser stops at the exchange that it refuses: it is the last.
	if n := len(result.Outcome.Exchanges); n > 0 {
		e.exchange = result.Outcome.Exchanges[n-1]
		if transit := lastTransit(result.Transits, e.exchange); transit != nil {
			e.hops, e.reachedApp = transit.Hops, transit.ReachedApp
			e.events = HeaderEvents(e.hops)
		}
	}
	return e, true
}

func lastTransit(transits []harness.Transit, exchange simulator.Exchange) *harness.Transit {
	for i := range slices.Backward(transits) {
		if transits[i].Method == exchange.Method && sameURL(transits[i].URL, exchange.URL) {
			return &transits[i]
		}
	}
	return nil
}

// sameURL compares URLs up to an empty path, which a hop sees as "/".
func sameURL(a, b string) bool {
	return strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/")
}

// code and parameter are the browser's.
func (e evidence) code() simulator.ReasonCode { return e.outcome.Reason.Code }
func (e evidence) parameter() string          { return e.outcome.Reason.Parameter }

// origin is what the refused request carried in Origin; else what the page's
// URL says.
func (e evidence) origin() string {
	if origin := canonical(e.exchange.RequestHeader).Get("Origin"); origin != "" {
		return origin
	}
	page := e.request.Page.URL
	if e.request.Page.Iframe != "" {
		page = e.request.Page.Iframe
	}
	if parsed, err := url.Parse(page); err == nil && parsed.Host != "" {
		return parsed.Scheme + "://" + parsed.Host
	}
	return "the page's origin"
}

// credentialed tells whether the page's script asked for credentials.
func (e evidence) credentialed() bool {
	return e.request.Request.Credentials == simulator.CredentialsInclude
}

// redirected tells whether the refused exchange came after a redirect.
func (e evidence) redirected() bool {
	return slices.ContainsFunc(e.outcome.Exchanges, func(exchange simulator.Exchange) bool {
		return exchange.Kind == simulator.ExchangeRequest && exchange.Status >= 300 && exchange.Status < 400
	})
}

// statusChange gives the last two neighbouring hops of which the outer sent
// another status than it got.
func (e evidence) statusChange() (inner, outer harness.HopResponse, found bool) {
	for i := len(e.hops) - 1; i > 0; i-- {
		if e.hops[i].Status != e.hops[i-1].Status {
			return e.hops[i-1], e.hops[i], true
		}
	}
	return inner, outer, false
}

// policy names the hop, or the server where no hop was seen, that looked at the
// request's Origin and admitted it not: CORS middlewares say "Vary: Origin" on
// the answers that they refuse, too.
func (e evidence) policy() (string, bool) {
	hops := e.hops
	if len(hops) == 0 {
		hops = []harness.HopResponse{{Hop: e.server(), Header: e.exchange.ResponseHeader}}
	}
	for _, hop := range hops {
		for _, member := range listMembers(canonical(hop.Header)["Vary"]) {
			if strings.EqualFold(member, "Origin") {
				return hop.Hop, true
			}
		}
	}
	return "", false
}

// asked is what a policy has to allow: the origin, and what a preflight asks for.
func (e evidence) asked() string {
	header := canonical(e.exchange.RequestHeader)
	asked := "the origin " + e.origin()
	if method := header.Get("Access-Control-Request-Method"); method != "" {
		asked += ", the method " + method
	}
	if names := header.Get("Access-Control-Request-Headers"); names != "" {
		asked += ", the headers " + names
	}
	return asked
}

// answering is the hop that answered: the innermost that saw the request.
func (e evidence) answering() string {
	if len(e.hops) > 0 {
		return e.hops[0].Hop
	}
	return e.server()
}

// server names the other side where no hop was seen.
func (e evidence) server() string {
	if parsed, err := url.Parse(e.exchange.URL); err == nil && parsed.Host != "" {
		return parsed.Host
	}
	if parsed, err := url.Parse(e.request.Request.URL); err == nil && parsed.Host != "" {
		return parsed.Host
	}
	return "the server"
}

// status is what the browser saw, or else what the outermost hop sent.
func (e evidence) status() int {
	if e.exchange.Status == 0 && len(e.hops) > 0 {
		return e.hops[len(e.hops)-1].Status
	}
	return e.exchange.Status
}

// responseHeader is the refused response's, as the browser got it.
func (e evidence) responseHeader(name string) []string {
	if values := canonical(e.exchange.ResponseHeader)[name]; len(values) > 0 {
		return values
	}
	if len(e.hops) > 0 {
		return canonical(e.hops[len(e.hops)-1].Header)[name]
	}
	return nil
}

// event gives the last thing that was done to a header by one of the actions.
func (e evidence) event(header string, actions ...Action) (HeaderEvent, bool) {
	for i := range slices.Backward(e.events) {
		if e.events[i].Header == header && slices.Contains(actions, e.events[i].Action) {
			return e.events[i], true
		}
	}
	return HeaderEvent{}, false
}

// setter is the hop that gave a header the value it arrived with.
func (e evidence) setter(header string) (HeaderEvent, bool) {
	return e.event(header, ActionSet, ActionReplaced, ActionAppended)
}

// responsible names the hop at which a header has to change: the one that sent
// it, else the one that answers CORS at all, else the one that answered.
func (e evidence) responsible(header string) string {
	for _, name := range []string{header, allowOrigin} {
		if event, ok := e.setter(name); ok {
			return event.Hop
		}
	}
	if hop, ok := e.hop("ingress-nginx"); ok {
		return hop.Hop
	}
	return e.answering()
}

// hop gives the hop whose name begins with the prefix.
func (e evidence) hop(prefix string) (harness.HopResponse, bool) {
	i := slices.IndexFunc(e.hops, func(hop harness.HopResponse) bool { return strings.HasPrefix(hop.Hop, prefix) })
	if i < 0 {
		return harness.HopResponse{}, false
	}
	return e.hops[i], true
}

// fromCache tells whether the answer was stored: a shared cache, and nothing behind it, answered.
func (e evidence) fromCache() bool {
	if len(e.hops) == 0 {
		return false
	}
	return strings.Contains(strings.ToLower(e.hops[0].Hop), "cache") || http.Header(canonical(e.hops[0].Header)).Get("Age") != ""
}

// preflight tells whether the browser refused the preflight, and not the request itself.
func (e evidence) preflight() bool {
	return e.exchange.Kind == simulator.ExchangePreflight || strings.HasPrefix(string(e.code()), "Preflight")
}
