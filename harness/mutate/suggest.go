package mutate

import (
	"fmt"
	"strings"
	"time"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// suggest writes the scenarios that would kill the policy's survivors: as few
// sessions as cover them all, the one that kills most first.
func (p *Policy) suggest() {
	left := p.Survivors()
	for len(left) > 0 {
		best, most, lightest := -1, 0, 0
		for i := range p.probes {
			kills, weight := 0, 0
			for _, mutant := range left {
				if difference, killed := mutant.by[i]; killed {
					kills, weight = kills+1, weight+difference.weight()
				}
			}
			if kills > most || kills == most && kills > 0 && weight < lightest {
				best, most, lightest = i, kills, weight
			}
		}
		if best < 0 {
			return
		}
		var kept []*Mutant
		var example Difference
		for _, mutant := range left {
			if difference, killed := mutant.by[best]; killed {
				example = difference
			} else {
				kept = append(kept, mutant)
			}
		}
		p.Suggestions = append(p.Suggestions, gherkin(example))
		left = kept
	}
}

// gherkin writes a session as steps, and what the policy makes of its last request as expectations.
func gherkin(d Difference) string {
	var text strings.Builder
	page := ""
	for _, act := range d.probe {
		if words := pageWords(act.page); words != page {
			fmt.Fprintf(&text, "Given %s\n", words)
			page = words
		}
		if act.wait > 0 {
			fmt.Fprintf(&text, "When %d seconds pass\n", int(act.wait.Round(time.Second)/time.Second))
		}
		text.WriteString(when(act.request))
	}
	o := d.before
	switch {
	case strings.HasPrefix(d.Before, "sent: "), d.Before == "nothing is sent":
		fmt.Fprintf(&text, "Then the browser sends %s\n", map[int]string{0: "no preflight", 1: "a preflight"}[len(o.Preflights())])
	case strings.HasPrefix(d.Before, "the page reads "):
		var shown, hidden []string
		last := o.Exchanges[len(o.Exchanges)-1].ResponseHeader
		for name := range last {
			switch {
			case strings.HasPrefix(name, "Access-Control-"), name == "Vary", name == "Date", name == "Set-Cookie":
			case o.Header.Get(name) != "":
				shown = append(shown, name)
			default:
				hidden = append(hidden, name)
			}
		}
		if len(shown) > 0 {
			fmt.Fprintf(&text, "Then the page can read the headers %q\n", strings.Join(sorted(shown), ", "))
		}
		if len(hidden) > 0 {
			fmt.Fprintf(&text, "Then the page cannot read the headers %q\n", strings.Join(sorted(hidden), ", "))
		}
	case o.Kind == simulator.KindReadable && o.Status == 200:
		text.WriteString("Then the page can read the response\n")
	case o.Kind == simulator.KindReadable:
		fmt.Fprintf(&text, "Then the page can read the status %d\n", o.Status)
	default:
		fmt.Fprintf(&text, "Then %s\n", words(o))
	}
	return text.String()
}
