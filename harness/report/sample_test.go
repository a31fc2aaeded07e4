package report

import (
	"net/http"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

const (
	appOrigin = "https://app.example.com"
	userURL   = "https://api.example.com/api/user"
	ingress   = "ingress-nginx v1.15.1"
)

// sampleReport has a scenario of every verdict, and every part of the model filled at least once.
func sampleReport() Report {
	r := Report{
		Schema: Schema, Crosscheck: "v0.1.0", Started: time.Date(2026, 11, 22, 23, 40, 0, 0, time.UTC),
		Environment: Environment{Name: "embedded", Versions: map[string]string{
			"chrome": "Chromium 156.0.8078.79", "simulator": "Fetch 586cd2a", "ingress-nginx model": "v1.15.1, v1.11.0", "go": "1.26.8",
		}},
		Scenarios: []Scenario{
			samplePass(), sampleUnexpectedOutcome(), sampleMismatch(), sampleEdgeMismatch(), sampleEnvironmentError(), sampleSkipped(), sampleExampleRow(),
		},
	}
	r.Summarize(14210 * time.Millisecond)
	return r
}

// sampleEdgeMismatch is a controller that answers with a header more than its model.
func sampleEdgeMismatch() Scenario {
	transit := harness.Transit{
		Service: "API", Method: "GET", URL: userURL, Protocol: "HTTP/1.1", RequestHeader: http.Header{"Origin": {appOrigin}}, ReachedApp: true,
		Hops:      []harness.HopResponse{{Hop: "app", Status: 200, Header: http.Header{}}, {Hop: ingress, Status: 200, Header: http.Header{"Access-Control-Allow-Origin": {appOrigin}, "Vary": {"Origin"}}}},
		Predicted: &harness.Prediction{Hop: ingress + " (model)", Status: 200, Header: http.Header{"Access-Control-Allow-Origin": {appOrigin}}, ReachedApp: true},
	}
	return Scenario{
		ID: "features/ingress/vary.feature:the-edge-says-vary", Feature: "Vary at the edge", File: "features/ingress/vary.feature", Line: 4,
		Name: "The edge says Vary", Tags: []string{}, Verdict: EdgeModelMismatch, DurationMS: 12,
		Message: "every expectation holds, but the ingress controller answered something else than its model says",
		Steps:   []Step{},
		Requests: []Request{{
			Text: "GET " + userURL, Request: simulator.Request{URL: userURL},
			Browsers: []BrowserResult{{
				Browser: "chrome", Transits: []harness.Transit{transit},
				Outcome: simulator.Outcome{Kind: simulator.KindReadable, Type: simulator.ResponseCORS, Status: 200, URL: userURL, Exchanges: []simulator.Exchange{}},
			}},
			EdgeDifferences: []EdgeDifference{{
				Browser: "chrome", Method: "GET", URL: userURL, Hop: ingress, Field: "CORS headers",
				Predicted: []string{"Access-Control-Allow-Origin: " + appOrigin}, Observed: []string{"Access-Control-Allow-Origin: " + appOrigin, "Vary: Origin"},
			}},
		}},
	}
}

func samplePass() Scenario {
	request := simulator.Request{
		URL: userURL, Method: "PUT", Credentials: simulator.CredentialsInclude,
		Headers: []simulator.Field{{Name: "Content-Type", Value: "application/json"}}, Body: &simulator.Body{Text: `{"name":"Ada"}`},
	}
	outcome := simulator.Outcome{
		Kind: simulator.KindReadable, Type: simulator.ResponseCORS, Status: 200, URL: userURL, Body: []byte("saved"),
		Header: http.Header{"Content-Type": {"text/plain"}, "Etag": {`"33a64df5"`}},
		Exchanges: []simulator.Exchange{
			{
				Kind: simulator.ExchangePreflight, Method: "OPTIONS", URL: userURL, Status: 204,
				RequestHeader:  http.Header{"Origin": {appOrigin}, "Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": {"content-type"}},
				ResponseHeader: corsAnswer(),
			},
			{
				Kind: simulator.ExchangeRequest, Method: "PUT", URL: userURL, Status: 200,
				RequestHeader:  http.Header{"Origin": {appOrigin}, "Content-Type": {"application/json"}, "Cookie": {"session=1"}},
				ResponseHeader: corsAnswer(),
			},
		},
	}
	transits := []harness.Transit{
		{
			Service: "API", Method: "OPTIONS", URL: userURL, Protocol: "HTTP/2.0",
			RequestHeader: http.Header{"Origin": {appOrigin}},
			Hops:          []harness.HopResponse{{Hop: ingress, Status: 204, Header: corsAnswer()}},
		},
		{
			Service: "API", Method: "PUT", URL: userURL, Protocol: "HTTP/2.0", ReachedApp: true,
			RequestHeader: http.Header{"Origin": {appOrigin}},
			Hops: []harness.HopResponse{
				{Hop: "app", Status: 200, Header: http.Header{"Content-Type": {"text/plain"}, "Vary": {"Accept-Encoding"}}},
				{Hop: "linkerd-proxy", Status: 200, Header: http.Header{"Content-Type": {"text/plain"}, "Vary": {"Accept-Encoding"}}},
				{Hop: ingress, Status: 200, Header: corsAnswer()},
			},
		},
	}
	predicted := outcome
	predicted.Trace = []simulator.Step{
		{Algorithm: "CORS-preflight fetch", Number: "7", URL: "https://fetch.spec.whatwg.org/#cors-preflight-fetch-0", Text: "the preflight passed the CORS check with status 204"},
		{Algorithm: "CORS check", Number: "8", URL: "https://fetch.spec.whatwg.org/#concept-cors-check", Text: "origin and credentials are allowed: success"},
	}
	return Scenario{
		ID: "features/ingress/credentialed.feature:the-apps-own-page-saves-a-user", Feature: "A credentialed API behind NGINX Ingress",
		File: "features/ingress/credentialed.feature", Line: 16, Name: "The app's own page saves a user", Tags: []string{"@ingress", "@credentials"},
		Verdict: Pass, DurationMS: 41, Retries: 1, Notes: []string{"proxy-send-timeout is not predicted"},
		Steps: []Step{
			{Keyword: "Given", Text: `an API at "https://api.example.com" that knows nothing about CORS`, Line: 5, Status: StepPassed},
			{
				Keyword: "Given", Text: "its Ingress has the annotations", Line: 6, Status: StepPassed,
				Table: [][]string{{"enable-cors", "true"}, {"cors-allow-origin", "<https://app.example.com>"}},
			},
			{Keyword: "Given", Text: `a page at "https://app.example.com"`, Line: 17, Status: StepPassed},
			{Keyword: "When", Text: `the page fetches "PUT ` + userURL + `" with credentials`, Line: 18, Status: StepPassed},
			{Keyword: "Then", Text: "the browser sends a preflight", Line: 20, Status: StepPassed},
			{Keyword: "Then", Text: "the page can read the response", Line: 21, Status: StepPassed},
		},
		Requests: []Request{{
			Text: "PUT " + userURL, Line: 18, Page: simulator.PageSpec{URL: appOrigin}, Request: request,
			Browsers: []BrowserResult{
				{Browser: "simulator", Outcome: predicted, Transits: transits, ResponseTotal: map[string][]linkerd.ResponseTotal{"API": {{Classification: "success", StatusCode: 200, Value: 1}}}},
				{Browser: "chrome", Outcome: outcome, Transits: transits},
				{Browser: "curl", Outcome: simulator.Outcome{Kind: simulator.KindReadable, Status: 200, Body: []byte("saved"), Exchanges: outcome.Exchanges[1:]}},
			},
		}},
	}
}

func corsAnswer() http.Header {
	return http.Header{
		"Access-Control-Allow-Origin": {appOrigin}, "Access-Control-Allow-Credentials": {"true"},
		"Access-Control-Allow-Methods": {"GET, PUT, POST, DELETE, OPTIONS"}, "Access-Control-Allow-Headers": {"Authorization, Content-Type"},
		"Access-Control-Expose-Headers": {"ETag, Link"}, "Access-Control-Max-Age": {"600"}, "Vary": {"Accept-Encoding"}, "Etag": {`"33a64df5"`},
	}
}

// sampleUnexpectedOutcome: an edge doubles the header that the app sends already, and drops another.
func sampleUnexpectedOutcome() Scenario {
	doubled := appOrigin + ", " + appOrigin
	final := http.Header{"Access-Control-Allow-Origin": {appOrigin, appOrigin}, "Content-Type": {"application/json"}, "Vary": {"Origin, Accept-Encoding"}}
	outcome := simulator.Outcome{
		Kind: simulator.KindNetworkError, Type: simulator.ResponseError,
		Reason: simulator.Reason{Code: simulator.MultipleAllowOriginValues, Parameter: doubled},
		Exchanges: []simulator.Exchange{{
			Kind: simulator.ExchangeRequest, Method: "GET", URL: userURL, Status: 200,
			RequestHeader: http.Header{"Origin": {appOrigin}, "Referer": {appOrigin + "/"}, "User-Agent": {"Chromium"}}, ResponseHeader: final,
		}},
	}
	transits := []harness.Transit{{
		Service: "API", Method: "GET", URL: userURL, Protocol: "HTTP/1.1", ReachedApp: true, RequestHeader: http.Header{"Origin": {appOrigin}},
		Hops: []harness.HopResponse{
			{Hop: "app", Status: 200, Header: http.Header{"Access-Control-Allow-Origin": {appOrigin}, "Vary": {"Origin"}, "Access-Control-Expose-Headers": {"ETag"}}},
			{Hop: "linkerd-proxy", Status: 200, Header: http.Header{"Access-Control-Allow-Origin": {appOrigin}, "Vary": {"Origin"}, "Access-Control-Expose-Headers": {"ETag"}}},
			{Hop: "edge", Status: 200, Header: final},
		},
	}}
	predicted := outcome
	predicted.Trace = []simulator.Step{
		{Algorithm: "main fetch", Number: "12", URL: "https://fetch.spec.whatwg.org/#main-fetch", Text: "another origin, mode cors: HTTP fetch"},
		{Algorithm: "HTTP fetch", Number: "5.6", URL: "https://fetch.spec.whatwg.org/#concept-http-fetch", Text: "response tainting is cors: CORS check"},
		{Algorithm: "CORS check", Number: "4", URL: "https://fetch.spec.whatwg.org/#concept-cors-check", Text: "the origin " + appOrigin + " is not " + doubled + ": failure"},
	}
	const found = "expected: the page can read the response\nsimulator: network-error MultipleAllowOriginValues\nchrome: network-error MultipleAllowOriginValues"
	s := Scenario{
		ID: "features/drift/doubled.feature:app-and-edge-both-answer", Feature: "App and edge both speak CORS", File: "features/drift/doubled.feature", Line: 9,
		Name: "App and edge both answer", Tags: []string{"@drift"}, Verdict: UnexpectedOutcome, DurationMS: 58, Restarts: 1,
		Message: "Then the page can read the response (line 12): " + found,
		Steps: []Step{
			{Keyword: "Given", Text: `a page at "https://app.example.com"`, Line: 10, Status: StepPassed},
			{Keyword: "When", Text: `the page fetches "GET ` + userURL + `"`, Line: 11, Status: StepPassed},
			{Keyword: "Then", Text: "the page can read the response", Line: 12, Status: StepFailed, Message: found},
			{Keyword: "Then", Text: `the page can read the headers "ETag"`, Line: 13, Status: StepNotRun},
		},
		Requests: []Request{{
			Text: "GET " + userURL, Page: simulator.PageSpec{URL: appOrigin}, Request: simulator.Request{URL: userURL},
			Browsers: []BrowserResult{{Browser: "simulator", Outcome: predicted, Transits: transits}, {Browser: "chrome", Outcome: outcome, Transits: transits}},
		}},
	}
	s.Requests[0].Advice = Advise(s.Requests[0])
	return s
}

func sampleMismatch() Scenario {
	exchange := simulator.Exchange{Kind: simulator.ExchangeRequest, Method: "GET", URL: userURL, Status: 200, RequestHeader: http.Header{"Origin": {appOrigin}}}
	predicted := simulator.Outcome{
		Kind: simulator.KindReadable, Type: simulator.ResponseCORS, Status: 200, URL: userURL,
		Header: http.Header{"Etag": {`"1"`}}, Exchanges: []simulator.Exchange{exchange},
		Trace: []simulator.Step{{Algorithm: "CORS check", Number: "8", URL: "https://fetch.spec.whatwg.org/#concept-cors-check", Text: "success"}},
	}
	observed := predicted
	observed.Header, observed.Trace = nil, nil
	return Scenario{
		ID: "features/exposed/star.feature:a-star-exposes-everything", Feature: "Exposed headers", File: "features/exposed/star.feature", Line: 4,
		Name: "A star exposes everything", Tags: []string{}, Verdict: SimulatorMismatch, DurationMS: 33,
		Message: "every expectation holds, but the simulator predicted something else than the browser did:\nreadable headers",
		Steps: []Step{
			{Keyword: "When", Text: `the page fetches "GET ` + userURL + `"`, Line: 5, Status: StepPassed},
			{Keyword: "Then", Text: "the page can read the response", Line: 6, Status: StepPassed},
		},
		Requests: []Request{{
			Text: "GET " + userURL, Line: 5, Page: simulator.PageSpec{URL: appOrigin, Frame: simulator.FrameSrcdoc}, Request: simulator.Request{URL: userURL},
			Browsers: []BrowserResult{{Browser: "chrome", Outcome: observed}, {Browser: "simulator", Outcome: predicted}},
			Differences: []Difference{
				{Browser: "chrome", Field: "readable headers", Predicted: `Etag: "1"`, Observed: ""},
				{Browser: "chrome", Field: "exchange 1: Referer", Predicted: appOrigin + "/", Observed: ""},
			},
		}},
	}
}

func sampleEnvironmentError() Scenario {
	return Scenario{
		ID: "features/errors/undefined.feature:a-step-nobody-knows", Feature: "Errors", File: "features/errors/undefined.feature", Line: 3,
		Name: "A step nobody knows", Tags: []string{}, Verdict: EnvironmentError, DurationMS: 0,
		Message: "no step matches \"the page sings\"",
		Steps: []Step{
			{Keyword: "When", Text: "the page sings", Line: 4, Status: StepUndefined, Message: "no step matches these words"},
			{Keyword: "Then", Text: "somebody listens", Line: 5, Status: StepAmbiguous, Message: "two steps match"},
		},
		Requests: []Request{},
	}
}

func sampleSkipped() Scenario {
	return Scenario{
		ID: "features/app/express.feature:express-5-refuses-the-star-route", Feature: "Express", File: "features/app/express.feature", Line: 30,
		Name: "Express 5 refuses the star route", Tags: []string{"@node"}, Verdict: Skipped, Message: "Node.js was not found on PATH: install it to run the Express app",
		Steps:    []Step{{Keyword: "Given", Text: "the article's Express API on Express 5", Line: 31, Status: StepSkipped}},
		Requests: []Request{},
	}
}

// sampleExampleRow is the second row of an outline, whose names and values are an attacker's.
func sampleExampleRow() Scenario {
	const hostile = `</script><script>alert(1)</script>"'><img src=x onerror=alert(2)>` + "\x1b[31m\x00"
	evil := simulator.Exchange{
		Kind: simulator.ExchangeRequest, Method: "GET", URL: "javascript:alert(3)", Failure: hostile,
		RequestHeader: http.Header{"Origin": {hostile}}, ResponseHeader: http.Header{"Vary": {hostile}, hostile: {hostile}},
	}
	return Scenario{
		ID: "features/" + hostile + ":row#2", Feature: hostile, File: "features/" + hostile, Line: 1, Name: hostile, Tags: []string{hostile},
		Verdict: UnexpectedOutcome, Message: hostile, DurationMS: 125001,
		Steps: []Step{{Keyword: "Then", Text: hostile, Line: 2, Status: StepFailed, Message: hostile}},
		Requests: []Request{{
			Text: hostile, Page: simulator.PageSpec{URL: "javascript:alert(4)"}, Request: simulator.Request{URL: hostile}, Advice: hostile,
			Differences: []Difference{{Browser: "chrome", Field: hostile, Predicted: hostile, Observed: hostile}},
			Browsers: []BrowserResult{
				{Browser: "simulator", Outcome: simulator.Outcome{
					Kind: simulator.KindNetworkError, Reason: simulator.Reason{Code: simulator.ConnectionFailed, Parameter: hostile},
					Trace: []simulator.Step{{Algorithm: hostile, Number: "1", URL: "javascript:alert(5)", Text: hostile}},
				}},
				{
					Browser: "chrome", Outcome: simulator.Outcome{Kind: simulator.KindNetworkError, Exchanges: []simulator.Exchange{evil}},
					Transits: []harness.Transit{{
						Service: hostile, Method: "GET", URL: "javascript:alert(3)", Protocol: hostile,
						Hops: []harness.HopResponse{{Hop: hostile, Header: http.Header{"Vary": {hostile}}}, {Hop: "edge", Header: nil}},
					}},
				},
			},
		}},
	}
}
