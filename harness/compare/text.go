package compare

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/terminal"
)

// WriteJSON writes the comparison as one JSON object.
func WriteJSON(out io.Writer, c Comparison) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(c); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return nil
}

// WriteText writes the comparison for people: every change with its evidence,
// the worst first; the entries of the allow-list that nothing needed; and last one line of totals.
func WriteText(out io.Writer, c Comparison) error {
	var text strings.Builder
	fmt.Fprintf(&text, "before  %s\nafter   %s\n", runWords(c.Before), runWords(c.After))
	for _, line := range versionLines(c.Before.Environment.Versions, c.After.Environment.Versions) {
		fmt.Fprintf(&text, "        %s\n", line)
	}
	writeChanges(&text, c.Changes)
	if len(c.Unused) > 0 {
		fmt.Fprintf(&text, "\nNo change needed these entries of the allow-list: remove them\n")
		for _, entry := range c.Unused {
			fmt.Fprintf(&text, "  line %d: %s, %s (%s)\n", entry.Line, terminal.Printable(entry.Scenario), entry.Change, terminal.Printable(entry.Because))
		}
	}
	fmt.Fprintf(&text, "\n%s\n", totals(c))
	if _, err := io.WriteString(out, text.String()); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return nil
}

func runWords(r Run) string {
	words := fmt.Sprintf("%d scenarios in %s, crosscheck %s", r.Scenarios, r.Environment.Name, r.Crosscheck)
	if r.Path != "" {
		words = r.Path + ": " + words
	}
	return terminal.Printable(words)
}

// versionLines are the versions under test that differ.
func versionLines(was, is map[string]string) []string {
	var lines []string
	for name, before := range was {
		if after := is[name]; after != before {
			lines = append(lines, terminal.Printable(fmt.Sprintf("%s: %s → %s", name, before, orNone(after))))
		}
	}
	for name, after := range is {
		if _, there := was[name]; !there {
			lines = append(lines, terminal.Printable(fmt.Sprintf("%s: none → %s", name, after)))
		}
	}
	slices.Sort(lines)
	return lines
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func writeChanges(text *strings.Builder, changes []Change) {
	var added []Change
	told := map[string]bool{}
	for i, change := range changes {
		if change.Kind == Added {
			added = append(added, change)
			continue
		}
		title := strings.ToUpper(strings.ReplaceAll(string(change.Kind), "-", " "))
		if change.Accepted != "" {
			title += " (accepted)"
		}
		fmt.Fprintf(text, "\n%s  %s:%d  %s\n", title, terminal.Printable(change.File), change.Line, terminal.Printable(change.Name))
		if change.Accepted != "" {
			fmt.Fprintf(text, "  because  %s\n", terminal.Printable(change.Accepted))
		}
		if change.Request != "" {
			fmt.Fprintf(text, "  %s (%s)\n", terminal.Printable(change.Request), change.Browser)
		}
		if change.Before == change.After {
			fmt.Fprintf(text, "  as before  %s\n", terminal.Printable(change.After))
		} else {
			fmt.Fprintf(text, "  before  %s\n  after   %s\n", terminal.Printable(change.Before), terminal.Printable(change.After))
		}
		if i > 0 && sameEvidence(changes[i-1], change) {
			fmt.Fprintf(text, "  the headers are those of the change above\n")
			continue
		}
		writeEvidence(text, change, told)
	}
	if len(added) > 0 {
		fmt.Fprintf(text, "\nADDED  scenarios that the first report does not have\n")
		for _, change := range added {
			fmt.Fprintf(text, "  %s:%d  %s: %s\n", terminal.Printable(change.File), change.Line, terminal.Printable(change.Name), terminal.Printable(change.After))
		}
	}
}

// sameEvidence tells whether two changes are of one request.
func sameEvidence(a, b Change) bool {
	return a.Kind == b.Kind && a.Scenario == b.Scenario && a.Request == b.Request && len(b.Exchanges) > 0
}

// writeEvidence writes the headers that differ, and why. told are the explanations that were given.
func writeEvidence(text *strings.Builder, change Change, told map[string]bool) {
	for _, exchange := range change.Exchanges {
		fmt.Fprintf(text, "  %s %s %s, hop by hop\n", exchange.Kind, exchange.Method, terminal.Printable(exchange.URL))
		for _, hop := range exchange.Hops {
			fmt.Fprintf(text, "    %s\n", terminal.Printable(hopWords(hop)))
			for _, header := range hop.Headers {
				writeHeader(text, "-", header.Name, header.Before)
				writeHeader(text, "+", header.Name, header.After)
			}
		}
	}
	for _, explanation := range change.Explanations {
		what := "explained by "
		if explanation.Undone {
			what = "explained by going back before "
		}
		fmt.Fprintf(text, "  %s%s %s: ", what, explanation.Component, explanation.Version)
		if told[explanation.Summary] {
			fmt.Fprintf(text, "see above\n")
			continue
		}
		told[explanation.Summary] = true
		fmt.Fprintf(text, "%s\n    %s\n", explanation.Summary, strings.Join(explanation.References, "\n    "))
	}
}

func hopWords(hop HopChange) string {
	name := hop.Before
	switch {
	case hop.Before == "":
		return hop.After + ": answered after only, " + statusWords(hop.StatusAfter)
	case hop.After == "":
		return hop.Before + ": answered before only, " + statusWords(hop.StatusBefore)
	case hop.Before != hop.After:
		name += " → " + hop.After
	}
	status := statusWords(hop.StatusBefore)
	if hop.StatusBefore != hop.StatusAfter {
		status += " → " + statusWords(hop.StatusAfter)
	}
	return name + ": " + status
}

func statusWords(status int) string {
	if status == 0 {
		return "no answer"
	}
	return fmt.Sprint(status)
}

func writeHeader(text *strings.Builder, mark, name string, values []string) {
	for _, value := range values {
		fmt.Fprintf(text, "      %s %s: %s\n", mark, terminal.Printable(name), terminal.Printable(value))
	}
}

// totals is the last line.
func totals(c Comparison) string {
	words := fmt.Sprintf("%d scenarios compared, %d unchanged:", c.Compared, c.Unchanged)
	for _, kind := range []Kind{Broken, Fixed, NewlyAllowed, ReasonChanged, MorePreflights} {
		words += fmt.Sprintf(" %d %s,", c.Counts[kind], strings.ReplaceAll(string(kind), "-", " "))
	}
	for _, kind := range Kinds() {
		switch kind {
		case Broken, Fixed, NewlyAllowed, ReasonChanged, MorePreflights:
			continue
		}
		if c.Counts[kind] > 0 {
			words += fmt.Sprintf(" %d %s,", c.Counts[kind], strings.ReplaceAll(string(kind), "-", " "))
		}
	}
	if c.NotRun > 0 {
		words += fmt.Sprintf(" %d ran in neither,", c.NotRun)
	}
	return fmt.Sprintf("%s %d accepted; %d unexpected", words, c.Accepted, c.Unexpected)
}
