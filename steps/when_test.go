package steps_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// asked runs the When step and gives the request that the browser was asked to make.
func asked(t *testing.T, step string) simulator.Request {
	t.Helper()
	var mutex sync.Mutex
	var requests []simulator.Request
	browser := &fakeBrowser{name: "chrome", fetch: func(_ int, request simulator.Request) (simulator.Outcome, error) {
		mutex.Lock()
		defer mutex.Unlock()
		requests = append(requests, request)
		return readable(request, 200), nil
	}}
	results := runFeature(t, `
Feature: F
  Scenario: S
    Given an API at "https://api.example.com" that knows nothing about CORS
    And a page at "https://app.example.com"
    When `+step+`
    Then the page can read the response
`, &fakeEnvironment{}, browser)
	require.Equal(t, report.Pass, results[0].Verdict, results[0].Message)
	require.Len(t, requests, 1)
	return requests[0]
}

func TestEachInterfaceOfAPageMakesItsRequest(t *testing.T) {
	for step, want := range map[string]simulator.Request{
		`the page loads the image "https://api.example.com/x"`:                          {Method: "GET", Initiator: simulator.InitiatorImage},
		`the page loads the image with crossorigin "https://api.example.com/x"`:         {Method: "GET", Initiator: simulator.InitiatorImageAnonymous},
		`the page loads the script with credentials "https://api.example.com/x"`:        {Method: "GET", Initiator: simulator.InitiatorScriptUseCredentials},
		`the page loads the module script "https://api.example.com/x"`:                  {Method: "GET", Initiator: simulator.InitiatorModuleScript},
		`the page loads the module script with credentials "https://api.example.com/x"`: {Method: "GET", Initiator: simulator.InitiatorModuleScriptUseCredentials},
		`the page loads the stylesheet "https://api.example.com/x"`:                     {Method: "GET", Initiator: simulator.InitiatorStylesheet},
		`the page loads the stylesheet with crossorigin "https://api.example.com/x"`:    {Method: "GET", Initiator: simulator.InitiatorStylesheetAnonymous},
		`the page loads the font "https://api.example.com/x"`:                           {Method: "GET", Initiator: simulator.InitiatorFont},
		`the page opens an event stream "https://api.example.com/x"`:                    {Method: "GET", Initiator: simulator.InitiatorEventSource},
		`the page opens an event stream "https://api.example.com/x" with credentials`:   {Method: "GET", Initiator: simulator.InitiatorEventSourceWithCredentials},
		`the page sends a beacon 'left' to "https://api.example.com/x"`: {
			Method: "POST", Initiator: simulator.InitiatorBeacon, Body: &simulator.Body{Text: "left"},
		},
		`the page sends a beacon '{"a":1}' of type "application/json" to "https://api.example.com/x"`: {
			Method: "POST", Initiator: simulator.InitiatorBeacon, Body: &simulator.Body{Text: `{"a":1}`, Blob: true, Type: "application/json"},
		},
	} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			want.URL = "https://api.example.com/x"
			require.Equal(t, want, asked(t, step))
		})
	}
}

func TestAnAnswerHasABodyOfItsType(t *testing.T) {
	for contentType, start := range map[string]string{"image/png": "GIF89a", "text/javascript": `"use strict"`, "application/json": "{"} {
		environment := &fakeEnvironment{}
		runFeature(t, `
Feature: F
  Scenario: S
    Given an API at "https://api.example.com" that answers every request with the headers
      | Content-Type | `+contentType+` |
    And a page at "https://app.example.com"
    When the page loads the image "https://api.example.com/x"
    Then the page can read the response
`, environment, answering("chrome", 200))
		require.Len(t, environment.applied, 1)
		require.Regexp(t, "^"+start, environment.applied[0].Services[0].App.Responses[0].Body)
	}
}

func TestWhatTellsUploadsAndTimingIsCompared(t *testing.T) {
	telling := func(name string, timed bool, heard *bool) *fakeBrowser {
		return &fakeBrowser{name: name, fetch: func(_ int, request simulator.Request) (simulator.Outcome, error) {
			outcome := readable(request, 200)
			outcome.TimingAllowed, outcome.UploadEvents = timed, heard
			return outcome, nil
		}}
	}
	results := runFeature(t, readableAPI, &fakeEnvironment{}, telling("simulator", true, new(true)), telling("chrome", false, new(false)))
	require.Equal(t, report.SimulatorMismatch, results[0].Verdict)
	require.Equal(t, []report.Difference{
		{Browser: "chrome", Field: "resource timing", Predicted: "detailed", Observed: "no details"},
		{Browser: "chrome", Field: "upload events", Predicted: "heard", Observed: "not heard"},
	}, results[0].Requests[0].Differences)
}
