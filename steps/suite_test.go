package steps_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/features"
	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/steps"
)

const readableAPI = `
Feature: F
  Scenario: S
    Given an API at "https://api.example.com" that knows nothing about CORS
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/x"
    Then the page can read the status 200
`

func TestAScenarioPassesWhenExpectedPredictedAndObservedAgree(t *testing.T) {
	results := runFeature(t, readableAPI, &fakeEnvironment{}, answering("simulator", 200), answering("chrome", 200))
	require.Equal(t, report.Pass, results[0].Verdict, results[0].Message)
	require.Equal(t, "a.feature:s", results[0].ID)
	require.Equal(t, 3, results[0].Line)
	require.Equal(t, 7, results[0].Steps[3].Line)
	require.Equal(t, report.StepPassed, results[0].Steps[3].Status)
	require.Len(t, results[0].Requests[0].Browsers, 2)
}

func TestAnExpectationThatOneBrowserDoesNotMeetFailsAndNamesTheBrowser(t *testing.T) {
	results := runFeature(t, readableAPI, &fakeEnvironment{}, answering("simulator", 200), answering("chrome", 403))
	require.Equal(t, report.UnexpectedOutcome, results[0].Verdict)
	require.Contains(t, results[0].Message, "line 7")
	require.Contains(t, results[0].Message, "chrome: got the page can read the response, status 403")
	require.NotContains(t, results[0].Message, "simulator:")
	require.Equal(t, report.StepFailed, results[0].Steps[3].Status)
}

func TestAPredictionThatIsNotObservedIsAMismatchThoughEveryExpectationHolds(t *testing.T) {
	surprising := answering("chrome", 200)
	surprising.fetch = func(_ int, request simulator.Request) (simulator.Outcome, error) {
		outcome := readable(request, 200)
		outcome.Exchanges[0].RequestHeader.Set("Origin", "null")
		return outcome, nil
	}
	results := runFeature(t, readableAPI, &fakeEnvironment{}, answering("simulator", 200), surprising)
	require.Equal(t, report.SimulatorMismatch, results[0].Verdict)
	require.Equal(t, []report.Difference{{
		Browser: "chrome", Field: "exchange 1: Origin", Predicted: "https://app.example.com", Observed: "null",
	}}, results[0].Requests[0].Differences)
}

func TestABrowserThatDiesIsReplacedAndTheScenarioDoneAgainFromItsBeginning(t *testing.T) {
	dying := &fakeBrowser{name: "chrome", fetch: func(call int, request simulator.Request) (simulator.Outcome, error) {
		if call == 2 {
			return simulator.Outcome{}, &harness.BrowserDied{Browser: "chrome", Cause: errors.New("killed")}
		}
		return readable(request, 200), nil
	}}
	results := runFeature(t, readableAPI+`
    When the page fetches "GET https://api.example.com/y"
    Then the page can read the response
`, &fakeEnvironment{}, answering("simulator", 200), dying)
	require.Equal(t, report.Pass, results[0].Verdict, results[0].Message)
	require.Equal(t, 1, results[0].Restarts)
	require.Equal(t, 4, dying.calls, "x, y that dies, x and y again")
	require.Equal(t, 2, dying.sessions)
}

func TestABrowserThatDiesTwiceIsAnEnvironmentError(t *testing.T) {
	dead := &fakeBrowser{name: "chrome", fetch: func(int, simulator.Request) (simulator.Outcome, error) {
		return simulator.Outcome{}, &harness.BrowserDied{Browser: "chrome", Cause: errors.New("killed")}
	}}
	results := runFeature(t, readableAPI, &fakeEnvironment{}, dead)
	require.Equal(t, report.EnvironmentError, results[0].Verdict)
	require.Contains(t, results[0].Message, "died twice")
	require.Equal(t, 2, dead.calls)
}

func TestWhatTheEnvironmentLacksSkipsTheScenarioWithTheReason(t *testing.T) {
	environment := &fakeEnvironment{refusal: &harness.Unavailable{Reason: "Node.js was not found"}}
	results := runFeature(t, readableAPI, environment, answering("simulator", 200))
	require.Equal(t, report.Skipped, results[0].Verdict)
	require.Equal(t, "Node.js was not found", results[0].Message)
	require.Equal(t, report.StepSkipped, results[0].Steps[2].Status)
	require.Equal(t, report.StepNotRun, results[0].Steps[3].Status)
}

func TestAnEnvironmentThatBreaksIsAnEnvironmentError(t *testing.T) {
	environment := &fakeEnvironment{refusal: errors.New("no port is free")}
	results := runFeature(t, readableAPI, environment, answering("simulator", 200))
	require.Equal(t, report.EnvironmentError, results[0].Verdict)
	require.Contains(t, results[0].Message, "no port is free")
}

func TestBadScenariosFailWithAMessageAndTheOthersStillRun(t *testing.T) {
	const page = "Given a page at \"https://app.example.com\"\n"
	const api = "Given an API at \"https://api.example.com\" that knows nothing about CORS\n"
	for name, test := range map[string]struct{ scenario, message string }{
		"an undefined step":             {"Given a unicorn", "no step is defined by these words"},
		"an origin with a path":         {`Given an API at "https://api.example.com/x" that knows nothing about CORS`, "is not an origin"},
		"an origin without a scheme":    {`Given an API at "api.example.com" that knows nothing about CORS`, "is not an origin"},
		"an origin that cannot be read": {`Given an API at "https://[::1" that knows nothing about CORS`, "is not an origin"},
		"a page without a host":         {`Given a page at "https:"`, "a page cannot be at"},
		"a page of another scheme":      {`Given a page at "tauri://localhost"`, "a page cannot be at"},
		"a request without a method":    {api + page + `When the page fetches "https://api.example.com/x"`, "is not a request"},
		"a request without a host":      {api + page + `When the page fetches "GET api.example.com"`, "is not a URL with a host"},
		"a request that cannot be read": {api + page + `When the page fetches "GET https://api.example.com:x/"`, "cannot be parsed"},
		"a request before any page":     {api + `When the page fetches "GET https://api.example.com/x"`, "there is no page yet"},
		"an expectation before a When":  {api + page + `Then the page can read the response`, "nothing was requested yet"},
		"a request without a Then":      {api + page + `When the page fetches "GET https://api.example.com/x"`, "proves nothing"},
		"its without an API":            {`Given its pods are meshed by Linkerd`, "none was declared"},
		"an answer to nothing":          {api + `And it answers "/x" with status 200`, "does not name requests"},
		"an answer by a real app":       {`Given the Go API at "https://api.example.com" without CORS` + "\n" + `And it is down`, "whose answers its own code decides"},
		"a policy with a typing error":  {"Given the Go API at \"https://api.example.com\" with the CORS policy\n | allowed origin | x |", "is no part of a CORS policy"},
		"an annotation twice":           {api + "And its Ingress has the annotations\n | enable-cors | true |\n | enable-cors | true |", "is there twice"},
		"a table of three columns":      {api + "And its Ingress has the annotations\n | enable-cors | true | x |", "has 3 columns"},
		"curl that was never sent":      {api + page + "When the page fetches \"GET https://api.example.com/x\"\nThen curl gets status 200", "was not sent by curl"},
		"a mesh that is not there":      {api + page + "When the page fetches \"GET https://api.example.com/x\"\nThen Linkerd counted a success", "is not meshed"},
		"an API after the first When":   {api + page + "When the page fetches \"GET https://api.example.com/x\"\nGiven an API at \"https://b.example.com\" that knows nothing about CORS", "declared after the first request"},
	} {
		t.Run(name, func(t *testing.T) {
			results := runFeature(t, readableAPI+"\n  Scenario: bad\n"+test.scenario+"\n", &fakeEnvironment{}, answering("simulator", 200))
			require.Len(t, results, 2)
			require.Equal(t, report.Pass, results[0].Verdict, results[0].Message)
			require.Equal(t, report.UnexpectedOutcome, results[1].Verdict)
			require.Contains(t, results[1].Message, test.message)
		})
	}
}

func TestAMalformedFileIsAFailureWithItsLineAndTheOtherFilesRun(t *testing.T) {
	results := runFiles(t, fstest.MapFS{
		"good.feature": {Data: []byte(readableAPI)},
		"bad.feature":  {Data: []byte("Feature: F\n\n  Scenario: S\n    Given x\n  oops\n")},
	}, &fakeEnvironment{}, answering("simulator", 200))
	require.Len(t, results, 2)
	require.Equal(t, "bad.feature", results[0].File)
	require.Equal(t, 5, results[0].Line)
	require.Equal(t, report.UnexpectedOutcome, results[0].Verdict)
	require.Equal(t, report.Pass, results[1].Verdict)
}

func TestAScenarioWithoutStepsFails(t *testing.T) {
	results := runFeature(t, "Feature: F\n  Scenario: empty\n", &fakeEnvironment{}, answering("simulator", 200))
	require.Equal(t, report.UnexpectedOutcome, results[0].Verdict)
	require.Contains(t, results[0].Message, "no steps")
}

func TestWithoutAnyBrowserNothingPasses(t *testing.T) {
	results := runFeature(t, readableAPI, &fakeEnvironment{})
	require.Equal(t, report.UnexpectedOutcome, results[0].Verdict)
	require.Contains(t, results[0].Message, "no browser has run the request")
}

func TestAMissingFeatureFileIsNamed(t *testing.T) {
	_, err := steps.Read(steps.Selection{Files: fstest.MapFS{}, Paths: []string{"nowhere.feature"}})
	var missing *steps.FeatureNotFound
	require.ErrorAs(t, err, &missing)
	require.Equal(t, "nowhere.feature", missing.Path)
}

func TestALineSelectsOneScenario(t *testing.T) {
	files := fstest.MapFS{"a.feature": {Data: []byte(readableAPI + "\n  Scenario: T\n    Given a page at \"https://x.example\"\n")}}
	plan, err := steps.Read(steps.Selection{Files: files, Paths: []string{"a.feature:3"}})
	require.NoError(t, err)
	require.Equal(t, 1, plan.Scenarios())

	_, err = steps.Read(steps.Selection{Files: files, Paths: []string{"a.feature:4"}})
	require.ErrorIs(t, err, steps.ErrNoScenario)
}

func TestTagsThatAreNoExpressionAreRefused(t *testing.T) {
	files := fstest.MapFS{"a.feature": {Data: []byte("@slow\n" + readableAPI)}}
	for _, tags := range []string{"@a,", "&&", "slow", "@a @b"} {
		_, err := steps.Read(steps.Selection{Files: files, Paths: []string{"a.feature"}, Tags: tags})
		require.ErrorContains(t, err, "is not a tag expression", tags)
	}
	_, err := steps.Read(steps.Selection{Files: files, Paths: []string{"a.feature"}, Tags: "@slow && ~@fast"})
	require.NoError(t, err)
}

func TestExamplesHaveIDsOfTheirOwn(t *testing.T) {
	results := runFeature(t, `
Feature: F
  Scenario Outline: S
    Given an API at "https://api.example.com" that knows nothing about CORS
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/x"
    Then the page can read the status <status>
    Examples:
      | status |
      | 200    |
      | 500    |
`, &fakeEnvironment{}, answering("simulator", 200))
	require.Equal(t, "a.feature:s", results[0].ID)
	require.Equal(t, "a.feature:s#2", results[1].ID)
	require.Equal(t, report.Pass, results[0].Verdict)
	require.Equal(t, report.UnexpectedOutcome, results[1].Verdict)
}

// TestEveryStepOfTheEmbeddedFeaturesIsDefinedOnce runs them where nothing
// works: what remains to be seen is that no step is undefined or ambiguous.
func TestEveryStepOfTheEmbeddedFeaturesIsDefinedOnce(t *testing.T) {
	plan, err := steps.Read(steps.Selection{Files: features.FS(), Paths: []string{features.Root}, Concurrency: 2})
	require.NoError(t, err)
	require.GreaterOrEqual(t, plan.Scenarios(), 100)
	suite := &steps.Suite{Environment: &fakeEnvironment{}, Browsers: []harness.Browser{answering("simulator", 200)}}
	for _, scenario := range suite.Run(t.Context(), plan, nil) {
		for _, step := range scenario.Steps {
			require.NotContains(t, []report.StepStatus{report.StepUndefined, report.StepAmbiguous}, step.Status, "%s:%d: %s", scenario.File, step.Line, step.Text)
		}
	}
}
