package steps_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// varied is a browser that reads an answer which is new each time.
func varied(name, id string, change func(*simulator.Outcome)) *fakeBrowser {
	return &fakeBrowser{name: name, fetch: func(_ int, request simulator.Request) (simulator.Outcome, error) {
		outcome := readable(request, 200)
		outcome.Body = []byte("made for " + id)
		outcome.Header = http.Header{"X-Request-Id": {id}, "Date": {"now"}}
		outcome.Exchanges[0].RequestHeader.Set("Cookie", "theme=dark; session="+id)
		outcome.Exchanges[0].ResponseHeader = http.Header{"X-Request-Id": {id}, "Etag": {id}, "Access-Control-Allow-Origin": {"*"}}
		if change != nil {
			change(&outcome)
		}
		return outcome, nil
	}}
}

const readIt = "the page can read the response\n"

func TestAnswersOfADeployedAPIMayDifferInWhatDecidesNothing(t *testing.T) {
	simulated, observed := varied("simulator", "1", nil), varied("chrome", "2", nil)
	result := runFeature(t, deployedAPI+readIt, &fakeEnvironment{}, simulated, observed)[0]
	require.Equal(t, report.Pass, result.Verdict, result.Message)

	result = runFeature(t, readableAPI, &fakeEnvironment{}, simulated, observed)[0]
	require.Equal(t, report.SimulatorMismatch, result.Verdict, "an API of ours answers all alike")
}

func TestADeployedAPIIsComparedInWhatBrowsersMakeOfIt(t *testing.T) {
	for field, change := range map[string]func(*simulator.Outcome){
		"readable headers":     func(o *simulator.Outcome) { o.Header.Set("Etag", "2") },
		"exchange 1: Cookie":   func(o *simulator.Outcome) { o.Exchanges[0].RequestHeader.Set("Cookie", "theme=dark") },
		"exchange 1: Origin":   func(o *simulator.Outcome) { o.Exchanges[0].RequestHeader.Set("Origin", "null") },
		"final URL":            func(o *simulator.Outcome) { o.URL = "https://api.example.com/other" },
		"response type":        func(o *simulator.Outcome) { o.Type = simulator.ResponseBasic },
		"requests on the wire": func(o *simulator.Outcome) { o.Exchanges = append(o.Exchanges, o.Exchanges[0]) },
	} {
		result := runFeature(t, deployedAPI+readIt, &fakeEnvironment{}, varied("simulator", "1", nil), varied("chrome", "2", change))[0]
		require.Equal(t, report.SimulatorMismatch, result.Verdict, "%s: %s", field, result.Message)
		require.Contains(t, result.Message, field)
	}
}

func TestADeployedAPIThatAnswersInTwoWaysIsNoMismatch(t *testing.T) {
	limited := varied("chrome", "2", func(o *simulator.Outcome) { o.Status, o.Exchanges[0].Status = 429, 429 })
	result := runFeature(t, deployedAPI+readIt, &fakeEnvironment{}, varied("simulator", "1", nil), limited)[0]
	require.Equal(t, report.EnvironmentError, result.Verdict)
	require.Contains(t, result.Message, "the API answered GET https://api.example.com/x in two ways: to simulator with [200; Access-Control-Allow-Origin: *], to chrome with [429; ")
	require.Contains(t, result.Message, "lower live.rate")
}

func TestAReportShowsNothingOfWhatADeployedAPITellsItsUser(t *testing.T) {
	browser := varied("simulator", "private", func(o *simulator.Outcome) {
		o.Exchanges[0].ResponseHeader["Set-Cookie"] = []string{"sid=private; Secure; HttpOnly", "gone"}
		o.Exchanges[0].RequestHeader.Set("Cookie", "theme=private; session=${SESSION}")
		o.Exchanges[0].ResponseHeader.Set("X-Request-Id", "7")
		o.Exchanges[0].ResponseHeader.Set("Etag", "7")
		o.Header.Set("X-Request-Id", "7")
	})
	result := runFeature(t, deployedAPI+readIt, &fakeEnvironment{}, browser)[0]
	require.Equal(t, report.Pass, result.Verdict, result.Message)
	written, err := json.Marshal(result)
	require.NoError(t, err)
	require.NotContains(t, string(written), "private")
	exchange := result.Requests[0].Browsers[0].Outcome.Exchanges[0]
	require.Equal(t, []string{"sid=…; Secure; HttpOnly", "gone"}, exchange.ResponseHeader["Set-Cookie"])
	require.Equal(t, "theme=…; session=${SESSION}", exchange.RequestHeader.Get("Cookie"))
	require.Nil(t, result.Requests[0].Browsers[0].Outcome.Body)
}
