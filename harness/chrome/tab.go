package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"golang.org/x/sync/errgroup"

	"github.com/crosscheck-dev/crosscheck/harness"
)

// errNotCleanable says that a browser context holds something that no command removes.
var errNotCleanable = errors.New("the browser context keeps state that cannot be cleared")

// tab is a browser context of its own (cookies, caches, proxy) with one tab in it.
type tab struct {
	proxy   *proxy
	target  *chromedp.Target
	cancel  context.CancelFunc
	crashed chan struct{}
	page    openPage
	dirt    dirt

	// detail is what DevTools was last told to tell of requests.
	detail harness.Detail
	// unnoted says that there were responses of which nobody has noted what they leave behind.
	unnoted                 bool
	blocksThirdPartyCookies bool

	mutex    sync.Mutex
	contexts map[cdp.FrameID]scriptContext
	changed  chan struct{}
	observer observer
	crash    sync.Once
}

// scriptContext is DevTools' unique identifier of a document's script context.
type scriptContext string

// openPage is the page that a tab has open.
type openPage struct {
	// key identifies the page's spec; empty when no page is open that can be used again.
	key string
	// script is where the requests are made; empty for the top document.
	script scriptContext
	// traces says that an element has loaded something.
	traces bool
}

// dirt is what a session leaves behind in a tab.
type dirt struct {
	cookies, caches, page bool
	// lasting state, such as a host's Strict-Transport-Security, ends with the browser context only.
	lasting bool
}

// newTab makes a browser context whose only way out is a proxy of its own.
func newTab(e *engine) (*tab, error) {
	proxy, err := startProxy(e.context, e.options.proxyHost(), e.options.Authority)
	if err != nil {
		return nil, err
	}
	t := &tab{proxy: proxy, crashed: make(chan struct{}), contexts: map[cdp.FrameID]scriptContext{}, changed: make(chan struct{})}
	ctx, cancel := chromedp.NewContext(e.context,
		chromedp.WithNewBrowserContext(func(params *target.CreateBrowserContextParams) {
			params.ProxyServer = proxy.URL()
			// Nothing goes round the proxy, not even to loopback addresses.
			params.ProxyBypassList = "<-loopback>"
			// A Chrome that goes on running keeps nothing of this process, however it ends.
			params.DisposeOnDetach = new(true)
		}),
		chromedp.WithListener(t.observe))
	t.cancel = cancel
	if err := chromedp.Do(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("make a browser context: %w", err), t.close())
	}
	t.target = chromedp.FromContext(ctx).Target
	if _, err := cdp.Call(ctx, t.target, audits.Enable, cdp.Empty{}); err != nil {
		return nil, errors.Join(fmt.Errorf("enable DevTools' issues: %w", err), t.close())
	}
	t.blocksThirdPartyCookies = e.options.ThirdPartyCookies == BlockThirdPartyCookies
	if t.blocksThirdPartyCookies {
		restrict := network.SetCookieControlsParams{EnableThirdPartyCookieRestriction: true}
		if _, err := cdp.Call(ctx, t.target, network.SetCookieControls, restrict); err != nil {
			return nil, errors.Join(fmt.Errorf("block third-party cookies: %w", err), t.close())
		}
	}
	// chromedp enables what it needs for pages with something on them. Every event costs.
	if err := t.command(ctx, dom.Disable.Method, css.Disable.Method, log.Disable.Method, page.Disable.Method, runtime.Disable.Method); err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

// close ends the browser context and its proxy.
func (t *tab) close() error {
	t.cancel()
	return t.proxy.close()
}

// observe is called with every DevTools event of the tab, in order.
func (t *tab) observe(event any) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	switch e := event.(type) {
	case *inspector.EventTargetCrashed:
		t.crash.Do(func() { close(t.crashed) })
	case *runtime.EventExecutionContextCreated:
		var aux struct {
			FrameID   cdp.FrameID `json:"frameId"`
			IsDefault bool        `json:"isDefault"`
		}
		if json.Unmarshal(e.Context.AuxData, &aux) == nil && aux.IsDefault {
			t.contexts[aux.FrameID] = scriptContext(e.Context.UniqueID)
			t.signal()
		}
	case *runtime.EventExecutionContextDestroyed:
		for frame, id := range t.contexts {
			if string(id) == e.ExecutionContextUniqueID {
				delete(t.contexts, frame)
			}
		}
	case *runtime.EventExecutionContextsCleared:
		clear(t.contexts)
	default:
		if t.observer != nil && t.observer.observe(event) {
			t.signal()
		}
	}
}

// signal wakes those who wait for an event; the mutex is held.
func (t *tab) signal() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// waitUntil waits until the condition, checked under the mutex, holds.
func (t *tab) waitUntil(ctx context.Context, condition func() bool) error {
	for {
		t.mutex.Lock()
		holds, changed := condition(), t.changed
		t.mutex.Unlock()
		if holds {
			return nil
		}
		select {
		case <-changed:
		case <-t.crashed:
			return errDied
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// observer gathers what DevTools says about requests.
type observer interface {
	// observe takes an event, and reports whether it was about a request.
	observe(event any) bool
}

// record sends the events of requests to the observer; nil ends that.
func (t *tab) record(o observer) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.observer = o
}

// evaluate runs an expression in a script context (the top document's when
// empty), awaits a promise, and returns the value as JSON.
func (t *tab) evaluate(ctx context.Context, in scriptContext, expression string) (json.RawMessage, error) {
	params := runtime.EvaluateParams{
		Expression: expression, UniqueContextID: string(in),
		AwaitPromise: new(true), ReturnByValue: new(true), Silent: new(true),
	}
	result, err := cdp.Call(ctx, t.target, runtime.Evaluate, params)
	switch {
	case err != nil:
		return nil, err
	case result.ExceptionDetails != nil:
		return nil, &chromedp.ExceptionError{ExceptionDetails: result.ExceptionDetails}
	}
	return json.RawMessage(result.Result.Value), nil
}

// watched does the work, and ends it with errDied when Chrome dies or hangs meanwhile.
func (t *tab) watched(ctx context.Context, work func(context.Context, *tab) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { t.watch(ctx, cancel) })
	err := work(ctx, t)
	died := errors.Is(context.Cause(ctx), errDied)
	cancel(nil)
	watch.Wait()
	if died {
		return errDied
	}
	return err
}

// watch asks the tab for a sign of life until the context ends.
func (t *tab) watch(ctx context.Context, cancel context.CancelCauseFunc) {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.crashed:
			cancel(errDied)
			return
		case <-ticker.C:
			bounded, stop := context.WithTimeout(ctx, answerBound)
			_, err := t.evaluate(bounded, "", "0")
			stop()
			if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
				cancel(errDied)
				return
			}
		}
	}
}

// clean makes the tab as good as new for the next session. The page stays open
// when it holds nothing of the last one.
func (t *tab) clean(ctx context.Context) error {
	if t.dirt.page {
		t.page = openPage{}
	}
	if err := t.forget(ctx); err != nil {
		return err
	}
	t.dirt = dirt{}
	return nil
}

// forget clears cookies and caches.
func (t *tab) forget(ctx context.Context) error {
	if t.dirt.lasting {
		return errNotCleanable
	}
	var clearing errgroup.Group
	if t.dirt.cookies {
		clearing.Go(func() error { return t.target.Call(ctx, network.ClearBrowserCookies.Method, cdp.Empty{}, nil) })
	}
	if t.dirt.caches {
		// This clears the HTTP cache and the CORS-preflight cache.
		clearing.Go(func() error { return t.target.Call(ctx, network.ClearBrowserCache.Method, cdp.Empty{}, nil) })
	}
	if err := clearing.Wait(); err != nil {
		return fmt.Errorf("clear cookies and caches: %w", err)
	}
	t.dirt.cookies, t.dirt.caches = t.unnoted, false
	return nil
}
