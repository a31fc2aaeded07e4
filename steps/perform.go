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
	var result *report.BrowserResult
	var err error
	if r.session == nil {
		// What the suite puts into every session comes before the scenario's own first action.
		result, err = w.begin(ctx, r)
	} else {
		result, err = w.do(ctx, r, w.journal[len(w.journal)-1])
	}
	var died *harness.BrowserDied
	if errors.As(err, &died) {
		r.restarts++
		if result, err = w.begin(ctx, r); errors.As(err, &died) {
			return nil, fmt.Errorf("the browser died twice in one scenario: %w", err)
		}
	}
	// Who waits for a while only may well want to see that nothing came.
	last := w.journal[len(w.journal)-1].fetch
	for r.retried < w.retries && ctx.Err() == nil && unanswered(result, err) && (last == nil || last.patience == 0) {
		r.retried++
		result, err = w.begin(ctx, r)
	}
	return result, err
}

// begin does the whole journal in a fresh session.
func (w *world) begin(ctx context.Context, r *run) (*report.BrowserResult, error) {
	if err := r.close(); err != nil {
		return nil, &environmentError{cause: fmt.Errorf("end a session of %s: %w", r.browser.Name(), err)}
	}
	if err := r.open(ctx, w.running); err != nil {
		return nil, err
	}
	var result *report.BrowserResult
	for _, next := range w.journal {
		var err error
		if result, err = w.do(ctx, r, next); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// unanswered tells whether a request's last exchange got no answer.
func unanswered(result *report.BrowserResult, err error) bool {
	var unreachable *harness.Unreachable
	if err != nil || result == nil {
		return errors.As(err, &unreachable)
	}
	exchanges := result.Outcome.Exchanges
	return len(exchanges) > 0 && exchanges[len(exchanges)-1].Status == 0
}

// pace waits until the next request may be sent.
func (w *world) pace(ctx context.Context) error {
	if w.limiter == nil {
		return nil
	}
	w.turn.Lock()
	defer w.turn.Unlock()
	if err := w.limiter.Wait(ctx); err != nil {
		return &environmentError{cause: fmt.Errorf("wait for the next request's turn: %w", err)}
	}
	return nil
}

// entailed makes the next request wait for what this one sent beyond the one that was waited for.
func (w *world) entailed(exchanges []simulator.Exchange) {
	for range len(exchanges) - 1 {
		if w.limiter != nil {
			w.limiter.Reserve()
		}
	}
}

// do does one action in a browser's session.
func (w *world) do(ctx context.Context, r *run, next action) (*report.BrowserResult, error) {
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
	if err := w.pace(ctx); err != nil {
		return nil, err
	}
	// What arrives late from the request before is not this one's.
	if err := r.traffic.Begin(ctx); err != nil {
		return nil, &environmentError{cause: fmt.Errorf("prepare the deployment for a request of %s: %w", r.browser.Name(), err)}
	}
	if announced, ok := r.traffic.(harness.Announced); ok {
		announced.Announce(next.fetch.request)
	}
	timeout := w.timeout
	if next.fetch.patience > 0 {
		timeout = next.fetch.patience
	}
	patience, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	outcome, err := r.session.Fetch(patience, next.fetch.page, next.fetch.request)
	if err != nil {
		return nil, &environmentError{cause: fmt.Errorf("fetch %s in %s: %w", next.fetch.request.URL, r.browser.Name(), err)}
	}
	w.entailed(outcome.Exchanges)
	seen, err := r.observe(ctx, outcome.Exchanges)
	if err != nil {
		return nil, err
	}
	return observed(r.browser.Name(), outcome, seen), nil
}

// observed is what a browser made of a request, with what the deployment saw of it.
func observed(browser string, outcome simulator.Outcome, seen harness.Observation) *report.BrowserResult {
	return &report.BrowserResult{
		Browser: browser, Outcome: outcome, Transits: seen.Transits, ResponseTotal: seen.ResponseTotal, PredictedTotal: seen.PredictedTotal,
	}
}

// observe asks the deployment what it saw of the exchanges.
func (r *run) observe(ctx context.Context, exchanges []simulator.Exchange) (harness.Observation, error) {
	seen, err := r.traffic.Observe(ctx, exchanges)
	var unreachable *harness.Unreachable
	if errors.As(err, &unreachable) {
		return seen, &environmentError{cause: err}
	}
	if err != nil {
		return seen, &environmentError{cause: fmt.Errorf("ask the deployment what it saw of %s: %w", r.browser.Name(), err)}
	}
	return seen, nil
}
