package steps

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v21"
	"golang.org/x/time/rate"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/harness/secret"
)

// Simulator is the name of the browser whose outcomes are the predictions.
const Simulator = "simulator"

// DefaultTimeout is how long a request may take before the page gives up.
const DefaultTimeout = 10 * time.Second

// Suite runs scenarios in an environment, in several browsers.
type Suite struct {
	Environment harness.Environment
	// Browsers each run every scenario; that of the name Simulator predicts what the others observe.
	Browsers []harness.Browser
	// Roots are the certificate authorities for clients that are no browsers.
	Roots *x509.CertPool
	// Timeout is DefaultTimeout when 0.
	Timeout time.Duration
	// Adapt, unless nil, gives the deployment to run in the place of the one that
	// the scenario of this id (report.Scenario.ID) declares. It is called by several
	// goroutines; a *harness.Unavailable skips the scenario.
	Adapt func(id string, declared harness.Deployment) (harness.Deployment, error)
	// Limiter paces the requests of all browsers and clients, in the mean: what a
	// request entails, such as its preflight, goes with it and is waited for
	// before the next one. nil for as fast as they come.
	Limiter *rate.Limiter
	// Retries is how often a scenario is begun anew in a browser when one of its
	// requests gets no answer at all. An answer is never asked for again.
	Retries int
	// Secrets are put in where scenarios write "${NAME}", and taken out of every
	// result and error; nil for none, and "${NAME}" is a text like any other.
	Secrets *secret.Values
	// Cookies are in the jar of every session from its beginning.
	Cookies []harness.SetCookie

	// turn is held by the request that waits for the limiter. The others come to
	// the limiter only after it, and so after what earlier ones entailed.
	turn sync.Mutex
	// patterns are the steps' compiled patterns.
	patterns sync.Map
}

// Selection says which scenarios to run, and how.
type Selection struct {
	// Files holds the feature files, Paths name those to run: files, folders, "file:line".
	Files fs.FS
	Paths []string
	// Tags is godog's tag expression, such as "@preflight && ~@slow"; empty for all.
	Tags string
	// Concurrency is how many scenarios run at a time; 1 when 0.
	Concurrency int
	// Seed orders the scenarios: -1 for a random one, 0 for the order of the files.
	Seed int64
}

// Plan is a selection that has been read: what Run will run.
type Plan struct {
	selection Selection
	names     []string
	malformed []report.Scenario
	// outlines are what is known of each scenario before it runs, by the id of its pickle.
	outlines map[string]report.Scenario
	order    []string
	// others are the pickles that belong to other shards.
	others map[string]bool
}

// Scenarios is how many results Run will give.
func (p *Plan) Scenarios() int { return len(p.order) + len(p.malformed) }

// Steps are the steps of the scenarios that will run, in the order of the files, with where they stand.
func (p *Plan) Steps() []PlannedStep {
	var planned []PlannedStep
	for _, id := range p.order {
		outline := p.outlines[id]
		for _, step := range outline.Steps {
			planned = append(planned, PlannedStep{File: outline.File, Line: step.Line, Text: step.Text, Table: step.Table})
		}
	}
	return planned
}

// PlannedStep is a step before it runs.
type PlannedStep struct {
	File string
	Line int
	// Text is without the keyword; Table is nil where there is none.
	Text  string
	Table [][]string
}

// tagExpression is what godog can read: "&&" between terms, "," within them, "~" to negate.
var tagExpression = regexp.MustCompile(`^\s*~?@[^\s,&~@]+\s*((,|&&)\s*~?@[^\s,&~@]+\s*)*$`)

// Read finds and parses the selected feature files. A *FeatureNotFound, an
// ErrNoScenario or any other error means that the selection is wrong; a file
// that is no Gherkin is no error, but a failed result of Run.
func Read(selection Selection) (*Plan, error) {
	if selection.Tags != "" && !tagExpression.MatchString(selection.Tags) {
		return nil, fmt.Errorf(`%q is not a tag expression: write "@a", "~@a", "@a,@b" (either) or "@a && ~@b" (both)`, selection.Tags)
	}
	names, err := find(selection.Files, selection.Paths)
	if err != nil {
		return nil, err
	}
	plan := &Plan{selection: selection, outlines: map[string]report.Scenario{}}
	if plan.names, plan.malformed, err = sift(selection.Files, names); err != nil {
		return nil, err
	}
	if len(plan.names) > 0 {
		if err := plan.index(); err != nil {
			return nil, err
		}
	}
	if plan.Scenarios() == 0 {
		return nil, ErrNoScenario
	}
	return plan, nil
}

// index notes where every scenario and step stands. godog gives the pickles
// the same ids each time it parses the same files in the same order.
func (p *Plan) index() error {
	features, err := godog.TestSuite{Options: p.options()}.RetrieveFeatures()
	if err != nil {
		return fmt.Errorf("parse the feature files: %w", err)
	}
	seen := map[string]int{}
	for _, feature := range features {
		for _, pickle := range feature.Pickles {
			file := lineSuffix.ReplaceAllString(feature.Uri, "")
			outline := report.Scenario{
				ID: file + ":" + kebab(pickle.Name), Feature: feature.Feature.Name, File: file, Name: pickle.Name,
				Tags: []string{}, Steps: []report.Step{}, Requests: []report.Request{},
			}
			if scenario := feature.FindScenario(pickle.AstNodeIds[0]); scenario != nil {
				outline.Line = int(scenario.Location.Line)
			}
			seen[outline.ID]++
			if n := seen[outline.ID]; n > 1 {
				outline.ID = fmt.Sprintf("%s#%d", outline.ID, n)
			}
			for _, tag := range pickle.Tags {
				outline.Tags = append(outline.Tags, tag.Name)
			}
			for _, step := range pickle.Steps {
				line := 0
				if written := feature.FindStep(step.AstNodeIds[0]); written != nil {
					line = int(written.Location.Line)
				}
				outline.Steps = append(outline.Steps, report.Step{
					Keyword: keyword(step.Type), Text: step.Text, Line: line, Table: rows(step), Status: report.StepNotRun,
				})
			}
			p.outlines[pickle.Id] = outline
			p.order = append(p.order, pickle.Id)
		}
	}
	return nil
}

func (p *Plan) options() *godog.Options {
	return &godog.Options{
		Format: "progress", Output: io.Discard, NoColors: true, Strict: true,
		FS: p.selection.Files, Paths: p.names, Tags: p.selection.Tags,
		Concurrency: max(p.selection.Concurrency, 1), Randomize: p.selection.Seed,
	}
}

// rows is the data table under a step; nil when there is none.
func rows(step *messages.PickleStep) [][]string {
	if step.Argument == nil || step.Argument.DataTable == nil {
		return nil
	}
	var table [][]string
	for _, row := range step.Argument.DataTable.Rows {
		var cells []string
		for _, cell := range row.Cells {
			cells = append(cells, cell.Value)
		}
		table = append(table, cells)
	}
	return table
}

// keyword is what And, But and * stand for.
func keyword(kind messages.PickleStepType) string {
	switch kind {
	case messages.PickleStepType_CONTEXT:
		return "Given"
	case messages.PickleStepType_ACTION:
		return "When"
	case messages.PickleStepType_OUTCOME:
		return "Then"
	default:
		return "*"
	}
}

var notKebab = regexp.MustCompile(`[^a-z0-9]+`)

func kebab(name string) string {
	return strings.Trim(notKebab.ReplaceAllString(strings.ToLower(name), "-"), "-")
}

// Run runs the plan's scenarios and gives their results in the order of the
// files. done, when not nil, is called with each result as it is there, from
// several goroutines. Scenarios that the context's end keeps from running are
// environment errors.
func (s *Suite) Run(ctx context.Context, plan *Plan, done func(report.Scenario)) []report.Scenario {
	if done == nil {
		done = func(report.Scenario) {}
	}
	var mutex sync.Mutex
	results := map[string]report.Scenario{}
	finish := func(id string, result report.Scenario) {
		mutex.Lock()
		results[id] = result
		mutex.Unlock()
		done(result)
	}
	for _, result := range plan.malformed {
		done(result)
	}
	if len(plan.names) > 0 && len(plan.order) > 0 {
		options := plan.options()
		options.DefaultContext = ctx
		godog.TestSuite{
			Name:    "crosscheck",
			Options: options,
			ScenarioInitializer: func(sc *godog.ScenarioContext) {
				s.initialize(sc, plan, finish)
			},
		}.Run()
	}
	scenarios := plan.malformed
	for _, id := range plan.order {
		result, ran := results[id]
		if !ran {
			result = plan.outlines[id]
			result.Verdict, result.Message = report.UnexpectedOutcome, "the scenario has no steps, so it proves nothing"
			done(result)
		}
		scenarios = append(scenarios, result)
	}
	return scenarios
}

// InitializeScenario registers the vocabulary for a team's own godog suite. A
// scenario fails there as it would under Run, simulator mismatches included.
func (s *Suite) InitializeScenario(sc *godog.ScenarioContext) {
	s.initialize(sc, &Plan{}, func(string, report.Scenario) {})
}

// initialize registers the steps and the hooks that turn a scenario into a result.
func (s *Suite) initialize(sc *godog.ScenarioContext, plan *Plan, finish func(id string, result report.Scenario)) {
	timeout := s.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	w := &world{
		environment: s.Environment, browsers: s.Browsers, roots: s.Roots, timeout: timeout,
		limiter: s.Limiter, turn: &s.turn, retries: s.Retries, files: plan.selection.Files, adapt: s.Adapt,
	}
	if w.files == nil {
		w.files = OSFiles{}
	}
	for _, set := range s.Cookies {
		w.journal = append(w.journal, action{cookie: &cookie{url: set.URL, setCookie: set.Header}})
	}
	register(registry{step: sc.Step, compiled: &s.patterns, secrets: s.Secrets}, w)
	r := &recorder{world: w}
	sc.Before(func(ctx context.Context, scenario *godog.Scenario) (context.Context, error) {
		if plan.others[scenario.Id] {
			return ctx, godog.ErrSkip
		}
		w.file = lineSuffix.ReplaceAllString(scenario.Uri, "")
		r.begin(scenario, plan.outlines[scenario.Id])
		w.id = r.result.ID
		return ctx, ctx.Err()
	})
	sc.StepContext().Before(func(ctx context.Context, step *godog.Step) (context.Context, error) {
		w.line = r.line(step)
		return ctx, nil
	})
	sc.StepContext().After(func(ctx context.Context, step *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
		r.step(step, status, err)
		return ctx, nil
	})
	sc.After(func(ctx context.Context, scenario *godog.Scenario, err error) (context.Context, error) {
		if plan.others[scenario.Id] {
			return ctx, nil
		}
		result := r.end(err)
		s.Secrets.RedactAll(&result)
		if w.deployed() {
			withhold(&result)
		}
		finish(scenario.Id, result)
		if err == nil && result.Verdict != report.Pass && result.Verdict != report.Skipped {
			return ctx, errors.New(result.Message)
		}
		return ctx, nil
	})
}
