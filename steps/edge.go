package steps

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

// edgeDifferences compares what the edge models say of each exchange with what
// the real hop did: the status, the headers that CORS looks at, whether the app was asked, what the mesh counted.
func edgeDifferences(request report.Request) []report.EdgeDifference {
	var found []report.EdgeDifference
	for _, result := range request.Browsers {
		for _, transit := range result.Transits {
			if transit.Predicted == nil {
				continue
			}
			if i := slices.IndexFunc(transit.Hops, func(hop harness.HopResponse) bool { return strings.HasPrefix(transit.Predicted.Hop, hop.Hop) }); i >= 0 {
				found = append(found, compareEdge(result.Browser, transit, transit.Hops[i])...)
			}
		}
		found = append(found, compareTotals(request.Request, result)...)
	}
	return found
}

// compareTotals compares what the model of Linkerd's proxies counts with what they counted.
func compareTotals(request simulator.Request, result report.BrowserResult) []report.EdgeDifference {
	var found []report.EdgeDifference
	for _, service := range slices.Sorted(maps.Keys(result.PredictedTotal)) {
		predicted, observed := series(result.PredictedTotal[service]), series(result.ResponseTotal[service])
		if !slices.Equal(predicted, observed) {
			found = append(found, report.EdgeDifference{
				Browser: result.Browser, Method: request.Method, URL: request.URL, Hop: hops["Linkerd proxy"], Field: "response_total",
				Predicted: predicted, Observed: observed,
			})
		}
	}
	return found
}

// series are counters without the labels that only a real proxy has, one a line.
func series(totals []linkerd.ResponseTotal) []string {
	counts := map[string]int{}
	for _, total := range totals {
		counts[fmt.Sprintf("%s %d", total.Classification, total.StatusCode)] += total.Value
	}
	lines := []string{}
	for _, labels := range slices.Sorted(maps.Keys(counts)) {
		lines = append(lines, fmt.Sprintf("%s: %d", labels, counts[labels]))
	}
	return lines
}

func compareEdge(browser string, transit harness.Transit, observed harness.HopResponse) []report.EdgeDifference {
	if observed.Status == 0 {
		// The client did not wait for an answer, so there is none to compare.
		return nil
	}
	var found []report.EdgeDifference
	field := func(name string, prediction, observation []string) {
		if !slices.Equal(prediction, observation) {
			found = append(found, report.EdgeDifference{
				Browser: browser, Method: transit.Method, URL: transit.URL, Hop: observed.Hop, Field: name, Predicted: prediction, Observed: observation,
			})
		}
	}
	predicted := transit.Predicted
	field("status", []string{strconv.Itoa(predicted.Status)}, []string{strconv.Itoa(observed.Status)})
	field("reached the app", []string{strconv.FormatBool(predicted.ReachedApp)}, []string{strconv.FormatBool(transit.ReachedApp)})
	field("CORS headers", corsHeaders(predicted.Header), corsHeaders(observed.Header))
	return found
}

// corsHeaders are the headers that a browser looks at for CORS, and that by
// which caches do, one a line.
func corsHeaders(header http.Header) []string {
	lines := []string{}
	for name, values := range header {
		name = http.CanonicalHeaderKey(name)
		if strings.HasPrefix(name, "Access-Control-") || name == "Vary" {
			for _, value := range values {
				lines = append(lines, name+": "+value)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// edgeMessage is the cause of a verdict, with both header lists.
func edgeMessage(differences []report.EdgeDifference) string {
	lines := []string{"every expectation holds, but a hop did something else than its model says:"}
	for _, d := range differences {
		lines = append(lines, fmt.Sprintf("%s %s in %s: %s: the model predicted [%s], %s gave [%s]",
			d.Method, d.URL, d.Browser, d.Field, strings.Join(d.Predicted, "; "), d.Hop, strings.Join(d.Observed, "; ")))
	}
	return strings.Join(lines, "\n")
}
