package audit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Reach is what the pages of an origin can do.
type Reach struct {
	Origin string `json:"origin"`
	Class  Class  `json:"class"`
	// Reads and ReadsWithCredentials tell whether they can read an answer: without
	// cookies, and as the user whose browser it is.
	Reads                bool `json:"reads"`
	ReadsWithCredentials bool `json:"reads_with_credentials"`
	// Sends are the methods that they may use beyond those that need no leave, with credentials
	// where SendsWithCredentials.
	Sends                []string `json:"sends,omitempty"`
	SendsWithCredentials bool     `json:"sends_with_credentials,omitempty"`
	// Headers are the request headers that they may set beyond those that need no
	// leave; asked of declared origins and of any site only.
	Headers []string `json:"headers,omitempty"`
	// AllowOrigin is the answer's Access-Control-Allow-Origin.
	AllowOrigin string `json:"allow_origin,omitempty"`

	of string
	// anonymous is the status of the answer to a request without credentials.
	anonymous int
	// get and preflight are the exchanges that show it; nil where none was made.
	get, preflight *simulator.Exchange
	// reason is why the browser refused the page the answer, with the user's credentials.
	reason simulator.Reason
	// preflightReason is why the browser refused the preflight.
	preflightReason simulator.ReasonCode
}

// allowed tells whether the origin gets more than any origin without CORS.
func (r *Reach) allowed() bool { return r.Reads || len(r.Sends) > 0 }

// as tells whether the origin can do no more than another one.
func (r *Reach) as(other *Reach) bool {
	return (!r.ReadsWithCredentials || other.ReadsWithCredentials) && (!r.Reads || other.Reads) && (len(r.Sends) == 0 || len(other.Sends) > 0)
}

// madeUp is a method, and a header, that no API has: who allows it allows whatever is asked.
const (
	madeUpMethod = "CROSSCHECK"
	madeUpHeader = "X-Crosscheck-Audit"
)

// methods are those that need leave.
func methods() []string {
	return []string{http.MethodPut, http.MethodDelete, http.MethodPatch, madeUpMethod}
}

// headers are those that need leave, with the values that do.
func headers() []simulator.Field {
	return []simulator.Field{
		{Name: "Authorization", Value: "Bearer x"},
		{Name: "Content-Type", Value: "application/json"},
		{Name: "X-Requested-With", Value: "XMLHttpRequest"},
		{Name: madeUpHeader, Value: "1"},
	}
}

// errNotSent keeps a request from being sent that could change something: that
// the browser would send it is all there is to know.
var errNotSent = errors.New("the audit does not send this request")

// readOnly lets through what changes nothing.
type readOnly struct{ next http.RoundTripper }

// RoundTrip sends GET, HEAD and OPTIONS.
func (t readOnly) RoundTrip(request *http.Request) (*http.Response, error) {
	switch request.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return t.next.RoundTrip(request)
	}
	return nil, errNotSent
}

// ask finds out what each origin can do: the declared ones and any site first,
// because where any site is let in, nothing is left for tricks to gain.
func (t *target) ask(ctx context.Context) ([]*Reach, error) {
	var asked []*Reach
	try := func(list []origin) error {
		for _, candidate := range list {
			if slices.ContainsFunc(asked, func(reach *Reach) bool { return reach.Origin == candidate.value }) {
				continue
			}
			reach, err := t.reach(ctx, candidate)
			if err != nil {
				return err
			}
			asked = append(asked, reach)
		}
		return nil
	}
	if err := try(base(t.declared, t.policy.URL)); err != nil {
		return nil, err
	}
	foreign := ofClass(asked, Foreign)
	if learned := foreign.AllowOrigin; !slices.Contains(t.declared, learned) {
		// A server that answers one origin to everybody has told which one.
		if parsed, ok := parseOrigin(learned); ok && parsed.label == "" && learned != foreign.Origin {
			t.declared = append(t.declared, learned)
			if err := try([]origin{{learned, Declared, learned}}); err != nil {
				return nil, err
			}
		}
	}
	if t.frugal && foreign.allowed() && ofClass(asked, Declared).as(foreign) {
		// Any site gets all that is to be had.
		return asked, nil
	}
	// An origin with a star first: what it lets in is not its neighbours' doing.
	declared := slices.Clone(t.declared)
	slices.SortStableFunc(declared, func(a, b string) int { return strings.Count(b, "*") - strings.Count(a, "*") })
	for _, of := range declared {
		refused := slices.ContainsFunc(asked, func(reach *Reach) bool { return reach.of == of && reach.Class == Declared && !reach.allowed() })
		if t.frugal && refused {
			continue
		}
		if err := try(tricks(of)); err != nil {
			return nil, err
		}
	}
	local := localhosts()
	if t.frugal {
		local = local[:1]
	}
	return asked, try(local)
}

// ofClass is the first reach of a class.
func ofClass(asked []*Reach, class Class) *Reach {
	if i := slices.IndexFunc(asked, func(reach *Reach) bool { return reach.Class == class }); i >= 0 {
		return asked[i]
	}
	return &Reach{Class: class}
}

// reach asks as a page of one origin.
func (t *target) reach(ctx context.Context, candidate origin) (*Reach, error) {
	reach := &Reach{Origin: candidate.value, Class: candidate.class, of: candidate.of}
	request := simulator.Request{Method: http.MethodGet, URL: t.policy.URL, Credentials: simulator.CredentialsInclude}
	outcome, err := t.fetch(ctx, candidate.value, request)
	if err != nil {
		return nil, err
	}
	reach.ReadsWithCredentials, reach.reason = outcome.Readable(), outcome.Reason
	if len(outcome.Exchanges) > 0 {
		reach.get = &outcome.Exchanges[0]
	}
	reach.Reads = reach.ReadsWithCredentials
	if !t.frugal || candidate.class == Declared || candidate.class == Foreign || concernsCredentials(outcome.Reason.Code) {
		request.Credentials = simulator.CredentialsOmit
		if outcome, err = t.fetch(ctx, candidate.value, request); err != nil {
			return nil, err
		}
		reach.Reads = outcome.Readable()
		if len(outcome.Exchanges) > 0 {
			reach.anonymous = outcome.Exchanges[0].Status
			if !reach.ReadsWithCredentials {
				reach.get = &outcome.Exchanges[0]
			}
		}
	}
	if reach.get != nil {
		reach.AllowOrigin = strings.Join(reach.get.ResponseHeader.Values("Access-Control-Allow-Origin"), ", ")
	}
	// A refusal says little about preflights where the answer was an error: those carry CORS headers seldom.
	settled := t.frugal && !reach.Reads && reach.get != nil && reach.get.Status < 400
	if settled && candidate.class != Declared && candidate.class != Foreign {
		return reach, nil
	}
	named := candidate.class == Declared || candidate.class == Foreign
	for _, method := range methods() {
		if method == madeUpMethod && !named {
			break
		}
		refused, err := t.preflighted(ctx, reach, method, simulator.Field{})
		switch {
		case err != nil:
			return nil, err
		case refused == "":
			reach.Sends = append(reach.Sends, method)
			if t.frugal && !named {
				// One shows that preflights pass.
				return reach, nil
			}
		case t.frugal && refused != simulator.MethodDisallowedByPreflightResponse:
			// What refuses one preflight before it looks at the method refuses them all.
			return reach, nil
		}
	}
	if !named || !reach.allowed() {
		return reach, nil
	}
	for _, header := range headers() {
		refused, err := t.preflighted(ctx, reach, http.MethodGet, header)
		if err != nil {
			return nil, err
		}
		if refused == "" {
			reach.Headers = append(reach.Headers, header.Name)
		}
	}
	return reach, nil
}

// concernsCredentials tells whether a request without credentials might fare better.
func concernsCredentials(reason simulator.ReasonCode) bool {
	return reason == simulator.WildcardOriginNotAllowed || reason == simulator.InvalidAllowCredentials
}

// preflighted asks whether the origin may send requests of a method, or with a
// header, with credentials or without; refused is why not.
func (t *target) preflighted(ctx context.Context, reach *Reach, method string, header simulator.Field) (refused simulator.ReasonCode, err error) {
	request := simulator.Request{Method: method, URL: t.policy.URL}
	if header.Name != "" {
		request.Headers = []simulator.Field{header}
	}
	for _, credentials := range []simulator.CredentialsMode{simulator.CredentialsInclude, simulator.CredentialsOmit} {
		request.Credentials = credentials
		outcome, err := t.fetch(ctx, reach.Origin, request)
		if err != nil {
			return "", err
		}
		passed := false
		for i := range outcome.Exchanges {
			exchange := &outcome.Exchanges[i]
			if exchange.Kind == simulator.ExchangePreflight && len(reach.Sends) == 0 && header.Name == "" {
				reach.preflight, reach.preflightReason = exchange, outcome.Reason.Code
			}
			passed = passed || exchange.Kind == simulator.ExchangeRequest
		}
		if passed {
			reach.SendsWithCredentials = reach.SendsWithCredentials || credentials == simulator.CredentialsInclude
			return "", nil
		}
		refused = outcome.Reason.Code
	}
	return refused, nil
}

// fetch is one fetch of a page in a fresh browser.
func (t *target) fetch(ctx context.Context, from string, request simulator.Request) (simulator.Outcome, error) {
	browser := simulator.New(simulator.Chromium, simulator.WithTransport(readOnly{t.transport}), simulator.WithBodyLimit(1))
	for _, cookie := range t.cookies {
		if err := browser.SetCookie(t.policy.URL, cookie); err != nil {
			return simulator.Outcome{}, fmt.Errorf("the cookie cannot be set at %s: %w", t.policy.URL, err)
		}
	}
	page := simulator.PageSpec{URL: from}
	if from == opaqueOrigin {
		page = simulator.PageSpec{URL: "data:text/html,"}
	}
	// A redirect leads to another policy.
	request.Redirect = simulator.RedirectManual
	outcome := browser.OpenPage(page).Fetch(ctx, request)
	if err := ctx.Err(); err != nil {
		return outcome, fmt.Errorf("audit %s: %w", t.policy.URL, err)
	}
	if failing, ok := t.transport.(interface{ Err() error }); ok && failing.Err() != nil {
		return outcome, failing.Err()
	}
	return outcome, nil
}

// raw is a GET with an Origin that no page has.
func (t *target) raw(ctx context.Context, from string) (*simulator.Exchange, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, t.policy.URL, nil)
	if err != nil {
		return nil, fmt.Errorf("audit %s: %w", t.policy.URL, err)
	}
	request.Header.Set("Origin", from)
	exchange := &simulator.Exchange{Kind: simulator.ExchangeRequest, Method: request.Method, URL: t.policy.URL, RequestHeader: request.Header}
	response, err := t.transport.RoundTrip(request)
	if err != nil {
		// A server that closes the connection accepts nothing.
		return exchange, ctx.Err()
	}
	exchange.Status, exchange.ResponseHeader = response.StatusCode, response.Header
	return exchange, response.Body.Close()
}

// proof is the request behind a reach.
func (t *target) proof(reach *Reach, exchange *simulator.Exchange) *Proof {
	if exchange == nil {
		return nil
	}
	shown := *exchange
	shown.RequestHeader = shown.RequestHeader.Clone()
	shown.RequestHeader.Del("Cookie")
	proof := &Proof{Curl: t.curl(shown), Answer: []string{fmt.Sprintf("HTTP %d", exchange.Status)}}
	credentials := "omit"
	if reach.ReadsWithCredentials || reach.SendsWithCredentials {
		credentials = "include"
	}
	if exchange.Kind == simulator.ExchangePreflight {
		proof.Script = fmt.Sprintf("fetch(%q, {method: %q, credentials: %q})", exchange.URL, exchange.RequestHeader.Get("Access-Control-Request-Method"), credentials)
	} else {
		proof.Script = fmt.Sprintf("fetch(%q, {credentials: %q}).then(r => r.text()).then(console.log)", exchange.URL, credentials)
	}
	for _, name := range []string{
		"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers",
		"Access-Control-Expose-Headers", "Access-Control-Max-Age", "Vary",
	} {
		for _, value := range exchange.ResponseHeader.Values(name) {
			proof.Answer = append(proof.Answer, name+": "+value)
		}
	}
	return proof
}

// listed are the members of the lines of a list header.
func listed(header http.Header, name string) []string {
	var members []string
	for _, line := range header.Values(name) {
		for member := range strings.SplitSeq(line, ",") {
			if member = strings.TrimSpace(member); member != "" {
				members = append(members, member)
			}
		}
	}
	return members
}

// varies tells whether an answer says that it depends on Origin.
func varies(header http.Header) bool {
	return slices.ContainsFunc(listed(header, "Vary"), func(member string) bool { return member == "*" || strings.EqualFold(member, "Origin") })
}
