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

// comparison says how results are compared. Each browser makes a request of its
// own: an API of ours answers all of them alike, and one that others run has request
// identifiers, dates and sessions in its answers.
type comparison struct{ deployed bool }

// differences compares what the simulator predicted for a request with what
// every real browser observed, field by field.
func (c comparison) differences(request report.Request) []report.Difference {
	predicted := predictionOf(request)
	if predicted == nil {
		return nil
	}
	var found []report.Difference
	for _, observed := range request.Browsers {
		if observed.Browser != Simulator {
			found = append(found, c.compare(*predicted, observed)...)
		}
	}
	return found
}

// predictionOf is the simulator's result; nil when it was not asked.
func predictionOf(request report.Request) *report.BrowserResult {
	for i := range request.Browsers {
		if request.Browsers[i].Browser == Simulator {
			return &request.Browsers[i]
		}
	}
	return nil
}

// compare lists the fields in which two results differ.
func (c comparison) compare(predicted, observed report.BrowserResult) []report.Difference {
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
	field("final URL", c.url(p.URL), c.url(o.URL))
	if c.deployed {
		common := sentInBoth(p, o)
		field("readable headers", readableNames(p.Header, common), readableNames(o.Header, common))
	} else {
		field("readable headers", readable(p.Header), readable(o.Header))
		field("body", string(p.Body), string(o.Body))
	}
	field("resource timing", timing(p), timing(o))
	field("upload events", uploads(p), uploads(o))
	field("requests on the wire", c.wire(p.Exchanges), c.wire(o.Exchanges))
	if len(p.Exchanges) == len(o.Exchanges) {
		for i := range p.Exchanges {
			c.compareExchange(fmt.Sprintf("exchange %d: ", i+1), p.Exchanges[i], o.Exchanges[i], field)
		}
	}
	// The deployment's own record is independent of what a browser tells of itself.
	field("requests that reached the app", reachedApp(predicted), reachedApp(observed))
	return found
}

func (c comparison) compareExchange(prefix string, p, o simulator.Exchange, field func(name, prediction, observation string)) {
	field(prefix+"status", strconv.Itoa(p.Status), strconv.Itoa(o.Status))
	if o.Status == 0 && len(o.RequestHeader) == 0 {
		// The connection failed before the browser had written anything.
		return
	}
	for _, name := range comparedRequestHeaders {
		field(prefix+name, c.settled(name, p.RequestHeader.Values(name)), c.settled(name, o.RequestHeader.Values(name)))
	}
}

// url is a URL as far as it is the same each time: a deployed API may redirect to
// one whose query is new for everybody, such as the state of a sign-in.
func (c comparison) url(raw string) string {
	if c.deployed {
		raw, _, _ = strings.Cut(raw, "?")
	}
	return raw
}

// settled are a header's values without what no browser repeats, and of a
// deployed API's cookies the names: it may give a new session to everybody.
func (c comparison) settled(name string, values []string) string {
	if c.deployed && name == "Cookie" {
		var names []string
		for cookie := range strings.SplitSeq(strings.Join(values, "; "), ";") {
			cookie, _, _ = strings.Cut(strings.TrimSpace(cookie), "=")
			names = append(names, cookie)
		}
		return strings.Join(names, "; ")
	}
	return boundary.ReplaceAllString(strings.Join(values, ", "), "${1}…")
}

// sentInBoth are the names of the headers that the last responses to both have.
func sentInBoth(p, o simulator.Outcome) []string {
	if len(p.Exchanges) == 0 || len(o.Exchanges) == 0 {
		return nil
	}
	other := o.Exchanges[len(o.Exchanges)-1].ResponseHeader
	var common []string
	for name := range p.Exchanges[len(p.Exchanges)-1].ResponseHeader {
		if len(other.Values(name)) > 0 {
			common = append(common, http.CanonicalHeaderKey(name))
		}
	}
	return common
}

// readableNames are those of the names that a script can read, one a line.
func readableNames(header http.Header, names []string) string {
	var lines []string
	for _, name := range names {
		if len(header.Values(name)) > 0 {
			lines = append(lines, name)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// boundary is what a browser makes up anew between the parts of each form.
var boundary = regexp.MustCompile(`^(multipart/form-data; boundary=).*$`)

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

func (c comparison) wire(exchanges []simulator.Exchange) string {
	lines := make([]string, 0, len(exchanges))
	for _, exchange := range exchanges {
		lines = append(lines, fmt.Sprintf("%s %s %s", exchange.Kind, exchange.Method, c.url(exchange.URL)))
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
