package compare

import (
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// ExchangeChange is an exchange whose answer differs, hop by hop.
type ExchangeChange struct {
	Kind   simulator.ExchangeKind `json:"kind"`
	Method string                 `json:"method"`
	URL    string                 `json:"url"`
	// Hops are those at which the answer differs, the innermost first. Where the
	// reports have none it is the answer as the browser got it, under the name "the wire".
	Hops []HopChange `json:"hops"`
}

// HopChange is how an answer that left a hop differs.
type HopChange struct {
	// Before and After are the hop's name with its version; empty where it did not see the exchange.
	Before string `json:"before"`
	After  string `json:"after"`
	// StatusBefore and StatusAfter are 0 for no answer.
	StatusBefore int            `json:"status_before"`
	StatusAfter  int            `json:"status_after"`
	Headers      []HeaderChange `json:"headers,omitempty"`
}

// HeaderChange is a response header that decides about cross-origin access and has other values.
type HeaderChange struct {
	Name   string   `json:"name"`
	Before []string `json:"before,omitempty"`
	After  []string `json:"after,omitempty"`
}

// Explanation is a change of a program on the way that makes a difference what it is.
type Explanation struct {
	// Component is the program, Version the first of its releases with the change.
	Component string `json:"component"`
	Version   string `json:"version"`
	Summary   string `json:"summary"`
	// References are URLs of issues and pull requests.
	References []string `json:"references"`
	// Undone tells that the second report ran an older release, which does not have the change.
	Undone bool `json:"undone,omitempty"`
}

// pair is an exchange before and after; one of both may be missing.
type pair struct {
	kind        simulator.ExchangeKind
	method, url string
	// origin is the request's Origin.
	origin        string
	before, after []hop
}

// hop is an answer as it left a program.
type hop struct {
	name   string
	status int
	header http.Header
}

// pairs matches the exchanges of two results: the first preflight of a URL with the first one, and so on.
func pairs(before, after result) []*pair {
	type key struct {
		kind        simulator.ExchangeKind
		method, url string
		n           int
	}
	matched := map[key]*pair{}
	var found []*pair
	collect := func(r result, put func(*pair, []hop)) {
		transits := r.transits()
		seen := map[key]int{}
		for _, exchange := range r.Outcome.Exchanges {
			k := key{kind: exchange.Kind, method: exchange.Method, url: exchange.URL}
			seen[k]++
			k.n = seen[k]
			p := matched[k]
			if p == nil {
				p = &pair{kind: k.kind, method: k.method, url: k.url, origin: exchange.RequestHeader.read().Get("Origin")}
				matched[k] = p
				found = append(found, p)
			}
			put(p, hopsOf(&transits, exchange))
		}
	}
	collect(before, func(p *pair, hops []hop) { p.before = hops })
	collect(after, func(p *pair, hops []hop) { p.after = hops })
	return found
}

// hopsOf takes the exchange's transit out of those that are left.
func hopsOf(transits *[]harness.Transit, exchange exchange) []hop {
	i := slices.IndexFunc(*transits, func(transit harness.Transit) bool {
		return transit.Method == exchange.Method && strings.TrimSuffix(transit.URL, "/") == strings.TrimSuffix(exchange.URL, "/")
	})
	if i < 0 {
		return []hop{{name: "the wire", status: exchange.Status, header: exchange.ResponseHeader.read()}}
	}
	var hops []hop
	for _, passed := range (*transits)[i].Hops {
		hops = append(hops, hop{name: passed.Hop, status: passed.Status, header: passed.Header})
	}
	*transits = slices.Delete(*transits, i, i+1)
	return hops
}

// program is a hop's name without its version.
func program(name string) string {
	name, _, _ = strings.Cut(name, " v")
	return name
}

// version is the version in a hop's name, such as "v1.15.1".
func (h hop) version() string {
	_, version, found := strings.Cut(h.name, " v")
	if !found {
		return ""
	}
	return "v" + version
}

// compareExchanges lists the exchanges whose answers differ.
func compareExchanges(before, after result) []ExchangeChange {
	if sameAnswers(before.Outcome, after.Outcome) {
		return nil
	}
	var changes []ExchangeChange
	for _, p := range pairs(before, after) {
		if hops := compareHops(p.before, p.after); len(hops) > 0 {
			changes = append(changes, ExchangeChange{Kind: p.kind, Method: p.method, URL: p.url, Hops: hops})
		}
	}
	return changes
}

// sameAnswers tells, from what the browser got, that there is nothing to look
// for at the hops: most of a report does not change, and is read no further.
func sameAnswers(was, is outcome) bool {
	return slices.EqualFunc(was.Exchanges, is.Exchanges, func(a, b exchange) bool {
		return a.Kind == b.Kind && a.Method == b.Method && a.URL == b.URL && a.Status == b.Status &&
			(bytes.Equal(a.ResponseHeader.Value, b.ResponseHeader.Value) || len(compareHeaders(a.ResponseHeader.read(), b.ResponseHeader.read())) == 0)
	})
}

func compareHops(before, after []hop) []HopChange {
	var changes []HopChange
	rest := slices.Clone(after)
	for _, was := range before {
		i := slices.IndexFunc(rest, func(is hop) bool { return program(is.name) == program(was.name) })
		is := hop{}
		if i >= 0 {
			is = rest[i]
			rest = slices.Delete(rest, i, i+1)
		}
		headers := compareHeaders(was.header, is.header)
		if i < 0 || was.status != is.status || len(headers) > 0 {
			changes = append(changes, HopChange{Before: was.name, After: is.name, StatusBefore: was.status, StatusAfter: is.status, Headers: headers})
		}
	}
	for _, is := range rest {
		changes = append(changes, HopChange{After: is.name, StatusAfter: is.status, Headers: compareHeaders(nil, is.header)})
	}
	return changes
}

func compareHeaders(was, is http.Header) []HeaderChange {
	names := slices.Concat(slices.Collect(maps.Keys(was)), slices.Collect(maps.Keys(is)))
	slices.Sort(names)
	var changes []HeaderChange
	for _, name := range slices.Compact(names) {
		if name == "Age" || !report.CrossOriginResponseHeader(name) || slices.Equal(was[name], is[name]) {
			continue
		}
		changes = append(changes, HeaderChange{Name: name, Before: was[name], After: is[name]})
	}
	return changes
}

// explain looks for what the programs on the way say themselves of the difference.
func explain(in *Scenario, before, after result) []Explanation {
	annotations := in.annotations()
	var found []Explanation
	for _, p := range pairs(before, after) {
		was, is := ingress(p.before), ingress(p.after)
		if was == nil || is == nil || was.version() == is.version() {
			continue
		}
		for _, change := range ingressnginx.Explain(was.version(), is.version(), ingressnginx.Difference{
			Annotations: annotations[originOf(p.url)], Method: p.method, Origin: p.origin,
			Before: ingressnginx.Headers{Status: was.status, Header: was.header},
			After:  ingressnginx.Headers{Status: is.status, Header: is.header},
		}) {
			explanation := Explanation{Component: ingressNginx, Version: change.Version, Summary: change.Summary, Undone: semver.Compare(was.version(), is.version()) > 0}
			for _, reference := range change.References {
				explanation.References = append(explanation.References, "https://github.com/kubernetes/ingress-nginx/issues/"+strings.TrimPrefix(reference, "#"))
			}
			if !slices.ContainsFunc(found, func(other Explanation) bool { return other.Summary == explanation.Summary }) {
				found = append(found, explanation)
			}
		}
	}
	return found
}

// ingressNginx is the beginning of the hop's name.
const ingressNginx = "ingress-nginx"

func ingress(hops []hop) *hop {
	if i := slices.IndexFunc(hops, func(h hop) bool { return program(h.name) == ingressNginx }); i >= 0 {
		return &hops[i]
	}
	return nil
}

func originOf(text string) string {
	parsed, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return parsed.Scheme + "://" + parsed.Host
}

// declaredAPI finds the origin in the step that declares an API.
var declaredAPI = regexp.MustCompile(`\bAPI at "([^"]*)"`)

// annotations are those of the Ingresses that the scenario declares, by the origin of their API.
func (s *Scenario) annotations() map[string]map[string]string {
	var steps []report.Step
	if len(s.Steps) == 0 || decode(s.Steps, &steps) != nil {
		return nil
	}
	found := map[string]map[string]string{}
	api := ""
	for _, step := range steps {
		if match := declaredAPI.FindStringSubmatch(step.Text); match != nil && step.Keyword == "Given" {
			api = match[1]
		}
		if !strings.HasPrefix(step.Text, "its Ingress ") {
			continue
		}
		found[api] = map[string]string{}
		for _, row := range step.Table {
			if len(row) == 2 {
				found[api][strings.TrimPrefix(row[0], "nginx.ingress.kubernetes.io/")] = row[1]
			}
		}
	}
	return found
}
