package steps

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/cucumber/godog"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

func (w *world) theBrowserSendsPreflights(count int) error {
	return w.expect(func(result report.BrowserResult) string {
		if sent := len(result.Outcome.Preflights()); sent != count {
			return fmt.Sprintf("%d preflights were sent", sent)
		}
		return ""
	})
}

func (w *world) theBrowserSendsAPreflight() error  { return w.theBrowserSendsPreflights(1) }
func (w *world) theBrowserSendsNoPreflight() error { return w.theBrowserSendsPreflights(0) }

// theBrowserSendsRequests counts what went over the wire for the script itself, redirects included.
func (w *world) theBrowserSendsRequests(count int) error {
	return w.expect(func(result report.BrowserResult) string {
		if sent := len(requestExchanges(result.Outcome)); sent != count {
			return fmt.Sprintf("%d requests were sent", sent)
		}
		return ""
	})
}

func (w *world) theLastRequestIs(text string) error {
	return w.expect(func(result report.BrowserResult) string {
		exchanges := requestExchanges(result.Outcome)
		if len(exchanges) == 0 {
			return "no request was sent"
		}
		last := exchanges[len(exchanges)-1]
		if sent := last.Method + " " + last.URL; sent != text {
			return "it is " + sent
		}
		return ""
	})
}

func (w *world) thePreflightCarriesTheHeader(name, value string) error {
	return w.expect(func(result report.BrowserResult) string {
		preflights := result.Outcome.Preflights()
		if len(preflights) == 0 {
			return "no preflight was sent"
		}
		if sent := strings.Join(preflights[0].RequestHeader.Values(name), ", "); sent != value {
			return fmt.Sprintf("%s is %q", name, sent)
		}
		return ""
	})
}

func (w *world) thePreflightAsksFor(method, headers string) error {
	return w.expect(func(result report.BrowserResult) string {
		preflights := result.Outcome.Preflights()
		if len(preflights) == 0 {
			return "no preflight was sent"
		}
		sent := preflights[0].RequestHeader
		if asked := sent.Get("Access-Control-Request-Method"); asked != method {
			return fmt.Sprintf("it asks for the method %q", asked)
		}
		if asked := sent.Get("Access-Control-Request-Headers"); asked != headers {
			return fmt.Sprintf("it asks for the headers %q", asked)
		}
		return ""
	})
}

func (w *world) thePreflightIsAnsweredWith(status int) error {
	return w.expect(func(result report.BrowserResult) string {
		preflights := result.Outcome.Preflights()
		if len(preflights) == 0 {
			return "no preflight was sent"
		}
		if preflights[0].Status != status {
			return fmt.Sprintf("it is answered with %d", preflights[0].Status)
		}
		return ""
	})
}

func (w *world) thePreflightCarriesNoHeader(name string) error {
	return w.expect(func(result report.BrowserResult) string {
		preflights := result.Outcome.Preflights()
		if len(preflights) == 0 {
			return "no preflight was sent"
		}
		if values := preflights[0].RequestHeader.Values(name); len(values) > 0 {
			return fmt.Sprintf("%s is %q", name, strings.Join(values, ", "))
		}
		return ""
	})
}

func (w *world) theRequestCarriesTheHeader(name, value string) error {
	return w.requestHeader(name, func(values []string) string {
		if sent := strings.Join(values, ", "); len(values) == 0 || sent != value {
			return fmt.Sprintf("%s is %q", name, sent)
		}
		return ""
	})
}

func (w *world) theRequestCarriesNoHeader(name string) error {
	return w.requestHeader(name, func(values []string) string {
		if len(values) > 0 {
			return fmt.Sprintf("%s is %q", name, strings.Join(values, ", "))
		}
		return ""
	})
}

func (w *world) requestHeader(name string, check func(values []string) string) error {
	return w.expect(func(result report.BrowserResult) string {
		exchanges := requestExchanges(result.Outcome)
		if len(exchanges) == 0 {
			return "no request was sent"
		}
		return check(exchanges[len(exchanges)-1].RequestHeader.Values(name))
	})
}

// theAPIReceived: the app's own code saw the request itself, or (what =
// "preflight") a CORS-preflight request.
func (w *world) theAPIReceived(origin, what string) error {
	return w.reached(origin, what, true)
}

func (w *world) theAPIDidNotReceive(origin, what string) error {
	return w.reached(origin, what, false)
}

func (w *world) reached(origin, what string, want bool) error {
	service, err := w.serviceAt(origin)
	if err != nil {
		return err
	}
	if err := w.needsHops("whether the app's own code received the " + what); err != nil {
		return err
	}
	return w.expect(func(result report.BrowserResult) string {
		count := 0
		for _, transit := range result.Transits {
			if transit.Service == service.Name && transit.ReachedApp && isPreflight(transit) == (what == "preflight") {
				count++
			}
		}
		switch {
		case want && count == 0:
			return fmt.Sprintf("no %s reached the app", what)
		case !want && count > 0:
			return fmt.Sprintf("the app received the %s", what)
		}
		return ""
	})
}

// isPreflight tells a CORS-preflight request by what it always has.
// https://fetch.spec.whatwg.org/#cors-preflight-request
func isPreflight(transit harness.Transit) bool {
	return transit.Method == http.MethodOptions && transit.RequestHeader.Get("Access-Control-Request-Method") != ""
}

// hops are the names by which a scenario calls the places in the path.
var hops = map[string]string{
	"API": "app", "Linkerd proxy": "linkerd-proxy", "Ingress": "ingress-nginx", "proxy in front": "edge", "shared cache": "shared cache",
}

// theHeaderLeaves: the answer to the last request of the script's had this value when it left the hop.
func (w *world) theHeaderLeaves(hop, name, value string) error {
	return w.atHop(hop, func(header http.Header) string {
		if left := strings.Join(header.Values(name), ", "); len(header.Values(name)) == 0 || left != value {
			return fmt.Sprintf("the answer leaves it with %s %q", name, left)
		}
		return ""
	})
}

func (w *world) noHeaderLeaves(hop, name string) error {
	return w.atHop(hop, func(header http.Header) string {
		if values := header.Values(name); len(values) > 0 {
			return fmt.Sprintf("the answer leaves it with %s %q", name, strings.Join(values, ", "))
		}
		return ""
	})
}

func (w *world) atHop(name string, check func(header http.Header) string) error {
	if err := w.needsHops("what leaves the " + name); err != nil {
		return err
	}
	if request, err := w.last(); err == nil && hops[name] == "linkerd-proxy" {
		service, err := w.serviceOf(request.Request)
		if err != nil {
			return err
		}
		if err := needsLinkerd(request, service); service.Linkerd != nil && err != nil {
			return err
		}
	}
	return w.expect(func(result report.BrowserResult) string {
		for i := len(result.Transits) - 1; i >= 0; i-- {
			transit := result.Transits[i]
			if isPreflight(transit) {
				continue
			}
			for _, hop := range transit.Hops {
				if strings.HasPrefix(hop.Hop, hops[name]) {
					return check(hop.Header)
				}
			}
			return fmt.Sprintf("the request did not get as far as the %s", name)
		}
		return "no request was sent"
	})
}

// linkerdCounted: the mesh proxy's response_total has one response of this
// classification and status for what this browser sent.
func (w *world) linkerdCounted(classification, status string) error {
	if err := w.needsHops("what Linkerd counted"); err != nil {
		return err
	}
	request, err := w.last()
	if err != nil {
		return err
	}
	service, err := w.serviceOf(request.Request)
	if err != nil {
		return err
	}
	if service.Linkerd == nil {
		return mistake("the API at %s is not meshed, so Linkerd counts nothing", service.Origin)
	}
	if err := needsLinkerd(request, service); err != nil {
		return err
	}
	return w.expect(func(result report.BrowserResult) string {
		totals := result.ResponseTotal[service.Name]
		for _, total := range totals {
			if total.Classification == classification && (status == "" || strconv.Itoa(total.StatusCode) == status) && total.Value > 0 {
				return ""
			}
		}
		return fmt.Sprintf("Linkerd counted %v", totals)
	})
}

// needsLinkerd skips the scenario in an environment that runs a meshed service
// outside of a mesh: what Linkerd would do is not to be seen there.
func needsLinkerd(request *report.Request, service *harness.Service) error {
	for _, result := range request.Browsers {
		if _, counted := result.ResponseTotal[service.Name]; !counted {
			return fmt.Errorf("%w: %w", godog.ErrSkip, &harness.Unavailable{Reason: "Linkerd is not installed in this environment"})
		}
	}
	return nil
}

// serviceOf is the service that the request is for; the first one for a relative URL.
func (w *world) serviceOf(request simulator.Request) (*harness.Service, error) {
	for i := range w.deployment.Services {
		if strings.HasPrefix(request.URL, w.deployment.Services[i].Origin+"/") || request.URL == w.deployment.Services[i].Origin {
			return &w.deployment.Services[i], nil
		}
	}
	return w.serviceAt("")
}
