package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/terminal"
)

// decidingSteps is how many of the trace's last steps a summary shows: the
// decision and what led to it. The whole trace is in report.html.
const decidingSteps = 2

// WriteSummary writes what came of a run for a reader at a terminal: a table
// of features, every failure with its evidence, every skipped scenario with its
// reason, the paths of the files that hold the rest, and last one line of totals.
func WriteSummary(out io.Writer, r Report, paths ...string) error {
	return writeSummary(out, r, painterFor(out), paths)
}

func writeSummary(out io.Writer, r Report, paint painter, paths []string) error {
	var text strings.Builder
	writeFeatureTable(&text, r.features())
	for _, scenario := range r.Scenarios {
		if scenario.failed() {
			writeFailure(&text, scenario, paint)
		}
	}
	writeSkipped(&text, r.Scenarios, paint)
	writeNotes(&text, r.Scenarios, paint)
	if len(paths) > 0 {
		fmt.Fprintf(&text, "\nReports: %s\n", strings.Join(paths, ", "))
	}
	fmt.Fprintf(&text, "\n%s\n", paint.bold(totals(r.Summary)))
	_, err := io.WriteString(out, text.String())
	return err
}

// totals is a summary's last line.
func totals(s Summary) string {
	return fmt.Sprintf("%d scenarios: %d passed, %d failed, %d skipped, %d mismatches in %s",
		s.Scenarios, s.Passed, s.Failed, s.Skipped, s.Mismatches, duration(s.DurationMS))
}

// duration writes milliseconds the way people read them: "12 ms", "14.2 s", "2 m 5 s".
func duration(ms int64) string {
	switch d := time.Duration(ms) * time.Millisecond; {
	case d < time.Second:
		return fmt.Sprintf("%d ms", ms)
	case d < 2*time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	default:
		return fmt.Sprintf("%d m %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
}

func writeFeatureTable(text *strings.Builder, features []feature) {
	if len(features) == 0 {
		return
	}
	width := len("Feature")
	for _, feature := range features {
		width = max(width, utf8.RuneCountInString(terminal.Printable(feature.Name)))
	}
	fmt.Fprintf(text, "%-*s  passed  failed  skipped      time\n", width, "Feature")
	for _, feature := range features {
		s := feature.Summary
		fmt.Fprintf(text, "%-*s  %6d  %6d  %7d  %8s\n", width, terminal.Printable(feature.Name), s.Passed, s.Failed, s.Skipped, duration(s.DurationMS))
	}
}

func writeSkipped(text *strings.Builder, scenarios []Scenario, paint painter) {
	titled := false
	for _, scenario := range scenarios {
		if scenario.Verdict != Skipped {
			continue
		}
		if !titled {
			titled = true
			fmt.Fprintf(text, "\n%s\n", paint.yellow("Skipped"))
		}
		fmt.Fprintf(text, "  %s:%d  %s\n      %s\n", terminal.Printable(scenario.File), scenario.Line, terminal.Printable(scenario.Name), terminal.Printable(scenario.Message))
	}
}

func writeFailure(text *strings.Builder, s Scenario, paint painter) {
	fmt.Fprintf(text, "\n%s  %s  %s\n", paint.red(strings.ToUpper(s.Verdict.words())),
		paint.dim(terminal.Printable(fmt.Sprintf("%s:%d", s.File, s.Line))), paint.bold(terminal.Printable(s.Name)))
	if s.Message != "" {
		writeIndented(text, "  ", s.Message)
	}
	for _, step := range s.Steps {
		// The message commonly quotes the step that failed.
		if step.failed() && !strings.Contains(s.Message, step.Text) {
			fmt.Fprintf(text, "  %s %s\n", paint.red("✗"), terminal.Printable(fmt.Sprintf("line %d: %s %s", step.Line, step.Keyword, step.Text)))
			writeIndented(text, "      ", step.Message)
		}
	}
	for _, request := range s.Requests {
		fmt.Fprintf(text, "\n  %s\n", paint.bold(terminal.Printable(request.Text)))
		writeVerdicts(text, compare(s, request), paint)
		writeEdgeDifferences(text, request.EdgeDifferences, paint)
		writeHops(text, request, paint)
		writeDecision(text, request, paint)
		if request.Advice != "" {
			fmt.Fprintf(text, "    %s %s\n", paint.cyan("what to change:"), terminal.Printable(request.Advice))
		}
	}
}

// writeVerdicts writes expected, predicted and observed one below the other,
// and the fields in which the last two differ.
func writeVerdicts(text *strings.Builder, c comparison, paint painter) {
	const line = "    %-11s%-11s%s\n"
	for i, step := range c.Expected {
		title := ""
		if i == 0 {
			title = "expected"
		}
		mark := "✓ "
		switch {
		case step.failed():
			mark = "✗ "
		case step.Status != StepPassed:
			mark = "- "
		}
		fmt.Fprintf(text, line, title, "", mark+terminal.Printable(step.Text))
	}
	for _, column := range c.Columns {
		title := columnTitle(column.Browser)
		if column.Browser == browserCurl {
			title = "no CORS"
		}
		fmt.Fprintf(text, line, title, terminal.Printable(column.Browser), terminal.Printable(outcomeLine(column.Outcome)))
	}
	for _, row := range c.Rows {
		if !row.Differs {
			continue
		}
		for i, cell := range row.Cells {
			if cell.Differs {
				fmt.Fprintf(text, line, paint.yellow(fmt.Sprintf("%-11s", "differs")),
					terminal.Printable(c.Columns[i].Browser), terminal.Printable(row.Field+": "+orNothing(strings.Join(cell.Lines, "; "))))
			}
		}
	}
}

// writeEdgeDifferences writes what a model and the real hop disagree on, one list below the other.
func writeEdgeDifferences(text *strings.Builder, differences []EdgeDifference, paint painter) {
	for _, d := range differences {
		fmt.Fprintf(text, "    %s%s\n", paint.yellow(fmt.Sprintf("%-11s", "edge")), terminal.Printable(fmt.Sprintf("%s of %s %s in %s", d.Field, d.Method, d.URL, d.Browser)))
		for _, side := range []struct {
			title string
			lines []string
		}{{"predicted", d.Predicted}, {"observed", d.Observed}} {
			for i, line := range side.lines {
				title := side.title
				if i > 0 {
					title = ""
				}
				fmt.Fprintf(text, "    %-11s%-11s%s\n", "", title, terminal.Printable(line))
			}
			if len(side.lines) == 0 {
				fmt.Fprintf(text, "    %-11s%-11s%s\n", "", side.title, "none")
			}
		}
	}
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// writeHops writes, for each request that arrived in the browser that decides,
// what every hop did to the CORS headers of its answer.
func writeHops(text *strings.Builder, request Request, paint painter) {
	result, ok := decidingResult(request)
	if !ok {
		return
	}
	for _, transit := range result.Transits {
		reached := "answered before the app"
		if transit.ReachedApp {
			reached = "reached the app"
		}
		fmt.Fprintf(text, "    %s\n", paint.dim(terminal.Printable(fmt.Sprintf("hops of %s %s in %s (%s)", transit.Method, transit.URL, result.Browser, reached))))
		events := HeaderEvents(transit.Hops)
		for i, hop := range transit.Hops {
			writeHop(text, hop, i, events, paint)
		}
	}
}

func writeHop(text *strings.Builder, hop harness.HopResponse, index int, events []HeaderEvent, paint painter) {
	fmt.Fprintf(text, "      %s %s\n", terminal.Printable(hop.Hop), statusText(hop.Status))
	for _, event := range events {
		if event.Index != index || event.Action == ActionUnchanged {
			continue
		}
		values := event.After
		if event.Action == ActionDropped {
			values = event.Before
		}
		action := fmt.Sprintf("%-9s", eventWord(event))
		if event.Doubled() || event.Action == ActionDropped {
			action = paint.red(action)
		}
		fmt.Fprintf(text, "        %s %s\n", action, terminal.Printable(event.Header+": "+strings.Join(values, " | ")))
	}
}

// eventWord is what a reader calls the event.
func eventWord(event HeaderEvent) string {
	if event.Doubled() {
		return wordDoubled
	}
	return string(event.Action)
}

func statusText(status int) string {
	if status == 0 {
		return "no answer"
	}
	return fmt.Sprint(status)
}

func writeDecision(text *strings.Builder, request Request, paint painter) {
	i := slices.IndexFunc(request.Browsers, func(b BrowserResult) bool { return len(b.Outcome.Trace) > 0 })
	if i < 0 {
		return
	}
	trace := request.Browsers[i].Outcome.Trace
	for n, step := range trace[max(0, len(trace)-decidingSteps):] {
		title := ""
		if n == 0 {
			title = "decided by"
		}
		fmt.Fprintf(text, "    %-11s%s\n", title, terminal.Printable(step.String()))
		fmt.Fprintf(text, "    %-11s%s\n", "", paint.dim(terminal.Printable(step.URL)))
	}
}

func writeIndented(text *strings.Builder, indent, message string) {
	for line := range strings.Lines(message) {
		fmt.Fprintf(text, "%s%s\n", indent, terminal.Printable(strings.TrimRight(line, "\r\n")))
	}
}

// words is the verdict as people say it.
func (v Verdict) words() string { return strings.ReplaceAll(string(v), "-", " ") }
