package report

import (
	"fmt"
	"strings"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// adviseBeyondCORS is for refusals that no Access-Control header cures: what
// the script asked for, where a redirect leads, and what the connection did.
func adviseBeyondCORS(e evidence) string {
	asked := e.request.Request
	switch e.code() {
	case simulator.DisallowedByMode:
		return fmt.Sprintf("The page's script forbids another origin itself (mode \"same-origin\"): fetch %s with mode \"cors\".", asked.URL)
	case simulator.CORSDisabledScheme:
		return "CORS works for http and https URLs only: serve what the page needs over https, and ask for it or redirect to it there."
	case simulator.NoCORSRedirectModeNotFollow:
		return fmt.Sprintf("A no-cors request to another origin has to follow redirects: leave out redirect mode \"%s\", or fetch with mode \"cors\".", asked.Redirect)
	case simulator.RedirectContainsCredentials:
		return fmt.Sprintf("%s redirects to a URL with a user name or password in it, which a cross-origin request must not follow: leave them out of the Location%s.",
			e.answering(), foundHeader(e, "Location"))
	case simulator.MixedContent:
		return fmt.Sprintf("A secure page cannot fetch over http: serve %s over https, and let the page call it there.", orElse(e.exchange.URL, asked.URL))
	case simulator.CrossOriginResourcePolicy:
		return fmt.Sprintf("%s sends a %s that shuts this page out%s: send \"%s: cross-origin\" (or same-site for pages of the same site), or load it with CORS.",
			e.responsible(resourcePolicy), resourcePolicy, foundHeader(e, resourcePolicy), resourcePolicy)
	case simulator.RedirectModeError:
		return fmt.Sprintf("%s redirects%s, and the page's script does not accept redirects (redirect mode \"error\"): fetch the final URL, or follow redirects.",
			e.answering(), foundHeader(e, "Location"))
	case simulator.TooManyRedirects:
		return fmt.Sprintf("%s redirected more than 20 times, the last time%s: break the loop, commonly between an http-to-https redirect and a proxy that ends TLS.",
			e.answering(), orElse(foundHeader(e, "Location"), " to a URL that redirects again"))
	case simulator.InvalidRedirect:
		return fmt.Sprintf("%s redirects to something that is no http or https URL%s: correct the Location header.", e.answering(), foundHeader(e, "Location"))
	case simulator.ConnectionFailed:
		return adviseConnection(e)
	case simulator.UnusableResponse:
		return fmt.Sprintf("The element cannot use what %s answered%s: answer a script or style sheet with status 200 and its own Content-Type%s.",
			e.answering(), also(e.status() != 0, fmt.Sprintf(" (status %d)", e.status())), foundHeader(e, "Content-Type"))
	case simulator.BlockedByORB:
		return fmt.Sprintf("The browser keeps what %s answered from the element, because it looks like data and not like what the element shows or runs%s: answer with the resource's own Content-Type, or fetch the data with CORS.",
			e.answering(), foundHeader(e, "Content-Type"))
	case simulator.InvalidHTTPResponse:
		if e.status() == 407 {
			return fmt.Sprintf("%s answered 407, which only a proxy that the browser is configured with may: answer 401 or 403, with CORS headers.", e.answering())
		}
		return fmt.Sprintf("%s sent bytes that are no HTTP response%s: look at what listens on that port, and whether it speaks the protocol that it offers (TLS, HTTP/1.1, HTTP/2).",
			e.answering(), failure(e))
	case simulator.NoResponse:
		return fmt.Sprintf("%s accepted the %s and never answered%s: give the proxies in front a timeout shorter than the browser's, and let their 504 carry the CORS headers.",
			e.answering(), e.what(), failure(e))
	case simulator.KeepaliveBodyTooLarge:
		return "A request with keepalive may carry 64 KiB at most, together with others that are under way: send less, or leave keepalive out."
	case simulator.InvalidURL:
		return fmt.Sprintf("The URL %s cannot be parsed, has a user name or password in it, or is a data: URL without readable data: correct it in the page; credentials belong into a header or a cookie.",
			quoted(shortened(asked.URL)))
	case simulator.InvalidRequest:
		return fmt.Sprintf("The page's script asks for something that the API refuses before anything is sent%s: correct the method, header, mode or body in the page.",
			also(e.parameter() != "", " ("+e.parameter()+")"))
	}
	return ""
}

// adviseConnection tells a server that is not there from a hop that closes
// the connection, which the hops show with status 0.
func adviseConnection(e evidence) string {
	for _, hop := range e.hops {
		if hop.Status == 0 {
			return fmt.Sprintf("%s closed the connection to %s without an answer%s: look at its log for a crash or a limit.", hop.Hop, e.server(), failure(e))
		}
	}
	return fmt.Sprintf("The browser got no answer from %s%s: check that the name resolves, that something listens on that port and browsers do not block it, and that its certificate is valid%s.",
		e.server(), failure(e), also(e.preflight(), ", and that it demands no client certificate of a preflight, which is sent without one"))
}

// foundHeader gives " (Name: value)" for a header of the refused response, and nothing when it has none.
func foundHeader(e evidence, name string) string {
	values := e.responseHeader(name)
	return also(len(values) > 0, fmt.Sprintf(" (%s: %s)", name, strings.Join(values, ", ")))
}

// failure gives the transport's own words in parentheses.
func failure(e evidence) string {
	return also(e.exchange.Failure != "", " ("+e.exchange.Failure+")")
}

// shortened keeps a long URL from filling the advice.
func shortened(url string) string {
	const most = 60
	if runes := []rune(url); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return url
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
