package explain_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/harness/explain"
	"github.com/crosscheck-dev/crosscheck/harness/har"
)

// record makes the tests write what Chrome did to testdata.
var record = flag.Bool("record", false, "write the recordings of Chrome to testdata")

// api refuses in as many ways as a recording has to tell apart.
func api(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	if r.URL.Path != "/silent" {
		header.Set("Access-Control-Allow-Origin", "*")
	}
	switch r.URL.Path {
	case "/allowed":
		header.Set("Access-Control-Allow-Methods", "PUT")
		header.Set("Access-Control-Allow-Headers", "Content-Type")
	case "/broken":
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusInternalServerError)
		}
	case "/moved":
		header.Set("Location", "/silent")
		w.WriteHeader(http.StatusFound)
	}
}

// script makes the requests one after the other.
const script = `(async () => {
	const ask = (path, init) => fetch(%q + path, init).then(response => response.text()).catch(() => {});
	await ask("/public");
	await ask("/silent");
	await ask("/public", {credentials: "include"});
	await ask("/public", {method: "PUT"});
	await ask("/public", {headers: {"X-Tenant": "blue"}});
	await ask("/broken", {method: "DELETE"});
	await ask("/allowed", {method: "PUT", headers: {"Content-Type": "application/json"}, body: "{}"});
	await ask("/moved");
	await fetch(%q).catch(() => {});
	return true;
})()`

// recorder keeps what Chrome's DevTools Protocol tells of the network.
type recorder struct {
	mutex   sync.Mutex
	order   []*recorded
	current map[network.RequestID]*recorded
	// early are events that came before the one that announces their request.
	early map[network.RequestID][]any
}

type recorded struct {
	id          network.RequestID
	started     time.Time
	kind        string
	request     *network.Request
	sent        map[string]string
	status      int64
	received    map[string]string
	redirectURL string
	failure     string
	cors        *network.CorsErrorStatus
}

func texts(headers network.Headers) map[string]string {
	read := map[string]string{}
	for name, value := range headers {
		read[name] = fmt.Sprint(value)
	}
	return read
}

func (r *recorder) listen(event any) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.take(event)
}

func (r *recorder) take(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if before := r.current[e.RequestID]; before != nil && e.RedirectResponse != nil {
			before.status, before.redirectURL = e.RedirectResponse.Status, e.Request.URL
			before.received = texts(e.RedirectResponse.Headers)
		}
		now := &recorded{id: e.RequestID, started: time.UnixMilli(int64(float64(e.WallTime) * 1000)), kind: strings.ToLower(string(e.Type)), request: e.Request}
		r.current[e.RequestID] = now
		r.order = append(r.order, now)
		for _, early := range r.early[e.RequestID] {
			r.take(early)
		}
		delete(r.early, e.RequestID)
	case *network.EventRequestWillBeSentExtraInfo:
		if now := r.current[e.RequestID]; now != nil {
			now.sent = texts(e.Headers)
		} else {
			r.early[e.RequestID] = append(r.early[e.RequestID], event)
		}
	case *network.EventResponseReceivedExtraInfo:
		// A redirect's answer comes with the next hop as well, and may be told here only after it: it is not that hop's.
		redirect := e.StatusCode >= 300 && e.StatusCode < 400
		if now := r.current[e.RequestID]; now == nil {
			r.early[e.RequestID] = append(r.early[e.RequestID], event)
		} else if now.status == 0 && !redirect {
			now.status, now.received = e.StatusCode, texts(e.Headers)
		}
	case *network.EventResponseReceived:
		if now := r.current[e.RequestID]; now != nil && now.status == 0 {
			now.status, now.received = e.Response.Status, texts(e.Response.Headers)
		}
	case *network.EventLoadingFailed:
		if now := r.current[e.RequestID]; now != nil {
			now.failure, now.cors = e.ErrorText, e.CorsErrorStatus
		}
	}
}

// complete tells whether Chrome has told the raw headers of all answers that it refused.
func (r *recorder) complete() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return !slices.ContainsFunc(r.order, func(e *recorded) bool {
		return e.cors != nil && e.status == 0 && e.kind != "preflight" &&
			(e.cors.CorsError == network.CorsErrorMissingAllowOriginHeader || e.cors.CorsError == network.CorsErrorWildcardOriginNotAllowed)
	})
}

// write writes the events as Chrome's network panel exports them. Without raw, as it does
// where the panel was not told the raw headers: a failed request then has no response at all.
func (r *recorder) write(page string, raw bool) []byte {
	pairs := func(headers map[string]string) []map[string]string {
		list := []map[string]string{}
		for _, name := range slices.Sorted(maps.Keys(headers)) {
			list = append(list, map[string]string{"name": name, "value": headers[name]})
		}
		return list
	}
	var entries []any
	for _, e := range r.order {
		if !strings.Contains(e.request.URL, "localhost") {
			continue
		}
		sent, status, received := e.sent, e.status, e.received
		if sent == nil || !raw && e.failure != "" {
			sent = texts(e.request.Headers)
		}
		if !raw && e.failure != "" && e.kind != "preflight" {
			status, received = 0, nil
		}
		response := map[string]any{
			"status": status, "statusText": "", "httpVersion": "http/1.1", "headers": pairs(received), "cookies": []any{},
			"content": map[string]any{"size": 0, "mimeType": "x-unknown"}, "redirectURL": e.redirectURL, "headersSize": -1, "bodySize": -1, "_transferSize": 0,
			"_error": nil,
		}
		if e.failure != "" {
			response["_error"] = e.failure
		}
		request := map[string]any{
			"method": e.request.Method, "url": e.request.URL, "httpVersion": "http/1.1", "headers": pairs(sent),
			"queryString": []any{}, "cookies": []any{}, "headersSize": -1, "bodySize": 0,
		}
		if e.request.HasPostData {
			request["postData"] = map[string]any{"mimeType": "application/json", "text": "{}"}
		}
		entries = append(entries, map[string]any{
			"_initiator": map[string]any{"type": "script"}, "_priority": "High", "_resourceType": e.kind, "cache": map[string]any{}, "pageref": "page_1",
			"request": request, "response": response, "serverIPAddress": "127.0.0.1",
			"startedDateTime": e.started.UTC().Format("2006-01-02T15:04:05.000Z"), "time": 1.5,
			"timings": map[string]any{"blocked": 0, "dns": -1, "connect": -1, "send": 0, "wait": 1, "receive": 0.5},
		})
	}
	content, err := json.MarshalIndent(map[string]any{"log": map[string]any{
		"version": "1.2", "creator": map[string]any{"name": "WebInspector", "version": "537.36"},
		"pages":   []any{map[string]any{"id": "page_1", "title": page, "startedDateTime": r.order[0].started.UTC().Format(time.RFC3339Nano), "pageTimings": map[string]any{}}},
		"entries": entries,
	}}, "", "  ")
	if err != nil {
		panic(err)
	}
	return append(content, '\n')
}

// recordChrome makes the requests in a real Chrome.
func recordChrome(t *testing.T) (r *recorder, page string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(api))
	t.Cleanup(server.Close)
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
	}))
	t.Cleanup(pages.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, nobody, err := net.SplitHostPort(closed.Addr().String())
	require.NoError(t, err)
	require.NoError(t, closed.Close())

	path, err := chrome.Find(t.Context(), os.Getenv("CHROME"))
	require.NoError(t, err)
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox)
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	r = &recorder{current: map[network.RequestID]*recorded{}, early: map[network.RequestID][]any{}}
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithListener(r.listen))
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx))
	_, err = cdp.Call(ctx, chromedp.FromContext(ctx).Target, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	_, err = chromedp.Run(limited, chromedp.Navigate(pages.URL+"/"))
	require.NoError(t, err)
	_, err = chromedp.Run(limited, chromedp.Evaluate[bool](fmt.Sprintf(script, "http://localhost:"+port, "http://localhost:"+nobody+"/"), chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	// The events of the last request may still be on their way.
	require.Eventually(t, func() bool {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		return r.order[len(r.order)-1].failure != ""
	}, 10*time.Second, 10*time.Millisecond)
	// So may the raw headers of answers that were refused: now and then they never come.
	for range 100 {
		if r.complete() {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.mutex.Lock()
	t.Cleanup(r.mutex.Unlock)
	return r, pages.URL + "/"
}

func TestEveryRequestThatChromeBlocksIsFoundInItsRecordingWithChromesOwnReason(t *testing.T) {
	r, page := recordChrome(t)
	raw, bare := r.write(page, true), r.write(page, false)
	if *record {
		require.NoError(t, os.WriteFile(filepath.Join("testdata", "chrome.har"), raw, 0o644))
		require.NoError(t, os.WriteFile(filepath.Join("testdata", "chrome-without-raw-headers.har"), bare, 0o644))
	}
	refused := slices.DeleteFunc(slices.Clone(r.order), func(e *recorded) bool { return e.cors == nil || e.kind == "preflight" })
	require.Len(t, refused, 6, "the requests that the API refuses")
	recording, err := har.Parse("chrome.har", raw)
	require.NoError(t, err)
	result, err := explain.Recording(t.Context(), recording, explain.RecordingOptions{})
	require.NoError(t, err)
	require.Len(t, result.Blocked, 7)
	explained := 0
	for i, e := range refused {
		reason := string(e.cors.CorsError)
		if e.cors.FailedParameter != "" {
			reason += " [" + e.cors.FailedParameter + "]"
		}
		blocked := result.Blocked[i]
		if blocked.Explanation == nil {
			require.Contains(t, blocked.Verdict, "the recording does not tell why: it lacks the answer", reason)
			require.Zero(t, e.status, "Chrome told the answer, so it is in the recording")
			continue
		}
		require.Equal(t, reason, blocked.Explanation.Reason.String())
		explained++
	}
	require.GreaterOrEqual(t, explained, 4)
	require.Contains(t, result.Blocked[6].Verdict, "nothing listens there")
	require.Equal(t, 9, result.Requests)
}
