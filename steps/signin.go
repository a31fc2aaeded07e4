package steps

import (
	"fmt"
	"net/url"
	"regexp"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// signInPage is how the host and path of a page at which people sign in look.
var signInPage = regexp.MustCompile(`(?i)(^|[./_-])(log-?in|logon|sign-?in|sign_in|sso|auth|oauth2?|authorize|openid-connect|saml2?|idp|accounts)([./_-]|$)`)

// sentToSignIn is the exchange that was answered with a redirect to a sign-in
// page, and the page's URL; not ok when there is none, or the request was for such a page itself.
func sentToSignIn(request report.Request) (exchange simulator.Exchange, page string, ok bool) {
	if looksLikeSignIn(request.Request.URL) {
		return exchange, "", false
	}
	for _, result := range request.Browsers {
		for _, exchange := range result.Outcome.Exchanges {
			location := exchange.ResponseHeader.Get("Location")
			from, err := url.Parse(exchange.URL)
			if err != nil || location == "" || exchange.Status < 300 || exchange.Status > 399 {
				continue
			}
			to, err := from.Parse(location)
			if err == nil && looksLikeSignIn(to.String()) {
				to.RawQuery, to.Fragment = "", ""
				return exchange, to.String(), true
			}
		}
	}
	return exchange, "", false
}

func looksLikeSignIn(raw string) bool {
	parsed, err := url.Parse(raw)
	return err == nil && signInPage.MatchString(parsed.Hostname()+parsed.EscapedPath())
}

// signInHint explains a request to a deployed API that ended at a sign-in page; "" for every other one.
func (w *world) signInHint(request report.Request) string {
	exchange, page, ok := sentToSignIn(request)
	if !ok || !w.deployed() {
		return ""
	}
	where := fmt.Sprintf("%s %s was answered with %d and sent on to %s, which looks like a sign-in page", exchange.Method, exchange.URL, exchange.Status, page)
	if exchange.Kind == simulator.ExchangePreflight {
		return where + ": no preflight carries a cookie or a token, so whatever asks for them must let OPTIONS pass"
	}
	return where + `: give the browser a session, or the request a token, out of a secret, as in: Given the browser holds the cookie "session=${SESSION}; Secure; SameSite=None; Path=/" of "` + origin(exchange.URL) + `"`
}

// mistakenForAPI says of the requests that got a sign-in page where the API's answer was wanted, and
// whose expectations hold all the same; "" when there is none. A scenario that names the page means it.
func (w *world) mistakenForAPI() string {
	for i, request := range w.requests {
		if hint := w.signInHint(request); hint != "" && !w.named[i] && readInAll(request) {
			return "every expectation holds, but of another page than the API's answer: " + hint +
				". If the sign-in page is what you mean, say so by: Then the response came from \"…\""
		}
	}
	return ""
}

func readInAll(request report.Request) bool {
	for _, result := range request.Browsers {
		if !result.Outcome.Readable() {
			return false
		}
	}
	return true
}

// deployed tells whether the scenario speaks of an API that others run.
func (w *world) deployed() bool {
	for _, service := range w.deployment.Services {
		if service.App.Kind == harness.AppDeployed {
			return true
		}
	}
	return false
}

func origin(raw string) string {
	parsed, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	return parsed.Scheme + "://" + parsed.Host
}
