package report

import (
	"fmt"
	"html"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/terminal"
)

// WriteAnnotations writes a workflow command of GitHub Actions for each scenario
// that failed, which becomes an annotation at the line of the feature file that says what
// was expected. root is where the repository is checked out, and what paths are told
// from; workingDirectory is what the report's paths are relative to.
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
func WriteAnnotations(out io.Writer, r Report, root, workingDirectory string) error {
	var text strings.Builder
	for _, s := range worstFirst(r.Scenarios) {
		fmt.Fprintf(&text, "::error file=%s,line=%d,title=%s::%s\n",
			property(inRepository(s.File, root, workingDirectory)), s.failingLine(),
			property(s.Verdict.words()+": "+s.Name+exampleRow(s.ID)), message(explanation(s)))
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// worstFirst are the scenarios that failed: GitHub shows the first ten annotations of a step, and those about
// an environment that broke down tell less than the others.
func worstFirst(scenarios []Scenario) []Scenario {
	failed := slices.DeleteFunc(slices.Clone(scenarios), func(s Scenario) bool { return !s.failed() })
	slices.SortStableFunc(failed, func(a, b Scenario) int {
		return slices.Index(failures, a.Verdict) - slices.Index(failures, b.Verdict)
	})
	return failed
}

// failures are the verdicts of scenarios that failed, the worst first.
var failures = []Verdict{UnexpectedOutcome, SimulatorMismatch, EdgeModelMismatch, EnvironmentError}

// failingLine is the line of the first step that failed, else the scenario's; 1 where neither is known.
func (s Scenario) failingLine() int {
	if i := slices.IndexFunc(s.Steps, Step.failed); i >= 0 && s.Steps[i].Line > 0 {
		return s.Steps[i].Line
	}
	return max(s.Line, 1)
}

// inRepository is a file as GitHub names it; unchanged where it is outside of the repository.
func inRepository(file, root, workingDirectory string) string {
	path := file
	if !filepath.IsAbs(path) {
		path = filepath.Join(workingDirectory, path)
	}
	relative, err := filepath.Rel(root, path)
	if err != nil || !filepath.IsLocal(relative) {
		return file
	}
	return filepath.ToSlash(relative)
}

// message escapes a workflow command's text, property also what ends a property.
func message(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.ReplaceAll(terminal.Printable(strings.TrimRight(line, "\r\n")), "%", "%25"))
	}
	return strings.Join(lines, "%0A")
}

func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(message(text))
}

// GitHub refuses a step's summary of more than a mebibyte as a whole, so that
// details end well before.
const (
	summaryFailures = 50
	summaryBytes    = 900_000
	summarySkipped  = 100
)

// WriteStepSummary writes a run's result in the Markdown that GitHub Actions shows
// on the page of a workflow's run: the totals, each failure with what to change, the
// features, and what was skipped.
func WriteStepSummary(out io.Writer, r Report) error {
	var text strings.Builder
	mark := "✅"
	if r.Summary.Failed > 0 {
		mark = "❌"
	}
	shard := ""
	if r.Shard != nil {
		shard = " in shard " + r.Shard.String()
	}
	fmt.Fprintf(&text, "## %s Crosscheck: %d of %d scenarios passed%s\n\n", mark, r.Summary.Passed, r.Summary.Scenarios, shard)
	fmt.Fprintf(&text, "| passed | failed | skipped | mismatches | time | environment |\n|---:|---:|---:|---:|---:|---|\n| %d | %d | %d | %d | %s | %s |\n\n",
		r.Summary.Passed, r.Summary.Failed, r.Summary.Skipped, r.Summary.Mismatches, duration(r.Summary.DurationMS), cell(r.Environment.Name))
	writeSummaryFailures(&text, worstFirst(r.Scenarios))
	text.WriteString("<details><summary>Features</summary>\n\n| feature | passed | failed | skipped | time |\n|---|---:|---:|---:|---:|\n")
	features := r.features()
	for i, feature := range features {
		if text.Len() > summaryBytes {
			fmt.Fprintf(&text, "| and %d more | | | | |\n", len(features)-i)
			break
		}
		s := feature.Summary
		fmt.Fprintf(&text, "| %s | %d | %d | %d | %s |\n", cell(feature.Name), s.Passed, s.Failed, s.Skipped, duration(s.DurationMS))
	}
	text.WriteString("\n</details>\n")
	writeSummarySkipped(&text, r.Scenarios)
	_, err := io.WriteString(out, text.String())
	return err
}

func writeSummaryFailures(text *strings.Builder, failed []Scenario) {
	for i, s := range failed {
		if i == summaryFailures || text.Len() > summaryBytes/2 {
			fmt.Fprintf(text, "… and %d more: the report has them all.\n\n", len(failed)-i)
			return
		}
		fmt.Fprintf(text, "<details><summary><b>%s</b>: %s</summary>\n\n`%s:%d`\n\n%s\n", s.Verdict.words(), inline(s.Name+exampleRow(s.ID)),
			strings.ReplaceAll(terminal.Printable(s.File), "`", "'"), s.failingLine(), block(explanation(s)))
		for _, request := range s.Requests {
			var verdicts strings.Builder
			fmt.Fprintf(&verdicts, "  %s\n", terminal.Printable(request.Text))
			writeVerdicts(&verdicts, compare(s, request), painter{})
			text.WriteString(block(verdicts.String()))
		}
		text.WriteString("\n</details>\n\n")
	}
}

func writeSummarySkipped(text *strings.Builder, scenarios []Scenario) {
	skipped := slices.DeleteFunc(slices.Clone(scenarios), func(s Scenario) bool { return s.Verdict != Skipped })
	if len(skipped) == 0 {
		return
	}
	fmt.Fprintf(text, "\n<details><summary>%d skipped</summary>\n\n", len(skipped))
	for i, s := range skipped {
		if i == summarySkipped || text.Len() > summaryBytes {
			fmt.Fprintf(text, "- and %d more\n", len(skipped)-i)
			break
		}
		fmt.Fprintf(text, "- %s: %s\n", inline(s.Name+exampleRow(s.ID)), inline(s.Message))
	}
	text.WriteString("\n</details>\n")
}

// block shows text as it is. A fence of ours cannot be closed from inside: it is in HTML, where Markdown has no say.
func block(text string) string {
	var escaped strings.Builder
	for line := range strings.Lines(text) {
		// An empty line would end the HTML block.
		if line = strings.TrimRight(terminal.Printable(strings.TrimRight(line, "\r\n")), " "); line != "" {
			escaped.WriteString(html.EscapeString(line) + "\n")
		}
	}
	return "<pre>\n" + escaped.String() + "</pre>\n"
}

// inline is text in a paragraph, cell in a table: neither has any markup in it.
func inline(text string) string {
	return "<code>" + strings.NewReplacer("|", "&#124;", "`", "&#96;", "*", "&#42;", "_", "&#95;", "[", "&#91;", "\\", "&#92;").Replace(html.EscapeString(terminal.Printable(text))) + "</code>"
}

func cell(text string) string {
	return strings.TrimSuffix(strings.TrimPrefix(inline(text), "<code>"), "</code>")
}
