// Package explain tells what a browser would do with one request to a live
// server, and why: the verdict, what to change, what went over the wire, the
// decisions with their place in the standard, and the curl commands that send
// the same bytes. The simulator makes the request; no browser is needed.
package explain

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Schema is the version of the JSON form of an [Explanation].
const Schema = "crosscheck.explain/v1"

// maximumBody is how many bytes of a response's body are read: enough to see that it arrives.
const maximumBody = 1 << 20

// Explanation is what a browser would do with a request, and why.
type Explanation struct {
	Schema string `json:"schema"`
	// Verdict is one sentence for people.
	Verdict string           `json:"verdict"`
	Kind    simulator.Kind   `json:"kind"`
	Reason  simulator.Reason `json:"reason,omitzero"`
	// Advice says what is wrong and what to change; empty when nothing was refused.
	Advice string `json:"advice,omitempty"`
	// Layer says which hop answered, as far as one request from outside can tell.
	Layer   string            `json:"layer,omitempty"`
	Page    Page              `json:"page"`
	Request simulator.Request `json:"request"`
	Profile string            `json:"profile"`
	Outcome simulator.Outcome `json:"outcome"`
	// Curl has a command for each exchange, for a POSIX shell.
	Curl []string `json:"curl"`
	// Notes are what a browser may do differently at another time, or a different one.
	Notes []string `json:"notes"`
}

// Page is the page that asked.
type Page struct {
	// Origin is serialized: "null" for an opaque one.
	Origin string `json:"origin"`
	URL    string `json:"url"`
}

// Refused reports whether the browser keeps the response from the page. An
// opaque response is what a no-cors request asks for, and no refusal.
func (e Explanation) Refused() bool {
	return e.Kind == simulator.KindNetworkError || e.Kind == simulator.KindAPIError
}

// Ask makes the request and explains what comes of it. It blocks until the
// response has arrived, the question's timeout is over or the context ends.
// The error is an *[InvalidQuestion], an *[Unreachable] server, for which the
// explanation is complete nevertheless, or the context's.
func Ask(ctx context.Context, question Question) (Explanation, error) {
	if err := question.check(); err != nil {
		return Explanation{}, err
	}
	transport := newTransport(&question)
	defer transport.network.CloseIdleConnections()
	browser := simulator.New(question.Profile, simulator.WithTransport(transport), simulator.WithTrace(), simulator.WithBodyLimit(maximumBody))
	defer browser.Close()
	if err := question.fillJar(browser); err != nil {
		return Explanation{}, err
	}
	page := browser.OpenPage(question.page())
	if err := page.Err(); err != nil {
		return Explanation{}, invalid("--origin", "%v", err)
	}
	limited, cancel := context.WithTimeout(ctx, question.Timeout)
	defer cancel()
	outcome := page.Fetch(limited, question.Request)
	if err := ctx.Err(); err != nil {
		return Explanation{}, fmt.Errorf("explain %s %s: interrupted: %w", question.Request.Method, question.Request.URL, err)
	}

	return explained(&question, page, outcome, transport.sentFor), unreachable(&question, outcome, transport.sent)
}

// explained says what came of the question. sentFor gives what was sent for an
// exchange, by its place among them.
func explained(question *Question, page *simulator.Page, outcome simulator.Outcome, sentFor func(int, simulator.Exchange) sentRequest) Explanation {
	explanation := Explanation{
		Schema: Schema, Verdict: verdict(page.Origin(), outcome), Kind: outcome.Kind, Reason: outcome.Reason,
		Advice: report.Advise(report.Request{
			Page: page.Spec(), Request: question.Request,
			Browsers: []report.BrowserResult{{Browser: "simulator", Outcome: outcome}},
		}),
		Page:    Page{Origin: page.Origin(), URL: page.Spec().URL},
		Request: question.Request, Profile: question.Profile.Name, Outcome: outcome,
		Curl: []string{}, Notes: notes(question, page.Origin(), outcome),
	}
	if explanation.Refused() {
		explanation.Layer = layer(outcome)
	}
	for i, exchange := range outcome.Exchanges {
		explanation.Curl = append(explanation.Curl, curlCommand(curlArguments(question, exchange, sentFor(i, exchange))))
	}
	return explanation
}

// verdict says in one sentence what the page gets.
func verdict(origin string, outcome simulator.Outcome) string {
	page := "A page at " + origin
	if origin == opaqueOrigin {
		page = "A page with an opaque origin"
	}
	reason := outcome.Reason.String()
	last := lastExchange(outcome)
	switch outcome.Kind {
	case simulator.KindReadable:
		return fmt.Sprintf("%s can read the response: %d, and %s.", page, outcome.Status, namesOf("header", "headers", headerNames(outcome.Header)))
	case simulator.KindOpaque:
		return fmt.Sprintf("%s gets an opaque response: the server answered %d, and the page sees neither status nor headers nor body.", page, last.Status)
	case simulator.KindOpaqueRedirect:
		return fmt.Sprintf("%s gets an opaque redirect: the server answered %d, and the page sees neither status nor Location.", page, last.Status)
	case simulator.KindAPIError:
		return "fetch() throws before anything is sent: " + reason + "."
	}
	switch outcome.Reason.Code {
	case simulator.ConnectionFailed, simulator.NoResponse, simulator.InvalidHTTPResponse:
		if len(outcome.Exchanges) > 0 {
			return fmt.Sprintf("The request fails: %s%s.", reason, parenthesized(last.Failure))
		}
	case simulator.RedirectModeError, simulator.TooManyRedirects, simulator.InvalidRedirect, simulator.RedirectContainsCredentials:
		return "The browser blocks the redirect: " + reason + "."
	}
	switch {
	case len(outcome.Exchanges) == 0:
		return "The browser blocks the request: " + reason + ". Nothing was sent."
	case last.Kind == simulator.ExchangePreflight:
		return fmt.Sprintf("The browser blocks the request: %s. Only the preflight was sent, and answered %d.", reason, last.Status)
	case last.Status >= 300 && last.Status < 400 && last.ResponseHeader.Get("Location") != "":
		return "The browser blocks the redirect: " + reason + "."
	}
	return fmt.Sprintf("The browser blocks the response: %s. The server did get the request, and answered %d.", reason, last.Status)
}

func lastExchange(outcome simulator.Outcome) simulator.Exchange {
	if n := len(outcome.Exchanges); n > 0 {
		return outcome.Exchanges[n-1]
	}
	return simulator.Exchange{}
}

// namesOf gives "no headers", "the header A" or "the headers A, B".
func namesOf(one, several string, names []string) string {
	switch len(names) {
	case 0:
		return "no " + several
	case 1:
		return "the " + one + " " + names[0]
	}
	return "the " + several + " " + strings.Join(names, ", ")
}

func parenthesized(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// IsInvalidQuestion reports whether an error is the asker's.
func IsInvalidQuestion(err error) bool {
	var invalid *InvalidQuestion
	return errors.As(err, &invalid)
}
