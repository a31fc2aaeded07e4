package cluster

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

// GoldenRequest is what became of one request of a script's at an app in the mesh, without an ingress controller in the way.
type GoldenRequest struct {
	Linkerd harness.Linkerd `json:"linkerd"`
	App     harness.App     `json:"app"`
	// Exchanges are what was on the wire for it: the request itself, and the preflight before it.
	Exchanges []GoldenTransit `json:"exchanges"`
	// Counted is what the proxy beside the app counted of them, in the order of the series' names.
	Counted []string `json:"counted"`
}

// noteMesh keeps what became of a request at a service, where all of it went to the mesh and was answered.
func (g *Golden) noteMesh(s *placedService, seen harness.Observation) error {
	if g == nil || s.Ingress != nil || s.Edge != nil || s.SharedCache || len(seen.Transits) == 0 {
		return nil
	}
	golden := GoldenRequest{Linkerd: *s.Linkerd, App: s.App, Counted: seriesOf(seen.ResponseTotal[s.Name])}
	for _, transit := range seen.Transits {
		through := slices.IndexFunc(transit.Hops, func(hop harness.HopResponse) bool { return hop.Hop == hopLinkerd })
		if transit.Service != s.Name || through < 0 || transit.Hops[through].Status == 0 {
			return nil
		}
		exchange := GoldenTransit{
			Method: transit.Method, URL: transit.URL, Request: only(transit.RequestHeader, goldenRequest), ReachedApp: transit.ReachedApp,
			Status: transit.Hops[through].Status, Header: decisive(transit.Hops[through].Header),
		}
		if transit.ReachedApp {
			exchange.AppStatus, exchange.AppHeader = transit.Hops[0].Status, decisive(transit.Hops[0].Header)
		}
		golden.Exchanges = append(golden.Exchanges, exchange)
	}
	return g.Mesh.add(golden)
}

// decisive are the headers of an answer that CORS and caches look at.
func decisive(header http.Header) http.Header {
	kept := only(header, goldenAnswer)
	maps.Copy(kept, corsOf(header))
	return kept
}

// seriesOf are counters without the labels that a model does not know.
func seriesOf(totals []linkerd.ResponseTotal) []string {
	counts := map[string]int{}
	for _, total := range totals {
		counts[fmt.Sprintf("%s %d", total.Classification, total.StatusCode)] += total.Value
	}
	list := []string{}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, fmt.Sprintf("%s: %d", name, counts[name]))
	}
	return list
}
