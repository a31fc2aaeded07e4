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
	fmt.Fprintf(&text, "%s, %s, %s: %d killed, %d survived, %d equivalent, %d invalid\n",
		count(result.Scenarios, "scenario", "scenarios"), count(len(result.Policies), "policy", "policies"),
		count(counts[Killed]+counts[Survived]+counts[Equivalent]+counts[Invalid], "mutant", "mutants"), counts[Killed], counts[Survived], counts[Equivalent], counts[Invalid])
	if counts[Equivalent] > 0 {
		fmt.Fprintf(&text, "equivalent: no outcome differs in the scenarios' own requests, nor in %d probes (%d requests) of the simulator\n", probed, requests)
	}
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
	fmt.Fprintf(text, "SURVIVED  %s of the policy of %s\n", count(len(survivors), "mutant", "mutants"), terminal.Printable(p.places()))
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
			fmt.Fprintf(text, "      and the like in %s\n", count(more, "more request", "more requests"))
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

// shownPlaces is how many of a policy's scenarios are named; the JSON form has all.
const shownPlaces = 3

func (p *Policy) places() string {
	if more := len(p.Scenarios) - shownPlaces; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(p.Scenarios[:shownPlaces], ", "), more)
	}
	return strings.Join(p.Scenarios, ", ")
}

func count(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}
