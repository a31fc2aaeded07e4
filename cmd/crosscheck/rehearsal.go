package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"

	"github.com/crosscheck-dev/crosscheck/features"
	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/harness/simulated"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/steps"
)

// adaptation gives the deployment to run in the place of the one that the scenario of this id declares.
type adaptation func(id string, declared harness.Deployment) (harness.Deployment, error)

// rehearsal runs scenarios in the simulator, over the embedded environment in memory.
type rehearsal struct {
	suite       *steps.Suite
	plan        *steps.Plan
	environment harness.Environment
	browser     harness.Browser
	// first are the results of the first run, in which nothing is adapted yet.
	first []report.Scenario
}

// declarations reads the scenarios that the paths select; all embedded ones for no path.
func declarations(paths []string, tags string, concurrency int) (*rehearsal, error) {
	files := fs.FS(steps.OSFiles{})
	if len(paths) == 0 {
		files, paths = features.FS(), []string{features.Root}
	}
	plan, err := steps.Read(steps.Selection{Files: files, Paths: paths, Tags: tags, Concurrency: concurrency})
	if err != nil {
		return nil, usageFailure(err)
	}
	authority, err := ca.New()
	if err != nil {
		return nil, environmentFailure(err)
	}
	r := &rehearsal{
		plan: plan, environment: embedded.New(authority),
		browser: simulated.New(simulator.Chromium, steps.Simulator, authority.Pool(), simulated.InMemory()),
	}
	r.suite = &steps.Suite{Environment: r.environment, Browsers: []harness.Browser{r.browser}, Roots: authority.Pool()}
	return r, nil
}

// run runs the scenarios with the deployments that adapt gives; nil for those that they declare.
func (r *rehearsal) run(ctx context.Context, adapt adaptation) []report.Scenario {
	r.suite.Adapt = adapt
	results := r.suite.Run(ctx, r.plan, nil)
	if r.first == nil {
		r.first = results
	}
	return results
}

// nothing is an error when no scenario could be run: what was found out then is no result.
func (r *rehearsal) nothing() error {
	for _, scenario := range r.first {
		if scenario.Verdict != report.Skipped {
			return nil
		}
	}
	if len(r.first) == 0 {
		return nil
	}
	return environmentFailure(fmt.Errorf("none of the %d scenarios can be run in the simulator over models, where their policies are known: %s", len(r.first), r.first[0].Message))
}

// writeIndented writes a JSON object for programs, and for people who look into it.
func writeIndented(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}
