package errormatrix

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/crosscheck-dev/crosscheck/harness/terminal"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// WriteText writes the matrix for people: a table for each route, and what to
// change so that the errors in it can be read.
func WriteText(out io.Writer, matrix *Matrix) error {
	var text strings.Builder
	for _, route := range matrix.Routes {
		route.write(&text)
	}
	for _, failed := range matrix.Failed {
		fmt.Fprintf(&text, "does not pass, so not all of its requests are here: %s\n", terminal.Printable(failed))
	}
	unreadable, all := matrix.Unreadable()
	fmt.Fprintf(&text, "%s, %d errors: a page can tell %d, and gets no more than a network error, or another page's answer, for %d\n", routes(len(matrix.Routes)), all, all-unreadable, unreadable)
	if _, err := io.WriteString(out, text.String()); err != nil {
		return fmt.Errorf("write the errors: %w", err)
	}
	return nil
}

func (r *Route) write(text *strings.Builder) {
	credentials := ""
	if r.Request.Credentials == simulator.CredentialsInclude {
		credentials = " with credentials"
	}
	fmt.Fprintf(text, "%s %s%s, from a page at %s (%s)\n", terminal.Printable(r.method()), terminal.Printable(r.Request.URL), credentials, terminal.Printable(r.Page.URL), terminal.Printable(r.Scenario))
	table := tabwriter.NewWriter(text, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "  error\tanswered by\tmade by\tthe page\n")
	advised := map[simulator.ReasonCode]bool{}
	var advice []string
	for _, c := range r.Cases {
		fmt.Fprintf(table, "  %d\t%s\t%s\t%s\n", c.Error, c.By, c.How, terminal.Printable(c.words()))
		// One error stands for all that fail for the same reason.
		if c.Advice != "" && !advised[c.Reason.Code] {
			advised[c.Reason.Code] = true
			advice = append(advice, c.Advice)
		}
	}
	// A strings.Builder takes everything.
	_ = table.Flush()
	for _, line := range advice {
		fmt.Fprintf(text, "  to change: %s\n", terminal.Printable(line))
	}
	text.WriteByte('\n')
}

// words say what the page gets.
func (c *Case) words() string {
	switch {
	case c.Readable:
		return fmt.Sprintf("reads %d", c.Status)
	case c.outcome.Readable():
		return fmt.Sprintf("reads %d of %s", c.Status, c.outcome.URL)
	case c.Preflight:
		return "cannot even ask: " + c.Reason.String()
	default:
		return "cannot read it: " + c.Reason.String()
	}
}

func routes(n int) string {
	if n == 1 {
		return "1 route"
	}
	return fmt.Sprintf("%d routes", n)
}
