package report

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

func through(reachedApp bool, hops ...harness.HopResponse) Scenario {
	return Scenario{Requests: []Request{{Browsers: []BrowserResult{{
		Browser: "chrome", Outcome: simulator.Outcome{Kind: simulator.KindReadable, Status: 200},
		Transits: []harness.Transit{{ReachedApp: reachedApp, Hops: hops}},
	}}}}}
}

func TestTheMatrixSaysTheGravestOfEachHop(t *testing.T) {
	const origin, methods = "Access-Control-Allow-Origin", "Access-Control-Allow-Methods"
	for name, test := range map[string]struct {
		scenario Scenario
		want     []string
	}{
		"nothing said":           {through(true, hop("app", 200), hop("edge", 200)), []string{"no CORS headers", "passed on"}},
		"set and passed on":      {through(true, hop("app", 200, origin, "*"), hop("edge", 200, origin, "*")), []string{"set Allow-Origin", "passed on"}},
		"set by the edge":        {through(true, hop("app", 200, "Vary", "Origin"), hop("edge", 200, "Vary", "Origin", methods, "GET", origin, "*")), []string{"set Vary", "set Allow-Origin +1"}},
		"doubled and more":       {through(true, hop("app", 200, origin, "*"), hop("edge", 200, origin, "*", origin, "*", methods, "GET")), []string{"set Allow-Origin", "doubled Allow-Origin"}},
		"dropped":                {through(true, hop("app", 200, origin, "*", methods, "GET"), hop("edge", 200)), []string{"set Allow-Origin +1", "dropped Allow-Origin +1"}},
		"answered before it":     {through(false, hop("edge v1.15.1", 200, origin, "*", methods, "GET")), []string{"answered Allow-Origin +1"}},
		"two proxies of a name":  {through(true, hop("app", 200), hop("proxy", 200), hop("proxy", 200, "Vary", "Origin")), []string{"no CORS headers", "set Vary"}},
		"another hop's scenario": {Scenario{}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := []string{}
			for _, cell := range matrixRow(test.scenario, hopColumns([]Scenario{test.scenario})) {
				words := cell.Word
				if cell.Headers != "" {
					words += " " + cell.Headers
				}
				got = append(got, words)
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestTheColumnsStandInTheOrderOfTheWay(t *testing.T) {
	scenarios := []Scenario{
		through(true, hop("app", 200), hop("ingress-nginx v1.11.0", 200)),
		through(false, hop("ingress-nginx v1.15.1", 200), hop("cache", 200)),
		through(true, hop("app", 200), hop("linkerd-proxy", 200), hop("ingress-nginx v1.15.1", 200), hop("edge", 200), hop("cache", 200)),
	}
	require.Equal(t, []string{"app", "linkerd-proxy", "ingress-nginx", "edge", "cache"}, hopColumns(scenarios))
	require.Equal(t, matrixCell{Hop: "linkerd-proxy"}, matrixRow(scenarios[0], hopColumns(scenarios))[1], "no answer came through it")
}

func TestTheOutcomesOfManyRequestsAreFewLines(t *testing.T) {
	require.Equal(t, []string{"readable 200"}, through(true).outcomes())
	var s Scenario
	for _, status := range []int{200, 200, 204, 200, 404, 410} {
		s.Requests = append(s.Requests, Request{Browsers: []BrowserResult{{Browser: "curl", Outcome: simulator.Outcome{Kind: simulator.KindReadable, Status: status}}}})
	}
	require.Equal(t, []string{"readable 200", "readable 204", "readable 200", "and 2 more"}, s.outcomes())
	require.Empty(t, Scenario{}.outcomes())

	curl := through(true, hop("app", 200))
	curl.Requests[0].Browsers[0].Browser = "curl"
	require.Equal(t, []string{"app"}, hopColumns([]Scenario{curl}), "a client that is no browser goes the same way")
}
