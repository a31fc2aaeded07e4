package vectors

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Result is what came of one vector.
type Result struct {
	ID   string `json:"id"`
	Pass bool   `json:"pass"`
	// Skipped says why the browser cannot express the vector at all; empty when it was run.
	Skipped    string     `json:"skipped,omitempty"`
	Mismatches []Mismatch `json:"mismatches"`
	// Observed are the outcomes, one a request.
	Observed []simulator.Outcome `json:"observed"`
}

// defaultAttributes are a cookie's, so that it is sent wherever a cookie can be.
const defaultAttributes = "Path=/; Secure; SameSite=None"

// patience bounds a request. The server answers at once, so nothing takes as long.
const patience = 30 * time.Second

// session is what a vector needs of a browsing session; harness.Session has it.
type session interface {
	Fetch(ctx context.Context, page simulator.PageSpec, request simulator.Request) (simulator.Outcome, error)
	SetCookie(ctx context.Context, url, setCookie string) error
	Wait(ctx context.Context, d time.Duration) error
}

// Simulate runs a vector in the simulator. Waits move its clock. A mistake in the
// vector itself, such as an origin that is not its page's, is a mismatch of the field.
func Simulate(ctx context.Context, profile simulator.Profile, vector Vector) Result {
	server, err := newServer(vector.Exchanges)
	if err != nil {
		return invalid(vector, "exchanges", err)
	}
	result, err := play(ctx, vector, server, newSimulation(profile, server))
	if err != nil {
		// The simulator is no process that could die.
		return invalid(vector, "request", err)
	}
	return result
}

// deathsBorne is how often a browser may die over a vector before that is the run's error.
const deathsBorne = 3

// RunIn runs a vector in a browser, against a server that sends the exchanges'
// bytes as they are. Waits are as the browser's session takes them. The authority is
// the one that the browser trusts. The error is the browser's, not the vector's.
func RunIn(ctx context.Context, browser harness.Browser, authority *ca.Authority, vector Vector) (result Result, err error) {
	for range deathsBorne {
		result, err = attempt(ctx, browser, authority, vector)
		if !errors.As(err, new(*harness.BrowserDied)) {
			break
		}
	}
	return result, err
}

// attempt runs a vector from its beginning.
func attempt(ctx context.Context, browser harness.Browser, authority *ca.Authority, vector Vector) (result Result, err error) {
	server, err := newServer(vector.Exchanges)
	if err != nil {
		return invalid(vector, "exchanges", err), nil
	}
	network := newWire(server, authority)
	defer network.close()
	s, err := browser.NewSession(ctx, network)
	if err != nil {
		return Result{}, fmt.Errorf("begin a session for the vector %s: %w", vector.ID, err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return play(ctx, vector, server, s)
}

// invalid is the result of a vector that cannot be run as it stands.
func invalid(vector Vector, field string, cause error) Result {
	return Result{
		ID: vector.ID, Observed: []simulator.Outcome{},
		Mismatches: []Mismatch{{Field: field, Want: "a vector that can be run", Got: cause.Error()}},
	}
}

// unfinished is the result of a vector of which something could not be done: a
// mistake in the field, unless it is the browser that has no way to do it, or died over it.
func unfinished(vector Vector, field string, cause error) (Result, error) {
	switch {
	case errors.As(cause, new(*harness.BrowserDied)):
		return Result{}, fmt.Errorf("run the vector %s: %w", vector.ID, cause)
	case errors.As(cause, new(*harness.Inexpressible)):
		return Result{ID: vector.ID, Observed: []simulator.Outcome{}, Mismatches: []Mismatch{}, Skipped: cause.Error()}, nil
	}
	return invalid(vector, field, cause), nil
}

// play makes the vector's requests in the session.
func play(ctx context.Context, vector Vector, server *server, s session) (Result, error) {
	result := Result{ID: vector.ID, Mismatches: []Mismatch{}, Observed: []simulator.Outcome{}}
	for _, cookie := range vector.Cookies {
		attributes := defaultAttributes
		if cookie.Attributes != nil {
			attributes = *cookie.Attributes
		}
		if err := s.SetCookie(ctx, cookie.URL, cookie.Name+"="+cookie.Value+"; "+attributes); err != nil {
			return unfinished(vector, "cookies", err)
		}
	}
	if len(vector.unknown) > 0 {
		return invalid(vector, vector.unknown[0], errors.New("the format has no such field")), nil
	}
	initiators, frames := knownInitiators(), knownFrames()
	for i, step := range vector.steps() {
		prefix := ""
		if len(vector.Steps) > 0 {
			prefix = fmt.Sprintf("steps[%d].", i)
		}
		if err := s.Wait(ctx, time.Duration(step.WaitMSBefore*float64(time.Millisecond))); err != nil {
			return unfinished(vector, prefix+"wait_ms_before", err)
		}
		page, origin := vector.environment(step)
		opened := simulator.New(simulator.Standard).OpenPage(page.spec())
		if err := opened.Err(); err != nil {
			return unfinished(vector, prefix+"page", err)
		}
		if origin != "" && opened.Origin() != origin {
			return unfinished(vector, prefix+"origin", fmt.Errorf("the page's origin is %s, not %s", opened.Origin(), origin))
		}
		if !slices.Contains(initiators, step.Request.Initiator) {
			return unfinished(vector, prefix+"request.initiator", fmt.Errorf("there is no initiator %q", step.Request.Initiator))
		}
		if !slices.Contains(frames, page.Frame) {
			return unfinished(vector, prefix+"page.frame", fmt.Errorf("there is no frame %q", page.Frame))
		}
		bounded, cancel := context.WithTimeout(ctx, patience)
		outcome, err := s.Fetch(bounded, page.spec(), step.Request.forScript())
		cancel()
		if err != nil {
			return unfinished(vector, prefix+"request", err)
		}
		result.Observed = append(result.Observed, outcome)
		for _, mismatch := range step.Expect.evaluate(outcome, server.take()) {
			mismatch.Field = prefix + mismatch.Field
			result.Mismatches = append(result.Mismatches, mismatch)
		}
	}
	result.Pass = len(result.Mismatches) == 0
	return result, nil
}

// simulation is a simulator as a session.
type simulation struct {
	browser *simulator.Browser
	pages   []*simulator.Page
}

func newSimulation(profile simulator.Profile, server *server) *simulation {
	return &simulation{browser: simulator.New(profile, simulator.WithTransport(server))}
}

func (s *simulation) Fetch(ctx context.Context, spec simulator.PageSpec, request simulator.Request) (simulator.Outcome, error) {
	for _, page := range s.pages {
		if reflect.DeepEqual(page.Spec(), spec) {
			return page.Fetch(ctx, request), nil
		}
	}
	page := s.browser.OpenPage(spec)
	s.pages = append(s.pages, page)
	return page.Fetch(ctx, request), nil
}

// SetCookie fails for a URL that is none only: a cookie that a browser refuses is not in the jar.
func (s *simulation) SetCookie(_ context.Context, url, setCookie string) error {
	if err := s.browser.Open(url).Err(); err != nil {
		return err
	}
	_ = s.browser.SetCookie(url, setCookie)
	return nil
}

func (s *simulation) Wait(_ context.Context, d time.Duration) error {
	s.browser.Advance(d)
	return nil
}

// spec is the page in the simulator's terms.
func (p Page) spec() simulator.PageSpec {
	return simulator.PageSpec{URL: p.URL, Frame: p.Frame, Iframe: p.Iframe, Headers: fieldsOf(p.Headers)}
}

// forScript is the request in the simulator's terms.
func (r Request) forScript() simulator.Request {
	request := simulator.Request{
		URL: r.URL, Method: r.method(), Mode: r.Mode, Credentials: r.Credentials, Redirect: r.Redirect,
		Headers: fieldsOf(r.Headers), Initiator: r.Initiator, ReferrerPolicy: r.ReferrerPolicy,
		BlobType: r.BlobType,
	}
	if r.BlobBody != nil {
		request.BlobBody = *r.BlobBody
	}
	if r.Referrer != nil {
		request.Referrer = *r.Referrer
		switch *r.Referrer {
		case "":
			request.Referrer = noReferrer
		case noReferrer:
			// To script this is a relative URL.
			request.Referrer = "./" + noReferrer
		}
	}
	if r.Body != nil {
		request.Body = &simulator.Body{Text: r.Body.Text}
		if r.Body.FormData != nil {
			// An empty one is a FormData too.
			request.Body.FormData = [][2]string{}
		}
		for _, pair := range r.Body.FormData {
			request.Body.FormData = append(request.Body.FormData, pair)
		}
	}
	return request
}

// noReferrer is how [simulator.Request] says the empty string.
const noReferrer = "no-referrer"

// noToken stands for the empty method, which [simulator.Request] takes for none:
// it throws in the same step, as what is no token either.
const noToken = "/"

// method is the method as script passes it.
func (r Request) method() string {
	switch {
	case r.Method == nil:
		return ""
	case *r.Method == "":
		return noToken
	}
	return *r.Method
}

func fieldsOf(pairs []Pair) []simulator.Field {
	list := make([]simulator.Field, 0, len(pairs))
	for _, pair := range pairs {
		list = append(list, simulator.Field{Name: pair[0], Value: pair[1]})
	}
	return list
}
