package audit

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/terminal"
)

// WriteJSON writes the result as one JSON object.
func WriteJSON(out io.Writer, r Result) error { return writeJSON(out, r) }

func writeJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write the audit: %w", err)
	}
	return nil
}

// WriteText writes the result for people, and last one line of totals.
func WriteText(out io.Writer, r Result) error {
	var text strings.Builder
	for _, policy := range r.Policies {
		writePolicy(&text, policy)
	}
	if len(r.Skipped) > 0 {
		fmt.Fprintf(&text, "Skipped\n")
		for _, skipped := range r.Skipped {
			fmt.Fprintf(&text, "  %s (%s:%d): %s\n", terminal.Printable(skipped.Name), terminal.Printable(skipped.File), skipped.Line, terminal.Printable(skipped.Reason))
		}
		fmt.Fprintln(&text)
	}
	fmt.Fprintln(&text, totals(r))
	if _, err := io.WriteString(out, text.String()); err != nil {
		return fmt.Errorf("write the audit: %w", err)
	}
	return nil
}

func totals(r Result) string {
	counts := map[Severity]int{}
	all := 0
	for _, policy := range r.Policies {
		for _, finding := range policy.Findings {
			counts[finding.Severity]++
			all++
		}
	}
	words := make([]string, 0, len(counts))
	for _, severity := range Severities() {
		words = append(words, fmt.Sprintf("%d %s", counts[severity], severity))
	}
	return fmt.Sprintf("policies=%d skipped=%d findings=%d (%s)", len(r.Policies), len(r.Skipped), all, strings.Join(words, ", "))
}

func writePolicy(text *strings.Builder, policy Policy) {
	where := ""
	if policy.File != "" {
		where = fmt.Sprintf(" (%s:%d)", policy.File, policy.Line)
	}
	answered := policy.Answered
	if policy.Requests > 0 {
		answered += fmt.Sprintf(", %d requests", policy.Requests)
	}
	fmt.Fprintf(text, "%s%s, answered by %s\n", terminal.Printable(policy.Name), terminal.Printable(where), terminal.Printable(answered))
	if policy.URL != policy.Name {
		fmt.Fprintf(text, "  asked at %s%s\n", terminal.Printable(policy.URL), also(policy.Also))
	}
	writeReach(text, policy.Reach)
	for _, finding := range policy.Findings {
		writeFinding(text, finding)
	}
	if len(policy.Notes) > 0 {
		fmt.Fprintf(text, "\n  Not known\n")
		for _, note := range policy.Notes {
			fmt.Fprintf(text, "    - %s\n", terminal.Printable(note))
		}
	}
	fmt.Fprintln(text)
}

func also(urls []string) string {
	const most = 3
	switch {
	case len(urls) == 0:
		return ""
	case len(urls) > most:
		return fmt.Sprintf("; the policy holds at %s and %d more, too", strings.Join(urls[:most], ", "), len(urls)-most)
	}
	return "; the policy holds at " + strings.Join(urls, ", ") + ", too"
}

// writeReach writes who can do what. Those who can do nothing are told in one line.
func writeReach(text *strings.Builder, reaches []Reach) {
	var nothing, same []string
	titled, width := false, 0
	foreign := &Reach{}
	for i := range reaches {
		if reaches[i].Class == Foreign {
			foreign = &reaches[i]
		}
		if reaches[i].allowed() {
			width = max(width, len(reachName(reaches[i])))
		}
	}
	for _, reach := range reaches {
		if foreign.allowed() && reach.Class != Foreign && reach.as(foreign) && foreign.as(&reach) {
			same = append(same, reach.Origin)
			continue
		}
		if !reach.allowed() {
			nothing = append(nothing, reach.Origin)
			continue
		}
		if !titled {
			titled = true
			fmt.Fprintf(text, "\n  %-*s  %-19s  %s\n", width, "Pages of", "read", "send")
		}
		read := "nothing"
		switch {
		case reach.ReadsWithCredentials:
			read = "as the user"
		case reach.Reads:
			read = "without credentials"
		}
		send := "nothing that needs leave"
		if len(reach.Sends) > 0 {
			send = strings.Join(reach.Sends, ", ") + asUser(&reach)
		}
		if len(reach.Headers) > 0 {
			send += "; headers " + strings.Join(reach.Headers, ", ")
		}
		fmt.Fprintf(text, "  %-*s  %-19s  %s\n", width, reachName(reach), read, send)
	}
	if slices.ContainsFunc(reaches, func(reach Reach) bool { return reach.ReadsWithCredentials }) {
		fmt.Fprintf(text, "  as the user: with the user's cookies, as far as SameSite and the browser let them go along\n")
	}
	if len(same) > 0 {
		fmt.Fprintf(text, "  the same as any site: %s\n", terminal.Printable(strings.Join(same, ", ")))
	}
	if len(nothing) > 0 {
		fmt.Fprintf(text, "  no more than without CORS: %s\n", terminal.Printable(strings.Join(nothing, ", ")))
	}
}

func reachName(reach Reach) string {
	return terminal.Printable(fmt.Sprintf("%s (%s)", reach.Origin, reach.Class))
}

func writeFinding(text *strings.Builder, finding Finding) {
	where := ""
	if finding.File != "" {
		where = fmt.Sprintf("  %s:%d:%d", finding.File, finding.Line, finding.Column)
	}
	fmt.Fprintf(text, "\n  %s  %s%s\n    %s\n    fix: %s\n", strings.ToUpper(string(finding.Severity)), finding.Rule, terminal.Printable(where), terminal.Printable(finding.Message), terminal.Printable(finding.Fix))
	if finding.Proof == nil || finding.Severity == Info {
		// The other formats have the proof of these, too.
		return
	}
	if finding.Proof.Script != "" {
		page := "a page at " + finding.Origin
		if finding.Origin == opaqueOrigin {
			page = "a sandboxed frame"
		}
		fmt.Fprintf(text, "    proof, in %s:\n      %s\n", terminal.Printable(page), terminal.Printable(finding.Proof.Script))
	}
	for line := range strings.SplitSeq(finding.Proof.Curl, "\n") {
		fmt.Fprintf(text, "      %s\n", terminal.Printable(line))
	}
	for _, line := range finding.Proof.Answer {
		fmt.Fprintf(text, "      < %s\n", terminal.Printable(line))
	}
}
