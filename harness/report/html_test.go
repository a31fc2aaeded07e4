package report

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// pageNodes gives the elements of a report's page, packed ones too, parsed as a browser does.
func pageNodes(t *testing.T, r Report) []*html.Node {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, WriteHTML(&out, r))
	document, err := html.Parse(&out)
	require.NoError(t, err)
	nodes := elements(document)
	for _, node := range nodes {
		if class, _ := attribute(node, "class"); class == "pack" {
			details, err := html.Parse(strings.NewReader(unpack(t, node.FirstChild.Data)))
			require.NoError(t, err)
			nodes = append(nodes, elements(details)...)
		}
	}
	return nodes
}

func elements(document *html.Node) []*html.Node {
	var nodes []*html.Node
	for node := range document.Descendants() {
		if node.Type == html.ElementNode {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// unpack gives the HTML in a pack.
func unpack(t testing.TB, pack string) string {
	t.Helper()
	compressed, err := base64.StdEncoding.DecodeString(pack)
	require.NoError(t, err)
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(compressed)))
	require.NoError(t, err)
	return string(text)
}

func attribute(node *html.Node, name string) (string, bool) {
	for _, attribute := range node.Attr {
		if attribute.Key == name {
			return attribute.Val, true
		}
	}
	return "", false
}

func TestHostileScenariosAddNoMarkup(t *testing.T) {
	counts := map[string]int{}
	for _, node := range pageNodes(t, sampleReport()) {
		counts[node.Data]++
		for _, attribute := range node.Attr {
			require.False(t, strings.HasPrefix(attribute.Key, "on"), "an event handler: %v", attribute)
			require.NotEqual(t, "style", attribute.Key, "the page's policy lets no style attribute work")
			if attribute.Key == "href" {
				require.Regexp(t, `^(#|https://)`, attribute.Val)
			}
		}
	}
	require.Equal(t, 2, counts["script"], "ours, and one pack of details")
	require.Zero(t, counts["img"])
}

func TestThePageNeedsNothingFromOutside(t *testing.T) {
	for _, node := range pageNodes(t, sampleReport()) {
		require.NotContains(t, []string{"link", "iframe", "object", "embed", "base"}, node.Data)
		for _, name := range []string{"src", "srcset", "action"} {
			_, has := attribute(node, name)
			require.False(t, has, "%s of %s", name, node.Data)
		}
	}
	require.NotRegexp(t, `url\(|@import`, pageCSS)
}

func TestThePagesPolicyIsOfItsOwnStyleAndScript(t *testing.T) {
	found := 0
	for _, node := range pageNodes(t, sampleReport()) {
		if policy, ok := attribute(node, "content"); ok && strings.HasPrefix(policy, "default-src") {
			require.Contains(t, policy, "default-src 'none'")
			found++
		}
		if class, _ := attribute(node, "class"); node.Data == "style" || node.Data == "script" && class != "pack" {
			text := node.FirstChild.Data
			require.Contains(t, pageOf(Report{}).Policy, sourceHash(text), "the bytes between the tags are those that were hashed")
			found++
		}
	}
	require.Equal(t, 3, found)
}

func TestFailuresAreOpenAndPassesAreNot(t *testing.T) {
	open := map[string]bool{}
	for _, node := range pageNodes(t, sampleReport()) {
		if verdict, ok := attribute(node, "data-verdict"); ok {
			next := node.NextSibling
			for next != nil && next.Type != html.ElementNode {
				next = next.NextSibling
			}
			class := ""
			if next != nil {
				class, _ = attribute(next, "class")
			}
			_, packed := attribute(node, "data-pack")
			require.NotEqual(t, packed, class == "details", "the details are either there or packed")
			open[verdict] = !packed
		}
	}
	require.Equal(t, map[string]bool{
		"pass": false, "skipped": false, "unexpected-outcome": true, "simulator-mismatch": true, "edge-model-mismatch": true, "environment-error": true,
	}, open)
}

func TestNotEveryFailureOfABrokenEnvironmentIsOpen(t *testing.T) {
	var r Report
	for i := range maxInline + 2*packSize {
		s := sampleEnvironmentError()
		s.ID = fmt.Sprintf("%s#%d", s.ID, i)
		r.Scenarios = append(r.Scenarios, s)
	}
	packed := map[string]int{}
	for _, node := range pageNodes(t, r) {
		if pack, ok := attribute(node, "data-pack"); ok {
			packed[pack]++
		}
	}
	require.Equal(t, map[string]int{"0": packSize, "1": packSize}, packed)
}

func TestEveryControlAndTableHeadHasAName(t *testing.T) {
	for _, node := range pageNodes(t, sampleReport()) {
		switch node.Data {
		case "button", "th", "summary", "label":
			var text strings.Builder
			for child := range node.Descendants() {
				if child.Type == html.TextNode {
					text.WriteString(child.Data)
				}
			}
			require.NotEmpty(t, strings.TrimSpace(text.String()), node.Data)
		}
	}
}

func TestOnlyTheFieldThatDiffersIsMarked(t *testing.T) {
	s := sampleMismatch()
	c := compare(s, s.Requests[0])
	require.Equal(t, "simulator", c.Columns[0].Browser, "the prediction stands first")
	differing := map[string][]comparisonCell{}
	for _, row := range c.Rows {
		if row.Differs {
			differing[row.Field] = row.Cells
		}
	}
	require.Equal(t, map[string][]comparisonCell{
		"readable headers":    {{Lines: []string{`Etag: "1"`}, Differs: true}, {Differs: true}},
		"exchange 1: Referer": {{Lines: []string{appOrigin + "/"}, Differs: true}, {Differs: true}},
	}, differing)
}

func TestARequestIsExpectedWhatTheStepsAfterItSay(t *testing.T) {
	steps := []Step{
		{Keyword: "Then", Text: "before", Line: 1},
		{Keyword: "When", Text: "the page fetches A", Line: 2},
		{Keyword: "Then", Text: "a1", Line: 3},
		{Keyword: "Then", Text: "a2", Line: 4},
		{Keyword: "When", Text: "the page fetches B", Line: 5},
		{Keyword: "When", Text: "a minute passes", Line: 6},
		{Keyword: "Then", Text: "b", Line: 7},
	}
	for name, test := range map[string]struct {
		request Request
		want    []string
	}{
		"by line":              {Request{Line: 2, Text: "unlike the step"}, []string{"a1", "a2"}},
		"by words":             {Request{Text: "fetches A"}, []string{"a1", "a2"}},
		"the last":             {Request{Line: 5}, []string{"b"}},
		"a request of no step": {Request{Text: "C"}, []string{"before", "a1", "a2", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, step := range expectedSteps(Scenario{Steps: steps}, test.request) {
				got = append(got, step.Text)
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestTheHopTableHasACellForEveryHop(t *testing.T) {
	plain := func(lines ...string) (members [][]headerMember) {
		for _, line := range lines {
			members = append(members, []headerMember{{Text: line}})
		}
		return members
	}
	view := transitViewOf(sampleUnexpectedOutcome().Requests[0].Browsers[1].Transits[0])
	require.Equal(t, []hopRow{
		{"Access-Control-Allow-Origin", []hopCell{{Word: "set", Lines: plain(appOrigin)}, {Word: "unchanged", Lines: plain(appOrigin)}, {Word: "doubled", Lines: [][]headerMember{{{Text: appOrigin}}, {{appOrigin, true}}}}}},
		{"Access-Control-Expose-Headers", []hopCell{{Word: "set", Lines: plain("ETag")}, {Word: "unchanged", Lines: plain("ETag")}, {Word: "dropped", Removed: []string{"ETag"}}}},
		{"Vary", []hopCell{{Word: "set", Lines: plain("Origin")}, {Word: "unchanged", Lines: plain("Origin")}, {Word: "appended", Lines: [][]headerMember{{{Text: "Origin"}, {" Accept-Encoding", true}}}}}},
	}, view.Rows)
	require.Equal(t,
		hopCell{Word: "replaced", Lines: [][]headerMember{{{Text: "GET"}, {"PUT", true}}}, Removed: []string{"POST", "POST"}},
		hopCellOf(HeaderEvent{Header: "Access-Control-Allow-Methods", Action: ActionReplaced, Before: []string{"GET, POST", "POST"}, After: []string{"GET,PUT"}}))
}

func TestAnExchangeShowsTheTransitOfTheSameRequest(t *testing.T) {
	result := samplePass().Requests[0].Browsers[1]
	view := wireViewOf(result, false)
	require.Equal(t, "OPTIONS", view.Exchanges[0].Transit.Method)
	require.Equal(t, "PUT", view.Exchanges[1].Transit.Method)
	require.Empty(t, view.Others)
	result.Outcome.Exchanges = []simulator.Exchange{}
	require.Len(t, wireViewOf(result, false).Others, 2, "what arrived and is not told of is shown as well")
}
