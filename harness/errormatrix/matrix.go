// Package errormatrix tells, for the routes that a team's scenarios ask for, which errors a
// page can read: each status once made by the app and once by each hop in front of it, as the
// simulator sees it, with the scenarios to prove it in a real browser.
package errormatrix

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Schema is the version of a [Matrix]'s JSON form.
const Schema = "crosscheck.errors/v1"

// Matrix is what came of all routes.
type Matrix struct {
	Schema string  `json:"schema"`
	Routes []Route `json:"routes"`
	// Failed are the scenarios that do not pass: what they ask for after that is not known.
	Failed []string `json:"failed"`
}

// Unreadable counts the errors that a page cannot read.
func (m *Matrix) Unreadable() (unreadable, all int) {
	for _, route := range m.Routes {
		for _, c := range route.Cases {
			if all++; !c.Readable {
				unreadable++
			}
		}
	}
	return unreadable, all
}

// Route is a request that a page makes, with leave.
type Route struct {
	// Scenario is the one that asks: file and line.
	Scenario string             `json:"scenario"`
	Page     simulator.PageSpec `json:"page"`
	Request  simulator.Request  `json:"request"`
	Cases    []Case             `json:"cases"`

	deployment harness.Deployment
	service    int
}

// Case is one error, and what the page gets.
type Case struct {
	// Error is the status that is answered, By who answers: "app", "ingress", "mesh".
	Error int    `json:"error"`
	By    string `json:"by"`
	// How says what makes the error: "with the app's CORS headers", "auth-type".
	How string `json:"how"`
	// Readable tells whether the page can tell this error from others: it reads the status.
	Readable bool `json:"readable"`
	// Status is what the page reads; 0 for nothing.
	Status int              `json:"status"`
	Reason simulator.Reason `json:"reason,omitzero"`
	// Preflight tells that it is the preflight that is refused.
	Preflight bool   `json:"preflight,omitempty"`
	Advice    string `json:"advice,omitempty"`

	fault   fault
	outcome simulator.Outcome
}

// Adapt gives the deployment to run in the place of the one that a scenario declares.
type Adapt func(id string, declared harness.Deployment) (harness.Deployment, error)

// Options say where the scenarios run.
type Options struct {
	// Run runs all scenarios with the deployments that adapt gives.
	Run         func(ctx context.Context, adapt Adapt) []report.Scenario
	Environment harness.Environment
	Browser     harness.Browser
}

// Of makes the matrix of all routes. Errors are the context's and the environment's.
func Of(ctx context.Context, options Options) (*Matrix, error) {
	var mutex sync.Mutex
	declared := map[string]harness.Deployment{}
	results := options.Run(ctx, func(id string, deployment harness.Deployment) (harness.Deployment, error) {
		mutex.Lock()
		defer mutex.Unlock()
		declared[id] = deployment
		return deployment, nil
	})
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("run the scenarios: %w", err)
	}
	matrix := &Matrix{Schema: Schema, Routes: []Route{}, Failed: []string{}}
	seen := map[string]bool{}
	for _, scenario := range results {
		if scenario.Verdict != report.Pass && scenario.Verdict != report.Skipped {
			matrix.Failed = append(matrix.Failed, fmt.Sprintf("%s:%d", scenario.File, scenario.Line))
		}
		for _, request := range scenario.Requests {
			route, ok := routeOf(scenario, request, declared[scenario.ID])
			if !ok || seen[route.identity()] {
				continue
			}
			seen[route.identity()] = true
			if err := route.ask(ctx, options); err != nil {
				return nil, fmt.Errorf("%s: %s %s: %w", route.Scenario, route.Request.Method, route.Request.URL, err)
			}
			matrix.Routes = append(matrix.Routes, route)
		}
	}
	return matrix, nil
}

// routeOf is the route of a request, if it is a script's to another origin, and succeeds.
func routeOf(scenario report.Scenario, request report.Request, deployment harness.Deployment) (Route, bool) {
	route := Route{Scenario: fmt.Sprintf("%s:%d", scenario.File, scenario.Line), Page: request.Page, Request: request.Request, Cases: []Case{}, deployment: deployment}
	if request.Page.URL == "" || len(request.Browsers) == 0 || request.Request.Initiator != "" || request.Request.Redirect != "" {
		return route, false
	}
	outcome := request.Browsers[0].Outcome
	if outcome.Type != simulator.ResponseCORS || outcome.Status >= http.StatusBadRequest || len(outcome.Exchanges)-len(outcome.Preflights()) != 1 {
		return route, false
	}
	route.service = slices.IndexFunc(deployment.Services, func(s harness.Service) bool {
		return strings.HasPrefix(request.Request.URL, s.Origin+"/") || request.Request.URL == s.Origin
	})
	return route, route.service >= 0
}

// identity is the same for requests that get the same answers.
func (r *Route) identity() string {
	return fmt.Sprintf("%v %+v %s %s %s %v", r.deployment, r.Page, r.Request.Method, r.Request.URL, r.Request.Credentials, r.Request.Headers)
}

func (r *Route) path() string {
	parsed, err := url.Parse(r.Request.URL)
	if err != nil || parsed.Path == "" {
		return "/"
	}
	return parsed.Path
}

// ask finds out what the page gets in every case.
func (r *Route) ask(ctx context.Context, options Options) error {
	_, transits, err := ask(ctx, options, r.deployment, r.Page, r.Request, 1)
	if err != nil {
		return err
	}
	for _, fault := range r.faults(transits) {
		outcome, _, err := ask(ctx, options, fault.deployment, r.Page, fault.request, fault.times)
		var invalid *harness.InvalidDeployment
		var unavailable *harness.Unavailable
		switch {
		case errors.As(err, &invalid), errors.As(err, &unavailable):
			// This hop cannot make this error here.
			continue
		case err != nil:
			return err
		}
		r.Cases = append(r.Cases, fault.judge(r, outcome))
	}
	return nil
}

// judge says what the page gets.
func (f fault) judge(r *Route, outcome simulator.Outcome) Case {
	c := Case{
		Error: f.status, By: f.by, How: f.how, Readable: outcome.Readable() && outcome.Status == f.status,
		Status: outcome.Status, Reason: outcome.Reason, fault: f, outcome: outcome,
	}
	if n := len(outcome.Exchanges); n > 0 && outcome.Kind == simulator.KindNetworkError {
		c.Preflight = outcome.Exchanges[n-1].Kind == simulator.ExchangePreflight
	}
	c.Advice = report.Advise(report.Request{Page: r.Page, Request: f.request, Browsers: []report.BrowserResult{{Browser: "simulator", Outcome: outcome}}})
	return c
}

// patience is how long an answer may take: nothing but the ingress's own timeout is waited for.
const patience = 10 * time.Second

// ask makes the request so many times in a fresh session, and gives the last outcome.
func ask(ctx context.Context, options Options, deployment harness.Deployment, page simulator.PageSpec, request simulator.Request, times int) (outcome simulator.Outcome, transits []harness.Transit, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	running, err := options.Environment.Apply(ctx, deployment)
	if err != nil {
		return outcome, nil, err
	}
	defer running.Release()
	traffic, err := running.NewTraffic(ctx)
	if err != nil {
		return outcome, nil, err
	}
	defer func() { err = errors.Join(err, traffic.Close()) }()
	session, err := options.Browser.NewSession(ctx, traffic)
	if err != nil {
		return outcome, nil, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	for range times {
		if outcome, err = session.Fetch(ctx, page, request); err != nil {
			return outcome, nil, err
		}
	}
	seen, err := traffic.Observe(ctx, outcome.Exchanges)
	return outcome, seen.Transits, err
}
