package fuzz

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
}

var _ Judge = (*Browser)(nil)

// NewBrowser makes a judge of a browser that trusts the authority.
func NewBrowser(browser harness.Browser, authority *ca.Authority) *Browser {
	return &Browser{browser: browser, authority: authority}
}

// deathsBorne is how often a browser may die in a batch before that is the batch's error.
const deathsBorne = 3

// batchBound is how long a batch may take: a request that is never answered must not stop the run.
const batchBound = 2 * time.Minute

// Judge runs the cases in one session. Their tokens keep them apart.
func (b *Browser) Judge(ctx context.Context, cases []vectors.Vector) ([][]Observation, error) {
	var err error
	for range deathsBorne {
		var judged [][]Observation
		judged, err = b.attempt(ctx, cases)
		if !errors.As(err, new(*harness.BrowserDied)) {
			return judged, err
		}
	}
	return nil, err
}

func (b *Browser) attempt(ctx context.Context, cases []vectors.Vector) (judged [][]Observation, err error) {
	ctx, cancel := context.WithTimeout(ctx, batchBound)
	defer cancel()
	var exchanges []vectors.Exchange
	for _, c := range cases {
		exchanges = append(exchanges, c.Exchanges...)
	}
	stage, err := vectors.NewStage(exchanges, b.authority)
	if err != nil {
		return nil, fmt.Errorf("make the server of %d cases: %w", len(cases), err)
	}
	defer stage.Close()
	session, err := b.browser.NewSession(ctx, stage)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	if err := setCookies(ctx, session, cases); err != nil {
		return nil, err
	}
	// What opening pages and setting cookies sent is no part of the cases.
	stage.Sent()
	judged = make([][]Observation, len(cases))
	for round := 0; ; round++ {
		var running []int
		var requests []simulator.Request
		for i, c := range cases {
			if steps := c.Each(); round < len(steps) {
				running = append(running, i)
				requests = append(requests, steps[round].Request.ForScript())
			}
		}
		if len(running) == 0 {
			return judged, nil
		}
		outcomes, err := fetchAll(ctx, session, cases[0].Page.Spec(), requests)
		if err != nil {
			return nil, err
		}
		sent := byToken(stage.Sent())
		for n, i := range running {
			judged[i] = append(judged[i], Observation{Outcome: outcomes[n], Sent: sent[tokenOf(cases[i])]})
		}
	}
}

// setCookies fills the jar. A visit of a host brings all its cookies.
func setCookies(ctx context.Context, session harness.Session, cases []vectors.Vector) error {
	headers := map[string][]simulator.Field{}
	var urls []string
	for _, c := range cases {
		for _, cookie := range c.Cookies {
			if headers[cookie.URL] == nil {
				urls = append(urls, cookie.URL)
			}
			headers[cookie.URL] = append(headers[cookie.URL], simulator.Field{Name: "Set-Cookie", Value: cookie.SetCookie()})
		}
	}
	for _, url := range urls {
		if _, err := session.Fetch(ctx, simulator.PageSpec{URL: url, Headers: headers[url]}, simulator.Request{URL: "data:,"}); err != nil {
			return fmt.Errorf("set the cookies of %s: %w", url, err)
		}
	}
	return nil
}

// fetchAll makes the requests, as many at a time as the session can.
func fetchAll(ctx context.Context, session harness.Session, page simulator.PageSpec, requests []simulator.Request) ([]simulator.Outcome, error) {
	if batcher, ok := session.(harness.Batcher); ok {
		return batcher.FetchAll(ctx, page, requests)
	}
	outcomes := make([]simulator.Outcome, len(requests))
	for i, request := range requests {
		var err error
		if outcomes[i], err = session.Fetch(ctx, page, request); err != nil {
			return nil, err
		}
	}
	return outcomes, nil
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
