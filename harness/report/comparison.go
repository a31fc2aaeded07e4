package report

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// The names of the browsers that a report treats in their own way.
const (
	browserSimulator = "simulator"
	browserCurl      = "curl"
)

// comparison is a request's verdicts side by side: what the scenario expects,
// what the simulator predicts, and what each real browser observes.
type comparison struct {
	// Expected are the Then steps about this request.
	Expected []Step
	// Columns are the browsers, the simulator first.
	Columns []BrowserResult
	Rows    []comparisonRow
}

// comparisonRow is one field of the outcome.
type comparisonRow struct {
	Field string
	Cells []comparisonCell
	// Differs: prediction and observation disagree on this field.
	Differs bool
}

// comparisonCell is what one browser has for a field.
type comparisonCell struct {
	Lines []string
	// Differs: this browser's value is one of those that disagree.
	Differs bool
}

func compare(s Scenario, request Request) comparison {
	c := comparison{Expected: expectedSteps(s, request), Columns: slices.Clone(request.Browsers)}
	slices.SortStableFunc(c.Columns, func(a, b BrowserResult) int { return columnOrder(a) - columnOrder(b) })
	for _, field := range outcomeFields {
		row := comparisonRow{Field: field.name}
		present := false
		for _, column := range c.Columns {
			lines := field.lines(column.Outcome)
			present = present || len(lines) > 0
			row.Cells = append(row.Cells, comparisonCell{Lines: lines})
		}
		if present {
			c.Rows = append(c.Rows, row)
		}
	}
	for _, difference := range request.Differences {
		c.mark(difference)
	}
	return c
}

// mark highlights the row of a difference's field. What is compared can be
// finer than what the rows show; such a difference gets a row of its own.
func (c *comparison) mark(difference Difference) {
	i := slices.IndexFunc(c.Rows, func(row comparisonRow) bool { return row.Field == fieldName(difference.Field) })
	if i < 0 {
		i = len(c.Rows)
		c.Rows = append(c.Rows, comparisonRow{Field: difference.Field, Cells: make([]comparisonCell, len(c.Columns))})
	}
	row := &c.Rows[i]
	row.Differs = true
	for j, column := range c.Columns {
		cell := &row.Cells[j]
		switch column.Browser {
		case browserSimulator:
			cell.Differs = true
			if len(cell.Lines) == 0 {
				cell.Lines = lines(difference.Predicted)
			}
		case difference.Browser:
			cell.Differs = true
			if len(cell.Lines) == 0 {
				cell.Lines = lines(difference.Observed)
			}
		}
	}
}

// columnOrder puts the prediction before the observations, and the client that is no browser last.
func columnOrder(b BrowserResult) int {
	switch b.Browser {
	case browserSimulator:
		return 0
	case browserCurl:
		return 2
	default:
		return 1
	}
}

// columnTitle says what a browser's result is in the comparison.
func columnTitle(browser string) string {
	switch browser {
	case browserSimulator:
		return "predicted"
	case browserCurl:
		return "without CORS"
	default:
		return "observed"
	}
}

// expectedSteps are the Then steps between the request's When step and the
// next. Where the report does not tell the step's line its words do.
func expectedSteps(s Scenario, request Request) []Step {
	start := slices.IndexFunc(s.Steps, func(step Step) bool {
		if request.Line > 0 {
			return step.Line == request.Line
		}
		return step.Keyword == "When" && strings.Contains(step.Text, request.Text)
	})
	var expected []Step
	asked := start >= 0
	for _, step := range s.Steps[start+1:] {
		switch step.Keyword {
		case "Then":
			expected = append(expected, step)
		case "When":
			// Without a known start, all expectations are this request's.
			if asked && len(expected) > 0 {
				return expected
			}
		}
	}
	return expected
}

// outcomeFields are the fields of an outcome that a reader compares, and the
// names they are shown under.
var outcomeFields = []struct {
	name  string
	lines func(simulator.Outcome) []string
}{
	{"outcome", func(o simulator.Outcome) []string { return nonEmpty(string(o.Kind)) }},
	{"reason", func(o simulator.Outcome) []string { return nonEmpty(o.Reason.String()) }},
	{"status", func(o simulator.Outcome) []string {
		if o.Status == 0 {
			return nil
		}
		return []string{strconv.Itoa(o.Status)}
	}},
	{"response type", func(o simulator.Outcome) []string { return nonEmpty(string(o.Type)) }},
	{"readable headers", func(o simulator.Outcome) []string { return headerLines(o.Header) }},
	{"final URL", func(o simulator.Outcome) []string { return nonEmpty(o.URL) }},
	{"on the wire", func(o simulator.Outcome) []string {
		var lines []string
		for _, exchange := range o.Exchanges {
			lines = append(lines, exchangeLine(exchange))
		}
		return lines
	}},
}

// fieldName gives the row that shows a difference's field.
func fieldName(field string) string {
	switch strings.ToLower(field) {
	case "kind", "kind of outcome":
		return "outcome"
	case "reason", "status":
		return strings.ToLower(field)
	case "type", "response type":
		return "response type"
	case "header", "headers", "readable headers":
		return "readable headers"
	case "url", "final url":
		return "final URL"
	case "requests on the wire":
		return "on the wire"
	default:
		return field
	}
}

// outcomeLine says in one line what a page got.
func outcomeLine(o simulator.Outcome) string {
	words := []string{string(o.Kind)}
	if o.Status != 0 {
		words = append(words, strconv.Itoa(o.Status))
	}
	if reason := o.Reason.String(); reason != "" {
		words = append(words, reason)
	}
	return strings.Join(words, " ")
}

// exchangeLine says in one line what was asked on the wire, and the answer.
func exchangeLine(e simulator.Exchange) string {
	answer := strconv.Itoa(e.Status)
	if e.Status == 0 {
		answer = "no response"
	}
	if e.Failure != "" {
		answer += " (" + e.Failure + ")"
	}
	line := fmt.Sprintf("%s %s → %s", e.Method, e.URL, answer)
	if e.Kind == simulator.ExchangePreflight {
		line = "preflight " + line
	}
	return line
}

// headerLines gives "Name: value" for every line of a header, by name.
func headerLines(header http.Header) []string {
	var lines []string
	for _, name := range sortedKeys(header) {
		for _, value := range header[name] {
			lines = append(lines, name+": "+value)
		}
	}
	return lines
}

// lines splits a value of several lines; no value has none.
func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// failed tells whether the step is one that failed its scenario.
func (s Step) failed() bool {
	switch s.Status {
	case StepFailed, StepUndefined, StepAmbiguous:
		return true
	}
	return false
}
