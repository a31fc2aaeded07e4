package explain

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteRecordingText writes the explanations of a recording for people.
func WriteRecordingText(out io.Writer, r RecordingExplanation) error {
	var text strings.Builder
	for i, blocked := range r.Blocked {
		blocked.write(&text, i+1, r.File)
	}
	fmt.Fprintf(&text, "%s: %d of %d requests to other origins were blocked or failed (recorded by %s, explained by profile %s)\n",
		printable(r.File), len(r.Blocked), r.Requests, printable(orUnknown(r.Browser)), r.Profile)
	if _, err := io.WriteString(out, text.String()); err != nil {
		return fmt.Errorf("write the explanations: %w", err)
	}
	return nil
}

func (r *Recorded) write(text *strings.Builder, number int, file string) {
	fmt.Fprintf(text, "%d. %s %s\n", number, printable(r.Method), printable(r.URL))
	fmt.Fprintf(text, "   %s:%d", printable(file), r.Line)
	if !r.Started.IsZero() {
		fmt.Fprintf(text, ", at %s", r.Started.Format(time.TimeOnly))
	}
	fmt.Fprintf(text, ", by a page at %s\n", printable(orUnknown(r.Origin)))
	fmt.Fprintf(text, "   %s\n", printable(r.Verdict))
	for _, assumption := range r.Assumptions {
		fmt.Fprintf(text, "   Provided that %s.\n", printable(assumption))
	}
	if r.Next != "" {
		fmt.Fprintf(text, "   Next: %s\n", printable(r.Next))
	}
	if e := r.Explanation; e != nil {
		if e.Advice != "" {
			fmt.Fprintf(text, "   What to change: %s\n", printable(e.Advice))
		}
		if e.Layer != "" {
			fmt.Fprintf(text, "   Who answered: %s\n", printable(e.Layer))
		}
		for i, exchange := range e.Outcome.Exchanges {
			writeExchange(text, i+1, exchange, e.Request)
		}
		for _, step := range e.Outcome.Trace {
			if strings.HasPrefix(step.Text, "failure") {
				fmt.Fprintf(text, "   Decided by %s\n     %s\n", printable(step.String()), step.URL)
			}
		}
	}
	text.WriteByte('\n')
}

func orUnknown(text string) string {
	if text == "" {
		return "(not recorded)"
	}
	return text
}
