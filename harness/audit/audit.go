// Package audit asks a CORS policy as hostile and edge origins would, and says
// who could read what, with a request that proves it, and the fix. The simulator decides what a
// browser makes of the answers; they come from a model of the edge, for an
// Ingress, or over the wire, with no more requests than needed and none that changes anything.
package audit

import (
	"context"
	"net/http"
	"slices"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Schema is the version of a [Result]'s JSON form.
const Schema = "crosscheck.audit/v1"

// Result is what came of an audit.
type Result struct {
	Schema   string   `json:"schema"`
	Policies []Policy `json:"policies"`
	// Skipped are the Ingresses that were not looked at.
	Skipped []Skipped `json:"skipped"`
}

// Policy is one CORS policy: an Ingress's, or the one at a URL.
type Policy struct {
	// Name is how the audit calls it, URL where it was asked, Also where it holds too.
	Name string   `json:"name"`
	URL  string   `json:"url"`
	Also []string `json:"also,omitempty"`
	// File and Line are an Ingress's.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Answered says what answered: "ingress-nginx v1.15.1 (model)", or "the wire".
	Answered string `json:"answered"`
	// Requests is how many went over the wire.
	Requests int `json:"requests,omitempty"`
	// Reach is what pages of each origin can do.
	Reach    []Reach   `json:"reach"`
	Findings []Finding `json:"findings"`
	// Notes are what the audit does not know.
	Notes []string `json:"notes"`
}

// Skipped is an Ingress that was not looked at, and why.
type Skipped struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

// Finding is something that the policy's owner should change or decide on.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	// Policy is the Policy's name.
	Policy string `json:"policy"`
	// Message says who can do what, Fix what to change.
	Message string `json:"message"`
	Fix     string `json:"fix"`
	// Origin is the page that the finding is about; empty when it is about all.
	Origin string `json:"origin,omitempty"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Proof  *Proof `json:"proof,omitempty"`
}

// Proof is a request that shows the finding to be true.
type Proof struct {
	// Script is what a page at the origin runs; empty where no browser makes the request.
	Script string `json:"script,omitempty"`
	// Curl sends the browser's bytes; cookies are left out.
	Curl string `json:"curl"`
	// Answer are the answer's headers that count.
	Answer []string `json:"answer"`
}

// target is a policy to ask.
type target struct {
	policy Policy
	// transport leads to what answers.
	transport http.RoundTripper
	// declared are the origins that the policy names; known tells that they are all of them.
	declared []string
	known    bool
	// frugal asks for no more than needed: every request costs somebody something.
	frugal bool
	// cookies are the user's, as Set-Cookie headers.
	cookies []string
	// guards are what stands before the application, such as "a rate limit (limit-rps)".
	guards []string
	// ingress tells that fixes are annotations.
	ingress bool
	// place is where an annotation is written.
	place func(annotation string) (line, column int)
	// curl writes an exchange for a shell.
	curl func(simulator.Exchange) string
}

// audit asks the target everything.
func (t *target) audit(ctx context.Context) (Policy, error) {
	t.policy.Reach, t.policy.Notes = present(t.policy.Reach), present(t.policy.Notes)
	asked, err := t.ask(ctx)
	if err != nil {
		return t.policy, err
	}
	t.checkOrigins(asked)
	t.checkPolicy(asked)
	if err := t.checkLoose(ctx, asked); err != nil {
		return t.policy, err
	}
	for _, reach := range asked {
		if reach.Class == Declared && !t.known && !reach.allowed() {
			// A guess that was wrong is no news.
			continue
		}
		t.policy.Reach = append(t.policy.Reach, *reach)
	}
	t.policy.Findings = present(t.policy.Findings)
	slices.SortStableFunc(t.policy.Findings, func(a, b Finding) int { return b.Severity.rank() - a.Severity.rank() })
	return t.policy, nil
}

// find adds a finding, at the place of the annotation that is to be changed.
func (t *target) find(rule string, severity Severity, annotation, message, fix string) *Finding {
	found := Finding{Rule: rule, Severity: severity, Policy: t.policy.Name, Message: message, Fix: fix, File: t.policy.File, Line: t.policy.Line}
	if t.place != nil {
		found.Line, found.Column = t.place(annotation)
	}
	t.policy.Findings = append(t.policy.Findings, found)
	return &t.policy.Findings[len(t.policy.Findings)-1]
}

// fix is what to change: an annotation, or the server's own configuration.
func (t *target) fix(annotation, otherwise string) string {
	if t.ingress {
		return annotation
	}
	return otherwise
}

// Worst is the highest severity among all findings; empty for none.
func (r Result) Worst() Severity {
	worst := Severity("")
	for _, policy := range r.Policies {
		for _, finding := range policy.Findings {
			if finding.Severity.rank() > worst.rank() {
				worst = finding.Severity
			}
		}
	}
	return worst
}

// Without leaves out the findings of some rules.
func (r Result) Without(rules ...string) Result {
	policies := slices.Clone(r.Policies)
	for i := range policies {
		policies[i].Findings = slices.DeleteFunc(slices.Clone(policies[i].Findings), func(f Finding) bool { return slices.Contains(rules, f.Rule) })
	}
	r.Policies = policies
	return r
}

func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
