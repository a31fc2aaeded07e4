package report

import (
	"fmt"
	"strings"
)

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
