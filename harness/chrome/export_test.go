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

// RunScript runs a script in a page as if nobody watched it: without DevTools' events.
func (b *Browser) RunScript(ctx context.Context, deployment harness.Network, page simulator.PageSpec, script string) (json.RawMessage, error) {
	opened, err := b.NewSession(ctx, deployment)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	s := opened.(*session)
	if err := s.take(ctx, page); err != nil {
		return nil, err
	}
	s.tab.dirt.lasting = true
	if err := s.tab.open(ctx, page); err != nil {
		return nil, err
	}
	for _, disable := range []string{network.Disable.Method, audits.Disable.Method} {
		if err := s.tab.target.Call(ctx, disable, cdp.Empty{}, nil); err != nil {
			return nil, err
		}
	}
	return s.tab.evaluate(ctx, s.tab.page.script, script)
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
