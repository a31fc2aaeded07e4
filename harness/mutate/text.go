package mutate

import (
	"fmt"
	"io"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/terminal"
)

// WriteText writes what survived, policy by policy, and the score.
func WriteText(out io.Writer, result *Result) error {
	var text strings.Builder
	probed, requests := 0, 0
	for _, policy := range result.Policies {
		probed, requests = probed+policy.Probes, requests+policy.Requests
		policy.write(&text)
	}
	for _, skipped := range result.Skipped {
		fmt.Fprintf(&text, "not looked at: %s: %s\n", terminal.Printable(skipped.Scenario), terminal.Printable(skipped.Reason))
	}
	counts := result.Counts
	fmt.Fprintf(&text, "%d scenarios, %d policies, %d mutants: %d killed, %d survived, %d equivalent, %d invalid\n",
		result.Scenarios, len(result.Policies), counts[Killed]+counts[Survived]+counts[Equivalent]+counts[Invalid],
		counts[Killed], counts[Survived], counts[Equivalent], counts[Invalid])
	fmt.Fprintf(&text, "equivalent: no outcome differs in the scenarios' own requests, nor in %d probes (%d requests) of the simulator\n", probed, requests)
	fmt.Fprintf(&text, "score %.1f %%: killed, of the mutants that change what a browser does\n", result.Score)
	if _, err := io.WriteString(out, text.String()); err != nil {
		return fmt.Errorf("write the mutants: %w", err)
	}
	return nil
}

// write tells of the policy's survivors; of a policy without any there is nothing to tell.
func (p *Policy) write(text *strings.Builder) {
	survivors := p.Survivors()
	if len(survivors) == 0 {
		return
	}
	fmt.Fprintf(text, "SURVIVED  %d mutants of the policy of %s\n", len(survivors), terminal.Printable(strings.Join(p.Scenarios, ", ")))
	for _, mutant := range survivors {
		fmt.Fprintf(text, "  %s\n", terminal.Printable(mutant.String()))
		difference := mutant.Differences[0]
		who := "nobody asks: "
		if difference.Own {
			who = difference.Scenario + " asks, and expects nothing of it: "
		}
		fmt.Fprintf(text, "    %s%s, %s\n", who, terminal.Printable(difference.Page), terminal.Printable(difference.Request))
		fmt.Fprintf(text, "      declared  %s\n      mutant    %s\n", terminal.Printable(difference.Before), terminal.Printable(difference.After))
		if more := mutant.Changed - 1; more > 0 {
			fmt.Fprintf(text, "      and %d more of the requests that were tried\n", more)
		}
	}
	if len(p.Suggestions) > 0 {
		fmt.Fprintf(text, "  to kill them, expect what the policy does now:\n")
	}
	for _, suggestion := range p.Suggestions {
		fmt.Fprintf(text, "\n    %s\n", strings.ReplaceAll(strings.TrimSpace(suggestion), "\n", "\n    "))
	}
	text.WriteByte('\n')
}
