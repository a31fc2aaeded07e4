package steps_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

const edgeFeature = `Feature: F
  Scenario: S
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors | true |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/x"
    Then the page can read the response
`

// atTheEdge is what a real controller answered, and what its model says.
func atTheEdge(predicted harness.Prediction, observed harness.HopResponse) harness.Observation {
	predicted.Hop, observed.Hop = "ingress-nginx v1.11.0 (model)", "ingress-nginx v1.11.0"
	return harness.Observation{Transits: []harness.Transit{{
		Service: "API", Method: "GET", URL: "https://api.example.com/x", RequestHeader: http.Header{}, ReachedApp: true,
		Hops:      []harness.HopResponse{{Hop: "app", Status: 200, Header: http.Header{}}, observed, {Hop: "shared cache", Status: 299, Header: http.Header{}}},
		Predicted: &predicted,
	}}}
}

func TestAControllerThatAnswersOtherwiseThanItsModelFailsInAWayOfItsOwn(t *testing.T) {
	star := http.Header{"Access-Control-Allow-Origin": {"*"}, "Server": {"nginx"}}
	for name, test := range map[string]struct {
		predicted harness.Prediction
		observed  harness.HopResponse
		verdict   report.Verdict
		message   string
	}{
		"as predicted": {harness.Prediction{Status: 200, Header: http.Header{"access-control-allow-origin": {"*"}}, ReachedApp: true}, harness.HopResponse{Status: 200, Header: star}, report.Pass, ""},
		"another status": {
			harness.Prediction{Status: 204, Header: star, ReachedApp: true},
			harness.HopResponse{Status: 200, Header: star},
			report.EdgeModelMismatch,
			"status: the model predicted [204], ingress-nginx v1.11.0 gave [200]",
		},
		"a header more": {
			harness.Prediction{Status: 200, Header: http.Header{}, ReachedApp: true},
			harness.HopResponse{Status: 200, Header: star},
			report.EdgeModelMismatch,
			"CORS headers: the model predicted [], ingress-nginx v1.11.0 gave [Access-Control-Allow-Origin: *]",
		},
		"a header twice": {
			harness.Prediction{Status: 200, Header: star, ReachedApp: true},
			harness.HopResponse{Status: 200, Header: http.Header{"Access-Control-Allow-Origin": {"*", "*"}}},
			report.EdgeModelMismatch,
			"gave [Access-Control-Allow-Origin: *; Access-Control-Allow-Origin: *]",
		},
		"not at the app": {
			harness.Prediction{Status: 200, Header: star},
			harness.HopResponse{Status: 200, Header: star},
			report.EdgeModelMismatch,
			"reached the app: the model predicted [false], ingress-nginx v1.11.0 gave [true]",
		},
		"nobody waited": {harness.Prediction{Status: 504, Header: star, ReachedApp: true}, harness.HopResponse{}, report.Pass, ""},
	} {
		t.Run(name, func(t *testing.T) {
			environment := &fakeEnvironment{seen: atTheEdge(test.predicted, test.observed)}
			result := runFeature(t, edgeFeature, environment, answering("simulator", 200), answering("chrome", 200))[0]
			require.Equal(t, test.verdict, result.Verdict, result.Message)
			require.Contains(t, result.Message, test.message)
			if test.verdict == report.EdgeModelMismatch {
				require.Len(t, result.Requests[0].EdgeDifferences, 2, "one in each browser")
			}
		})
	}
}

func TestProxiesThatCountOtherwiseThanTheirModelFailInTheSameWay(t *testing.T) {
	meshed := strings.Replace(edgeFeature, "And its Ingress has the annotations\n      | enable-cors | true |", "And its pods are meshed by Linkerd", 1)
	counted := func(status, value int, client string) map[string][]linkerd.ResponseTotal {
		return map[string][]linkerd.ResponseTotal{"API": {{Classification: "success", StatusCode: status, ClientID: client, Value: value}}}
	}
	for name, test := range map[string]struct {
		predicted map[string][]linkerd.ResponseTotal
		verdict   report.Verdict
		message   string
	}{
		"the same but for the client": {counted(200, 1, ""), report.Pass, ""},
		"no model":                    {nil, report.Pass, ""},
		"another status":              {counted(204, 1, ""), report.EdgeModelMismatch, "response_total: the model predicted [success 204: 1], linkerd-proxy gave [success 200: 1]"},
		"another number":              {counted(200, 2, ""), report.EdgeModelMismatch, "the model predicted [success 200: 2], linkerd-proxy gave [success 200: 1]"},
		"nothing":                     {map[string][]linkerd.ResponseTotal{"API": {}}, report.EdgeModelMismatch, "the model predicted [], linkerd-proxy gave [success 200: 1]"},
	} {
		t.Run(name, func(t *testing.T) {
			environment := &fakeEnvironment{seen: harness.Observation{ResponseTotal: counted(200, 1, "ingress"), PredictedTotal: test.predicted}}
			result := runFeature(t, meshed, environment, answering("simulator", 200))[0]
			require.Equal(t, test.verdict, result.Verdict, result.Message)
			require.Contains(t, result.Message, test.message)
		})
	}
}

func TestTheDeploymentIsReleasedAtTheEndOfTheScenario(t *testing.T) {
	environment := &fakeEnvironment{}
	runFeature(t, edgeFeature, environment, answering("simulator", 200))
	require.Equal(t, int32(1), environment.released.Load())
}

func TestWhatOnlyLinkerdKnowsIsSkippedWhereThereIsNone(t *testing.T) {
	const meshed = `Feature: F
  Scenario: S
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its pods are meshed by Linkerd
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/x"
    Then the page can read the response
    And `
	for _, step := range []string{
		"Linkerd counted a success", `the answer leaves the Linkerd proxy without the header "Vary"`,
	} {
		result := runFeature(t, meshed+step+"\n", &fakeEnvironment{}, answering("simulator", 200))[0]
		require.Equal(t, report.Skipped, result.Verdict, step)
		require.Equal(t, "Linkerd is not installed in this environment", result.Message)
	}
}
