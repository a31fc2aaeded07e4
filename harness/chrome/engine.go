package chrome

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"
)

// answerBound is how long Chrome may take to answer something trivial before
// it counts as hanging. A machine under load answers in tens of milliseconds.
const answerBound = 5 * time.Second

// watchInterval is how often a tab that works is asked for a sign of life.
const watchInterval = time.Second

// errDied is why everything ends that waits for a Chrome process that is gone.
var errDied = errors.New("its process ended, its connection was lost, or it stopped answering")

// engine is one Chrome process with its pool of tabs.
type engine struct {
	options Options
	// remote is the address of a Chrome that others started; empty for one of our own, which has a profile.
	remote  string
	profile string
	version string
	chrome  *chromedp.Browser
	context context.Context
	cancel  context.CancelFunc
	// work are the goroutines that make and clean tabs; ended closes when the
	// process, its children and its profile are gone.
	work    sync.WaitGroup
	ended   chan struct{}
	leftErr error

	mutex   sync.Mutex
	tabs    []*tab
	free    []*tab
	changed chan struct{}
	failure error
	closing bool
}

// startEngine starts Chrome, or connects to the remote one, and waits for its first tab. It ends with the context at the latest.
func startEngine(ctx context.Context, options Options, remoteURL string) (*engine, error) {
	e := &engine{options: options, remote: remoteURL, ended: make(chan struct{}), changed: make(chan struct{})}
	allocator, cancelAllocator, err := e.allocator(ctx)
	if err != nil {
		return nil, err
	}
	e.context, e.cancel = chromedp.NewContext(allocator, chromedp.WithLogf(discard), chromedp.WithErrorf(discard))
	version, err := chromedp.CallBrowser(e.context, browser.GetVersion, cdp.Empty{})
	e.chrome = chromedp.FromContext(e.context).Browser
	if err != nil {
		if e.chrome != nil {
			err = errors.Join(err, e.kill())
		}
		cancelAllocator()
		return nil, errors.Join(e.notStarted(err), e.removeProfile())
	}
	e.version = version.Product
	go e.bury(cancelAllocator)

	if e.remote != "" {
		if err := checkRemote(e.context, e); err != nil {
			return nil, errors.Join(err, e.close())
		}
	}
	for range options.tabs() {
		e.work.Go(e.addTab)
	}
	if err := e.waitForTab(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open a tab in %s: %w", e.place(), err), e.close())
	}
	if e.remote != "" {
		if err := checkReach(ctx, e); err != nil {
			return nil, errors.Join(err, e.close())
		}
	}
	return e, nil
}

// allocator is what makes a Chrome process, or a connection to one.
func (e *engine) allocator(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if e.remote != "" {
		allocator, cancel := remote.NewAllocator(ctx, e.remote)
		return allocator, cancel, nil
	}
	var err error
	if e.profile, err = os.MkdirTemp("", "crosscheck-chrome-"); err != nil {
		return nil, nil, fmt.Errorf("make a profile for Chrome: %w", err)
	}
	if err := writePreferences(e.profile, e.options.ThirdPartyCookies); err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(e.profile))
	}
	allocator, cancel := chromedp.NewExecAllocator(ctx, flags(e.options, e.profile)...)
	return allocator, cancel, nil
}

// notStarted says what there is to do about a Chrome that is not there.
func (e *engine) notStarted(err error) error {
	if e.remote != "" {
		return fmt.Errorf("no Chrome answers at %s (%w): %s, and with --remote-debugging-port", e.remote, err, startAnew)
	}
	return fmt.Errorf("start %s: %w", e.options.ExecPath, err)
}

// place is the program or the address, for messages.
func (e *engine) place() string {
	if e.remote != "" {
		return "the Chrome at " + e.remote
	}
	return e.options.ExecPath
}

// bury waits until the process is gone for whatever reason, and removes what it leaves.
func (e *engine) bury(cancelAllocator context.CancelFunc) {
	select {
	case <-e.context.Done():
	case <-e.chrome.LostConnection:
	}
	e.fail(errDied)
	err := e.kill()
	e.cancel()
	cancelAllocator()
	e.work.Wait()
	for _, t := range e.tabs {
		err = errors.Join(err, t.close())
	}
	e.leftErr = errors.Join(err, e.removeProfile())
	close(e.ended)
}

// close ends the process and waits until nothing of it is left.
func (e *engine) close() error {
	e.mutex.Lock()
	e.closing = true
	e.mutex.Unlock()
	err := e.kill()
	<-e.ended
	return errors.Join(err, e.leftErr)
}

// kill ends the process, or the connection to one that goes on running.
func (e *engine) kill() error {
	if e.remote != "" {
		e.cancel()
		return nil
	}
	return killProcessGroup(e.chrome.Process().Pid)
}

// died reports whether the process is gone.
func (e *engine) died() bool {
	select {
	case <-e.chrome.LostConnection:
		return true
	case <-e.context.Done():
		return true
	default:
		return false
	}
}

// fail makes everybody who waits for a tab give up.
func (e *engine) fail(err error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.failure == nil {
		e.failure = err
	}
	e.signal()
}

// signal wakes those who wait for a tab; the mutex is held.
func (e *engine) signal() {
	close(e.changed)
	e.changed = make(chan struct{})
}

// addTab puts a new tab into the pool.
func (e *engine) addTab() {
	t, err := newTab(e)
	if err != nil {
		e.fail(err)
		return
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.tabs = append(e.tabs, t)
	e.free = append(e.free, t)
	e.signal()
}

// waitForTab waits until there is a free tab.
func (e *engine) waitForTab(ctx context.Context) error {
	return e.waitUntil(ctx, func() bool { return len(e.free) > 0 })
}

// acquire takes a clean tab, one that has the page open when there is one.
func (e *engine) acquire(ctx context.Context, page string) (*tab, error) {
	var taken *tab
	err := e.waitUntil(ctx, func() bool {
		best := -1
		for i, t := range e.free {
			// Else the one that was used longest ago: its page is wanted least.
			if best < 0 || t.page.key == page {
				best = i
			}
		}
		if best < 0 {
			return false
		}
		taken = e.free[best]
		e.free = append(e.free[:best], e.free[best+1:]...)
		return true
	})
	return taken, err
}

// waitUntil waits until the condition, checked under the mutex, holds.
func (e *engine) waitUntil(ctx context.Context, condition func() bool) error {
	for {
		e.mutex.Lock()
		failure, changed := e.failure, e.changed
		holds := failure == nil && condition()
		e.mutex.Unlock()
		switch {
		case holds:
			return nil
		case failure != nil:
			return failure
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// release takes a tab back and cleans it while others run.
func (e *engine) release(t *tab) {
	t.proxy.detach()
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.failure != nil || e.closing {
		return
	}
	e.work.Go(func() { e.recycle(t) })
}

// recycle makes a tab like new, or replaces it where that is not possible.
func (e *engine) recycle(t *tab) {
	ctx, cancel := context.WithTimeout(e.context, answerBound)
	defer cancel()
	err := errNotCleanable
	if !t.unnoted {
		err = t.clean(ctx)
	}
	if err != nil {
		e.mutex.Lock()
		for i := range e.tabs {
			if e.tabs[i] == t {
				e.tabs = append(e.tabs[:i], e.tabs[i+1:]...)
				break
			}
		}
		e.mutex.Unlock()
		// The tab is lost whatever closing it says.
		_ = t.close()
		e.addTab()
		return
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.free = append(e.free, t)
	e.signal()
}

// answers reports whether the process and the tab answer something trivial in time.
func (e *engine) answers(ctx context.Context, t *tab) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerBound)
	defer cancel()
	_, err := t.evaluate(ctx, "", "0")
	return err == nil
}

// removeProfile deletes the profile; children of Chrome may write for a moment still.
func (e *engine) removeProfile() error {
	if e.profile == "" {
		return nil
	}
	var err error
	for range 50 {
		if err = os.RemoveAll(e.profile); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("remove Chrome's profile: %w", err)
}

func discard(string, ...any) {}
