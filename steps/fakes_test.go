package steps_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/steps"
)

// fakeEnvironment runs nothing: it gives each session an empty traffic.
type fakeEnvironment struct {
	mutex   sync.Mutex
	applied []harness.Deployment
	// refusal is what Apply answers.
	refusal error
	// seen is what each traffic tells of exchanges.
	seen harness.Observation
	// trouble is why a traffic cannot tell of them.
	trouble error
	// released counts the deployments that were released.
	released atomic.Int32
}

func (e *fakeEnvironment) Name() string                { return "fake" }
func (e *fakeEnvironment) Versions() map[string]string { return map[string]string{"fake": "1"} }
func (e *fakeEnvironment) Close() error                { return nil }

func (e *fakeEnvironment) Apply(_ context.Context, deployment harness.Deployment) (harness.Running, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.applied = append(e.applied, deployment)
	return fakeRunning{e}, e.refusal
}

type fakeRunning struct{ environment *fakeEnvironment }

func (r fakeRunning) Release() { r.environment.released.Add(1) }

func (r fakeRunning) NewTraffic(context.Context) (harness.Traffic, error) {
	return &fakeTraffic{r.environment}, nil
}

type fakeTraffic struct{ environment *fakeEnvironment }

func (*fakeTraffic) DialContext(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("nothing is served here")
}
func (t *fakeTraffic) Inside() harness.Network   { return t }
func (*fakeTraffic) Begin(context.Context) error { return nil }
func (t *fakeTraffic) Observe(context.Context, []simulator.Exchange) (harness.Observation, error) {
	return t.environment.seen, t.environment.trouble
}
func (*fakeTraffic) Close() error { return nil }

// fakeBrowser answers each Fetch with what its function says.
type fakeBrowser struct {
	name  string
	fetch func(call int, request simulator.Request) (simulator.Outcome, error)

	mutex    sync.Mutex
	calls    int
	sessions int
	open     int
}

func (b *fakeBrowser) Name() string    { return b.name }
func (b *fakeBrowser) Version() string { return "fake" }
func (b *fakeBrowser) Close() error    { return nil }

func (b *fakeBrowser) NewSession(context.Context, harness.Network) (harness.Session, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.sessions++
	b.open++
	return &fakeSession{b}, nil
}

type fakeSession struct{ browser *fakeBrowser }

func (s *fakeSession) Fetch(_ context.Context, _ simulator.PageSpec, request simulator.Request) (simulator.Outcome, error) {
	s.browser.mutex.Lock()
	s.browser.calls++
	call := s.browser.calls
	s.browser.mutex.Unlock()
	return s.browser.fetch(call, request)
}
func (s *fakeSession) SetCookie(context.Context, string, string) error { return nil }
func (s *fakeSession) Wait(context.Context, time.Duration) error       { return nil }
func (s *fakeSession) Restarts() int                                   { return 0 }

func (s *fakeSession) Close() error {
	s.browser.mutex.Lock()
	defer s.browser.mutex.Unlock()
	s.browser.open--
	return nil
}

// answering is a browser that reads every response with this status.
func answering(name string, status int) *fakeBrowser {
	return &fakeBrowser{name: name, fetch: func(_ int, request simulator.Request) (simulator.Outcome, error) {
		return readable(request, status), nil
	}}
}

func readable(request simulator.Request, status int) simulator.Outcome {
	return simulator.Outcome{
		Kind: simulator.KindReadable, Type: simulator.ResponseCORS, Status: status, URL: request.URL,
		Exchanges: []simulator.Exchange{{
			Kind: simulator.ExchangeRequest, Method: request.Method, URL: request.URL, Status: status,
			RequestHeader: http.Header{"Origin": {"https://app.example.com"}},
		}},
	}
}

// runFeature runs one feature file's text and gives the results.
func runFeature(t *testing.T, text string, environment *fakeEnvironment, browsers ...*fakeBrowser) []report.Scenario {
	t.Helper()
	return runFiles(t, fstest.MapFS{"a.feature": {Data: []byte(text)}}, environment, browsers...)
}

func runFiles(t *testing.T, files fstest.MapFS, environment *fakeEnvironment, browsers ...*fakeBrowser) []report.Scenario {
	t.Helper()
	plan, err := steps.Read(steps.Selection{Files: files, Paths: []string{"."}, Concurrency: 4, Seed: -1})
	require.NoError(t, err)
	suite := &steps.Suite{Environment: environment}
	for _, browser := range browsers {
		suite.Browsers = append(suite.Browsers, browser)
	}
	var mutex sync.Mutex
	reported := 0
	results := suite.Run(t.Context(), plan, func(report.Scenario) {
		mutex.Lock()
		defer mutex.Unlock()
		reported++
	})
	require.Equal(t, plan.Scenarios(), reported, "every result is reported as it is there")
	require.Len(t, results, reported)
	for _, browser := range browsers {
		require.Zero(t, browser.open, "every session is closed")
	}
	return results
}
