package vectors

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/fixtures"
	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/harness/node"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// BenchmarkSideBySide runs each of the own vectors that jsdom can express through
// the simulator, jsdom and Chrome, and tells what each takes for a vector: beginning a
// session, its cookies, opening the page where it is not open, and the requests. The
// server and the judgement are not counted, nor what it costs to talk to jsdom's
// process. Of several runs of a vector the fastest counts, for all three: the others
// were interrupted by what else the machine does.
//
//	go test ./harness/vectors -run '^$' -bench SideBySide -benchtime 1x
func BenchmarkSideBySide(b *testing.B) {
	list := vectorsForJSDOM(b)
	authority, err := ca.New()
	require.NoError(b, err)
	jsdom := startJSDOM(b)
	path, err := chrome.Find(b.Context(), os.Getenv("CHROME"))
	require.NoError(b, err)
	browser, err := chrome.Launch(b.Context(), chrome.Options{ExecPath: path, Authority: authority})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, browser.Close()) })
	for b.Loop() {
		var inSimulator, inJSDOM, inChrome time.Duration
		right := 0
		for _, vector := range list {
			inSimulator += fastest(func() time.Duration { return simulateRepeatedly(b, vector) })
			inJSDOM += fastest(func() time.Duration {
				jsdom.elapsed = 0
				if jsdom.run(b, authority, vector).Pass {
					right++
				}
				return jsdom.elapsed
			})
			inChrome += fastest(func() time.Duration { return observe(b, browser, authority, vector) })
		}
		each := func(total time.Duration) float64 { return float64(total.Nanoseconds()) / 1e3 / float64(len(list)) }
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(len(list)), "vectors")
		b.ReportMetric(each(inSimulator), "simulator-µs")
		b.ReportMetric(each(inJSDOM), "jsdom-µs")
		b.ReportMetric(each(inChrome), "chrome-µs")
		b.ReportMetric(float64(inJSDOM)/float64(inSimulator), "jsdom/simulator")
		b.ReportMetric(float64(inChrome)/float64(inSimulator), "chrome/simulator")
		b.ReportMetric(100*float64(right)/float64(runs*len(list)), "jsdom-%right")
	}
}

// runs is how often each client runs a vector.
const runs = 3

// fastest gives the shortest time of the runs.
func fastest(run func() time.Duration) time.Duration {
	shortest := run()
	for range runs - 1 {
		shortest = min(shortest, run())
	}
	return shortest
}

// vectorsForJSDOM are the own vectors that it can express.
func vectorsForJSDOM(b *testing.B) []Vector {
	b.Helper()
	own, err := Load("../../fixtures/vectors")
	require.NoError(b, err)
	var list []Vector
	for _, vector := range own {
		if vector, ok := forJSDOM(vector); ok {
			list = append(list, vector)
		}
	}
	return list
}

// stopwatch is a session whose time is taken.
type stopwatch struct {
	session session
	elapsed time.Duration
}

func (s *stopwatch) take(work func()) {
	begun := time.Now()
	work()
	s.elapsed += time.Since(begun)
}

func (s *stopwatch) Fetch(ctx context.Context, page simulator.PageSpec, request simulator.Request) (outcome simulator.Outcome, err error) {
	s.take(func() { outcome, err = s.session.Fetch(ctx, page, request) })
	return outcome, err
}

func (s *stopwatch) SetCookie(ctx context.Context, url, setCookie string) (err error) {
	s.take(func() { err = s.session.SetCookie(ctx, url, setCookie) })
	return err
}

// Wait is not counted: no vector that jsdom is given asks for it.
func (s *stopwatch) Wait(ctx context.Context, d time.Duration) error { return s.session.Wait(ctx, d) }

// pausing is the server in memory, whose time is not the simulator's.
type pausing struct {
	server *server
	watch  *stopwatch
}

func (p pausing) RoundTrip(request *http.Request) (*http.Response, error) {
	begun := time.Now()
	defer func() { p.watch.elapsed -= time.Since(begun) }()
	return p.server.RoundTrip(request)
}

// simulate runs the vector in the simulator, and gives the time.
func simulate(b *testing.B, vector Vector) time.Duration {
	b.Helper()
	server, err := newServer(vector.Exchanges)
	require.NoError(b, err)
	watch := &stopwatch{}
	watch.take(func() {
		watch.session = &simulation{browser: simulator.New(simulator.Chromium, simulator.WithTransport(pausing{server, watch}))}
	})
	_, err = play(b.Context(), vector, server, watch)
	require.NoError(b, err)
	return watch.elapsed
}

// repetitions are how often the simulator runs a vector for one measurement: what
// takes microseconds cannot be told from what the first run finds cold.
const repetitions = 50

// simulateRepeatedly gives the time of one run of many.
func simulateRepeatedly(b *testing.B, vector Vector) time.Duration {
	b.Helper()
	var total time.Duration
	for range repetitions {
		total += simulate(b, vector)
	}
	return total / repetitions
}

// observe runs the vector in the browser, and gives the time.
func observe(b *testing.B, browser harness.Browser, authority *ca.Authority, vector Vector) time.Duration {
	b.Helper()
	server, err := newServer(vector.Exchanges)
	require.NoError(b, err)
	network := newWire(server, authority)
	defer network.close()
	watch := &stopwatch{}
	var opened harness.Session
	watch.take(func() { opened, err = browser.NewSession(b.Context(), network) })
	require.NoError(b, err)
	watch.session = opened
	_, err = play(b.Context(), vector, server, watch)
	require.NoError(b, errors.Join(err, opened.Close()))
	return watch.elapsed
}

// startJSDOM starts its process, or skips the benchmark where there is no Node.js.
func startJSDOM(b *testing.B) *jsdomSession {
	b.Helper()
	runtime, err := node.Find(b.Context())
	if errors.As(err, new(*harness.Unavailable)) {
		b.Skip(err)
	}
	require.NoError(b, err)
	app, err := fixtures.JSDOM()
	require.NoError(b, err)
	dir, err := node.DefaultDir()
	require.NoError(b, err)
	folder, err := runtime.Install(b.Context(), dir, app)
	require.NoError(b, err)
	process, err := runtime.Start(b.Context(), folder)
	require.NoError(b, err)
	b.Cleanup(process.Stop)
	return &jsdomSession{address: process.Address}
}

// jsdomSession is jsdom as a session of a vector. Its time is what its own clock
// says, without what it costs to talk to it.
type jsdomSession struct {
	address string
	elapsed time.Duration
}

// run runs a vector against a server on loopback.
func (s *jsdomSession) run(b *testing.B, authority *ca.Authority, vector Vector) Result {
	b.Helper()
	server, err := newServer(vector.Exchanges)
	require.NoError(b, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	network := newWire(server, authority)
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			network.accept(connection, authority.ServerConfig("http/1.1"))
		}
	}()
	defer func() {
		_ = listener.Close()
		<-served
		network.close()
	}()
	require.NoError(b, s.ask(b.Context(), "/session", map[string]any{"port": listener.Addr().(*net.TCPAddr).Port}, nil))
	result, err := play(b.Context(), vector, server, s)
	require.NoError(b, err)
	return result
}

// ask asks the process.
func (s *jsdomSession) ask(ctx context.Context, path string, question, into any) error {
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.address+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return errors.Join(fmt.Errorf("ask jsdom for %s: %s", body, answer), err)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// SetCookie fills the jar.
func (s *jsdomSession) SetCookie(ctx context.Context, url, setCookie string) error {
	return s.ask(ctx, "/cookie", map[string]any{"url": url, "set_cookie": setCookie}, nil)
}

// Wait lets no time pass: no vector that jsdom is given asks for it.
func (s *jsdomSession) Wait(context.Context, time.Duration) error { return nil }

// Fetch makes the request by XMLHttpRequest or by an element.
func (s *jsdomSession) Fetch(ctx context.Context, page simulator.PageSpec, request simulator.Request) (simulator.Outcome, error) {
	if request.Initiator == "" {
		request.Initiator = simulator.InitiatorFetch
	}
	var answer struct {
		Elapsed float64 `json:"elapsed_ms"`
		Result  struct {
			Kind         simulator.Kind `json:"kind"`
			Status       int            `json:"status"`
			URL          string         `json:"url"`
			Headers      [][2]string    `json:"headers"`
			Body         []byte         `json:"body"`
			UploadEvents *bool          `json:"upload_events"`
		} `json:"result"`
	}
	if err := s.ask(ctx, "/fetch", map[string]any{"page": page.URL, "request": request}, &answer); err != nil {
		return simulator.Outcome{}, err
	}
	s.elapsed += time.Duration(answer.Elapsed * float64(time.Millisecond))
	result := answer.Result
	outcome := simulator.Outcome{Kind: result.Kind, Status: result.Status, URL: result.URL, Body: result.Body, UploadEvents: result.UploadEvents, Header: http.Header{}}
	for _, field := range result.Headers {
		value, _ := isomorphicEncode(field[1])
		outcome.Header.Add(field[0], value)
	}
	return outcome, nil
}

// forJSDOM is the vector without what jsdom tells nobody (reasons, response
// types); not ok when it cannot express it: it has no fetch(), for which
// XMLHttpRequest stands where both make the same request, no modules, fonts and
// image decoder, no Resource Timing, and its frames and policies are none.
func forJSDOM(vector Vector) (Vector, bool) {
	steps := slices.Clone(vector.steps())
	for i, step := range steps {
		page := vector.Page
		if step.Page != nil {
			page = *step.Page
		}
		expect := *step.Expect
		if !jsdomOpens(page) || !jsdomMakes(*step.Request) || step.WaitMSBefore > 0 || expect.TimingAllowed != nil {
			return Vector{}, false
		}
		expect.Reason, expect.ResponseType = nil, nil
		steps[i].Expect = &expect
	}
	vector.Request, vector.Expect, vector.Steps = nil, nil, steps
	return vector, true
}

func jsdomOpens(page Page) bool {
	return page.Frame == simulator.FrameNone && page.Iframe == "" && len(page.Headers) == 0
}

func jsdomMakes(request Request) bool {
	target, err := url.Parse(request.URL)
	if err != nil || target.Scheme == "blob" {
		return false
	}
	switch initiator := string(request.Initiator); {
	case strings.HasPrefix(initiator, "xhr"):
		return true
	case initiator == "script", strings.HasPrefix(initiator, "script-"), strings.HasPrefix(initiator, "stylesheet"):
		return request.ReferrerPolicy == ""
	case initiator != "" && initiator != "fetch":
		return false
	}
	method := strings.ToUpper(request.method())
	throws := request.Body != nil && (method == "" || method == "GET" || method == "HEAD") || target.User != nil
	return !throws && (request.Mode == "" || request.Mode == simulator.ModeCORS) && (request.Credentials == "" || request.Credentials == simulator.CredentialsSameOrigin || request.Credentials == simulator.CredentialsInclude) &&
		(request.Redirect == "" || request.Redirect == simulator.RedirectFollow) && request.Referrer == nil && request.ReferrerPolicy == ""
}
