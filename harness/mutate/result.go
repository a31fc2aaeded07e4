package mutate

import (
	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// Schema is the version of a [Result]'s JSON form.
const Schema = "crosscheck.mutate/v1"

// Status is what became of a mutant.
type Status string

// The statuses.
const (
	// Killed: a scenario fails.
	Killed Status = "killed"
	// Survived: no scenario fails, though a browser does something else.
	Survived Status = "survived"
	// Equivalent: no scenario fails, and no request that was tried has another outcome.
	Equivalent Status = "equivalent"
	// Invalid: the environment does not take such a deployment, so nobody can run it by mistake.
	Invalid Status = "invalid"
)

// Result is what a run tells of the scenarios.
type Result struct {
	Schema string `json:"schema"`
	// Score is killed / (killed + survived), in percent; 100 where there is nothing to kill.
	Score  float64        `json:"score"`
	Counts map[Status]int `json:"counts"`
	// Scenarios is how many were run, Skipped those that could not be.
	Scenarios int       `json:"scenarios"`
	Skipped   []Skipped `json:"skipped"`
	Policies  []*Policy `json:"policies"`
}

// Scenario is the result of a scenario, as a report has it.
type Scenario = report.Scenario

// Skipped is a scenario that the environment cannot run, and why.
type Skipped struct {
	Scenario string `json:"scenario"`
	Reason   string `json:"reason"`
}

// Policy is a deployment that scenarios declare, and what became of its mutants.
type Policy struct {
	// Scenarios declare it: file and line of each.
	Scenarios []string `json:"scenarios"`
	// Probes is how many sessions decided about mutants that no scenario noticed, and
	// Requests how many requests they are.
	Probes   int       `json:"probes"`
	Requests int       `json:"requests"`
	Mutants  []*Mutant `json:"mutants"`
	// Suggestions are scenarios that would kill all survivors, in Gherkin without the Given steps of the policy.
	Suggestions []string `json:"suggestions,omitempty"`

	deployment harness.Deployment
	results    []Scenario
	asked      asked
	probes     []probe
}

// Mutant is one mutation and its fate.
type Mutant struct {
	Mutation
	Status Status `json:"status"`
	// KilledBy are the scenarios that fail, file and line of each.
	KilledBy []string `json:"killed_by,omitempty"`
	// Differences are what a survivor changes for a browser, the plainest first; at most a few.
	Differences []Difference `json:"differences,omitempty"`
	// Changed is how many of the requests that were tried have another outcome.
	Changed int `json:"changed,omitempty"`
	// Reason is why it is invalid.
	Reason string `json:"reason,omitempty"`

	// by holds the differences that the probes show, by what would have to be expected.
	by map[expectation]Difference
}

// count sums up.
func (r *Result) count() {
	r.Counts = map[Status]int{Killed: 0, Survived: 0, Equivalent: 0, Invalid: 0}
	for _, policy := range r.Policies {
		for _, mutant := range policy.Mutants {
			r.Counts[mutant.Status]++
		}
	}
	r.Score = 100
	if changing := r.Counts[Killed] + r.Counts[Survived]; changing > 0 {
		r.Score = 100 * float64(r.Counts[Killed]) / float64(changing)
	}
}

// Survivors are the policy's mutants that nobody noticed.
func (p *Policy) Survivors() []*Mutant {
	var survivors []*Mutant
	for _, mutant := range p.Mutants {
		if mutant.Status == Survived {
			survivors = append(survivors, mutant)
		}
	}
	return survivors
}
