package audit

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// The ages in seconds beyond which engines do not keep a preflight's answer.
const (
	chromiumMaxAge = 7200
	firefoxMaxAge  = 86400
)

// checkPolicy looks at what the answers say, whoever asked.
func (t *target) checkPolicy(asked []*Reach) {
	foreign, allowed := ofClass(asked, Foreign), reference(asked)
	for _, reach := range []*Reach{allowed, foreign} {
		if t.checkAllowOrigin(reach) {
			return
		}
	}
	if allowed == nil {
		return
	}
	t.checkCredentials(allowed)
	t.checkVary(allowed, foreign)
	t.checkPreflight(allowed)
}

// reference is the reach that shows the policy at its best: a declared origin's, else any that is let in.
func reference(asked []*Reach) *Reach {
	for _, wanted := range []func(*Reach) bool{
		func(reach *Reach) bool { return reach.Class == Declared && reach.allowed() },
		(*Reach).allowed,
	} {
		if i := slices.IndexFunc(asked, wanted); i >= 0 {
			return asked[i]
		}
	}
	return nil
}

// checkAllowOrigin looks for a value that no browser takes.
func (t *target) checkAllowOrigin(reach *Reach) bool {
	if reach == nil || reach.get == nil || reach.AllowOrigin == "" || reach.AllowOrigin == "*" || reach.AllowOrigin == opaqueOrigin {
		return false
	}
	values := reach.get.ResponseHeader.Values("Access-Control-Allow-Origin")
	what := ""
	switch {
	case len(values) > 1:
		what = fmt.Sprintf("is there %d times: something on the way adds a second one", len(values))
	case strings.Contains(values[0], ","):
		what = "is a list"
	case strings.Contains(values[0], "*"):
		what = "is a pattern"
	case !strings.Contains(values[0], "://"):
		what = "has no scheme"
	case strings.HasSuffix(values[0], "/"):
		what = "ends with a slash"
	default:
		return false
	}
	found := t.find(ruleInvalidOrigin, Medium, "cors-allow-origin",
		fmt.Sprintf("Access-Control-Allow-Origin: %s %s. A browser takes one origin, or *: no page can read.", reach.AllowOrigin, what),
		"Compare the Origin with the list on the server, and answer the one that matches, with Vary: Origin; let one program on the way answer CORS.")
	found.Origin, found.Proof = reach.Origin, t.proof(reach, reach.get)
	return true
}

func (t *target) checkCredentials(allowed *Reach) {
	exchange := allowed.get
	if exchange == nil || exchange.ResponseHeader.Get("Access-Control-Allow-Origin") == "" {
		exchange = allowed.preflight
	}
	if exchange == nil || exchange.ResponseHeader.Get("Access-Control-Allow-Credentials") != "true" {
		return
	}
	if exchange.ResponseHeader.Get("Access-Control-Allow-Origin") == "*" {
		found := t.find(ruleWildcardCredentials, Medium, "cors-allow-credentials",
			"The answer has Access-Control-Allow-Origin: * and Access-Control-Allow-Credentials: true: a browser refuses it to every request with credentials, so pages with a session cannot use the API, and all others can.",
			t.fix("List the origins in cors-allow-origin, or set cors-allow-credentials to \"false\" (it is \"true\" where it is not written).", "Answer the request's own Origin from a list, or leave Access-Control-Allow-Credentials out."))
		found.Origin, found.Proof = allowed.Origin, t.proof(allowed, exchange)
		return
	}
	for _, header := range []struct{ name, annotation string }{
		{"Access-Control-Allow-Methods", "cors-allow-methods"}, {"Access-Control-Allow-Headers", "cors-allow-headers"}, {"Access-Control-Expose-Headers", "cors-expose-headers"},
	} {
		where := exchange
		if allowed.preflight != nil && header.name != "Access-Control-Expose-Headers" {
			where = allowed.preflight
		}
		if slices.Contains(listed(where.ResponseHeader, header.name), "*") {
			found := t.find(ruleLiteralWildcard, Low, header.annotation,
				fmt.Sprintf("%s: * is a wildcard for requests without credentials only; with them, which are allowed here, it is a name that nothing has.", header.name),
				t.fix("List the names in "+header.annotation+".", "List the names."))
			found.Origin, found.Proof = allowed.Origin, t.proof(allowed, where)
		}
	}
}

// checkVary looks for answers that depend on Origin and do not say so.
func (t *target) checkVary(allowed, foreign *Reach) {
	if allowed.get == nil || foreign.get == nil || allowed.AllowOrigin == foreign.AllowOrigin {
		return
	}
	with, without := varies(allowed.get.ResponseHeader), varies(foreign.get.ResponseHeader)
	if with && without {
		return
	}
	which := "Neither the answer to an allowed origin nor the one to others has Vary: Origin"
	switch {
	case with:
		which = "The answer to origins that are not allowed has no Vary: Origin"
	case without:
		which = "The answer to an allowed origin has no Vary: Origin"
	}
	severity := Medium
	stored := ""
	control := listed(allowed.get.ResponseHeader, "Cache-Control")
	switch {
	case t.ingress:
		severity, stored = Low, " ingress-nginx adds none; whether the application does is not known here."
	case slices.Contains(control, "no-store"):
		severity, stored = Info, " It is not to be stored (Cache-Control: no-store), so no cache mixes them up today."
	case slices.Contains(control, "private"):
		severity, stored = Low, " No shared cache may store it (Cache-Control: private); a browser's own cache does."
	}
	found := t.find(ruleVary, severity, "cors-allow-origin",
		fmt.Sprintf("%s, and they differ (%s, %s): a cache gives the one to who should get the other.%s", which, orNone(allowed.AllowOrigin), orNone(foreign.AllowOrigin), stored),
		t.fix("Let the application send Vary: Origin with every answer: its header passes the Ingress.", "Send Vary: Origin with every answer of this URL, those without CORS headers included."))
	found.Origin, found.Proof = allowed.Origin, t.proof(allowed, allowed.get)
}

func orNone(allowOrigin string) string {
	if allowOrigin == "" {
		return "no Access-Control-Allow-Origin"
	}
	return "Access-Control-Allow-Origin: " + allowOrigin
}

func (t *target) checkPreflight(allowed *Reach) {
	preflight := allowed.preflight
	if preflight == nil {
		return
	}
	if len(allowed.Sends) == 0 && allowed.preflightReason != simulator.MethodDisallowedByPreflightResponse {
		found := t.find(rulePreflightFails, Medium, "enable-cors",
			fmt.Sprintf("%s can read, and its preflights fail (status %d, %s): its pages can send only what needs no preflight.", allowed.Origin, preflight.Status, allowed.preflightReason),
			"Let the layer that answers CORS answer OPTIONS too, with 204 and before authentication and routing.")
		found.Origin, found.Proof = allowed.Origin, t.proof(allowed, preflight)
		return
	}
	t.checkMaxAge(allowed, preflight)
	t.checkWhatever(allowed, preflight)
	guarded := allowed.anonymous == http.StatusUnauthorized || allowed.anonymous == http.StatusForbidden
	if len(t.guards) == 0 && !guarded {
		return
	}
	severity, passed := Info, fmt.Sprintf("authentication (the request itself gets a %d)", allowed.anonymous)
	if len(t.guards) > 0 {
		passed = strings.Join(t.guards, ", ")
		if guardedByNetwork(t.guards) || strings.Contains(passed, "limit-") {
			severity = Low
		}
	}
	found := t.find(rulePreflightBypass, severity, "enable-cors",
		fmt.Sprintf("A preflight of %s is answered %d without %s. A browser needs it so; everybody else can send OPTIONS too, as often as they like, and learn the policy.", allowed.Origin, preflight.Status, passed),
		t.fix("Where an address range or a rate limit has to hold for OPTIONS as well, set it before the Ingress. ingress-nginx answers every OPTIONS of an allowed origin itself: the application never sees one.",
			"Make sure that OPTIONS does nothing but answer CORS, and that its answer has no data."))
	found.Origin, found.Proof = allowed.Origin, t.proof(allowed, preflight)
}

// checkWhatever looks for a policy that allows a method or header that nobody
// has, other than by a star, which says what it does.
func (t *target) checkWhatever(allowed *Reach, preflight *simulator.Exchange) {
	var made []string
	named := func(header string) bool { return !slices.Contains(listed(preflight.ResponseHeader, header), "*") }
	if slices.Contains(allowed.Sends, madeUpMethod) && named("Access-Control-Allow-Methods") {
		made = append(made, "the method "+madeUpMethod)
	}
	if slices.Contains(allowed.Headers, madeUpHeader) && named("Access-Control-Allow-Headers") {
		made = append(made, "the header "+madeUpHeader)
	}
	if len(made) == 0 {
		return
	}
	severity := Info
	if allowed.SendsWithCredentials {
		severity = Low
	}
	found := t.find(ruleWhatever, severity, "cors-allow-headers", fmt.Sprintf("Pages of %s may use %s, which no API has: whatever is asked for is allowed%s.", allowed.Origin, strings.Join(made, " and "), asUser(allowed)),
		"List the methods and headers that the API has.")
	found.Origin, found.Proof = allowed.Origin, t.proof(allowed, preflight)
}

func (t *target) checkMaxAge(allowed *Reach, preflight *simulator.Exchange) {
	value := preflight.ResponseHeader.Get("Access-Control-Max-Age")
	seconds, err := strconv.Atoi(value)
	severity, message := Info, ""
	switch {
	case value == "":
		message = "Preflights have no Access-Control-Max-Age: browsers keep the answer for 5 seconds, and ask before nearly every request."
	case err != nil:
		severity, message = Low, fmt.Sprintf("Access-Control-Max-Age: %s is no number of seconds: browsers take 5.", value)
	case seconds <= 0:
		message = fmt.Sprintf("Access-Control-Max-Age: %s makes browsers ask before every request.", value)
	case seconds > firefoxMaxAge:
		severity, message = Low, fmt.Sprintf("Access-Control-Max-Age: %s is more than any browser keeps: Chromium %d seconds, Firefox %d. The number promises what nobody does.", value, chromiumMaxAge, firefoxMaxAge)
	case seconds > chromiumMaxAge:
		message = fmt.Sprintf("Access-Control-Max-Age: %s is more than Chromium keeps (%d seconds); in Firefox a change of the policy reaches open pages so much later.", value, chromiumMaxAge)
	default:
		return
	}
	found := t.find(ruleMaxAge, severity, "cors-max-age", message, t.fix(fmt.Sprintf("Set cors-max-age to \"%d\" or less.", chromiumMaxAge), fmt.Sprintf("Send Access-Control-Max-Age: %d or less.", chromiumMaxAge)))
	found.Origin, found.Proof = allowed.Origin, t.proof(allowed, preflight)
}
