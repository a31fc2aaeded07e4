package steps

import (
	"net/http"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// withheld stands for what a report does not show.
const withheld = "…"

// withhold takes out of a result what a deployed API said to whoever is signed in
// and nothing here has to do with: bodies, and the values of cookies that are no placeholders.
func withhold(scenario *report.Scenario) {
	for i := range scenario.Requests {
		for j := range scenario.Requests[i].Browsers {
			outcome := &scenario.Requests[i].Browsers[j].Outcome
			outcome.Body = nil
			for k := range outcome.Exchanges {
				exchange := &outcome.Exchanges[k]
				exchange.RequestHeader = withoutCookieValues(exchange.RequestHeader)
				exchange.ResponseHeader = withoutCookieValues(exchange.ResponseHeader)
			}
		}
	}
}

// withoutCookieValues is a header without the values of cookies.
func withoutCookieValues(header http.Header) http.Header {
	changed := header.Clone()
	for name, values := range changed {
		for i, value := range values {
			switch {
			case strings.EqualFold(name, "Cookie"):
				pairs := strings.Split(value, "; ")
				for j := range pairs {
					pairs[j] = withoutValue(pairs[j])
				}
				values[i] = strings.Join(pairs, "; ")
			case strings.EqualFold(name, "Set-Cookie"):
				pair, attributes, found := strings.Cut(value, ";")
				values[i] = withoutValue(pair)
				if found {
					values[i] += ";" + attributes
				}
			}
		}
	}
	return changed
}

// withoutValue is a cookie's "name=value" without the value.
func withoutValue(pair string) string {
	name, value, found := strings.Cut(pair, "=")
	if !found || strings.HasPrefix(value, "${") {
		return pair
	}
	return name + "=" + withheld
}
