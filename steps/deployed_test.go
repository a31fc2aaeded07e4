package steps_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cucumber/godog"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/harness/secret"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/steps"
)

const deployedAPI = `Feature: F
  Scenario: S
    Given the API at "https://api.example.com" as deployed
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/x"
    Then `

// runSuite runs one scenario in the suite.
func runSuite(t *testing.T, suite *steps.Suite, text string) report.Scenario {
	t.Helper()
	plan, err := steps.Read(steps.Selection{Files: fstest.MapFS{"a.feature": {Data: []byte(text)}}, Paths: []string{"."}})
	require.NoError(t, err)
	results := suite.Run(t.Context(), plan, nil)
	require.Len(t, results, 1)
	return results[0]
}

func TestWhatOnlyItsOperatorSeesOfADeployedAPIIsSkippedAndNeverPasses(t *testing.T) {
	for _, step := range []string{
		"the API received the request", "the API did not receive the preflight",
		`the answer leaves the Ingress without the header "Vary"`, "Linkerd counted a success",
	} {
		result := runFeature(t, deployedAPI+step+"\n", &fakeEnvironment{}, answering("simulator", 200))[0]
		require.Equal(t, report.Skipped, result.Verdict, step)
		require.Contains(t, result.Message, "cannot be known of the API at https://api.example.com as deployed")
	}
	result := runFeature(t, `Feature: F
  Scenario: S
    Given the API at "https://api.example.com" as deployed
    When another pod sends "GET http://api/x"
    Then the pod gets status 200
`, &fakeEnvironment{}, answering("simulator", 200))[0]
	require.Equal(t, report.Skipped, result.Verdict)
}

func TestAServerThatIsNotReachedIsAnEnvironmentErrorWithTheStep(t *testing.T) {
	environment := &fakeEnvironment{trouble: &harness.Unreachable{Tried: "api.example.com:443", Cause: http.ErrServerClosed, Advice: "renew it"}}
	result := runFeature(t, deployedAPI+"the page can read the response\n", environment, answering("simulator", 200))[0]
	require.Equal(t, report.EnvironmentError, result.Verdict)
	require.Equal(t, `When the page fetches "GET https://api.example.com/x" (line 5): api.example.com:443: http: Server closed: renew it`, result.Message)
}

// unanswered is what a browser makes of a connection that breaks.
func unanswered(request simulator.Request) simulator.Outcome {
	return simulator.Outcome{
		Kind: simulator.KindNetworkError, Reason: simulator.Reason{Code: simulator.ConnectionFailed},
		Exchanges: []simulator.Exchange{{Kind: simulator.ExchangeRequest, Method: "GET", URL: request.URL, Failure: "reset"}},
	}
}

func TestARequestWithoutAnAnswerIsTriedAgainOnlyWhereThatIsAskedFor(t *testing.T) {
	for retries, verdict := range map[int]report.Verdict{0: report.UnexpectedOutcome, 1: report.UnexpectedOutcome, 2: report.Pass, 5: report.Pass} {
		browser := &fakeBrowser{name: "chrome", fetch: func(call int, request simulator.Request) (simulator.Outcome, error) {
			// The first request is answered each time, the second one at the third attempt.
			if request.URL == "https://api.example.com/y" && call < 6 {
				return unanswered(request), nil
			}
			return readable(request, 200), nil
		}}
		suite := &steps.Suite{Environment: &fakeEnvironment{}, Browsers: []harness.Browser{browser}, Retries: retries}
		result := runSuite(t, suite, deployedAPI+`the page can read the response
    When the page fetches "GET https://api.example.com/y"
    Then the page can read the response
`)
		require.Equal(t, verdict, result.Verdict, "%d retries: %s", retries, result.Message)
		require.Equal(t, min(retries, 2), result.Retries)
		require.Equal(t, 2+2*min(retries, 2), browser.calls, "a retry begins the scenario anew")
		require.Equal(t, browser.sessions, 1+min(retries, 2))
	}
}

func TestAnAnswerIsNeverAskedForAgain(t *testing.T) {
	browser := answering("chrome", 503)
	suite := &steps.Suite{Environment: &fakeEnvironment{}, Browsers: []harness.Browser{browser}, Retries: 3}
	result := runSuite(t, suite, deployedAPI+"the page can read the status 200\n")
	require.Equal(t, report.UnexpectedOutcome, result.Verdict)
	require.Equal(t, 1, browser.calls)
}

func TestRequestsWaitForTheirTurnAndForWhatThoseBeforeThemEntailed(t *testing.T) {
	const scenarios, perSecond = 10, 40
	var mutex sync.Mutex
	var sent []time.Time
	preflighted := &fakeBrowser{name: "chrome", fetch: func(_ int, request simulator.Request) (simulator.Outcome, error) {
		mutex.Lock()
		defer mutex.Unlock()
		sent = append(sent, time.Now())
		outcome := readable(request, 200)
		outcome.Exchanges = append([]simulator.Exchange{{Kind: simulator.ExchangePreflight, Status: 204}}, outcome.Exchanges...)
		return outcome, nil
	}}
	feature := "Feature: F\n"
	for range scenarios {
		_, scenario, _ := strings.Cut(deployedAPI, "\n")
		feature += scenario + "the page can read the response\n"
	}
	plan, err := steps.Read(steps.Selection{Files: fstest.MapFS{"a.feature": {Data: []byte(feature)}}, Paths: []string{"."}, Concurrency: scenarios})
	require.NoError(t, err)
	suite := &steps.Suite{Environment: &fakeEnvironment{}, Browsers: []harness.Browser{preflighted}, Limiter: rate.NewLimiter(perSecond, 1)}
	for _, result := range suite.Run(t.Context(), plan, nil) {
		require.Equal(t, report.Pass, result.Verdict, result.Message)
	}
	require.Len(t, sent, scenarios)
	// Each is two exchanges, and all but the last two are waited for.
	require.GreaterOrEqual(t, sent[scenarios-1].Sub(sent[0]), 2*(scenarios-2)*time.Second/perSecond)
}

func TestASecretIsInTheRequestAndInNothingElse(t *testing.T) {
	const token, session = "tok-hunter2-long", `s3ss10n"value`
	secrets, err := secret.New(map[string]string{"TOKEN": token, "SESSION": session})
	require.NoError(t, err)
	var url, authorization string
	echoing := &fakeBrowser{name: "chrome", fetch: func(_ int, request simulator.Request) (simulator.Outcome, error) {
		url, authorization = request.URL, request.Headers[0].Value
		outcome := readable(request, 200)
		outcome.Body = []byte(`{"token":"` + request.Headers[0].Value + `"}`)
		outcome.Exchanges[0].RequestHeader.Set("Authorization", request.Headers[0].Value)
		return outcome, nil
	}}
	suite := &steps.Suite{
		Environment: &fakeEnvironment{}, Browsers: []harness.Browser{echoing}, Secrets: secrets,
		Cookies: []harness.SetCookie{{URL: "https://api.example.com", Header: "session=" + session}},
	}
	for expectation, verdict := range map[string]report.Verdict{
		`the request carries the header "Authorization" with "Bearer ${TOKEN}"`: report.Pass,
		`the request carries the header "Authorization" with "nothing"`:         report.UnexpectedOutcome,
		`the page reads the body '${SESSION}'`:                                  report.UnexpectedOutcome,
		`the page reads the body '${NOBODY}'`:                                   report.UnexpectedOutcome,
	} {
		result := runSuite(t, suite, `Feature: F
  Scenario: S
    Given the API at "https://api.example.com" as deployed
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/x?t=${TOKEN}" with the headers
      | Authorization | Bearer ${TOKEN} |
    Then `+expectation+"\n")
		require.Equal(t, verdict, result.Verdict, result.Message)
		require.Equal(t, "Bearer "+token, authorization)
		require.Equal(t, "https://api.example.com/x?t="+token, url)
		require.Equal(t, "Bearer ${TOKEN}", result.Requests[0].Request.Headers[0].Value)
		for name, write := range map[string]func(*bytes.Buffer, report.Report) error{
			"json":  func(b *bytes.Buffer, r report.Report) error { return report.WriteJSON(b, r) },
			"junit": func(b *bytes.Buffer, r report.Report) error { return report.WriteJUnit(b, r) },
			"html":  func(b *bytes.Buffer, r report.Report) error { return report.WriteHTML(b, r) },
			"text":  func(b *bytes.Buffer, r report.Report) error { return report.WriteSummary(b, r, "out") },
		} {
			var written bytes.Buffer
			require.NoError(t, write(&written, report.Report{Scenarios: []report.Scenario{result}}))
			require.NotContains(t, written.String(), "hunter2", name)
			require.NotContains(t, written.String(), "s3ss10n", name)
		}
	}
}

func TestWithoutSecretsAPlaceholderIsATextLikeAnyOther(t *testing.T) {
	request := asked(t, `the page fetches "GET https://api.example.com/x" with the headers
      | X | ${TOKEN} |`)
	require.Equal(t, "${TOKEN}", request.Headers[0].Value)
}

// redirecting is a browser that is sent to the location and reads what is there, or not.
func redirecting(location string, kind simulator.ExchangeKind, outcome simulator.Kind) *fakeBrowser {
	return &fakeBrowser{name: "chrome", fetch: func(_ int, request simulator.Request) (simulator.Outcome, error) {
		result := readable(request, 200)
		result.Kind, result.URL = outcome, location
		if outcome != simulator.KindReadable {
			result.Reason = simulator.Reason{Code: simulator.MissingAllowOriginHeader}
		}
		first := simulator.Exchange{Kind: kind, Method: "GET", URL: request.URL, Status: 302, ResponseHeader: http.Header{"Location": {location}}}
		result.Exchanges = append([]simulator.Exchange{first}, result.Exchanges...)
		return result, nil
	}}
}

func TestASignInPageIsNotTakenForTheAPIsAnswer(t *testing.T) {
	const read = "the page can read the response\n"
	for name, test := range map[string]struct {
		browser  *fakeBrowser
		then     string
		verdict  report.Verdict
		messages []string
	}{
		"read by mistake": {
			redirecting("https://login.example.com/start?state=1", simulator.ExchangeRequest, simulator.KindReadable), read, report.UnexpectedOutcome,
			[]string{"sent on to https://login.example.com/start, which looks like a sign-in page", "session=${SESSION}", "say so by"},
		},
		"read on purpose": {
			redirecting("https://login.example.com/start", simulator.ExchangeRequest, simulator.KindReadable),
			"the response came from \"https://login.example.com/start\"\n", report.Pass, nil,
		},
		"not to be read": {
			redirecting("/oauth2/sign_in", simulator.ExchangeRequest, simulator.KindNetworkError), read, report.UnexpectedOutcome,
			[]string{"(line 6)", "sent on to https://api.example.com/oauth2/sign_in, which looks like a sign-in page"},
		},
		"before the preflight is answered": {
			redirecting("/oauth2/sign_in", simulator.ExchangePreflight, simulator.KindNetworkError), read, report.UnexpectedOutcome,
			[]string{"must let OPTIONS pass"},
		},
		"another page": {
			redirecting("https://files.example.com/authors/1", simulator.ExchangeRequest, simulator.KindReadable), read, report.Pass, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			result := runFeature(t, deployedAPI+test.then, &fakeEnvironment{}, test.browser)[0]
			require.Equal(t, test.verdict, result.Verdict, result.Message)
			for _, message := range test.messages {
				require.Contains(t, result.Message, message)
			}
		})
	}
}

func TestThePlanTellsItsStepsBeforeItRuns(t *testing.T) {
	plan, err := steps.Read(steps.Selection{Files: fstest.MapFS{"a.feature": {Data: []byte(readableAPI)}}, Paths: []string{"."}})
	require.NoError(t, err)
	planned := plan.Steps()
	require.Len(t, planned, 4)
	written, err := json.Marshal(planned[2])
	require.NoError(t, err)
	require.JSONEq(t, `{"File":"a.feature","Line":6,"Text":"the page fetches \"GET https://api.example.com/x\"","Table":null}`, string(written))
}

func TestATeamsOwnSuitePrintsNoSecretEither(t *testing.T) {
	secrets, err := secret.New(map[string]string{"TOKEN": "tok-hunter2-long"})
	require.NoError(t, err)
	suite := &steps.Suite{Environment: &fakeEnvironment{}, Browsers: []harness.Browser{answering("chrome", 200)}, Secrets: secrets}
	var printed bytes.Buffer
	status := godog.TestSuite{
		ScenarioInitializer: suite.InitializeScenario,
		Options: &godog.Options{Format: "pretty", Output: &printed, NoColors: true, Strict: true, FeatureContents: []godog.Feature{{
			Name: "a.feature", Contents: []byte(deployedAPI + "the response came from \"https://api.example.com/${TOKEN}\"\n    And the page reads \"${TOKEN}\" in the header \"X\"\n"),
		}}},
	}.Run()
	require.Equal(t, 1, status)
	require.Contains(t, printed.String(), "it came from")
	require.NotContains(t, printed.String(), "hunter2")
}
