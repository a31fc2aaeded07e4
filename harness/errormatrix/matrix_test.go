package errormatrix_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
	"github.com/crosscheck-dev/crosscheck/harness/errormatrix"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/harness/simulated"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

const (
	app = "https://app.example.com"
	api = "https://api.example.com"
)

// matrixOf makes the matrix of one scenario with one request.
func matrixOf(t *testing.T, service harness.Service, request simulator.Request) *errormatrix.Matrix {
	t.Helper()
	authority, err := ca.New()
	require.NoError(t, err)
	environment := embedded.New(authority)
	t.Cleanup(func() { require.NoError(t, environment.Close()) })
	browser := simulated.New(simulator.Chromium, "simulator", authority.Pool(), simulated.InMemory())
	matrix, err := errormatrix.Of(t.Context(), errormatrix.Options{
		Environment: environment, Browser: browser,
		Run: func(ctx context.Context, adapt errormatrix.Adapt) []report.Scenario {
			deployment, err := adapt("id", harness.Deployment{Services: []harness.Service{service}})
			require.NoError(t, err)
			running, err := environment.Apply(ctx, deployment)
			require.NoError(t, err)
			traffic, err := running.NewTraffic(ctx)
			require.NoError(t, err)
			defer func() { require.NoError(t, traffic.Close()) }()
			session, err := browser.NewSession(ctx, traffic)
			require.NoError(t, err)
			page := simulator.PageSpec{URL: app}
			outcome, err := session.Fetch(ctx, page, request)
			require.NoError(t, err)
			return []report.Scenario{{ID: "id", File: "a.feature", Line: 3, Verdict: report.Pass, Requests: []report.Request{
				{Page: page, Request: request, Browsers: []report.BrowserResult{{Browser: "simulator", Outcome: outcome}}},
			}}}
		},
	})
	require.NoError(t, err)
	return matrix
}

// told are the cases: "401 app, without CORS headers: MissingAllowOriginHeader".
func told(route errormatrix.Route) []string {
	var told []string
	for _, c := range route.Cases {
		what := c.Reason.String()
		if c.Readable {
			what = "readable"
		}
		if c.Preflight {
			what = "preflight: " + what
		}
		told = append(told, fmt.Sprintf("%d %s, %s: %s", c.Error, c.By, c.How, what))
	}
	return told
}

func TestAnAppThatAnswersCORSIsAskedWithItsHeadersAndWithout(t *testing.T) {
	service := harness.Service{Name: "API", Origin: api, App: harness.App{Kind: harness.AppGo, CORS: &harness.CORSPolicy{AllowedOrigins: []string{app}, AllowedMethods: []string{"PUT"}}}}
	matrix := matrixOf(t, service, simulator.Request{Method: "PUT", URL: api + "/api/user"})
	require.Len(t, matrix.Routes, 1)
	cases := told(matrix.Routes[0])
	require.Len(t, cases, 22)
	for _, status := range []int{401, 403, 404, 405, 413, 429, 500, 502, 503, 504} {
		require.Contains(t, cases, fmt.Sprintf("%d app, with the app's CORS headers: readable", status))
		require.Contains(t, cases, fmt.Sprintf("%d app, without CORS headers: MissingAllowOriginHeader", status))
	}
	unreadable, all := matrix.Unreadable()
	require.Equal(t, 22, all)
	require.Equal(t, 12, unreadable)
}

func TestEveryHopInFrontMakesItsOwnErrors(t *testing.T) {
	service := harness.Service{
		Name: "API", Origin: api, App: harness.App{Kind: harness.AppScripted, Responses: []harness.Response{{Status: 200}}},
		Ingress: &harness.Ingress{Annotations: map[string]string{"enable-cors": "true", "cors-allow-origin": app}}, Linkerd: &harness.Linkerd{},
	}
	matrix := matrixOf(t, service, simulator.Request{Method: "PUT", URL: api + "/user"})
	cases := told(matrix.Routes[0])
	for _, want := range []string{
		"401 app, without CORS headers: readable", "401 ingress, auth-type: basic: readable", "401 ingress, auth-url: readable",
		"302 ingress, auth-url with auth-signin, a redirect to a sign-in page: preflight: PreflightMissingAllowOriginHeader",
		"403 ingress, whitelist-source-range: readable", "413 ingress, proxy-body-size: MissingAllowOriginHeader", "503 ingress, limit-rpm: readable",
		"502 ingress, an app that does not listen: readable", "504 ingress, an app that does not answer: readable", "403 mesh, an authorization policy: readable",
	} {
		require.Contains(t, cases, want)
	}
	require.NotContains(t, cases, "401 app, with the app's CORS headers: readable", "the app has none")
}

func TestOnlyWhatSucceedsIsARoute(t *testing.T) {
	silent := harness.Service{Name: "API", Origin: api, App: harness.App{Kind: harness.AppGo}}
	require.Empty(t, matrixOf(t, silent, simulator.Request{URL: api + "/api/user"}).Routes)
}

func TestTheMatrixIsToldAndWrittenAsAFeature(t *testing.T) {
	service := harness.Service{Name: "API", Origin: api, App: harness.App{Kind: harness.AppScripted, Responses: []harness.Response{
		{Status: 200, Headers: []simulator.Field{{Name: "Access-Control-Allow-Origin", Value: "*"}}},
	}}}
	matrix := matrixOf(t, service, simulator.Request{Method: "GET", URL: api + "/user"})
	var text, feature strings.Builder
	require.NoError(t, errormatrix.WriteText(&text, matrix))
	require.Contains(t, text.String(), "GET https://api.example.com/user, from a page at https://app.example.com (a.feature:3)\n")
	require.Regexp(t, `401 +app +without CORS headers +cannot read it: MissingAllowOriginHeader`, text.String())
	require.Contains(t, text.String(), "1 route, 22 errors: a page can tell 10, and gets no more than a network error, or another page's answer, for 12\n")
	require.Equal(t, 1, strings.Count(text.String(), "No hop answers CORS for"), "one advice for one reason")
	require.NoError(t, errormatrix.WriteFeature(&feature, matrix))
	require.Contains(t, feature.String(), `    Scenario: A 401 by the app can be read (with the app's CORS headers)
      Given an API at "https://api.example.com" that answers only what follows
      And it answers "GET /user" with status 401 and the headers
        | Access-Control-Allow-Origin | * |
      And a page at "https://app.example.com"
      When the page fetches "GET https://api.example.com/user"
      Then the page can read the status 401
`)
}
