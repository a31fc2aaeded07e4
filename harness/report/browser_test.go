package report

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/chrome"
)

// browserPatience bounds what a test waits for in Chrome.
const browserPatience = 30 * time.Second

// openedPage is a report that is open in Chrome, and what went on there meanwhile.
type openedPage struct {
	context.Context
	url      string
	mutex    sync.Mutex
	requests []string
	messages []string
}

// openPage writes the report's page, and opens it as a reader does: as a file.
func openPage(t testing.TB, r Report) *openedPage {
	t.Helper()
	path, err := chrome.Find(t.Context(), os.Getenv("CHROME"))
	require.NoError(t, err)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WindowSize(1280, 900))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancelAllocator)
	page := &openedPage{url: "file://" + writePage(t, r)}
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithListener(page.observe))
	t.Cleanup(cancel)
	page.Context, cancel = context.WithTimeout(ctx, browserPatience)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(page))
	_, err = chromedp.Call(page, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	require.NoError(t, chromedp.Do(page, chromedp.Navigate(page.url)))
	return page
}

func writePage(t testing.TB, r Report) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, WriteHTML(&out, r))
	file := filepath.Join(t.TempDir(), HTMLFile)
	require.NoError(t, os.WriteFile(file, out.Bytes(), 0o600))
	return file
}

func (p *openedPage) observe(event any) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *runtime.EventConsoleAPICalled:
		p.messages = append(p.messages, fmt.Sprint(e.Type, e.Args))
	case *runtime.EventExceptionThrown:
		p.messages = append(p.messages, fmt.Sprint(e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *log.EventEntryAdded:
		p.messages = append(p.messages, e.Entry.Text)
	}
}

// evaluate gives the value of an expression, of a promise's result too.
func evaluate[T any](t testing.TB, p *openedPage, expression string) T {
	t.Helper()
	value, err := chromedp.Run(p, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(t, err, expression)
	return value
}

// await waits until an expression is true.
func (p *openedPage) await(t testing.TB, expression string) {
	t.Helper()
	require.Eventually(t, func() bool {
		holds, err := chromedp.Run(p, chromedp.Evaluate[bool](expression))
		return err == nil && holds
	}, browserPatience, 10*time.Millisecond, expression)
}

// press sends keys to whatever has the focus.
func (p *openedPage) press(t testing.TB, keys ...string) {
	t.Helper()
	for _, key := range keys {
		require.NoError(t, chromedp.Do(p, chromedp.KeyEvent(key)))
	}
}

const shownNames = `[...document.querySelectorAll('.scenario')].filter((row) => row.offsetParent).map((row) => row.querySelector('button').textContent)`

func TestThePageFilters(t *testing.T) {
	t.Parallel()
	page := openPage(t, sampleReport())
	require.Len(t, evaluate[[]string](t, page, shownNames), 7)

	require.NoError(t, chromedp.Do(page, chromedp.Click(chromedp.CSS(`button[data-filter="simulator-mismatch"]`))))
	require.Equal(t, []string{"A star exposes everything"}, evaluate[[]string](t, page, shownNames))
	require.Equal(t, "1 of 7 scenarios", evaluate[string](t, page, `document.getElementById('shown').textContent`))
	require.Equal(t, "true", evaluate[string](t, page, `document.querySelector('[data-filter="simulator-mismatch"]').getAttribute('aria-pressed')`))
	require.Equal(t, "#?verdict=simulator-mismatch", evaluate[string](t, page, `location.hash`))
	require.Equal(t, 1, evaluate[int](t, page, `[...document.querySelectorAll('.feature')].filter((section) => section.offsetParent).length`))

	require.NoError(t, chromedp.Do(page, chromedp.Click(chromedp.CSS(`button[data-filter=""]`))))
	// Words from the hops, the reason and the tags, in any order and case.
	for _, test := range []struct {
		words string
		names []string
	}{
		{"DOUBLED edge", []string{"App and edge both answer"}},
		{"multipleallow", []string{"App and edge both answer"}},
		{"@ingress put", []string{"The app's own page saves a user"}},
		{"no such words", []string{}},
	} {
		evaluate[bool](t, page, `document.getElementById('search').select() ?? true`)
		page.press(t, test.words)
		page.await(t, fmt.Sprintf(`decodeURIComponent(location.hash.replaceAll('+', ' ')) === '#?q=' + %q`, test.words))
		require.Equal(t, test.names, evaluate[[]string](t, page, shownNames), test.words)
	}
	require.True(t, evaluate[bool](t, page, `document.getElementById('nothing').offsetParent !== null`))
	page.press(t, kb.Escape)
	require.Len(t, evaluate[[]string](t, page, shownNames), 7)
	page.requireSilent(t)
}

func TestAnAddressShowsWhatItNames(t *testing.T) {
	t.Parallel()
	page := openPage(t, sampleReport())
	require.NoError(t, chromedp.Do(page, chromedp.Navigate("about:blank"), chromedp.Navigate(page.url+"#?verdict=skipped&q=express")))
	require.Equal(t, []string{"Express 5 refuses the star route"}, evaluate[[]string](t, page, shownNames))

	// The id of a scenario that the filter hides.
	evaluate[string](t, page, `location.hash = '#features/ingress/credentialed.feature:the-apps-own-page-saves-a-user'`)
	page.await(t, `document.activeElement.textContent === "The app's own page saves a user"`)
	page.await(t, `document.activeElement.closest('tr').nextElementSibling.innerText.includes('On the wire: chrome')`)
	require.Len(t, evaluate[[]string](t, page, shownNames), 7)
	page.requireSilent(t)
}

func TestThePageNeedsNoMouse(t *testing.T) {
	t.Parallel()
	page := openPage(t, sampleReport())
	page.press(t, kb.Tab)
	require.Equal(t, "Skip to the scenarios", evaluate[string](t, page, `document.activeElement.textContent`))
	page.press(t, kb.Enter, kb.Tab)
	require.Equal(t, "all 7", evaluate[string](t, page, `document.activeElement.textContent`))

	// From the filters on, every scenario is reached by Tab, in order, and opened and closed by Enter and Space.
	reached := []string{}
	for range 60 {
		page.press(t, kb.Tab)
		if name := evaluate[string](t, page, `document.activeElement.closest('.scenario')?.querySelector('button').textContent ?? ''`); name != "" {
			reached = append(reached, name)
		}
		if len(reached) == 1 && reached[0] == "The app's own page saves a user" {
			break
		}
	}
	require.Equal(t, []string{"The app's own page saves a user"}, reached)
	page.press(t, kb.Enter)
	page.await(t, `document.activeElement.getAttribute('aria-expanded') === 'true' && document.activeElement.closest('tr').nextElementSibling.innerText.includes('expected')`)
	page.press(t, kb.Tab)
	require.Equal(t, "Link to this scenario", evaluate[string](t, page, `document.activeElement.textContent`), "what was opened comes next")
	evaluate[bool](t, page, `document.querySelector(".scenario button").focus() ?? true`)
	page.press(t, " ")
	page.await(t, `document.activeElement.getAttribute('aria-expanded') === 'false' && document.activeElement.closest('tr').nextElementSibling.hidden`)

	ringless := evaluate[[]string](t, page, `[...document.querySelectorAll('button, input, a, summary')].filter((element) => {
		element.focus();
		return document.activeElement === element && element.matches(':focus-visible') && getComputedStyle(element).outlineStyle === 'none';
	}).map((element) => element.outerHTML)`)
	require.Empty(t, ringless, "who has the focus shows it")
	page.requireSilent(t)
}

// A page too large to be laid out at once works all the same, and its headings are there for all.
func TestALargePageWorksToo(t *testing.T) {
	t.Parallel()
	page := openPage(t, manyScenarios(largeFrom))
	require.Equal(t, "auto", evaluate[string](t, page, `getComputedStyle(document.querySelector('.lazy')).contentVisibility`))
	require.Equal(t, largeFrom/10, evaluate[int](t, page, `[...document.querySelectorAll('h3')].filter((heading) => heading.checkVisibility()).length`))
	require.False(t, evaluate[bool](t, page, `document.querySelector('.overview').open`), "no wall of features before the scenarios")
	evaluate[string](t, page, fmt.Sprintf(`location.hash = '#features/team-%d/orders.feature:case-%d'`, largeFrom/10-1, largeFrom-2))
	page.await(t, `document.activeElement.closest('tr')?.nextElementSibling?.innerText.includes('On the wire: chrome')`)
	require.True(t, evaluate[bool](t, page, `(() => { const box = document.activeElement.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; })()`), "what the address names is on the screen")
	evaluate[bool](t, page, `document.querySelector('[data-filter="unexpected-outcome"]').click() ?? true`)
	require.Equal(t, fmt.Sprintf("%d of %d scenarios", largeFrom/100, largeFrom), evaluate[string](t, page, `document.getElementById('shown').textContent`))
	page.requireSilent(t)
}

// requireSilent: the page has asked nobody for anything, and has had no trouble.
func (p *openedPage) requireSilent(t testing.TB) {
	t.Helper()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	require.Empty(t, p.messages)
	for _, request := range p.requests {
		require.True(t, strings.HasPrefix(request, p.url), "a request to %s", request)
	}
	require.NotEmpty(t, p.requests, "the page itself is seen")
}

func (p *openedPage) emulate(t testing.TB, scheme string, width int64) {
	t.Helper()
	params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	_, err := chromedp.Call(p, emulation.SetEmulatedMedia, params)
	require.NoError(t, err)
	require.NoError(t, chromedp.Do(p, chromedp.EmulateViewport(width, 900)))
}
