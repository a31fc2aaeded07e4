package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// eventBound is how long the last events of a request may take after the page
// has its result: a response body that nobody reads may go on for ever.
const eventBound = 2 * time.Second

// session is one browsing session. It takes a tab with its first use.
type session struct {
	browser *Browser
	// permit is the index of the engine that the session runs in.
	permit   int
	network  harness.Network
	engine   *engine
	tab      *tab
	used     bool
	restarts int
	closed   bool
}

// Fetch makes the request from the page. See harness.Session.
//
// When Chrome dies it is started again. The request is then repeated if the
// session had none before it; otherwise the error is a *harness.BrowserDied,
// as it is when a change of the machine's network ends Chrome's connections.
func (s *session) Fetch(ctx context.Context, page simulator.PageSpec, request simulator.Request) (simulator.Outcome, error) {
	var outcome simulator.Outcome
	err := s.attempt(ctx, page, func(ctx context.Context, t *tab) error {
		var err error
		outcome, err = t.fetch(ctx, page, request)
		return err
	})
	return outcome, err
}

// SetCookie sets a cookie by a response from the URL. See harness.Session.
func (s *session) SetCookie(ctx context.Context, url, setCookie string) error {
	return s.SetCookies(ctx, []harness.SetCookie{{URL: url, Header: setCookie}})
}

// attempt does the work in the session's tab, twice at most.
func (s *session) attempt(ctx context.Context, page simulator.PageSpec, work func(context.Context, *tab) error) error {
	if s.closed {
		return errors.New("the session is closed")
	}
	for {
		err := s.take(ctx, page)
		if err == nil {
			err = s.tab.watched(ctx, work)
		}
		if err == nil || errors.As(err, new(*InvalidPage)) || errors.As(err, new(*harness.Inexpressible)) {
			s.used = true
			return err
		}
		if errors.Is(err, errInterrupted) {
			// What was done so far has left something in the tab and on the servers: who asked has to begin anew.
			s.engine.release(s.tab)
			s.tab = nil
			s.restarts++
			// The request's own time, which may have run out, is not what this should cost.
			_ = calm(s.browser.context)
			return &harness.BrowserDied{Browser: s.browser.Name(), Cause: err}
		}
		if !errors.Is(err, errDied) && !s.gone(ctx) {
			return err
		}
		first := !s.used && s.restarts == 0
		s.tab = nil
		s.restarts++
		if restartErr := s.browser.restart(s.engine); restartErr != nil {
			return fmt.Errorf("start Chrome again after it died (%w): %w", err, restartErr)
		}
		if !first {
			return &harness.BrowserDied{Browser: s.browser.Name(), Cause: err}
		}
	}
}

// gone finds out whether an error means that Chrome died or hangs.
func (s *session) gone(ctx context.Context) bool {
	if s.engine == nil || s.browser.context.Err() != nil {
		return false
	}
	if s.engine.died() {
		return true
	}
	return s.tab != nil && !s.engine.answers(ctx, s.tab)
}

// take makes sure that the session has a tab.
func (s *session) take(ctx context.Context, page simulator.PageSpec) error {
	if s.tab != nil {
		return nil
	}
	key, err := pageKeyOf(page)
	if err != nil {
		return err
	}
	if s.engine, err = s.browser.current(s.permit); err != nil {
		return err
	}
	t, err := s.engine.acquire(ctx, key)
	if err != nil {
		return err
	}
	t.proxy.attach(s.network)
	s.tab = t
	return nil
}

// Wait lets the time pass.
func (s *session) Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Restarts counts the restarts.
func (s *session) Restarts() int { return s.restarts }

// Close ends the session's connections, and leaves the tab to be cleaned.
func (s *session) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	if s.tab != nil {
		s.engine.release(s.tab)
		s.tab = nil
	}
	s.browser.permits <- s.permit
	return nil
}

// fetch opens the page and makes the request in it.
func (t *tab) fetch(ctx context.Context, page simulator.PageSpec, request simulator.Request) (simulator.Outcome, error) {
	traces := leavesTraces(request.Initiator)
	if traces && t.page.traces {
		// What an element has loaded before, the document would not ask for again.
		t.page = openPage{}
	}
	if err := t.show(ctx, page, harness.InFull); err != nil {
		if errors.As(err, new(*InvalidPage)) {
			return simulator.Outcome{Kind: simulator.KindAPIError, Reason: simulator.Reason{Code: simulator.InvalidURL}, Exchanges: []simulator.Exchange{}}, nil
		}
		return simulator.Outcome{}, err
	}
	description, err := json.Marshal(request)
	if err != nil {
		return simulator.Outcome{}, fmt.Errorf("describe the request to %q: %w", request.URL, err)
	}
	t.dirt.caches = true
	if traces {
		t.page.traces, t.dirt.page = true, true
	}
	recording := &recording{}
	t.record(recording)
	defer t.record(nil)

	value, err := t.evaluate(ctx, t.page.script, fmt.Sprintf("crosscheckRequest(%s)", description))
	if errors.Is(err, context.DeadlineExceeded) && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return t.unanswered(ctx, recording)
	}
	if err != nil {
		// The request may still be under way in the page.
		t.page = openPage{}
		return simulator.Outcome{}, fmt.Errorf("make the request to %s: %w", request.URL, err)
	}
	var result scriptResult
	if err := json.Unmarshal(value, &result); err != nil {
		return simulator.Outcome{}, fmt.Errorf("read the page's result: %w", err)
	}
	if result.hidesBody() {
		t.mutex.Lock()
		if main := recording.main(); main != nil {
			main.unread = true
		}
		t.mutex.Unlock()
	}
	if err := t.settle(ctx, recording); err != nil {
		return simulator.Outcome{}, err
	}
	if recording.interrupted() {
		return simulator.Outcome{}, fmt.Errorf("make the request to %s: %w", request.URL, errInterrupted)
	}
	outcome := t.outcome(recording, result, request)
	t.noteCredentials(request, outcome)
	return outcome, nil
}

// noteCredentials remembers that a URL, of the request or of a redirect, had a user
// name or password: what a server accepts Chrome sends unasked from then on. DevTools shows
// neither the challenge nor the answer to it.
func (t *tab) noteCredentials(request simulator.Request, outcome simulator.Outcome) {
	urls := []string{request.URL}
	for _, exchange := range outcome.Exchanges {
		urls = append(urls, exchange.ResponseHeader.Get("Location"))
	}
	for _, url := range urls {
		_, rest, _ := strings.Cut(url, "//")
		authority, _, _ := strings.Cut(rest, "/")
		t.dirt.lasting = t.dirt.lasting || strings.Contains(authority, "@")
	}
}

// settle waits for the events that belong to a result.
func (t *tab) settle(ctx context.Context, r *recording) error {
	bounded, cancel := context.WithTimeout(ctx, eventBound)
	defer cancel()
	err := t.waitUntil(bounded, r.settled)
	if errors.Is(err, errDied) || errors.Is(err, context.Canceled) {
		return err
	}
	var conclusive bool
	_ = t.waitUntil(bounded, func() bool { conclusive = r.conclusive(); return true })
	if !conclusive {
		// A round trip to the network service: what it had to say before is here after it.
		if _, err := cdp.Call(bounded, t.target, network.GetCookies, network.GetCookiesParams{}); err != nil && ctx.Err() == nil {
			return fmt.Errorf("wait for the request's events: %w", err)
		}
	}
	return nil
}

// unanswered is the outcome of a request whose time ran out. The page is
// closed with it, so that nothing of it is left in the tab.
func (t *tab) unanswered(ctx context.Context, r *recording) (simulator.Outcome, error) {
	t.record(nil)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerBound)
	defer cancel()
	if _, err := t.evaluate(ctx, "", "0"); err != nil {
		return simulator.Outcome{}, fmt.Errorf("find out why a request is not answered: %w", err)
	}
	t.page = openPage{}
	t.noteResponses(r)
	return simulator.Outcome{
		Kind: simulator.KindNetworkError, Type: simulator.ResponseError,
		Reason: simulator.Reason{Code: simulator.NoResponse}, Exchanges: r.exchanges(),
	}, nil
}

// noteResponses remembers what the responses leave behind in the tab.
func (t *tab) noteResponses(r *recording) {
	for _, request := range r.requests {
		for _, received := range request.received {
			for name := range received.Headers {
				t.noteHeader(name)
			}
		}
	}
}
