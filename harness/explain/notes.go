package explain

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// notes are what a browser may do differently at another time, or a different
// browser now.
func notes(question *Question, origin string, outcome simulator.Outcome) []string {
	found := []string{}
	add := func(format string, values ...any) { found = append(found, fmt.Sprintf(format, values...)) }
	for _, step := range outcome.Trace {
		switch {
		case step.Algorithm == "validate a header" && strings.HasPrefix(step.Text, "ignored"):
			add("The page's script cannot set one of the headers: %s.", step.Text)
		case strings.HasPrefix(step.Text, "cookie ignored"):
			add("The browser drops a Set-Cookie of the response: %s.", step.Text)
		}
	}
	for i, exchange := range outcome.Exchanges {
		if exchange.Kind == simulator.ExchangePreflight && i < len(outcome.Exchanges)-1 {
			found = append(found, preflightNotes(question, exchange)...)
		}
		if exchange.Kind == simulator.ExchangeRequest {
			found = append(found, originNotes(question, exchange)...)
		}
		if exchange.Status != 0 && exchange.Failure != "" {
			add("The body of %s broke off (%s): fetch() resolves, and reading the body then fails.", exchange.URL, exchange.Failure)
		}
	}
	found = append(found, cookieNotes(question, outcome)...)
	if hidden := hiddenHeaders(outcome); len(hidden) > 0 {
		add("The response has more than the page can read: %s. To show them, name them in Access-Control-Expose-Headers.", strings.Join(hidden, ", "))
	}
	if asked, err := url.Parse(question.Request.URL); err == nil && isPrivate(asked.Hostname()) && !isPrivate(hostOf(origin)) {
		add("Chrome asks the user before a page of the public internet reaches a private or loopback address (Local Network Access); this is not part of the prediction.")
	}
	return found
}

// preflightNotes are about what a preflight that succeeded means for the next requests.
func preflightNotes(question *Question, preflight simulator.Exchange) []string {
	var found []string
	switch age := preflight.ResponseHeader.Values("Access-Control-Max-Age"); {
	case len(age) == 0:
		found = append(found, "Without Access-Control-Max-Age the browser keeps the preflight's answer for 5 seconds, and then asks again before each such request.")
	case strings.HasPrefix(age[0], "-"), strings.Trim(age[0], "0") == "":
		found = append(found, fmt.Sprintf("Access-Control-Max-Age: %s makes the browser ask again before every such request.", age[0]))
	default:
		found = append(found, fmt.Sprintf("Browsers keep the preflight's answer (Access-Control-Max-Age: %s seconds; Chrome at most 7200): a change of the policy reaches open pages only after that.", age[0]))
	}
	header := preflight.ResponseHeader
	asksForAuthorization := strings.Contains(preflight.RequestHeader.Get("Access-Control-Request-Headers"), "authorization")
	if slices.Contains(header.Values("Access-Control-Allow-Headers"), "*") && asksForAuthorization && question.Profile.WildcardCoversAuthorization {
		found = append(found, "Chromium lets Access-Control-Allow-Headers: * cover Authorization; the standard wants it named, and another engine may insist on that.")
	}
	return found
}

// originNotes are about what Access-Control-Allow-Origin would mean to other requests.
func originNotes(question *Question, exchange simulator.Exchange) []string {
	header := exchange.ResponseHeader
	allowed := strings.Join(header.Values("Access-Control-Allow-Origin"), ", ")
	credentialed := question.Request.Credentials == simulator.CredentialsInclude
	switch {
	case allowed == "*" && header.Get("Access-Control-Allow-Credentials") != "":
		return []string{"Access-Control-Allow-Origin: * and Access-Control-Allow-Credentials contradict each other: with credentials a browser refuses the *."}
	case allowed == "*" && !credentialed:
		return []string{"Access-Control-Allow-Origin: * works without credentials only: the same request with --credentials include would be refused."}
	case allowed == opaqueOrigin:
		return []string{"Access-Control-Allow-Origin: null admits every sandboxed frame and data: URL of any site."}
	case allowed != "" && allowed == exchange.RequestHeader.Get("Origin") && !variesByOrigin(header) && !strings.Contains(strings.ToLower(header.Get("Cache-Control")), "no-store"):
		return []string{"Access-Control-Allow-Origin is the request's own origin and there is no Vary: Origin: if the value depends on who asks, a cache can give this answer to another origin, which then is refused."}
	}
	return nil
}

// cookieNotes are about cookies that were, or were not, sent.
func cookieNotes(question *Question, outcome simulator.Outcome) []string {
	if len(question.Cookies) == 0 {
		return nil
	}
	sent, crossSite := false, false
	for _, exchange := range outcome.Exchanges {
		sent = sent || exchange.RequestHeader.Get("Cookie") != ""
	}
	for _, step := range outcome.Trace {
		crossSite = crossSite || strings.HasPrefix(step.Text, "a cross-site request with credentials")
	}
	switch {
	case sent && crossSite:
		return []string{"The cookie went to another site: a browser that blocks third-party cookies sends none, and one without SameSite=None; Secure is never sent there."}
	case sent:
		return nil
	case crossSite:
		return []string{"The cookie was not sent: to another site only those with SameSite=None; Secure go, and a cookie without SameSite counts as Lax."}
	case question.Request.Credentials != simulator.CredentialsInclude:
		return []string{"The cookie was not sent: to another origin that takes --credentials include."}
	}
	return []string{"The cookie was not sent: no request for which it counts got as far as the wire."}
}

// hiddenHeaders are those of the response that a script could want and cannot read.
func hiddenHeaders(outcome simulator.Outcome) []string {
	if outcome.Kind != simulator.KindReadable {
		return nil
	}
	return slices.DeleteFunc(headerNames(lastExchange(outcome).ResponseHeader), func(name string) bool {
		switch name {
		case "Set-Cookie", "Vary", "Date", "Server", "Connection", "Keep-Alive", "Transfer-Encoding", "Strict-Transport-Security", "Alt-Svc", "Timing-Allow-Origin":
			return true
		}
		_, readable := outcome.Header[name]
		return readable || strings.HasPrefix(name, "Access-Control-") || strings.HasPrefix(name, "Cross-Origin-")
	})
}

func headerNames(header http.Header) []string {
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func hostOf(origin string) string {
	parsed, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return parsed.Hostname()
}

// isPrivate reports whether a host is, by its name alone, no host of the public internet.
func isPrivate(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && (address.IsPrivate() || address.IsLoopback() || address.IsLinkLocalUnicast()) ||
		host == "localhost" || strings.HasSuffix(host, ".localhost")
}
