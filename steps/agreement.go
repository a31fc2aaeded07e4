package steps

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// comparedRequestHeaders are the request headers that decide what a server
// answers about CORS and that script, page and jar determine.
var comparedRequestHeaders = []string{
	"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers", "Cookie", "Referer", "Content-Type", "Authorization",
}

// volatileHeaders have another value each time a server answers.
var volatileHeaders = []string{"Date", "Age"}

// differences compares what the simulator predicted for a request with what
// every real browser observed, field by field.
func differences(request report.Request) []report.Difference {
	var predicted *report.BrowserResult
	for i := range request.Browsers {
		if request.Browsers[i].Browser == Simulator {
			predicted = &request.Browsers[i]
		}
	}
	if predicted == nil {
		return nil
	}
	var found []report.Difference
	for _, observed := range request.Browsers {
		if observed.Browser != Simulator {
			found = append(found, compare(*predicted, observed)...)
		}
	}
	return found
}

// compare lists the fields in which two results differ.
func compare(predicted, observed report.BrowserResult) []report.Difference {
	var found []report.Difference
	field := func(name, prediction, observation string) {
		if prediction != observation {
			found = append(found, report.Difference{Browser: observed.Browser, Field: name, Predicted: prediction, Observed: observation})
		}
	}
	p, o := predicted.Outcome, observed.Outcome
	field("kind", string(p.Kind), string(o.Kind))
	field("reason", p.Reason.String(), o.Reason.String())
	field("response type", string(p.Type), string(o.Type))
	field("status", strconv.Itoa(p.Status), strconv.Itoa(o.Status))
	field("final URL", p.URL, o.URL)
	field("readable headers", readable(p.Header), readable(o.Header))
	field("body", string(p.Body), string(o.Body))
	field("resource timing", timing(p), timing(o))
	field("upload events", uploads(p), uploads(o))
	field("requests on the wire", wire(p.Exchanges), wire(o.Exchanges))
	if len(p.Exchanges) == len(o.Exchanges) {
		for i := range p.Exchanges {
			compareExchange(fmt.Sprintf("exchange %d: ", i+1), p.Exchanges[i], o.Exchanges[i], field)
		}
	}
	// The deployment's own record is independent of what a browser tells of itself.
	field("requests that reached the app", reachedApp(predicted), reachedApp(observed))
	return found
}

func compareExchange(prefix string, p, o simulator.Exchange, field func(name, prediction, observation string)) {
	field(prefix+"status", strconv.Itoa(p.Status), strconv.Itoa(o.Status))
	if o.Status == 0 && len(o.RequestHeader) == 0 {
		// The connection failed before the browser had written anything.
		return
	}
	for _, name := range comparedRequestHeaders {
		field(prefix+name, settled(p.RequestHeader.Values(name)), settled(o.RequestHeader.Values(name)))
	}
}

// boundary is what a browser makes up anew between the parts of each form.
var boundary = regexp.MustCompile(`^(multipart/form-data; boundary=).*$`)

// settled are a header's values without what no browser repeats.
func settled(values []string) string {
	return boundary.ReplaceAllString(strings.Join(values, ", "), "${1}…")
}

// readable gives the headers that a script can read, one a line.
func readable(header http.Header) string {
	var lines []string
	for name, values := range header {
		name = http.CanonicalHeaderKey(name)
		if !slices.Contains(volatileHeaders, name) {
			lines = append(lines, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// timing says what Resource Timing shows.
func timing(outcome simulator.Outcome) string {
	if outcome.TimingAllowed {
		return "detailed"
	}
	return "no details"
}

// uploads says what the upload listeners of an XMLHttpRequest heard.
func uploads(outcome simulator.Outcome) string {
	switch {
	case outcome.UploadEvents == nil:
		return "nothing listens"
	case *outcome.UploadEvents:
		return "heard"
	default:
		return "not heard"
	}
}

func wire(exchanges []simulator.Exchange) string {
	lines := make([]string, 0, len(exchanges))
	for _, exchange := range exchanges {
		lines = append(lines, fmt.Sprintf("%s %s %s", exchange.Kind, exchange.Method, exchange.URL))
	}
	return strings.Join(lines, "\n")
}

func reachedApp(result report.BrowserResult) string {
	var lines []string
	for _, transit := range result.Transits {
		if transit.ReachedApp {
			lines = append(lines, transit.Method+" "+transit.URL)
		}
	}
	return strings.Join(lines, "\n")
}
