package report

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Advise says in one or two sentences what to change so that the page gets
// its answer, and at which layer, from the browser's reason and from what each
// hop did to the response. It is empty when nothing was refused, or for a
// reason that it does not know.
func Advise(request Request) string {
	e, refused := evidenceOf(request)
	if !refused {
		return ""
	}
	switch e.code() {
	case simulator.MissingAllowOriginHeader, simulator.PreflightMissingAllowOriginHeader:
		return adviseMissing(e)
	case simulator.AllowOriginMismatch, simulator.PreflightAllowOriginMismatch:
		return adviseMismatch(e)
	case simulator.InvalidAllowOriginValue, simulator.PreflightInvalidAllowOriginValue:
		return fmt.Sprintf("%s sends %s: %s, which is no origin: send exactly %s, or a single * without credentials; patterns and bare host names mean nothing to a browser.",
			e.responsible(allowOrigin), allowOrigin, quoted(e.parameter()), e.origin())
	case simulator.MultipleAllowOriginValues, simulator.PreflightMultipleAllowOriginValues:
		return adviseMultiple(e)
	case simulator.WildcardOriginNotAllowed, simulator.PreflightWildcardOriginNotAllowed:
		return adviseWildcard(e)
	case simulator.InvalidAllowCredentials, simulator.PreflightInvalidAllowCredentials:
		return adviseCredentials(e)
	case simulator.PreflightInvalidStatus:
		return adviseStatus(e)
	case simulator.PreflightDisallowedRedirect:
		return advisePreflightRedirect(e)
	case simulator.MethodDisallowedByPreflightResponse:
		return adviseMethod(e)
	case simulator.HeaderDisallowedByPreflightResponse:
		return adviseHeader(e)
	case simulator.InvalidAllowMethodsPreflightResponse:
		return adviseList(e, allowMethods, "methods")
	case simulator.InvalidAllowHeadersPreflightResponse:
		return adviseList(e, allowHeaders, "header names")
	default:
		return adviseBeyondCORS(e)
	}
}

// adviseMissing is for a response without Access-Control-Allow-Origin. Whoever
// took the header away or answered in the app's stead comes first: a
// configuration that is right elsewhere does not help there.
func adviseMissing(e evidence) string {
	if dropped, ok := e.event(allowOrigin, ActionDropped); ok {
		return fmt.Sprintf("%s answers CORS (%s: %s), but %s drops the header: let %s pass Access-Control-* on, or answer CORS there.",
			e.hops[max(0, dropped.Index-1)].Hop, allowOrigin, strings.Join(dropped.Before, ", "), dropped.Hop, dropped.Hop)
	}
	if e.origin() == "null" && e.redirected() {
		return fmt.Sprintf("A redirect from one origin to another made the browser send \"Origin: null\": let the page ask for %s itself, so that its own origin is checked.", e.exchange.URL)
	}
	answering, status := e.answering(), e.status()
	switch {
	case e.fromCache():
		return fmt.Sprintf("%s answers with a stored response to a request that had another Origin or none: the hop that sends %s must send \"Vary: Origin\" on every response, those without CORS headers included.",
			answering, allowOrigin)
	case strings.HasPrefix(answering, "linkerd-proxy") && status == 403:
		return fmt.Sprintf("linkerd-proxy answered the %s with a bare 403: an authorization policy of the mesh denies it before the app can answer CORS. Allow the caller in the AuthorizationPolicy of the service's Server or route%s.",
			e.what(), also(e.preflight(), ", for OPTIONS too"))
	case strings.HasPrefix(answering, "ingress-nginx") && status >= 400:
		return fmt.Sprintf("%s answered %d itself and without CORS headers (413 and custom error pages bypass its CORS annotations): remove the cause of the %d, such as proxy-body-size, or let %s add the CORS headers to that response.",
			answering, status, status, answering)
	}
	if hop, ok := e.hop("ingress-nginx"); ok {
		return fmt.Sprintf("%s let the %s through without CORS headers: enable-cors is off, or cors-allow-origin does not list %s. Add that origin to nginx.ingress.kubernetes.io/cors-allow-origin, or let the app answer CORS.",
			hop.Hop, e.what(), e.origin())
	}
	if e.preflight() && status >= 400 {
		return fmt.Sprintf("%s answered the preflight with %d and without CORS headers%s: let its CORS layer answer OPTIONS before %s.",
			answering, status, also(status == 401 || status == 403, " (a preflight never carries credentials)"), refusing(status))
	}
	return fmt.Sprintf("No hop answers CORS for this origin: let %s send \"%s: %s\"%s%s.", answering, allowOrigin, e.origin(),
		also(e.credentialed(), " and \""+allowCredentials+": true\""), also(status >= 400, fmt.Sprintf(", on errors such as this %d too", status)))
}

// adviseMismatch is for a response that is for another origin.
func adviseMismatch(e evidence) string {
	value := e.parameter()
	switch {
	case e.fromCache():
		return fmt.Sprintf("%s answers with the response that it stored for %s: the hop that sends %s must send \"Vary: Origin\" with it.",
			e.answering(), orNothing(value), allowOrigin)
	case e.origin() == "null":
		return fmt.Sprintf("The request has an opaque origin (a sandboxed frame, a data: URL, or a redirect across origins) and sends \"Origin: null\", but %s allows %s: make the request from a page with an origin, and without a redirect to another origin.",
			e.responsible(allowOrigin), quoted(value))
	case sameSpelledOrigin(value, e.origin()):
		return fmt.Sprintf("%s sends %s: %s; the browser compares it byte by byte with %s: write the origin without a trailing slash, path or default port, in lower case.",
			e.responsible(allowOrigin), allowOrigin, quoted(value), e.origin())
	default:
		return fmt.Sprintf("%s allows %s only: add %s to its allowed origins and let it answer each request with that request's own Origin, and \"Vary: Origin\".",
			e.responsible(allowOrigin), quoted(value), e.origin())
	}
}

func adviseMultiple(e evidence) string {
	if doubled, ok := e.event(allowOrigin, ActionAppended); ok {
		inner := "a hop behind it"
		for _, event := range e.events {
			if event.Header == allowOrigin && event.Index < doubled.Index && event.Action != ActionUnchanged {
				inner = event.Hop
			}
		}
		return fmt.Sprintf("%s adds a second %s to the one from %s: let only one of the two answer CORS; remove it at %s, or let %s replace the header instead of appending to it.",
			doubled.Hop, allowOrigin, inner, inner, doubled.Hop)
	}
	return fmt.Sprintf("%s sends several values in %s (%s), and a browser takes one: send the request's own Origin when it is on the list, with \"Vary: Origin\".",
		e.responsible(allowOrigin), allowOrigin, orNothing(e.parameter()))
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

func adviseStatus(e evidence) string {
	hop, status := e.answering(), e.status()
	if status == 0 {
		return fmt.Sprintf("%s answers the preflight with another status than 200 to 299: let it answer OPTIONS with 204.", hop)
	}
	return fmt.Sprintf("%s answered the preflight with %d: let its CORS layer answer OPTIONS with 204 before %s%s.",
		hop, status, refusing(status), also(status == 401 || status == 403, "; a preflight never carries credentials"))
}

func advisePreflightRedirect(e evidence) string {
	location := strings.Join(e.responseHeader("Location"), ", ")
	to := "the final URL"
	if location != "" {
		to = location
	}
	cause := "a preflight must not be redirected"
	if strings.HasPrefix(e.exchange.URL, "http:") && strings.HasPrefix(location, "https:") {
		cause = "the redirect from http to https comes before CORS, and a preflight must not be redirected"
	}
	return fmt.Sprintf("%s redirects the preflight (%d): %s. Let the page call %s, or answer OPTIONS before the redirect.", e.answering(), e.status(), cause, to)
}

func adviseMethod(e evidence) string {
	method := e.parameter()
	if method == "" {
		method = e.request.Request.Method
	}
	hop, sent := e.responsible(allowMethods), listMembers(e.responseHeader(allowMethods))
	for _, allowed := range sent {
		switch {
		case allowed == "*" && e.credentialed():
			return fmt.Sprintf("%s sends \"%s: *\", which with credentials means a method named *: list %s by name.", hop, allowMethods, method)
		case strings.EqualFold(allowed, method):
			return fmt.Sprintf("Methods are case-sensitive: %s allows %s, the page asks for %s. Use %s in both places.", hop, allowed, method, strings.ToUpper(method))
		}
	}
	return fmt.Sprintf("Add %s to %s at %s, which answered the preflight%s.", method, allowMethods, hop, annotation(hop, "cors-allow-methods"))
}

func adviseHeader(e evidence) string {
	name := orNothing(e.parameter())
	hop := e.responsible(allowHeaders)
	for _, allowed := range listMembers(e.responseHeader(allowHeaders)) {
		if allowed == "*" {
			return fmt.Sprintf("%s sends \"%s: *\", which does not cover %s%s: list it by name.", hop, allowHeaders, name, also(e.credentialed(), " with credentials"))
		}
	}
	return fmt.Sprintf("Add %s to %s at %s, which answered the preflight%s; or let the page do without the header.", name, allowHeaders, hop, annotation(hop, "cors-allow-headers"))
}

func adviseList(e evidence, header, what string) string {
	return fmt.Sprintf("%s sends %s: %s, which is not a list: separate the %s by commas, without quotes, semicolons or parameters.",
		e.responsible(header), header, quoted(strings.Join(e.responseHeader(header), ", ")), what)
}

// what names what was refused.
func (e evidence) what() string {
	if e.preflight() {
		return "preflight"
	}
	return "request"
}

// refusing names what commonly answers an OPTIONS request with the status
// before a CORS layer can.
func refusing(status int) string {
	switch status {
	case 401, 403:
		return "authentication and authorization"
	case 404, 405:
		return "routing, which knows no OPTIONS for this path"
	default:
		return "anything that can answer otherwise"
	}
}

// annotation names the ingress-nginx annotation that sets a header.
func annotation(hop, name string) string {
	return also(strings.HasPrefix(hop, "ingress-nginx"), " (annotation nginx.ingress.kubernetes.io/"+name+")")
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

func also(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

// quoted sets off a value that a header had, the empty one too.
func quoted(value string) string { return "\"" + value + "\"" }
