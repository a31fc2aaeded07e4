package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// atATime is how many requests of a batch are under way at a time: as many as
// Chrome has connections to one HTTP/1.1 server. More were not faster.
const atATime = 6

var _ harness.Batcher = (*session)(nil)

// FetchAll makes the requests from the page, several at a time. See harness.Batcher.
//
// What DevTools says belongs to a request by its URL. Requests for the same URL
// are therefore made one after another, those in front first.
func (s *session) FetchAll(ctx context.Context, page simulator.PageSpec, requests []simulator.Request, detail harness.Detail) ([]simulator.Outcome, error) {
	outcomes := make([]simulator.Outcome, len(requests))
	err := s.attempt(ctx, page, func(ctx context.Context, t *tab) error { return t.fetchAll(ctx, page, requests, detail, outcomes) })
	return outcomes, err
}

// SetCookies sets cookies by responses from their URLs. See harness.Batcher.
func (s *session) SetCookies(ctx context.Context, cookies []harness.SetCookie) error {
	return s.attempt(ctx, simulator.PageSpec{}, func(ctx context.Context, t *tab) error { return t.setCookies(ctx, cookies) })
}

// Forget empties the jar and the caches. See harness.Batcher.
func (s *session) Forget(ctx context.Context) error {
	return s.attempt(ctx, simulator.PageSpec{}, func(ctx context.Context, t *tab) error { return t.forget(ctx) })
}

func (t *tab) fetchAll(ctx context.Context, page simulator.PageSpec, requests []simulator.Request, detail harness.Detail, outcomes []simulator.Outcome) error {
	if t.blocksThirdPartyCookies {
		// The policy is DevTools', and ends with its events.
		detail = harness.InFull
	}
	if err := t.show(ctx, page, detail); err != nil {
		return err
	}
	fetchWave := t.fetchWave
	if detail == harness.InBrief {
		fetchWave = t.fetchWaveBriefly
	}
	urls, err := t.resolved(ctx, requests)
	if err != nil {
		return err
	}
	for _, wave := range wavesOf(urls) {
		if err := fetchWave(ctx, wave, requests, outcomes); err != nil {
			return err
		}
	}
	return nil
}

// resolved are the URLs that the page makes of those of the requests, as [plainURL]s;
// empty where it makes none.
func (t *tab) resolved(ctx context.Context, requests []simulator.Request) ([]string, error) {
	urls := make([]string, len(requests))
	var raw []string
	var indices []int
	for i, request := range requests {
		if harness.IsPlainURL(request.URL) {
			urls[i] = plainURL(request.URL)
		} else {
			raw, indices = append(raw, request.URL), append(indices, i)
		}
	}
	if len(raw) == 0 {
		return urls, nil
	}
	list, err := json.Marshal(raw)
	if err != nil {
		return nil, fmt.Errorf("describe the requests: %w", err)
	}
	value, err := t.evaluate(ctx, t.page.script, fmt.Sprintf(
		`%s.map((raw) => { try { return new URL(raw, document.baseURI).href; } catch { return ""; } })`, list))
	if err != nil {
		return nil, fmt.Errorf("resolve the requests' URLs: %w", err)
	}
	var resolved []string
	if err := json.Unmarshal(value, &resolved); err != nil {
		return nil, fmt.Errorf("read the requests' URLs: %w", err)
	}
	if len(resolved) != len(raw) {
		return nil, errors.New("the page has not resolved each URL")
	}
	for n, i := range indices {
		urls[i] = plainURL(resolved[n])
	}
	return urls, nil
}

// plainURL is a URL without what some of DevTools' events tell otherwise:
// userinfo, fragment, and the scheme, which changes for mixed content.
func plainURL(raw string) string {
	if wire, ok := wireURL(raw); ok {
		_, plain, _ := strings.Cut(wire, "://")
		return plain
	}
	plain, _, _ := strings.Cut(raw, "#")
	return plain
}

// wave are requests of a batch, by index, that no two are for one URL.
type wave map[string]int

// wavesOf puts the requests into waves, in their order as far as one URL is concerned.
func wavesOf(urls []string) []wave {
	var waves []wave
	for i, url := range urls {
		if url == "" {
			// Nothing is sent: any name will do, if it is no URL.
			url = fmt.Sprint(i)
		}
		n := 0
		for n < len(waves) && has(waves[n], url) {
			n++
		}
		if n == len(waves) {
			waves = append(waves, wave{})
		}
		waves[n][url] = i
	}
	return waves
}

func has(w wave, url string) bool {
	_, found := w[url]
	return found
}

// show makes the tab show the page, and has DevTools tell of its requests in so much detail from now on.
func (t *tab) show(ctx context.Context, page simulator.PageSpec, detail harness.Detail) error {
	if detail == harness.InFull && t.detail == harness.InBrief {
		// DevTools tells all of a page's issues when it is asked to, also those of before.
		t.page = openPage{}
	}
	if err := t.open(ctx, page); err != nil {
		return err
	}
	return t.tell(ctx, detail)
}

// tell has DevTools tell of requests in so much detail. Every event of the network's costs Chrome as much as
// a request does, and so do its issues, most of which are about cookies. The console keeps its entries until they are asked for.
func (t *tab) tell(ctx context.Context, detail harness.Detail) error {
	if detail == t.detail {
		return nil
	}
	methods := []string{audits.Enable.Method, network.Enable.Method}
	if detail == harness.InBrief {
		methods = []string{network.Disable.Method, audits.Disable.Method, cdplog.Clear.Method}
		t.unnoted, t.dirt.cookies = true, true
	}
	if err := t.command(ctx, methods...); err != nil {
		return err
	}
	t.detail = detail
	return nil
}

// command gives DevTools commands without parameters, one after another.
func (t *tab) command(ctx context.Context, methods ...string) error {
	for _, method := range methods {
		if err := t.target.Call(ctx, method, cdp.Empty{}, nil); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
	}
	return nil
}

// makeAll makes requests, which DevTools tells the observer of, and returns what script is told of each.
func (t *tab) makeAll(ctx context.Context, requests []simulator.Request, o observer) ([]scriptResult, error) {
	descriptions, err := json.Marshal(requests)
	var literal []byte
	if err == nil {
		literal, err = json.Marshal(string(descriptions))
	}
	if err != nil {
		return nil, fmt.Errorf("describe %d requests: %w", len(requests), err)
	}
	// The next session does not get the page: there is no telling which of the requests left something in it.
	t.dirt.caches, t.dirt.page = true, true
	t.record(o)
	value, err := t.evaluate(ctx, t.page.script, fmt.Sprintf("crosscheckBatch(%s, %d)", literal, atATime))
	if err != nil {
		t.page = openPage{}
		return nil, fmt.Errorf("make %d requests: %w", len(requests), err)
	}
	var told string
	var results []scriptResult
	if err = json.Unmarshal(value, &told); err == nil {
		err = json.Unmarshal([]byte(told), &results)
	}
	if err != nil {
		return nil, fmt.Errorf("read the page's results: %w", err)
	}
	if len(results) != len(requests) {
		return nil, errors.New("the page has not told the result of each request")
	}
	return results, nil
}

// indices are those of the wave's requests, in order.
func (w wave) indices() []int { return slices.Sorted(maps.Values(w)) }

// fetchWave makes the requests of a wave, and puts their outcomes in place.
func (t *tab) fetchWave(ctx context.Context, wave wave, requests []simulator.Request, outcomes []simulator.Outcome) error {
	indices := wave.indices()
	asked := make([]simulator.Request, 0, len(wave))
	for _, i := range indices {
		asked = append(asked, requests[i])
	}
	all := &recording{}
	defer t.record(nil)
	results, err := t.makeAll(ctx, asked, all)
	if err != nil {
		return err
	}
	unread := map[int]bool{}
	for n, i := range indices {
		unread[i] = results[n].hidesBody()
	}
	t.mutex.Lock()
	for _, request := range all.requests {
		if len(request.hops) > 0 {
			i, found := wave[plainURL(request.hops[0].request.URL)]
			request.unread = found && unread[i]
		}
	}
	t.mutex.Unlock()
	if err := t.settle(ctx, all); err != nil {
		return err
	}
	t.mutex.Lock()
	own, interrupted := all.split(wave), all.interrupted()
	t.mutex.Unlock()
	if interrupted {
		return fmt.Errorf("make %d requests: %w", len(wave), errInterrupted)
	}
	for n, i := range indices {
		r := own[i]
		if r == nil {
			r = &recording{}
		}
		outcomes[i] = t.outcome(r, results[n], requests[i])
	}
	return nil
}

// split gives each request of the wave what DevTools said about it.
func (r *recording) split(wave wave) map[int]*recording {
	own := map[int]*recording{}
	of := func(i int) *recording {
		if own[i] == nil {
			own[i] = &recording{}
		}
		return own[i]
	}
	byID := map[string]int{}
	for _, request := range r.requests {
		if len(request.hops) == 0 || request.preflightOf != "" {
			continue
		}
		if i, found := wave[plainURL(request.hops[0].request.URL)]; found {
			byID[string(request.id)] = i
			of(i).requests = append(of(i).requests, request)
		}
	}
	for _, request := range r.requests {
		if i, found := byID[string(request.preflightOf)]; found && len(request.hops) > 0 {
			of(i).requests = append(of(i).requests, request)
		}
	}
	for _, issue := range r.issues {
		if issue.Request == nil {
			continue
		}
		i, found := byID[string(issue.Request.RequestID)]
		if !found {
			// What the renderer refuses is never named by an event of the network.
			if i, found = wave[plainURL(issue.Request.URL)]; !found {
				continue
			}
		}
		of(i).issues = append(of(i).issues, issue)
	}
	return own
}
