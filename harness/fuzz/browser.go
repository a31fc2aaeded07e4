package fuzz

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Browser is the judge whose word counts: a real browser of the harness.
type Browser struct {
	browser   harness.Browser
	authority *ca.Authority

	mutex sync.Mutex
	idle  []*lane
}

var _ Judge = (*Browser)(nil)

// lane is a browsing session that runs batch after batch. Its connections
// stay: to make them anew would cost as much as the requests.
type lane struct {
	stage   *vectors.Stage
	session harness.Batcher
}

// NewBrowser makes a judge of a browser that trusts the authority. Its sessions
// are to be [harness.Batcher]s.
func NewBrowser(browser harness.Browser, authority *ca.Authority) *Browser {
	return &Browser{browser: browser, authority: authority}
}

// Close ends the sessions; the browser stays.
func (b *Browser) Close() error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	var errs []error
	for _, lane := range b.idle {
		errs = append(errs, lane.close())
	}
	b.idle = nil
	return errors.Join(errs...)
}

// take takes an idle lane; nil when there is none.
func (b *Browser) take() *lane {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	last := len(b.idle) - 1
	if last < 0 {
		return nil
	}
	idle := b.idle[last]
	b.idle = b.idle[:last]
	return idle
}

// lane gives an idle lane, or a new one. A lane that is to be fresh takes the place of an idle one.
func (b *Browser) lane(ctx context.Context, fresh bool) (*lane, error) {
	if idle := b.take(); idle != nil {
		if !fresh {
			return idle, nil
		}
		if err := idle.close(); err != nil {
			return nil, err
		}
	}
	stage, err := vectors.NewStage(nil, b.authority)
	if err != nil {
		return nil, err
	}
	opened, err := b.browser.NewSession(ctx, stage)
	if err != nil {
		stage.Close()
		return nil, err
	}
	session, ok := opened.(harness.Batcher)
	if !ok {
		stage.Close()
		return nil, errors.Join(fmt.Errorf("%s cannot run many cases at a time", b.browser.Name()), opened.Close())
	}
	return &lane{stage, session}, nil
}

func (l *lane) close() error {
	err := l.session.Close()
	l.stage.Close()
	return err
}

// deathsBorne is how often a browser may die in a batch, or lose all its
// connections, before that is the batch's error.
const deathsBorne = 10

// batchBound is how long a batch may take: a request that is never answered must not stop the run.
const batchBound = 2 * time.Minute

// Judge runs the cases in one session. Their tokens keep them apart, from each other and
// from those before them; without details, they may be such as were run before.
func (b *Browser) Judge(ctx context.Context, cases []vectors.Vector, details []harness.Detail) ([][]Observation, error) {
	again := details == nil
	if again {
		details = make([]harness.Detail, len(cases))
	}
	var err error
	for range deathsBorne {
		var judged [][]Observation
		judged, err = b.attempt(ctx, cases, details, again)
		if !errors.As(err, new(*harness.BrowserDied)) {
			return judged, err
		}
	}
	return nil, err
}

func (b *Browser) attempt(ctx context.Context, cases []vectors.Vector, details []harness.Detail, again bool) (judged [][]Observation, err error) {
	ctx, cancel := context.WithTimeout(ctx, batchBound)
	defer cancel()
	lane, err := b.lane(ctx, again)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil || again {
			err = errors.Join(err, lane.close())
			return
		}
		b.mutex.Lock()
		defer b.mutex.Unlock()
		b.idle = append(b.idle, lane)
	}()
	return lane.run(ctx, cases, details)
}

// run runs the cases: at first in brief, as far as that will do, and then in full what is to be, or was not found
// out. To go from brief to full costs a page.
func (l *lane) run(ctx context.Context, cases []vectors.Vector, details []harness.Detail) ([][]Observation, error) {
	judged := make([][]Observation, len(cases))
	var inBrief, inFull []int
	for i := range cases {
		if details[i] == harness.InBrief {
			inBrief = append(inBrief, i)
		}
	}
	if err := l.judge(ctx, cases, inBrief, harness.InBrief, judged); err != nil {
		return nil, err
	}
	for i := range cases {
		if details[i] == harness.InFull || isUntold(judged[i]) {
			inFull = append(inFull, i)
		}
	}
	return judged, l.judge(ctx, cases, inFull, harness.InFull, judged)
}

// judge observes the chosen cases, those that begin with cookies at first.
func (l *lane) judge(ctx context.Context, cases []vectors.Vector, chosen []int, detail harness.Detail, judged [][]Observation) error {
	var exchanges []vectors.Exchange
	var cookies []harness.SetCookie
	var withCookies, others []int
	for _, i := range chosen {
		judged[i] = nil
		exchanges = append(exchanges, cases[i].Exchanges...)
		if len(cases[i].Cookies) == 0 {
			others = append(others, i)
			continue
		}
		withCookies = append(withCookies, i)
		// Their paths keep them apart.
		for _, cookie := range cases[i].Cookies {
			cookies = append(cookies, harness.SetCookie{URL: cookie.URL, Header: cookie.SetCookie()})
		}
	}
	if err := l.stage.Play(exchanges); err != nil {
		return fmt.Errorf("make the server of %d cases: %w", len(chosen), err)
	}
	if len(withCookies) > 0 {
		if err := l.session.Forget(ctx); err != nil {
			return err
		}
		if err := l.session.SetCookies(ctx, cookies); err != nil {
			return fmt.Errorf("set the cookies of %d cases: %w", len(withCookies), err)
		}
		// What setting cookies sent is no part of the cases.
		l.stage.Sent()
		if err := l.rounds(ctx, cases, withCookies, detail, judged); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(others, jarful) {
		if err := l.session.Forget(ctx); err != nil {
			return err
		}
		if err := l.rounds(ctx, cases, some, detail, judged); err != nil {
			return err
		}
	}
	return nil
}

// jarful is how many cases are run before the jar is emptied: responses fill it, and every
// cookie in it costs a browser at each request to its site.
const jarful = 100

// rounds makes the requests of the chosen cases, those that are first in their cases at first.
func (l *lane) rounds(ctx context.Context, cases []vectors.Vector, chosen []int, detail harness.Detail, judged [][]Observation) error {
	for round := 0; ; round++ {
		var running []int
		var requests []simulator.Request
		for _, i := range chosen {
			if steps := cases[i].Each(); round < len(steps) {
				running = append(running, i)
				requests = append(requests, steps[round].Request.ForScript())
			}
		}
		if len(running) == 0 {
			return nil
		}
		outcomes, err := l.session.FetchAll(ctx, cases[0].Page.Spec(), requests, detail)
		if err != nil {
			return err
		}
		sent := byToken(l.stage.Sent())
		for n, i := range running {
			judged[i] = append(judged[i], Observation{Outcome: outcomes[n], Sent: sent[tokenOf(cases[i])]})
		}
	}
}

// tokenOf is the token of a case, which its identifier ends with.
func tokenOf(c vectors.Vector) string { return strings.TrimPrefix(c.ID, idPrefix) }

// byToken sorts requests by the token that their path begins with; each case's keep their order.
func byToken(sent []vectors.Sent) map[string][]vectors.Sent {
	sorted := map[string][]vectors.Sent{}
	for _, request := range sent {
		_, rest, _ := strings.Cut(request.URL, "://")
		_, path, _ := strings.Cut(rest, "/")
		token, _, _ := strings.Cut(path, "/")
		token, _, _ = strings.Cut(token, "?")
		sorted[token] = append(sorted[token], request)
	}
	return sorted
}
