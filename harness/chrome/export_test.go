package chrome

import (
	"context"
	"encoding/json"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// PageScript is a script and the page that it runs in.
type PageScript struct {
	Page   simulator.PageSpec
	Script string
}

// RunScripts runs scripts in their pages, one after another in one tab, as if nobody watched: without
// DevTools' events. It returns what each comes to.
func (b *Browser) RunScripts(ctx context.Context, deployment harness.Network, scripts ...PageScript) ([]json.RawMessage, error) {
	opened, err := b.NewSession(ctx, deployment)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	s := opened.(*session)
	if err := s.take(ctx, scripts[0].Page); err != nil {
		return nil, err
	}
	s.tab.dirt.lasting = true
	for _, disable := range []string{network.Disable.Method, audits.Disable.Method} {
		if err := s.tab.target.Call(ctx, disable, cdp.Empty{}, nil); err != nil {
			return nil, err
		}
	}
	results := make([]json.RawMessage, len(scripts))
	for i, script := range scripts {
		if err := s.tab.open(ctx, script.Page); err != nil {
			return nil, err
		}
		if results[i], err = s.tab.evaluate(ctx, s.tab.page.script, script.Script); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// OwnProcessGroup makes a command end with all that it starts.
var OwnProcessGroup = ownProcessGroup

// ProcessID is that of the program that was started.
func (b *Browser) ProcessID() int {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.engines[0].chrome.Process().Pid
}

// Profile is the folder of the running Chrome's profile.
func (b *Browser) Profile() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.engines[0].profile
}

// Interrupted tells whether a request that fails with the error has to be made again.
func Interrupted(errorText string) bool {
	r := &recording{}
	r.observe(&network.EventRequestWillBeSent{RequestID: "1", Request: &network.Request{URL: "https://api.example.com/"}})
	r.observe(&network.EventLoadingFailed{RequestID: "1", ErrorText: errorText})
	return r.interrupted()
}

// ExchangesOf are what DevTools' events amount to.
func ExchangesOf(events ...any) []simulator.Exchange {
	r := &recording{}
	for _, event := range events {
		r.observe(event)
	}
	return r.exchanges()
}
