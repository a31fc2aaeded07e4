package report

import (
	"fmt"
	"net/url"
	"strings"
)

// adviseMissing is for a response without Access-Control-Allow-Origin. Whoever
// took the header away or answered in the app's stead comes first: a
// configuration that is right elsewhere does not help there.
func adviseMissing(e evidence) string {
	if dropped, ok := e.event(allowOrigin, ActionDropped); ok {
		return fmt.Sprintf("%s answers CORS (%s: %s), but %s drops the header: let %s pass Access-Control-* on, or answer CORS there.",
			e.hops[max(0, dropped.Index-1)].Hop, allowOrigin, strings.Join(dropped.Before, ", "), dropped.Hop, dropped.Hop)
	}
	if e.origin() == "null" {
		return adviseOpaqueOrigin(e)
	}
	answering, status := e.answering(), e.status()
	switch {
	case e.fromCache():
		return fmt.Sprintf("%s answers with a stored response to a request that had another Origin or none: the hop that sends %s must send \"Vary: Origin\" on every response, those without CORS headers included.",
			answering, allowOrigin)
	case strings.HasPrefix(answering, "linkerd-proxy") && status == 403:
		return fmt.Sprintf("linkerd-proxy answered the %s with a bare 403: an authorization policy of the mesh denies it before the app can answer CORS. Allow the caller in the AuthorizationPolicy of the service's Server or route%s.",
			e.what(), also(e.preflight(), ", for OPTIONS too"))
	case strings.HasPrefix(answering, "ingress-nginx") && status == 413:
		return fmt.Sprintf("%s answered 413 itself, before its CORS annotations apply: raise proxy-body-size, or let the page send less.", answering)
	case strings.HasPrefix(answering, "ingress-nginx") && status >= 400:
		return fmt.Sprintf("%s answered %d itself and without CORS headers: its cors-allow-origin does not list %s, enable-cors is off, or this error page is outside its CORS annotations. Remove the cause of the %d first.",
			answering, status, e.origin(), status)
	}
	if inner, outer, ok := e.statusChange(); ok {
		return fmt.Sprintf("%s put its own %d without CORS headers in the place of %s's %d: let it pass the error on (custom error pages bypass an ingress's CORS annotations), or add the CORS headers to its error page.",
			outer.Hop, outer.Status, inner.Hop, inner.Status)
	}
	if hop, ok := e.hop("ingress-nginx"); ok {
		return fmt.Sprintf("%s let the %s through without CORS headers: enable-cors is off, or cors-allow-origin does not list %s. If that origin may read the answer, add it to nginx.ingress.kubernetes.io/cors-allow-origin, or let the app answer CORS.",
			hop.Hop, e.what(), e.origin())
	}
	if policy, ok := e.policy(); ok && status < 400 {
		return fmt.Sprintf("%s has a CORS policy (it sends \"Vary: Origin\") that refuses this %s: if it may pass, let that policy allow %s.", policy, e.what(), e.asked())
	}
	if e.preflight() && status >= 400 {
		return fmt.Sprintf("%s answered the preflight with %d and without CORS headers%s: let its CORS layer answer OPTIONS before %s.",
			answering, status, also(status == 401 || status == 403, " (a preflight never carries credentials)"), refusing(status))
	}
	return fmt.Sprintf("No hop answers CORS for %s: if that origin may read the answer, let %s send \"%s: %s\"%s%s.", e.origin(), answering, allowOrigin, e.origin(),
		also(e.credentialed(), " and \""+allowCredentials+": true\""), also(status >= 400, fmt.Sprintf(", on errors such as this %d too", status)))
}

// adviseOpaqueOrigin is for a request that says "Origin: null". To allow null
// is no advice: every sandboxed frame on any site has that origin.
func adviseOpaqueOrigin(e evidence) string {
	if e.redirected() {
		return fmt.Sprintf("A redirect from one origin to another made the browser send \"Origin: null\": let the page ask for %s itself; where the redirect leads to a sign-in page, let the API answer 401 instead.", e.exchange.URL)
	}
	return "The request comes from an opaque origin (a sandboxed frame, or a data: URL) and says \"Origin: null\": make it from a page with an origin of its own. A server that allows null lets everybody's sandboxed frames in."
}

// adviseMismatch is for a response that is for another origin.
func adviseMismatch(e evidence) string {
	value, hop := e.parameter(), e.responsible(allowOrigin)
	switch {
	case e.fromCache():
		return fmt.Sprintf("%s answers with the response that it stored for %s: the hop that sends %s must send \"Vary: Origin\" with it.",
			e.answering(), orNothing(value), allowOrigin)
	case e.origin() == "null":
		return adviseOpaqueOrigin(e)
	case strings.Contains(value, "*"):
		return fmt.Sprintf("%s sends %s: %s, and browsers know no patterns: let it compare the request's Origin with the pattern itself, and answer %s with \"Vary: Origin\".",
			hop, allowOrigin, quoted(value), e.origin())
	case sameSpelledOrigin(value, e.origin()):
		return fmt.Sprintf("%s sends %s: %s; the browser compares it byte by byte with %s: write the origin without a trailing slash, path or default port, in lower case.",
			hop, allowOrigin, quoted(value), e.origin())
	default:
		return fmt.Sprintf("%s allows %s only: if %s may read the answer, add it to the allowed origins there and answer each request with that request's own Origin, and \"Vary: Origin\".",
			hop, quoted(value), e.origin())
	}
}

// adviseDoubled is for a header of one value that arrived with several.
func adviseDoubled(e evidence, header string) string {
	if doubled, ok := e.event(header, ActionAppended); ok {
		inner := "a hop behind it"
		for _, event := range e.events {
			if event.Header == header && event.Index < doubled.Index && event.Action != ActionUnchanged {
				inner = event.Hop
			}
		}
		return fmt.Sprintf("%s adds a second %s to the one from %s: let only one of the two answer CORS; remove it at %s, or let %s replace the header instead of appending to it.",
			doubled.Hop, header, inner, inner, doubled.Hop)
	}
	return fmt.Sprintf("%s sends several values in %s (%s), and a browser takes one: send the request's own Origin when it is on the list, with \"Vary: Origin\".",
		e.responsible(header), header, orNothing(e.parameter()))
}

func adviseWildcard(e evidence) string {
	hop := e.responsible(allowOrigin)
	if strings.HasPrefix(hop, "ingress-nginx") {
		return fmt.Sprintf("%s answers * together with credentials: list %s in cors-allow-origin, and look for an invalid element in the list, because newer controllers then fall back to *. Or let the page fetch without credentials.",
			hop, e.origin())
	}
	return fmt.Sprintf("%s sends \"%s: *\", which never admits a request with credentials: send %s with \"Vary: Origin\", or let the page fetch without credentials.",
		hop, allowOrigin, e.origin())
}

func adviseCredentials(e evidence) string {
	if dropped, ok := e.event(allowCredentials, ActionDropped); ok {
		return fmt.Sprintf("%s drops %s: let it pass the header on.", dropped.Hop, allowCredentials)
	}
	if _, ok := e.event(allowCredentials, ActionAppended); ok {
		return adviseDoubled(e, allowCredentials)
	}
	hop := e.responsible(allowCredentials)
	found := "does not send " + allowCredentials
	if e.parameter() != "" {
		found = fmt.Sprintf("sends %s: %s", allowCredentials, quoted(e.parameter()))
	}
	how := ""
	if strings.HasPrefix(hop, "ingress-nginx") {
		how = " (annotation cors-allow-credentials)"
	}
	return fmt.Sprintf("The page fetches with credentials, but %s %s: send exactly \"%s: true\", once%s, or let the page fetch without credentials.",
		hop, found, allowCredentials, how)
}

// sameSpelledOrigin tells whether value means origin but is spelled otherwise.
func sameSpelledOrigin(value, origin string) bool {
	v, err := url.Parse(value)
	o, err2 := url.Parse(origin)
	return err == nil && err2 == nil && v.Scheme == o.Scheme && strings.EqualFold(v.Hostname(), o.Hostname()) && portOf(v) == portOf(o)
}

// portOf gives the URL's port, the scheme's when it has none.
func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}
