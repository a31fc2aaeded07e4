package steps

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/cucumber/godog"
	"golang.org/x/time/rate"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// world is the state of one scenario. A new one is made for each.
type world struct {
	environment harness.Environment
	browsers    []harness.Browser
	// timeout is how long a request may take before the page gives up.
	timeout time.Duration
	// roots are the certificate authorities of clients that are no browsers.
	roots *x509.CertPool
	// limiter, turn and retries are the suite's.
	limiter *rate.Limiter
	turn    *sync.Mutex
	retries int
	// files are those that the scenario can name; file is the feature file among them.
	files fs.FS
	file  string

	// id is the scenario's in the report; adapt is Suite.Adapt.
	id    string
	adapt func(id string, declared harness.Deployment) (harness.Deployment, error)

	deployment harness.Deployment
	page       simulator.PageSpec

	// line is where the step that runs stands in its file.
	line int
	// journal is all that was done so far. A browser that had to be replaced
	// is brought to the same state by doing it again.
	journal []action
	running harness.Running
	runs    []*run

	// requests are the results, one for each action that is a request.
	requests []report.Request
	// named are the requests of which the scenario says where their response came from, by index.
	named map[int]bool
	// expected counts the expectations stated since the last request: a
	// request of which nothing is expected proves nothing.
	expected int
}

// run is the scenario in one browser.
type run struct {
	browser  harness.Browser
	session  harness.Session
	traffic  harness.Traffic
	restarts int
	// retried counts how often the scenario was begun anew for want of an answer.
	retried int
	// queued is how long the run waited for its browser to be free.
	queued time.Duration
}

// scenarioError is a mistake in the scenario's own words: a URL that cannot be
// parsed, a step that needs another one before it.
type scenarioError struct{ message string }

func (e *scenarioError) Error() string { return e.message }

func mistake(format string, arguments ...any) error {
	return &scenarioError{message: fmt.Sprintf(format, arguments...)}
}

// environmentError wraps what went wrong outside page and server: no browser,
// a deployment that could not be made.
type environmentError struct{ cause error }

func (e *environmentError) Error() string { return e.cause.Error() }
func (e *environmentError) Unwrap() error { return e.cause }

// service returns the service declared last, which "it" and "its" speak of.
func (w *world) service() (*harness.Service, error) {
	if len(w.deployment.Services) == 0 {
		return nil, mistake(`this step speaks of an API, but none was declared: begin with a step such as: Given an API at "https://api.example.com" that knows nothing about CORS`)
	}
	return &w.deployment.Services[len(w.deployment.Services)-1], nil
}

// serviceAt returns the service at the origin, or the first one for an empty origin.
func (w *world) serviceAt(origin string) (*harness.Service, error) {
	if _, err := w.service(); err != nil {
		return nil, err
	}
	if origin == "" {
		return &w.deployment.Services[0], nil
	}
	for i := range w.deployment.Services {
		if w.deployment.Services[i].Origin == origin {
			return &w.deployment.Services[i], nil
		}
	}
	return nil, mistake("no API was declared at %q", origin)
}

// last returns the request that the expectations speak of.
func (w *world) last() (*report.Request, error) {
	if len(w.requests) == 0 {
		return nil, mistake("nothing was requested yet: an expectation needs a When step before it")
	}
	return &w.requests[len(w.requests)-1], nil
}

// start applies the deployment and opens a session in every browser.
func (w *world) start(ctx context.Context) error {
	if w.running != nil {
		return nil
	}
	running, err := w.apply(ctx)
	if err != nil {
		var invalid *harness.InvalidDeployment
		if errors.As(err, &invalid) {
			return mistake("%s", invalid.Reason)
		}
		var unavailable *harness.Unavailable
		if errors.As(err, &unavailable) {
			return fmt.Errorf("%w: %w", godog.ErrSkip, unavailable)
		}
		return &environmentError{cause: err}
	}
	w.running = running
	for _, browser := range w.browsers {
		w.runs = append(w.runs, &run{browser: browser})
	}
	return nil
}

// apply makes the deployment run, or what stands in its place.
func (w *world) apply(ctx context.Context) (harness.Running, error) {
	deployment := w.deployment
	if w.adapt != nil {
		var err error
		if deployment, err = w.adapt(w.id, deployment); err != nil {
			return nil, err
		}
	}
	return w.environment.Apply(ctx, deployment)
}

// open begins the run's session, in which nothing has happened yet.
func (r *run) open(ctx context.Context, running harness.Running) error {
	traffic, err := running.NewTraffic(ctx)
	if err != nil {
		return &environmentError{cause: fmt.Errorf("bring up the deployment for %s: %w", r.browser.Name(), err)}
	}
	asked := time.Now()
	session, err := r.browser.NewSession(ctx, traffic)
	r.queued += time.Since(asked)
	if err != nil {
		return &environmentError{cause: errors.Join(fmt.Errorf("begin a session in %s: %w", r.browser.Name(), err), traffic.Close())}
	}
	r.traffic, r.session = traffic, session
	return nil
}

// close ends the run's session; it may be opened again.
func (r *run) close() error {
	if r.session == nil {
		return nil
	}
	r.restarts += r.session.Restarts()
	err := errors.Join(r.session.Close(), r.traffic.Close())
	r.session, r.traffic = nil, nil
	return err
}

// close ends the scenario.
func (w *world) close() error {
	var problems []error
	for _, r := range w.runs {
		problems = append(problems, r.close())
	}
	if w.running != nil {
		w.running.Release()
	}
	return errors.Join(problems...)
}

// queued is how long the scenario waited for browsers that were busy with others.
func (w *world) queued() time.Duration {
	var longest time.Duration
	for _, r := range w.runs {
		longest = max(longest, r.queued)
	}
	return longest
}

// retried counts how often the scenario was begun anew in its browsers.
func (w *world) retried() int {
	total := 0
	for _, r := range w.runs {
		total += r.retried
	}
	return total
}

// restarts counts how often browsers had to be restarted.
func (w *world) restarts() int {
	total := 0
	for _, r := range w.runs {
		total += r.restarts
		if r.session != nil {
			total += r.session.Restarts()
		}
	}
	return total
}
