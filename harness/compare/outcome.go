package compare

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// compareScenarios lists what changed in one scenario.
func compareScenarios(was, is *Scenario) []Change {
	switch {
	case was.ran() && !is.ran():
		return []Change{is.change(NotRun, verdictWords(was), verdictWords(is))}
	case !was.ran() && is.ran():
		return []Change{is.change(NewlyRun, verdictWords(was), verdictWords(is))}
	}
	fixed := !was.passed() && is.passed()
	var changes []Change
	for i := range min(len(was.Requests), len(is.Requests)) {
		changes = append(changes, compareRequests(was, is, i, fixed)...)
	}
	if slices.ContainsFunc(changes, func(change Change) bool { return change.Kind != HeadersChanged }) {
		return changes
	}
	// What differs in the verdict only is told by it: other expectations, or a request that was not made.
	switch {
	case was.passed() && !is.passed():
		changes = append(changes, is.change(Broken, verdictWords(was), verdictWords(is)))
	case fixed:
		changes = append(changes, is.change(Fixed, verdictWords(was), verdictWords(is)))
	case len(was.Requests) > len(is.Requests):
		changes = append(changes, is.change(NotRun, countWords(was), countWords(is)))
	}
	return changes
}

func countWords(s *Scenario) string {
	return fmt.Sprintf("%d requests were made; %s", len(s.Requests), verdictWords(s))
}

func (s *Scenario) ran() bool {
	return s.Verdict != report.Skipped && s.Verdict != report.EnvironmentError
}

// passed tells whether every expectation held; what the simulator predicted is another matter.
func (s *Scenario) passed() bool {
	return s.Verdict == report.Pass || s.Verdict == report.SimulatorMismatch
}

func verdictWords(s *Scenario) string {
	words := strings.ReplaceAll(string(s.Verdict), "-", " ")
	if s.Message != "" {
		words += ": " + s.Message
	}
	return words
}

// finding is a change of a request before anything is known of its scenario.
type finding struct {
	kind          Kind
	before, after string
}

// compareRequests lists what changed in one request of a scenario. fixed tells
// that the scenario failed before, and passes now.
func compareRequests(wasIn, isIn *Scenario, index int, fixed bool) []Change {
	var changes []Change
	for _, both := range sameBrowsers(wasIn.Requests[index], isIn.Requests[index]) {
		for _, change := range compareResults(isIn, both[0], both[1], fixed) {
			change.Request = isIn.Requests[index].Text
			i := slices.IndexFunc(changes, func(other Change) bool {
				return other.Kind == change.Kind && other.Before == change.Before && other.After == change.After
			})
			if i >= 0 {
				changes[i].Browser += ", " + change.Browser
				continue
			}
			changes = append(changes, change)
		}
	}
	return changes
}

// compareResults lists what changed for one browser.
func compareResults(in *Scenario, before, after result, fixed bool) []Change {
	findings := compareOutcomes(before.Outcome, after.Outcome)
	if fixed {
		for i := range findings {
			findings[i].kind = Fixed
		}
	}
	findings = append(findings, comparePreflights(before.Outcome, after.Outcome)...)
	if opened, is := compareOpenness(before.Outcome, after.Outcome); is && !slices.ContainsFunc(findings, func(f finding) bool { return f.kind == NewlyAllowed }) {
		findings = append(findings, opened)
	}
	exchanges := compareExchanges(before, after)
	if len(findings) == 0 && len(exchanges) > 0 {
		words := outcomeWords(after.Outcome)
		findings = append(findings, finding{HeadersChanged, words, words})
	}
	var changes []Change
	for _, found := range findings {
		change := in.change(found.kind, found.before, found.after)
		change.Browser, change.Exchanges, change.Explanations = after.Browser, exchanges, explain(in, before, after)
		changes = append(changes, change)
	}
	return changes
}

// sameBrowsers are the results before and after of every real browser that made
// both requests; where there is none, of the simulator; else the best of each report.
func sameBrowsers(was, is request) [][2]result {
	const prediction = "simulator"
	var real, all [][2]result
	for _, after := range is.Browsers {
		for _, before := range was.Browsers {
			if before.Browser != after.Browser {
				continue
			}
			all = append(all, [2]result{before, after})
			if after.Browser != prediction {
				real = append(real, [2]result{before, after})
			}
		}
	}
	switch {
	case len(real) > 0:
		return real
	case len(all) > 0:
		return all
	case len(was.Browsers) == 0 || len(is.Browsers) == 0:
		return nil
	}
	best := func(results []result) result {
		return results[max(0, slices.IndexFunc(results, func(r result) bool { return r.Browser != prediction }))]
	}
	return [][2]result{{best(was.Browsers), best(is.Browsers)}}
}

func (o outcome) refused() bool {
	return o.Kind == simulator.KindNetworkError || o.Kind == simulator.KindAPIError
}

// unanswered tells whether it was the network that kept the answer back, and no policy.
func (o outcome) unanswered() bool {
	switch o.Reason.Code {
	case simulator.ConnectionFailed, simulator.NoResponse, simulator.InvalidHTTPResponse:
		return true
	}
	return false
}

// compareOutcomes compares what the page gets.
func compareOutcomes(was, is outcome) []finding {
	before, after := outcomeWords(was), outcomeWords(is)
	switch {
	case was.refused() && is.refused():
		if was.Reason != is.Reason || was.Kind != is.Kind {
			return []finding{{ReasonChanged, before, after}}
		}
		return nil
	case is.refused():
		return []finding{{Broken, before, after}}
	case was.unanswered():
		return []finding{{AnswerChanged, before, after}}
	case was.refused():
		return []finding{{NewlyAllowed, before, after}}
	case was.Kind != is.Kind && is.Kind == simulator.KindReadable:
		return []finding{{NewlyAllowed, before, after}}
	case was.Kind != is.Kind:
		return []finding{{Broken, before, after}}
	case was.Status != is.Status && is.Status >= 400 && was.Status < 400:
		return []finding{{Broken, before, after}}
	case was.Status != is.Status:
		return []finding{{AnswerChanged, before, after}}
	}
	findings := compareReadable(was, is)
	if was.URL != is.URL {
		findings = append(findings, finding{AnswerChanged, "the answer came from " + was.URL, "the answer came from " + is.URL})
	}
	return findings
}

// compareReadable compares which headers the page can read.
func compareReadable(was, is outcome) []finding {
	if bytes.Equal(was.Header.Value, is.Header.Value) {
		return nil
	}
	before, after := was.Header.read(), is.Header.read()
	lost, gained := missingIn(after, before), missingIn(before, after)
	var findings []finding
	add := func(kind Kind, names []string, before, after string) {
		if len(names) > 0 {
			list := strings.Join(names, ", ")
			findings = append(findings, finding{kind, list + before, list + after})
		}
	}
	hidden, dropped := parted(lost, is.received)
	shown, sent := parted(gained, was.received)
	add(Broken, hidden, " can be read", " is sent, and hidden from the page")
	add(Broken, dropped, " can be read", " is not sent")
	add(NewlyAllowed, shown, " is sent, and hidden from the page", " can be read")
	add(AnswerChanged, sent, " is not sent", " can be read")
	return findings
}

// parted gives the names for which a condition holds, and the others.
func parted(names []string, holds func(string) bool) (those, others []string) {
	for _, name := range names {
		if holds(name) {
			those = append(those, name)
		} else {
			others = append(others, name)
		}
	}
	return those, others
}

// received tells whether the last response had a header, readable or not.
func (o outcome) received(name string) bool {
	if len(o.Exchanges) == 0 {
		return false
	}
	return len(o.Exchanges[len(o.Exchanges)-1].ResponseHeader.read().Values(name)) > 0
}

// missingIn lists the names of one header that another has not. Those that
// depend on the moment and the connection do not count.
func missingIn(header, other http.Header) []string {
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(other)) {
		switch name = http.CanonicalHeaderKey(name); name {
		case "Date", "Age", "Content-Length":
			continue
		}
		if len(header.Values(name)) == 0 {
			missing = append(missing, name)
		}
	}
	return missing
}

func (o outcome) preflights() int {
	count := 0
	for _, exchange := range o.Exchanges {
		if exchange.Kind == simulator.ExchangePreflight {
			count++
		}
	}
	return count
}

func comparePreflights(was, is outcome) []finding {
	before, after := was.preflights(), is.preflights()
	kind := MorePreflights
	switch {
	case before == after:
		return nil
	case before > after:
		kind = FewerPreflights
	}
	return []finding{{kind, preflightWords(before), preflightWords(after)}}
}

func preflightWords(count int) string {
	switch count {
	case 0:
		return "no preflight"
	case 1:
		return "1 preflight"
	}
	return fmt.Sprintf("%d preflights", count)
}

// compareOpenness finds an answer that was for the page's origin at most, and is for every
// origin now: whatever this page makes of it, all others may read it without credentials.
func compareOpenness(was, is outcome) (finding, bool) {
	if len(was.Exchanges) == 0 || len(is.Exchanges) == 0 || sameAnswers(was, is) {
		return finding{}, false
	}
	allowed := func(o outcome) string {
		return strings.Join(o.Exchanges[len(o.Exchanges)-1].ResponseHeader.read().Values("Access-Control-Allow-Origin"), ", ")
	}
	before, after := allowed(was), allowed(is)
	if after != "*" || before == "*" {
		return finding{}, false
	}
	if before == "" {
		before = "no Access-Control-Allow-Origin"
	} else {
		before = "Access-Control-Allow-Origin: " + before
	}
	return finding{NewlyAllowed, before, "Access-Control-Allow-Origin: *, so every origin may read the answer to a request without credentials"}, true
}

func outcomeWords(o outcome) string {
	if o.refused() {
		return "refused: " + o.Reason.String()
	}
	if o.Status == 0 {
		return string(o.Kind)
	}
	return fmt.Sprintf("%s, status %d", o.Kind, o.Status)
}
