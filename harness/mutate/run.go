package mutate

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// Adapt gives the deployment to run in the place of the one that the scenario of this id declares.
type Adapt func(id string, declared harness.Deployment) (harness.Deployment, error)

// Options say what is run, and where.
type Options struct {
	// Run runs all scenarios with the deployments that adapt gives; a
	// *harness.Unavailable error of adapt's skips the scenario.
	Run func(ctx context.Context, adapt Adapt) []Scenario
	// Environment and Browser ask the probes; the browser is the simulator.
	Environment harness.Environment
	Browser     harness.Browser
	// Progress, unless nil, is told how many mutants of all are decided.
	Progress func(done, all int)
}

// BaselineFailed says that scenarios fail without any mutation: what they fail
// of under a mutant would say nothing.
type BaselineFailed struct{ Scenarios []Scenario }

// Error names the scenarios and what went wrong.
func (e *BaselineFailed) Error() string {
	lines := []string{fmt.Sprintf("%d scenarios fail as they are, so nothing can be told of their mutants: make them pass first (crosscheck run --browser simulator)", len(e.Scenarios))}
	for _, scenario := range e.Scenarios {
		lines = append(lines, fmt.Sprintf("%s:%d %s: %s", scenario.File, scenario.Line, scenario.Name, scenario.Message))
	}
	return strings.Join(lines, "\n  ")
}

// errNotDeclared is an environment that runs a scenario without asking for its deployment.
var errNotDeclared = errors.New("no deployment was asked for")

// Run breaks the policies and tells who noticed. Errors are a *BaselineFailed,
// the context's, and those of the environment.
func Run(ctx context.Context, options Options) (*Result, error) {
	r := &run{Options: options}
	if err := r.baseline(ctx); err != nil {
		return nil, err
	}
	if err := r.mutate(ctx); err != nil {
		return nil, err
	}
	if err := r.kill(ctx); err != nil {
		return nil, err
	}
	if err := r.probe(ctx); err != nil {
		return nil, err
	}
	r.result.count()
	return &r.result, nil
}

// run is one run of Run.
type run struct {
	Options
	result Result
	// of is the policy of each scenario, by id.
	of      map[string]*Policy
	mutants int
	done    atomic.Int64
}

// decided tells that a mutant's fate is known.
func (r *run) decided() {
	done := r.done.Add(1)
	if r.Progress != nil {
		r.Progress(int(done), r.mutants)
	}
}

// baseline runs the scenarios as they are, and groups them by their deployments.
func (r *run) baseline(ctx context.Context) error {
	var mutex sync.Mutex
	declared := map[string]harness.Deployment{}
	record := func(id string, deployment harness.Deployment) (harness.Deployment, error) {
		mutex.Lock()
		defer mutex.Unlock()
		declared[id] = clone(deployment)
		return deployment, nil
	}
	results := r.Options.Run(ctx, record)
	if slices.ContainsFunc(results, fails) {
		// On a busy machine a scenario that waits may be late once.
		results = r.Options.Run(ctx, record)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("run the scenarios without mutations: %w", err)
	}
	r.result = Result{Schema: Schema, Skipped: []Skipped{}, Policies: []*Policy{}}
	r.of = map[string]*Policy{}
	policies := map[string]*Policy{}
	var failed []Scenario
	for _, scenario := range results {
		switch {
		case fails(scenario):
			failed = append(failed, scenario)
			continue
		case scenario.Verdict == report.Skipped:
			r.result.Skipped = append(r.result.Skipped, Skipped{Scenario: scenario.ID, Reason: scenario.Message})
			continue
		}
		deployment, known := declared[scenario.ID]
		if !known {
			return fmt.Errorf("%s: %w", scenario.ID, errNotDeclared)
		}
		identity := key(deployment)
		policy := policies[identity]
		if policy == nil {
			policy = &Policy{Mutants: []*Mutant{}, deployment: deployment}
			policies[identity] = policy
			r.result.Policies = append(r.result.Policies, policy)
		}
		// The rows of an outline are one place.
		add(&policy.Scenarios, place(scenario))
		policy.results = append(policy.results, scenario)
		r.of[scenario.ID] = policy
		r.result.Scenarios++
	}
	if len(failed) > 0 {
		return &BaselineFailed{Scenarios: failed}
	}
	return nil
}

func fails(scenario Scenario) bool {
	return scenario.Verdict != report.Pass && scenario.Verdict != report.Skipped
}

func place(scenario Scenario) string { return fmt.Sprintf("%s:%d", scenario.File, scenario.Line) }

// mutate makes the mutants, and sets those aside that the environment does not take.
func (r *run) mutate(ctx context.Context) error {
	for _, policy := range r.result.Policies {
		policy.asked = readAsked(policy.results)
		for _, mutation := range mutations(policy.deployment, policy.asked.vocabulary) {
			mutant := &Mutant{Mutation: mutation}
			running, err := r.Environment.Apply(ctx, mutation.deployment)
			var invalid *harness.InvalidDeployment
			var unavailable *harness.Unavailable
			switch {
			case errors.As(err, &invalid), errors.As(err, &unavailable):
				mutant.Status, mutant.Reason = Invalid, err.Error()
			case err != nil:
				return fmt.Errorf("%s: %w", mutation, err)
			default:
				running.Release()
				r.mutants++
			}
			policy.Mutants = append(policy.Mutants, mutant)
		}
	}
	return nil
}

// kill runs the scenarios against the mutants: all scenarios at a time, each
// policy in the form of one of its mutants, until none has any left.
func (r *run) kill(ctx context.Context) error {
	waiting := map[*Policy][]*Mutant{}
	for _, policy := range r.result.Policies {
		for _, mutant := range policy.Mutants {
			if mutant.Status != Invalid {
				waiting[policy] = append(waiting[policy], mutant)
			}
		}
	}
	for len(waiting) > 0 {
		results := r.Options.Run(ctx, func(id string, declared harness.Deployment) (harness.Deployment, error) {
			if mutants := waiting[r.of[id]]; len(mutants) > 0 {
				return mutants[0].deployment, nil
			}
			return declared, &harness.Unavailable{Reason: "no mutant is left"}
		})
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("run the scenarios against mutants: %w", err)
		}
		outcomes := map[string]Scenario{}
		for _, scenario := range results {
			outcomes[scenario.ID] = scenario
		}
		for policy, mutants := range waiting {
			if err := mutants[0].judge(policy, outcomes); err != nil {
				return err
			}
			if mutants[0].Status == Killed {
				r.decided()
			}
			if waiting[policy] = mutants[1:]; len(mutants) == 1 {
				delete(waiting, policy)
			}
		}
	}
	return nil
}

// judge decides whether the scenarios of a policy noticed the mutant; of one
// that they did not notice it keeps what changed in their own requests.
func (m *Mutant) judge(policy *Policy, results map[string]Scenario) error {
	for _, was := range policy.results {
		is := results[was.ID]
		switch is.Verdict {
		case report.UnexpectedOutcome:
			m.Status = Killed
			m.KilledBy = append(m.KilledBy, place(was))
		case report.Pass:
			m.compare(was, is)
		default:
			return fmt.Errorf("%s under the mutant %q is no pass and no failure, but %s: %s", place(was), m.Mutation, is.Verdict, is.Message)
		}
	}
	if m.Status == Killed {
		m.Differences = nil
	}
	return nil
}

// compare finds what changed in the requests of a scenario.
func (m *Mutant) compare(was, is Scenario) {
	for i := range min(len(was.Requests), len(is.Requests)) {
		request := was.Requests[i]
		if request.Page.URL == "" || len(request.Browsers) == 0 || len(is.Requests[i].Browsers) == 0 {
			continue
		}
		before, after := request.Browsers[0].Outcome, is.Requests[i].Browsers[0].Outcome
		m.differ(before, after, Difference{first: before, Own: true, Scenario: place(was), probe: probe{{page: request.Page, request: request.Request}}})
	}
}

// maximumDifferences is how many of a mutant's are kept.
const maximumDifferences = 3

// differ notes a difference, if there is one.
func (m *Mutant) differ(before, after outcome, found Difference) (Difference, bool) {
	was, is, ok := differ(before, after)
	if !ok {
		return found, false
	}
	last := found.probe[len(found.probe)-1]
	found.Page, found.Request = pageWords(last.page), found.probe.words()
	found.Before, found.After, found.before, found.after = was, is, before, after
	m.Differences = append(m.Differences, found)
	return found, true
}

// probe asks the mutants that nobody noticed more than the scenarios do.
func (r *run) probe(ctx context.Context) error {
	unnoticed := map[*Policy][]*Mutant{}
	for _, policy := range r.result.Policies {
		for _, mutant := range policy.Mutants {
			if mutant.Status == "" {
				unnoticed[policy] = append(unnoticed[policy], mutant)
			}
		}
	}
	before := make(map[*Policy]*[][]outcome, len(unnoticed))
	err := inParallel(ctx, func(ctx context.Context, group *errgroup.Group) {
		for policy := range unnoticed {
			policy.prepare()
			outcomes := new([][]outcome)
			before[policy] = outcomes
			group.Go(func() (err error) {
				*outcomes, err = r.ask(ctx, policy.deployment, policy.probes)
				return err
			})
		}
	})
	if err != nil {
		return err
	}
	err = inParallel(ctx, func(ctx context.Context, group *errgroup.Group) {
		for policy, mutants := range unnoticed {
			for _, mutant := range mutants {
				group.Go(func() error { return r.probeMutant(ctx, policy, mutant, *before[policy]) })
			}
		}
	})
	if err != nil {
		return err
	}
	for policy := range unnoticed {
		policy.suggest()
	}
	return nil
}

// inParallel waits for the work that start starts. Much of it waits for timeouts
// of the deployments, so there is more of it than there are CPUs.
func inParallel(ctx context.Context, start func(ctx context.Context, group *errgroup.Group)) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8 * runtime.NumCPU())
	start(ctx, group)
	if err := group.Wait(); err != nil {
		return fmt.Errorf("probe the mutants that no scenario noticed: %w", err)
	}
	return nil
}

func (p *Policy) prepare() {
	p.probes = probesOf(p.deployment, p.asked)
	p.Probes = len(p.probes)
	for _, probe := range p.probes {
		p.Requests += len(probe)
	}
}

// probeMutant decides whether a mutant that nobody noticed changes anything.
func (r *run) probeMutant(ctx context.Context, policy *Policy, mutant *Mutant, before [][]outcome) error {
	after, err := r.ask(ctx, mutant.deployment, policy.probes)
	if err != nil {
		return err
	}
	mutant.by = map[expectation]Difference{}
	for i, session := range before {
		for j := range session {
			if found, ok := mutant.differ(session[j], after[i][j], Difference{probe: policy.probes[i][:j+1], first: session[0]}); ok {
				if found.probe.expressible() {
					mutant.by[expectation{i, j, found.Before}] = found
				}
				break
			}
		}
	}
	mutant.settle()
	r.decided()
	return nil
}

// settle decides by the differences that were found, and keeps the most telling ones.
func (m *Mutant) settle() {
	m.Status, m.Changed = Equivalent, len(m.Differences)
	if m.Changed > 0 {
		m.Status = Survived
	}
	slices.SortStableFunc(m.Differences, func(a, b Difference) int { return a.weight() - b.weight() })
	m.Differences = m.Differences[:min(m.Changed, maximumDifferences)]
}
