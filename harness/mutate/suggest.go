package mutate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// expectation is what a scenario would have to expect to kill a mutant: of which
// request of which probe, and what.
type expectation struct {
	probe, request int
	before         string
}

// suggest writes the scenarios that would kill the policy's survivors: as few
// expectations as cover them all, the one that kills most first.
func (p *Policy) suggest() {
	for left := p.Survivors(); len(left) > 0; {
		kills, weights := map[expectation]int{}, map[expectation]int{}
		for _, mutant := range left {
			for expected, difference := range mutant.by {
				kills[expected]++
				weights[expected] += difference.weight()
			}
		}
		var candidates []expectation
		for expected := range kills {
			candidates = append(candidates, expected)
		}
		if len(candidates) == 0 {
			// What changed in a scenario's own requests, and in no probe: the scenario's line tells where.
			return
		}
		best := slices.MinFunc(candidates, func(a, b expectation) int {
			return cmp.Or(kills[b]-kills[a], weights[a]-weights[b], a.probe-b.probe, a.request-b.request, strings.Compare(a.before, b.before))
		})
		var example Difference
		left = slices.DeleteFunc(left, func(mutant *Mutant) bool {
			difference, killed := mutant.by[best]
			if killed {
				example = difference
			}
			return killed
		})
		p.Suggestions = append(p.Suggestions, example.gherkin())
	}
}

// patient is how long a scenario may wait for a max-age to be over: a real browser waits for real.
const patient = 10 * time.Second

// gherkin writes a session as steps, and what the policy makes of its last request as expectations.
func (d *Difference) gherkin() string {
	var text strings.Builder
	page := ""
	var waited time.Duration
	for _, act := range d.probe {
		if waited += act.wait; waited > patient {
			return d.maxAge()
		}
		if words := pageWords(act.page); words != page {
			fmt.Fprintf(&text, "Given %s\n", words)
			page = words
		}
		if seconds := int(act.wait / time.Second); seconds == 1 {
			text.WriteString("When 1 second passes\n")
		} else if seconds > 1 {
			fmt.Fprintf(&text, "When %d seconds pass\n", seconds)
		}
		text.WriteString(when(act.request))
	}
	o := d.before
	switch {
	case strings.HasPrefix(d.Before, "sent: "), d.Before == "nothing is sent":
		fmt.Fprintf(&text, "Then the browser sends %s\n", preflights(len(o.Preflights())))
	case strings.HasPrefix(d.Before, "the page reads "):
		text.WriteString(readable(o))
	case o.Kind == simulator.KindReadable && o.Status == 200:
		text.WriteString("Then the page can read the response\n")
	case o.Kind == simulator.KindReadable:
		fmt.Fprintf(&text, "Then the page can read the status %d\n", o.Status)
	default:
		fmt.Fprintf(&text, "Then %s\n", words(o))
	}
	return text.String()
}

func preflights(n int) string {
	switch n {
	case 0:
		return "no preflight"
	case 1:
		return "a preflight"
	default:
		return fmt.Sprintf("%d preflights", n)
	}
}

// readable expects the headers that the page reads, and those that it does not.
func readable(o outcome) string {
	var shown, hidden []string
	for name := range o.Exchanges[len(o.Exchanges)-1].ResponseHeader {
		switch {
		case strings.HasPrefix(name, "Access-Control-"), name == "Vary", name == "Date", name == "Set-Cookie":
		case o.Header.Get(name) != "":
			shown = append(shown, name)
		default:
			hidden = append(hidden, name)
		}
	}
	slices.Sort(shown)
	slices.Sort(hidden)
	text := ""
	if len(shown) > 0 {
		text += fmt.Sprintf("Then the page can read the headers %q\n", strings.Join(shown, ", "))
	}
	if len(hidden) > 0 {
		text += fmt.Sprintf("Then the page cannot read the headers %q\n", strings.Join(hidden, ", "))
	}
	return text
}

// maxAge expects the header itself where its effect is too long to wait for: a
// client without CORS asks as the preflight does.
func (d *Difference) maxAge() string {
	preflights := d.first.Preflights()
	if len(preflights) == 0 {
		return ""
	}
	sent, answered := preflights[0].RequestHeader, preflights[0].ResponseHeader
	text := fmt.Sprintf("When curl sends %q with the headers\n  | Origin | %s |\n  | Access-Control-Request-Method | %s |\n",
		"OPTIONS "+preflights[0].URL, sent.Get("Origin"), sent.Get("Access-Control-Request-Method"))
	if values := answered.Values("Access-Control-Max-Age"); len(values) > 0 {
		return text + fmt.Sprintf("Then curl gets the headers\n  | Access-Control-Max-Age | %s |\n", strings.Join(values, ", "))
	}
	return text + "Then curl gets no header \"Access-Control-Max-Age\"\n"
}
