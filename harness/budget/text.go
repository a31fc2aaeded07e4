package budget

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness/terminal"
)

// WriteText writes the budget for people.
func WriteText(out io.Writer, b *Budget) error {
	var text strings.Builder
	fmt.Fprintf(&text, "Preflights per user and hour, where each request is made %g times, evenly spaced: now → with Access-Control-Max-Age: %d\n\n", b.PerHour, b.MaxAge)
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	head, caps := "  max-age now\t", "  \t"
	for _, engine := range Engines() {
		head += engine.Name + "\t"
		caps += fmt.Sprintf("at most %d s\t", engine.Cap/time.Second)
	}
	fmt.Fprintf(table, "%srequest\n%s\n", head, caps)
	for _, request := range b.Requests {
		age := strings.Join(request.MaxAge, ", ")
		if len(request.MaxAge) == 0 {
			age = "none"
		}
		fmt.Fprintf(table, "  %s\t%s%s\n", terminal.Printable(age), costs(request.Cost), terminal.Printable(request.words()))
	}
	fmt.Fprintf(table, "  all\t%s\n", costs(b.Total))
	// A strings.Builder takes everything.
	_ = table.Flush()
	text.WriteByte('\n')
	for _, engine := range Engines() {
		if saved := b.Total[engine.Name].SavedMS; saved > 0 {
			fmt.Fprintf(&text, "%s saves %.3g s of waiting per user and hour, at %g ms a preflight.\n", engine.Name, saved/1000, b.RoundTripMS)
		}
	}
	for _, failed := range b.Failed {
		fmt.Fprintf(&text, "does not pass, so not all of its requests are here: %s\n", terminal.Printable(failed))
	}
	fmt.Fprintf(&text, "A preflight's answer is remembered for one page, one URL and one kind of credentials: an id in the path makes each URL ask for itself.\n"+
		"A longer max-age makes a change of the policy reach open pages later.\n"+
		"%d different requests need a preflight; of the others that the scenarios make, %d need none and %d are refused in theirs\n", len(b.Requests), b.Simple, b.Refused)
	if _, err := io.WriteString(out, text.String()); err != nil {
		return fmt.Errorf("write the budget: %w", err)
	}
	return nil
}

func costs(by map[string]Cost) string {
	var cells strings.Builder
	for _, engine := range Engines() {
		fmt.Fprintf(&cells, "%s → %s\t", number(by[engine.Name].Now), number(by[engine.Name].With))
	}
	return cells.String()
}

// number gives a count without digits that say nothing.
func number(n float64) string {
	if n >= 100 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.3g", n)
}

func (r *Request) words() string {
	words := r.Method + " " + r.URL
	if len(r.Headers) > 0 {
		words += " with " + strings.Join(r.Headers, ", ")
	}
	if r.Credentials {
		words += " with credentials"
	}
	return words + " from " + r.Origin
}
