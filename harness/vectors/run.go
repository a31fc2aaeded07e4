package vectors

import (
	"context"
	"fmt"
	"time"

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

// Simulate runs a vector in the simulator. Waits move its clock. A mistake in the
// vector itself, such as an origin that is not its page's, is a mismatch of the field.
func Simulate(ctx context.Context, profile simulator.Profile, vector Vector) Result {
	result := Result{ID: vector.ID, Mismatches: []Mismatch{}, Observed: []simulator.Outcome{}}
	invalid := func(field string, cause error) Result {
		result.Mismatches = append(result.Mismatches, Mismatch{Field: field, Want: "a vector that can be run", Got: cause.Error()})
		return result
	}
	server, err := newServer(vector.Exchanges)
	if err != nil {
		return invalid("exchanges", err)
	}
	browser := simulator.New(profile, simulator.WithTransport(server))
	for _, cookie := range vector.Cookies {
		attributes := defaultAttributes
		if cookie.Attributes != nil {
			attributes = *cookie.Attributes
		}
		if err := browser.SetCookie(cookie.URL, cookie.Name+"="+cookie.Value+"; "+attributes); err != nil {
			return invalid("cookies", err)
		}
	}
	pages := map[string]*simulator.Page{}
	for i, step := range vector.steps() {
		prefix := ""
		if len(vector.Steps) > 0 {
			prefix = fmt.Sprintf("steps[%d].", i)
		}
		browser.Advance(time.Duration(step.WaitMSBefore) * time.Millisecond)
		described, origin := vector.Page, vector.Origin
		if step.Page != nil {
			described = *step.Page
		}
		if step.Origin != "" {
			origin = step.Origin
		}
		key := text(described)
		page := pages[key]
		if page == nil {
			page = browser.OpenPage(described.spec())
			pages[key] = page
		}
		if err := page.Err(); err != nil {
			return invalid(prefix+"page", err)
		}
		if origin != "" && page.Origin() != origin {
			return invalid(prefix+"origin", fmt.Errorf("the page's origin is %s, not %s", page.Origin(), origin))
		}
		outcome := page.Fetch(ctx, step.Request.forScript())
		result.Observed = append(result.Observed, outcome)
		for _, mismatch := range step.Expect.evaluate(outcome, server.take()) {
			mismatch.Field = prefix + mismatch.Field
			result.Mismatches = append(result.Mismatches, mismatch)
		}
	}
	result.Pass = len(result.Mismatches) == 0
	return result
}

// spec is the page in the simulator's terms.
func (p Page) spec() simulator.PageSpec {
	return simulator.PageSpec{URL: p.URL, Frame: p.Frame, Iframe: p.Iframe, Headers: fieldsOf(p.Headers)}
}

// forScript is the request in the simulator's terms.
func (r Request) forScript() simulator.Request {
	request := simulator.Request{
		URL: r.URL, Method: r.Method, Mode: r.Mode, Credentials: r.Credentials, Redirect: r.Redirect,
		Headers: fieldsOf(r.Headers), Initiator: r.Initiator, ReferrerPolicy: r.ReferrerPolicy,
	}
	if r.Referrer != nil {
		request.Referrer = *r.Referrer
		if *r.Referrer == "" {
			request.Referrer = "no-referrer"
		}
	}
	if r.Body != nil {
		request.Body = &simulator.Body{Text: r.Body.Text}
		for _, pair := range r.Body.FormData {
			request.Body.FormData = append(request.Body.FormData, pair)
		}
	}
	return request
}

func fieldsOf(pairs []Pair) []simulator.Field {
	list := make([]simulator.Field, 0, len(pairs))
	for _, pair := range pairs {
		list = append(list, simulator.Field{Name: pair[0], Value: pair[1]})
	}
	return list
}
