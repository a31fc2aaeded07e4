// Package report holds the result of a run and writes it for people and
// programs: report.json, report.html, junit.xml, conformance.yaml, GitHub Actions, and
// the terminal. Reports of the shards of a run are merged here.
package report

import (
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

// Schema is the version of report.json's format. A change that a reader must
// know of changes it.
const Schema = "crosscheck.report/v1"

// Verdict is a scenario's result.
type Verdict string

// The verdicts.
const (
	// Pass: expected, predicted and observed agree.
	Pass Verdict = "pass"
	// UnexpectedOutcome: a browser did something else than the scenario expects, or an expectation was not evaluated.
	UnexpectedOutcome Verdict = "unexpected-outcome"
	// SimulatorMismatch: the expectations hold, but prediction and observation differ.
	SimulatorMismatch Verdict = "simulator-mismatch"
	// EdgeModelMismatch: everything holds and browsers do as predicted, but a real
	// ingress controller answered something else than its model says.
	EdgeModelMismatch Verdict = "edge-model-mismatch"
	// EnvironmentError: the scenario could not be carried out, or is not well formed.
	EnvironmentError Verdict = "environment-error"
	// Skipped: the environment lacks what the scenario needs; the reason is in Scenario.Message.
	Skipped Verdict = "skipped"
)

// Report is the result of one run: the content of report.json.
type Report struct {
	Schema      string      `json:"schema"`
	Crosscheck  string      `json:"crosscheck"`
	Started     time.Time   `json:"started"`
	Environment Environment `json:"environment"`
	// Shard is there where the run was one part of several.
	Shard     *Shard     `json:"shard,omitempty"`
	Summary   Summary    `json:"summary"`
	Scenarios []Scenario `json:"scenarios"`
}

// Environment says where the run took place.
type Environment struct {
	Name string `json:"name"`
	// Versions are those of everything under test, browsers included, by component.
	Versions map[string]string `json:"versions"`
}

// Summary counts scenarios by verdict. Failed is every scenario that neither
// passed nor was skipped; Mismatches are those among all in which prediction and observation differ.
type Summary struct {
	Scenarios  int   `json:"scenarios"`
	Passed     int   `json:"passed"`
	Failed     int   `json:"failed"`
	Skipped    int   `json:"skipped"`
	Mismatches int   `json:"mismatches"`
	DurationMS int64 `json:"duration_ms"`
}

// Scenario is one scenario's result.
type Scenario struct {
	// ID is stable as long as file, name and example row are: "features/ingress/x.feature:the-name-in-kebab-case", "#2" for a second row.
	ID string `json:"id"`
	// Feature is the feature's name, File the path of its file, Line the scenario's line in it.
	Feature string   `json:"feature"`
	File    string   `json:"file"`
	Line    int      `json:"line"`
	Name    string   `json:"name"`
	Tags    []string `json:"tags"`
	Verdict Verdict  `json:"verdict"`
	// Message is the cause in one or a few sentences; empty for a pass.
	Message    string    `json:"message,omitempty"`
	DurationMS int64     `json:"duration_ms"`
	Steps      []Step    `json:"steps"`
	Requests   []Request `json:"requests"`
	// Notes are what the environment says of the deployment, such as annotations
	// that do not do what they say, and what of a manifest is not predicted.
	Notes []string `json:"notes,omitempty"`
	// Restarts counts how often a browser had to be restarted for this scenario.
	Restarts int `json:"restarts,omitempty"`
	// Retries counts how often the scenario was begun anew because a request got no answer.
	Retries int `json:"retries,omitempty"`
}

// StepStatus is what came of a step.
type StepStatus string

// The statuses of a step.
const (
	StepPassed  StepStatus = "passed"
	StepFailed  StepStatus = "failed"
	StepSkipped StepStatus = "skipped"
	// StepNotRun: an earlier step failed.
	StepNotRun    StepStatus = "not-run"
	StepUndefined StepStatus = "undefined"
	StepAmbiguous StepStatus = "ambiguous"
)

// Step is one line of the scenario.
type Step struct {
	// Keyword is Given, When or Then: what And and But stand for.
	Keyword string     `json:"keyword"`
	Text    string     `json:"text"`
	Line    int        `json:"line"`
	Status  StepStatus `json:"status"`
	// Table is the data table under the step, row by row.
	Table [][]string `json:"table,omitempty"`
	// Message says what was expected and what was found, by browser.
	Message string `json:"message,omitempty"`
}

// Request is one request of a scenario, in every browser.
type Request struct {
	// Text is the step's words, such as `PUT https://api.example.com/x`.
	Text string `json:"text"`
	// Line is the step's line in the feature file: the Then steps between it and
	// the next When are what the scenario expects of this request. 0 when not known.
	Line    int                `json:"line,omitempty"`
	Page    simulator.PageSpec `json:"page,omitzero"`
	Request simulator.Request  `json:"request"`
	// Browsers has an entry for each that was run; key is Browser.Name.
	Browsers []BrowserResult `json:"browsers"`
	// Differences are between what the simulator predicted and what a real browser observed.
	Differences []Difference `json:"differences,omitempty"`
	// EdgeDifferences are between what an edge model predicted and what the real
	// ingress controller answered.
	EdgeDifferences []EdgeDifference `json:"edge_differences,omitempty"`
	// Advice says what to change, and at which layer; empty when nothing was refused.
	Advice string `json:"advice,omitempty"`
}

// BrowserResult is what one browser made of a request.
type BrowserResult struct {
	// Browser is "simulator", "chrome", or "curl" for a client without CORS.
	Browser string            `json:"browser"`
	Outcome simulator.Outcome `json:"outcome"`
	// Transits are the requests as the deployment saw them, hop by hop.
	Transits []harness.Transit `json:"transits,omitempty"`
	// ResponseTotal is what the mesh proxies counted for this request, by service.
	ResponseTotal map[string][]linkerd.ResponseTotal `json:"response_total,omitempty"`
}

// Difference is one field on which prediction and observation disagree.
type Difference struct {
	// Browser is the real browser that was compared.
	Browser   string `json:"browser"`
	Field     string `json:"field"`
	Predicted string `json:"predicted"`
	Observed  string `json:"observed"`
}

// EdgeDifference is one field on which an edge model and the real hop disagree.
type EdgeDifference struct {
	// Browser is whose exchange it was, Method and URL name the exchange.
	Browser string `json:"browser"`
	Method  string `json:"method"`
	URL     string `json:"url"`
	// Hop is the real hop, such as "ingress-nginx v1.15.1".
	Hop string `json:"hop"`
	// Field is "status", "reached the app" or "CORS headers"; of the last, Predicted and Observed hold a header a line.
	Field     string   `json:"field"`
	Predicted []string `json:"predicted"`
	Observed  []string `json:"observed"`
}
