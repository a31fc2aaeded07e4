package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// action is one thing that a scenario does in a browser session. Exactly one
// of its fields is set.
type action struct {
	fetch  *fetch
	cookie *cookie
	wait   time.Duration
}

type fetch struct {
	page    simulator.PageSpec
	request simulator.Request
	// patience is how long the page waits before it gives up; the suite's timeout when 0.
	patience time.Duration
}

type cookie struct{ url, setCookie string }

// perform does the action in every browser at the same time, and notes the result of a request.
func (w *world) perform(ctx context.Context, text string, next action) error {
	if err := w.start(ctx); err != nil {
		return err
	}
	w.journal = append(w.journal, next)
	results := make([]*report.BrowserResult, len(w.runs))
	group, groupContext := errgroup.WithContext(ctx)
	for i, r := range w.runs {
		group.Go(func() error {
			result, err := w.performIn(groupContext, r)
			results[i] = result
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if next.fetch == nil {
		return nil
	}
	request := report.Request{Text: text, Line: w.line, Page: next.fetch.page, Request: next.fetch.request}
	for _, result := range results {
		request.Browsers = append(request.Browsers, *result)
	}
	w.requests = append(w.requests, request)
	w.expected = 0
	return nil
}

// performIn does the journal's last action in one browser. When the browser
// dies on the way, the whole journal is done once more in a fresh session:
// what came before is part of the scenario's state.
func (w *world) performIn(ctx context.Context, r *run) (*report.BrowserResult, error) {
	if r.session == nil {
		if err := r.open(ctx, w.running); err != nil {
			return nil, err
		}
	}
	result, err := r.do(ctx, w.journal[len(w.journal)-1], w.timeout)
	var died *harness.BrowserDied
	if err == nil || !errors.As(err, &died) {
		return result, err
	}
	r.restarts++
	if err := r.close(); err != nil {
		return nil, &environmentError{cause: fmt.Errorf("end the session of a %s that died: %w", r.browser.Name(), err)}
	}
	if err := r.open(ctx, w.running); err != nil {
		return nil, err
	}
	for _, again := range w.journal {
		if result, err = r.do(ctx, again, w.timeout); err != nil {
			return nil, fmt.Errorf("the browser died twice in one scenario: %w", err)
		}
	}
	return result, nil
}

func (r *run) do(ctx context.Context, next action, timeout time.Duration) (*report.BrowserResult, error) {
	switch {
	case next.cookie != nil:
		if err := r.session.SetCookie(ctx, next.cookie.url, next.cookie.setCookie); err != nil {
			return nil, &environmentError{cause: fmt.Errorf("set the cookie %q in %s: %w", next.cookie.setCookie, r.browser.Name(), err)}
		}
		return nil, nil
	case next.wait > 0:
		if err := r.session.Wait(ctx, next.wait); err != nil {
			return nil, &environmentError{cause: fmt.Errorf("wait in %s: %w", r.browser.Name(), err)}
		}
		return nil, nil
	}
	// What arrives late from the request before is not this one's.
	if err := r.traffic.Begin(ctx); err != nil {
		return nil, &environmentError{cause: fmt.Errorf("prepare the deployment for a request of %s: %w", r.browser.Name(), err)}
	}
	if next.fetch.patience > 0 {
		timeout = next.fetch.patience
	}
	patience, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	outcome, err := r.session.Fetch(patience, next.fetch.page, next.fetch.request)
	if err != nil {
		return nil, &environmentError{cause: fmt.Errorf("fetch %s in %s: %w", next.fetch.request.URL, r.browser.Name(), err)}
	}
	seen, err := r.traffic.Observe(ctx, outcome.Exchanges)
	if err != nil {
		return nil, &environmentError{cause: fmt.Errorf("ask the deployment what it saw of %s: %w", r.browser.Name(), err)}
	}
	return observed(r.browser.Name(), outcome, seen), nil
}

// observed is what a browser made of a request, with what the deployment saw of it.
func observed(browser string, outcome simulator.Outcome, seen harness.Observation) *report.BrowserResult {
	return &report.BrowserResult{
		Browser: browser, Outcome: outcome, Transits: seen.Transits, ResponseTotal: seen.ResponseTotal, PredictedTotal: seen.PredictedTotal,
	}
}
