package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
)

// matrixCell says what one hop did to a scenario's answers; the zero value: none came through it.
type matrixCell struct {
	Hop string
	// Word is the gravest thing that it did, Headers to which headers.
	Word    string
	Headers string
}

// The words of a cell that are no action on a header.
const (
	// wordAnswered: the hop answered itself, so that the request went no further.
	wordAnswered = "answered"
	// wordPassedOn: the hop let the answer through as it was.
	wordPassedOn = "passed on"
	// wordSilent: the app answered without any header that matters across origins.
	wordSilent  = "no CORS headers"
	wordDoubled = "doubled"
)

// gravity orders the words of a cell: what breaks pages comes first.
var gravity = []string{
	wordDoubled, string(ActionDropped), string(ActionReplaced), wordAnswered, string(ActionAppended), string(ActionSet), wordSilent, wordPassedOn,
}

// hopVersion is what follows a hop's name where several versions are in use.
var hopVersion = regexp.MustCompile(` v\d.*$`)

// hopColumn is the column of a hop: versions of one program share one.
func hopColumn(hop string) string { return hopVersion.ReplaceAllString(hop, "") }

// hopColumns are the hops through which answers came to any of the scenarios, the innermost first.
func hopColumns(scenarios []Scenario) []string {
	var columns []string
	for _, s := range scenarios {
		for _, transit := range s.shownTransits() {
			next := 0
			for _, hop := range transit.Hops {
				name := hopColumn(hop.Hop)
				i := slices.Index(columns, name)
				if i < 0 {
					columns = slices.Insert(columns, next, name)
					i = next
				}
				next = max(next, i+1)
			}
		}
	}
	return columns
}

// shownResult is the result that the matrix shows: that of the browser that counts, else that of a client that is none.
func shownResult(request Request) BrowserResult {
	result, ok := decidingResult(request)
	if !ok && len(request.Browsers) > 0 {
		return request.Browsers[0]
	}
	return result
}

// shownTransits are those of the results that are shown, over all requests.
func (s Scenario) shownTransits() []harness.Transit {
	var transits []harness.Transit
	for _, request := range s.Requests {
		transits = append(transits, shownResult(request).Transits...)
	}
	return transits
}

// matrixRow gives a scenario's cell for each column.
func matrixRow(s Scenario, columns []string) []matrixCell {
	did := map[string]map[string][]string{}
	for _, transit := range s.shownTransits() {
		for i, hop := range transit.Hops {
			column := hopColumn(hop.Hop)
			if did[column] == nil {
				did[column] = map[string][]string{}
			}
			word := wordPassedOn
			switch {
			case i == 0 && transit.ReachedApp:
				word = wordSilent
			case i == 0:
				word = wordAnswered
			}
			did[column][word] = append(did[column][word], "")
		}
		for _, event := range HeaderEvents(transit.Hops) {
			if event.Action == ActionUnchanged {
				continue
			}
			words := did[hopColumn(event.Hop)]
			words[eventWord(event)] = append(words[eventWord(event)], event.Header)
		}
	}
	row := make([]matrixCell, len(columns))
	for i, column := range columns {
		row[i].Hop = column
		for _, word := range gravity {
			if headers, ok := did[column][word]; ok {
				if word == wordAnswered {
					headers = did[column][string(ActionSet)]
				}
				row[i].Word, row[i].Headers = word, shortNames(headers)
				break
			}
		}
	}
	return row
}

// shortNames names the first header, and how many others there are.
func shortNames(headers []string) string {
	headers = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(headers))), func(name string) bool { return name == "" })
	if len(headers) == 0 {
		return ""
	}
	first := headers[0]
	if slices.Contains(headers, allowOrigin) {
		first = allowOrigin
	}
	first = strings.TrimPrefix(first, "Access-Control-")
	if len(headers) > 1 {
		return fmt.Sprintf("%s +%d", first, len(headers)-1)
	}
	return first
}

// matrixOutcomes is how many different outcomes of one scenario the matrix names.
const matrixOutcomes = 3

// outcomes says what the page got, a line for each outcome that differs from the one before.
func (s Scenario) outcomes() []string {
	var outcomes []string
	for _, request := range s.Requests {
		if line := outcomeLine(shownResult(request).Outcome); line != "" && (len(outcomes) == 0 || outcomes[len(outcomes)-1] != line) {
			outcomes = append(outcomes, line)
		}
	}
	if n := len(outcomes); n > matrixOutcomes {
		outcomes = append(outcomes[:matrixOutcomes:matrixOutcomes], fmt.Sprintf("and %d more", n-matrixOutcomes))
	}
	return outcomes
}
