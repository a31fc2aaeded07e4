// Package compare tells what changed for browsers between two runs of the
// same scenarios: before and after an upgrade of the ingress controller, a change of
// an app's policy, a new browser.
//
//	crosscheck run --report-dir before
//	crosscheck run --report-dir after
//	crosscheck compare before/report.json after/report.json
//
// Scenarios are matched by their ids, their requests by their order. Of a
// request the results of every real browser are compared that made it both times; the
// simulator's where there is none.
package compare

import (
	"slices"

	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// Schema is the version of a [Comparison]'s JSON form.
const Schema = "crosscheck.comparison/v1"

// Kind says what a change means to the users of an API.
type Kind string

// The kinds of change.
const (
	// Broken: a page no longer gets what it got.
	Broken Kind = "broken"
	// NewlyAllowed: a page gets what it was kept from. It concerns security.
	NewlyAllowed Kind = "newly-allowed"
	// ReasonChanged: the page is kept from the answer still, for another reason.
	ReasonChanged Kind = "reason-changed"
	// MorePreflights: the browser asks first where it did not, or more often.
	MorePreflights Kind = "more-preflights"
	// AnswerChanged: the page gets an answer still, and another one.
	AnswerChanged Kind = "answer-changed"
	// NotRun: the scenario ran before, and was skipped or could not be carried out after.
	NotRun Kind = "not-run"
	// Removed: the scenario is not in the second report.
	Removed Kind = "removed"

	// Fixed: what the scenario wants came true.
	Fixed Kind = "fixed"
	// FewerPreflights: the browser asks first less often.
	FewerPreflights Kind = "fewer-preflights"
	// HeadersChanged: the page gets the same, by other CORS headers.
	HeadersChanged Kind = "headers-changed"
	// NewlyRun: the scenario was skipped or could not be carried out before, and ran after.
	NewlyRun Kind = "newly-run"
	// Added: the scenario is not in the first report.
	Added Kind = "added"
)

// Kinds are all of them, the worst first.
func Kinds() []Kind {
	return []Kind{NewlyAllowed, Broken, ReasonChanged, AnswerChanged, MorePreflights, NotRun, Removed, Fixed, FewerPreflights, HeadersChanged, NewlyRun, Added}
}

// Welcome tells whether a change of this kind needs nobody's leave.
func (k Kind) Welcome() bool {
	switch k {
	case Fixed, FewerPreflights, HeadersChanged, NewlyRun, Added:
		return true
	}
	return false
}

// Comparison is what changed from one report to another.
type Comparison struct {
	Schema string `json:"schema"`
	Before Run    `json:"before"`
	After  Run    `json:"after"`
	// Compared is how many scenarios are in both reports and ran, Unchanged how many of them did not change.
	// NotRun is how many are in both and ran in neither: nothing is known of them.
	Compared  int `json:"compared"`
	Unchanged int `json:"unchanged"`
	NotRun    int `json:"not_run"`
	// Counts are the changes by kind, accepted ones included; Unexpected are those
	// that are neither welcome nor accepted.
	Counts     map[Kind]int `json:"counts"`
	Accepted   int          `json:"accepted"`
	Unexpected int          `json:"unexpected"`
	// Changes are the worst first, and within a kind in the order of the scenarios.
	Changes []Change `json:"changes"`
	// Unused are the entries of the allow-list that no change needed.
	Unused []Entry `json:"unused_entries"`
}

// Run says where a report comes from.
type Run struct {
	Path        string             `json:"path,omitempty"`
	Crosscheck  string             `json:"crosscheck"`
	Environment report.Environment `json:"environment"`
	Scenarios   int                `json:"scenarios"`
}

// Change is one thing that is different.
type Change struct {
	Kind     Kind   `json:"kind"`
	Scenario string `json:"scenario"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Name     string `json:"name"`
	// Request and Browser are empty where the scenario as a whole changed. Several
	// browsers with the same change are separated by commas.
	Request string `json:"request,omitempty"`
	Browser string `json:"browser,omitempty"`
	// Before and After say in words what changed.
	Before string `json:"before"`
	After  string `json:"after"`
	// Exchanges are the answers that differ, hop by hop.
	Exchanges []ExchangeChange `json:"exchanges,omitempty"`
	// Explanations are the changes of a program on the way that make the difference.
	Explanations []Explanation `json:"explanations,omitempty"`
	// Accepted is why the allow-list accepts the change; empty when it does not.
	Accepted string `json:"accepted,omitempty"`
}

// Unexpected tells whether somebody has to look at the change.
func (c Change) Unexpected() bool { return !c.Kind.Welcome() && c.Accepted == "" }

// Reports compares two reports. Changes that the allow-list has are accepted.
func Reports(before, after *Report, allowed AllowList) Comparison {
	comparison := Comparison{
		Schema: Schema, Before: runOf(before), After: runOf(after),
		Counts: map[Kind]int{}, Changes: []Change{}, Unused: []Entry{},
	}
	later := make(map[string]*Scenario, len(after.Scenarios))
	for i := range after.Scenarios {
		later[after.Scenarios[i].ID] = &after.Scenarios[i]
	}
	for i := range before.Scenarios {
		was := &before.Scenarios[i]
		is := later[was.ID]
		if is == nil {
			comparison.add(was.change(Removed, verdictWords(was), "the scenario is not there"))
			continue
		}
		delete(later, was.ID)
		if !was.ran() && !is.ran() {
			comparison.NotRun++
			continue
		}
		comparison.Compared++
		changes := compareScenarios(was, is)
		if len(changes) == 0 {
			comparison.Unchanged++
		}
		comparison.add(changes...)
	}
	for i := range after.Scenarios {
		if is := &after.Scenarios[i]; later[is.ID] != nil {
			comparison.add(is.change(Added, "the scenario is not there", verdictWords(is)))
		}
	}
	comparison.accept(allowed)
	return comparison
}

func runOf(r *Report) Run {
	return Run{Path: r.Path, Crosscheck: r.Crosscheck, Environment: r.Environment, Scenarios: len(r.Scenarios)}
}

func (c *Comparison) add(changes ...Change) { c.Changes = append(c.Changes, changes...) }

// accept counts and sorts the changes, and marks those that the list has.
func (c *Comparison) accept(allowed AllowList) {
	used := make([]bool, len(allowed))
	for i := range c.Changes {
		change := &c.Changes[i]
		for j, entry := range allowed {
			if !change.Kind.Welcome() && entry.matches(*change) {
				used[j] = true
				change.Accepted = entry.Because
			}
		}
		c.Counts[change.Kind]++
		switch {
		case change.Accepted != "":
			c.Accepted++
		case change.Unexpected():
			c.Unexpected++
		}
	}
	for j, entry := range allowed {
		if !used[j] {
			c.Unused = append(c.Unused, entry)
		}
	}
	slices.SortStableFunc(c.Changes, func(a, b Change) int {
		return slices.Index(Kinds(), a.Kind) - slices.Index(Kinds(), b.Kind)
	})
}

func (s *Scenario) change(kind Kind, before, after string) Change {
	return Change{Kind: kind, Scenario: s.ID, File: s.File, Line: s.Line, Name: s.Name, Before: before, After: after}
}
