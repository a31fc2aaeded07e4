package report

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// featureView is a feature as the page shows it.
type featureView struct {
	Anchor        string
	Name, File    string
	Summary       Summary
	Passed        float64
	Failed        float64
	SkippedOffset float64
	// Hops are the columns of the matrix between the verdict and what the page gets.
	Hops      []string
	Columns   int
	Scenarios []scenarioView
}

// scenarioView is a scenario's row in the matrix.
type scenarioView struct {
	Scenario
	// Anchor is the scenario's ID as a link can name it.
	Anchor string
	// Row tells the rows of an outline apart.
	Row      string
	Cells    []matrixCell
	Outcomes []string
	// Search is what the page's search looks in besides what the row shows.
	Search string
	// Details are there at once for the first failures. Those of the others are the
	// Part of a Pack.
	Details    template.HTML
	Pack, Part int
}

// detailsView is everything that is known of a scenario.
type detailsView struct {
	Scenario
	Anchor string
	// Cause is the message, where no step says it already.
	Cause    string
	Requests []requestView
}

// requestView is a request's verdicts, its exchanges and the decision.
type requestView struct {
	Request
	Verdicts comparison
	Wires    []wireView
	Trace    []simulator.Step
	// Meant: the scenario expects what happened, so that the advice is for who wants it otherwise.
	Meant bool
}

// wireView is what one browser sent and got, and what the hops saw of it.
type wireView struct {
	Browser   string
	Open      bool
	Exchanges []exchangeView
	// Counted is what the mesh proxies counted, a line for each series.
	Counted []string
	// Others are requests that arrived and that the browser does not tell of.
	Others []transitView
}

type exchangeView struct {
	simulator.Exchange
	Request, Response headersView
	Transit           *transitView
}

// headersView is a header: the lines that matter across origins, and the others.
type headersView struct{ Deciding, Others []headerView }

// headerView is one header line.
type headerView struct{ Name, Value string }

// transitView is one request's way through the hops: a table with a column for
// each hop and a row for each header.
type transitView struct {
	harness.Transit
	Rows []hopRow
}

type hopRow struct {
	Header string
	Cells  []hopCell
}

// hopCell is what a hop made of a header; the zero value: the header is not there yet.
type hopCell struct {
	Word string
	// Lines are the header's lines as they left the hop, Removed the members of its
	// list that came to the hop and did not leave it.
	Lines   [][]headerMember
	Removed []string
}

// headerMember is a member of a header's list as it was written; Added: the hop put it in.
type headerMember struct {
	Text  string
	Added bool
}

func featureViewOf(f feature, number int) featureView {
	view := featureView{
		Anchor: fmt.Sprintf("feature-%d", number), Name: f.Name, File: f.File, Summary: f.Summary,
		Passed:        percent(f.Summary.Passed, f.Summary.Scenarios),
		Failed:        percent(f.Summary.Failed, f.Summary.Scenarios),
		SkippedOffset: percent(f.Summary.Passed+f.Summary.Failed, f.Summary.Scenarios),
		Hops:          hopColumns(f.Scenarios),
	}
	view.Columns = len(view.Hops) + 3
	for _, scenario := range f.Scenarios {
		view.Scenarios = append(view.Scenarios, scenarioViewOf(scenario, view.Hops))
	}
	return view
}

func scenarioViewOf(s Scenario, hops []string) scenarioView {
	// An id attribute takes anything but white space.
	view := scenarioView{
		Scenario: s, Anchor: strings.Join(strings.Fields(s.ID), "-"), Row: exampleRow(s.ID),
		Cells: matrixRow(s, hops), Outcomes: s.outcomes(),
	}
	words := append([]string{s.Feature, s.Message, strings.Join(s.Tags, " ")}, s.Notes...)
	for _, request := range s.Requests {
		words = append(words, request.Text, request.Page.URL)
		for _, result := range request.Browsers {
			words = append(words, result.Browser, outcomeLine(result.Outcome))
		}
	}
	view.Search = strings.ToLower(strings.Join(distinct(words), " "))
	return view
}

// distinct gives the words in their order, each once.
func distinct(words []string) []string {
	seen := map[string]bool{"": true}
	return slices.DeleteFunc(words, func(word string) bool {
		known := seen[word]
		seen[word] = true
		return known
	})
}

func detailsViewOf(s Scenario, anchor string) detailsView {
	view := detailsView{Scenario: s, Anchor: anchor, Cause: s.Message}
	for _, step := range s.Steps {
		if step.failed() && step.Message != "" && strings.Contains(s.Message, step.Message) {
			view.Cause = ""
		}
	}
	for _, request := range s.Requests {
		view.Requests = append(view.Requests, requestViewOf(s, request))
	}
	return view
}

func requestViewOf(s Scenario, request Request) requestView {
	view := requestView{Request: request, Verdicts: compare(s, request), Meant: s.Verdict == Pass}
	for _, result := range view.Verdicts.Columns {
		view.Wires = append(view.Wires, wireViewOf(result, s.failed()))
		if len(result.Outcome.Trace) > 0 {
			view.Trace = result.Outcome.Trace
		}
	}
	return view
}

func wireViewOf(result BrowserResult, failed bool) wireView {
	view := wireView{Browser: result.Browser, Open: failed && result.Browser != browserSimulator}
	for _, service := range sortedKeys(result.ResponseTotal) {
		for _, series := range result.ResponseTotal[service] {
			view.Counted = append(view.Counted, fmt.Sprintf("%s: %d × status %d, classified as %s", service, series.Value, series.StatusCode, series.Classification))
		}
	}
	taken := make([]bool, len(result.Transits))
	for _, exchange := range result.Outcome.Exchanges {
		shown := exchangeView{
			Exchange: exchange,
			Request:  headersViewOf(exchange.RequestHeader, CrossOriginRequestHeader),
			Response: headersViewOf(exchange.ResponseHeader, CrossOriginResponseHeader),
		}
		for i, transit := range result.Transits {
			if !taken[i] && transit.Method == exchange.Method && sameURL(transit.URL, exchange.URL) {
				taken[i] = true
				view := transitViewOf(transit)
				shown.Transit = &view
				break
			}
		}
		view.Exchanges = append(view.Exchanges, shown)
	}
	for i, transit := range result.Transits {
		if !taken[i] {
			view.Others = append(view.Others, transitViewOf(transit))
		}
	}
	return view
}

func headersViewOf(header http.Header, decides func(string) bool) headersView {
	var view headersView
	for _, name := range sortedKeys(header) {
		for _, value := range header[name] {
			if decides(name) {
				view.Deciding = append(view.Deciding, headerView{name, value})
			} else {
				view.Others = append(view.Others, headerView{name, value})
			}
		}
	}
	return view
}

func transitViewOf(transit harness.Transit) transitView {
	view := transitView{Transit: transit}
	for _, event := range HeaderEvents(transit.Hops) {
		if n := len(view.Rows); n == 0 || view.Rows[n-1].Header != event.Header {
			view.Rows = append(view.Rows, hopRow{Header: event.Header, Cells: make([]hopCell, len(transit.Hops))})
		}
		view.Rows[len(view.Rows)-1].Cells[event.Index] = hopCellOf(event)
	}
	return view
}

// hopCellOf compares list members as [actionOf] does. Those of a header that the hop set are not marked: all are new.
func hopCellOf(event HeaderEvent) hopCell {
	cell := hopCell{Word: eventWord(event)}
	if event.Action == ActionDropped {
		cell.Removed = event.Before
		return cell
	}
	left := map[string]int{}
	for _, member := range listMembers(event.Before) {
		left[member]++
	}
	for _, line := range event.After {
		var members []headerMember
		for text := range strings.SplitSeq(line, ",") {
			member := strings.TrimSpace(text)
			members = append(members, headerMember{text, event.Action != ActionSet && left[member] == 0})
			left[member] = max(0, left[member]-1)
		}
		cell.Lines = append(cell.Lines, members)
	}
	for _, member := range listMembers(event.Before) {
		if left[member] > 0 {
			cell.Removed = append(cell.Removed, member)
			left[member]--
		}
	}
	return cell
}
