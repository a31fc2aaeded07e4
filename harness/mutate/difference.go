package mutate

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Difference is what a mutant changes for a browser.
type Difference struct {
	// Own tells that a scenario makes the request, and expects nothing of what
	// changed; otherwise no scenario makes it.
	Own bool `json:"own"`
	// Scenario is the scenario that makes the request.
	Scenario string `json:"scenario,omitempty"`
	// Page is the page that asks, Request what it asks for, in words.
	Page    string `json:"page"`
	Request string `json:"request"`
	// Before is what the policy makes the browser do, After what the mutant does.
	Before string `json:"before"`
	After  string `json:"after"`

	// probe is the session, up to the request; before and after are its outcomes, and
	// first is that of the session's first request.
	probe                probe
	first, before, after simulator.Outcome
}

// weight is how little a difference tells: who gets in that was kept out comes
// first, a refusal for another reason last.
func (d Difference) weight() int {
	refused := func(o simulator.Outcome) bool {
		return o.Kind == simulator.KindNetworkError || o.Kind == simulator.KindAPIError
	}
	weight := 2
	switch {
	case refused(d.before) && refused(d.after):
		weight = 3
	case refused(d.before):
		weight = 0
	case refused(d.after):
		weight = 1
	}
	if !d.Own {
		weight += 4
	}
	return weight
}

// differ says in words what is different for page, server or user; ok is false
// when nothing is. The headers of answers do not count where a browser makes the same of them.
func differ(before, after simulator.Outcome) (was, is string, ok bool) {
	compare := func(a, b string) bool {
		was, is = a, b
		return a != b
	}
	switch {
	case compare(words(before), words(after)),
		compare("the page reads "+headers(before.Header), "the page reads "+headers(after.Header)),
		compare(wire(before), wire(after)),
		compare("the answer came from "+before.URL, "the answer came from "+after.URL),
		compare(timing(before), timing(after)),
		compare(uploads(before), uploads(after)):
		return was, is, true
	case !bytes.Equal(before.Body, after.Body):
		return fmt.Sprintf("a body of %d bytes", len(before.Body)), fmt.Sprintf("another one of %d bytes", len(after.Body)), true
	}
	return "", "", false
}

// words say what the page gets.
func words(outcome simulator.Outcome) string {
	switch outcome.Kind {
	case simulator.KindReadable:
		return fmt.Sprintf("the page can read the response, status %d", outcome.Status)
	case simulator.KindNetworkError, simulator.KindAPIError:
		return refusal(outcome) + outcome.Reason.String()
	default:
		return "the response is " + strings.ReplaceAll(string(outcome.Kind), "-", " ")
	}
}

// refusal tells what the browser keeps back, in the words of a scenario.
func refusal(outcome simulator.Outcome) string {
	var last simulator.Exchange
	for _, exchange := range outcome.Exchanges {
		if exchange.Kind == simulator.ExchangeRequest {
			last = exchange
		}
	}
	switch {
	case last.Method == "":
		return "the browser blocks the request: "
	case last.Status == 0:
		return "the request fails: "
	case last.Status >= 300 && last.Status < 400 && last.ResponseHeader.Get("Location") != "":
		return "the browser blocks the redirect: "
	default:
		return "the browser blocks the response: "
	}
}

// headers are those that a page can read, without those that are the policy
// itself: what they say is told by what they do. Date and Age depend on the moment.
func headers(header http.Header) string {
	var lines []string
	for name, values := range header {
		if name != "Date" && name != "Age" && name != "Vary" && !strings.HasPrefix(name, "Access-Control-") {
			lines = append(lines, name+": "+strings.Join(values, ", "))
		}
	}
	if len(lines) == 0 {
		return "no headers"
	}
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}

// wire is what is sent.
func wire(outcome simulator.Outcome) string {
	var lines []string
	for _, exchange := range outcome.Exchanges {
		line := exchange.Method + " " + exchange.URL
		if exchange.Kind == simulator.ExchangePreflight {
			line = "a preflight for " + exchange.URL
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return "nothing is sent"
	}
	return "sent: " + strings.Join(lines, ", ")
}

func timing(outcome simulator.Outcome) string {
	if outcome.TimingAllowed {
		return "Resource Timing shows details"
	}
	return "Resource Timing shows no details"
}

func uploads(outcome simulator.Outcome) string {
	if outcome.UploadEvents != nil && *outcome.UploadEvents {
		return "upload listeners hear events"
	}
	return "upload listeners hear nothing"
}
