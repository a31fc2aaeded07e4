package mutate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
	"github.com/crosscheck-dev/crosscheck/harness/mutate"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/harness/simulated"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

const (
	app  = "https://app.example.com"
	shop = "https://shop.example.net"
	api  = "https://api.example.com"
)

// scenario is a test of a policy: one request, and what must come of it.
type scenario struct {
	name    string
	service harness.Service
	page    string
	request simulator.Request
	// expects tells whether the outcome is the expected one; nil expects nothing.
	expects func(simulator.Outcome) bool
}

func readable(outcome simulator.Outcome) bool { return outcome.Readable() }
func refused(outcome simulator.Outcome) bool  { return !outcome.Readable() }

// run mutates the policies of scenarios.
func run(t *testing.T, scenarios ...scenario) (*mutate.Result, error) {
	t.Helper()
	authority, err := ca.New()
	require.NoError(t, err)
	environment := embedded.New(authority)
	t.Cleanup(func() { require.NoError(t, environment.Close()) })
	browser := simulated.New(simulator.Chromium, "simulator", authority.Pool(), simulated.InMemory())
	return mutate.Run(t.Context(), mutate.Options{
		Environment: environment, Browser: browser,
		Run: func(ctx context.Context, adapt mutate.Adapt) []mutate.Scenario {
			var results []mutate.Scenario
			for i, s := range scenarios {
				results = append(results, s.run(ctx, t, i, environment, browser, adapt))
			}
			return results
		},
	})
}

func (s scenario) run(ctx context.Context, t *testing.T, i int, environment harness.Environment, browser harness.Browser, adapt mutate.Adapt) mutate.Scenario {
	result := mutate.Scenario{ID: fmt.Sprint("id ", i), File: "a.feature", Line: i + 1, Name: s.name, Verdict: report.Pass}
	deployment, err := adapt(result.ID, harness.Deployment{Services: []harness.Service{s.service}})
	if unavailable := (*harness.Unavailable)(nil); errors.As(err, &unavailable) {
		result.Verdict = report.Skipped
		return result
	}
	running, err := environment.Apply(ctx, deployment)
	require.NoError(t, err)
	traffic, err := running.NewTraffic(ctx)
	require.NoError(t, err)
	defer func() { require.NoError(t, traffic.Close()) }()
	session, err := browser.NewSession(ctx, traffic)
	require.NoError(t, err)
	page := simulator.PageSpec{URL: s.page}
	outcome, err := session.Fetch(ctx, page, s.request)
	require.NoError(t, err)
	result.Requests = []report.Request{{Page: page, Request: s.request, Browsers: []report.BrowserResult{{Browser: "simulator", Outcome: outcome}}}}
	if s.expects != nil && !s.expects(outcome) {
		result.Verdict, result.Message = report.UnexpectedOutcome, "not as expected"
	}
	return result
}

func scripted(headers ...simulator.Field) harness.Service {
	return harness.Service{Name: "API", Origin: api, App: harness.App{
		Kind: harness.AppScripted, Responses: []harness.Response{{Status: 200, Headers: headers, Body: "{}"}},
	}}
}

func get() simulator.Request { return simulator.Request{Method: "GET", URL: api + "/user"} }

// fates are the mutants by what was done, with what became of them.
func fates(result *mutate.Result) map[string]mutate.Status {
	fates := map[string]mutate.Status{}
	for _, policy := range result.Policies {
		for _, mutant := range policy.Mutants {
			fates[mutant.String()] = mutant.Status
		}
	}
	return fates
}

func TestAnAllowedPageAloneDoesNotNoticeThatEverybodyIsLetIn(t *testing.T) {
	policy := scripted(simulator.Field{Name: "Access-Control-Allow-Origin", Value: app})
	allowed := scenario{name: "allowed", service: policy, page: app, request: get(), expects: readable}
	result, err := run(t, allowed)
	require.NoError(t, err)
	require.Equal(t, map[string]mutate.Status{
		"drop Access-Control-Allow-Origin of API (https://app.example.com)":                                       mutate.Killed,
		"double Access-Control-Allow-Origin of API (https://app.example.com)":                                     mutate.Killed,
		"widen Access-Control-Allow-Origin of API: https://app.example.com → *":                                   mutate.Survived,
		"replace Access-Control-Allow-Origin of API: https://app.example.com → https://crosscheck-mutant.example": mutate.Killed,
	}, fates(result))
	require.InDelta(t, 75, result.Score, 0.01)
	survivor := result.Policies[0].Survivors()[0]
	require.Equal(t, mutate.Difference{
		Page: `a page at "https://crosscheck-mutant.example"`, Request: "GET https://api.example.com/user",
		Before: "the browser blocks the response: AllowOriginMismatch [https://app.example.com]", After: "the page can read the response, status 200",
	}, told(survivor.Differences[0]))
	require.Equal(t, []string{"Given a page at \"https://crosscheck-mutant.example\"\nWhen the page fetches \"GET https://api.example.com/user\"\n" +
		"Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]\n"}, result.Policies[0].Suggestions)

	// The scenario that was suggested kills it, though it declares the policy in another place.
	result, err = run(t, allowed, scenario{name: "foreign", service: policy, page: shop, request: get(), expects: refused})
	require.NoError(t, err)
	require.InDelta(t, 100, result.Score, 0.01)
	require.Len(t, result.Policies, 1)
	require.Equal(t, []string{"a.feature:1", "a.feature:2"}, result.Policies[0].Scenarios)
	require.Contains(t, fates(result), "replace Access-Control-Allow-Origin of API: https://app.example.com → https://shop.example.net", "the origin that somebody asks from")
}

// told is the part of a difference that is told.
func told(d mutate.Difference) mutate.Difference {
	return mutate.Difference{Own: d.Own, Scenario: d.Scenario, Page: d.Page, Request: d.Request, Before: d.Before, After: d.After}
}

func TestARequestOfWhichNothingIsExpectedIsNamedAsTheScenariosOwn(t *testing.T) {
	policy := scripted(
		simulator.Field{Name: "Access-Control-Allow-Origin", Value: "*"},
		simulator.Field{Name: "Access-Control-Expose-Headers", Value: "ETag"},
		simulator.Field{Name: "ETag", Value: `"1"`},
	)
	result, err := run(t, scenario{name: "reads", service: policy, page: app, request: get(), expects: readable})
	require.NoError(t, err)
	for _, mutant := range result.Policies[0].Survivors() {
		if mutant.Operator == mutate.Drop {
			require.Equal(t, "Access-Control-Expose-Headers of API", mutant.Place)
			require.True(t, mutant.Differences[0].Own)
			require.Equal(t, "a.feature:1", mutant.Differences[0].Scenario)
			require.Contains(t, mutant.Differences[0].Before, `Etag: "1"`)
			require.NotContains(t, mutant.Differences[0].After, "Etag")
			return
		}
	}
	t.Fatal("the dropped expose list was noticed")
}

func TestWhatChangesNoOutcomeIsCountedApart(t *testing.T) {
	policy := scripted(
		simulator.Field{Name: "Access-Control-Allow-Origin", Value: "*"},
		simulator.Field{Name: "Access-Control-Allow-Methods", Value: "GET, PUT"},
		simulator.Field{Name: "Vary", Value: "Origin"},
	)
	result, err := run(t, scenario{name: "reads", service: policy, page: app, request: get(), expects: readable})
	require.NoError(t, err)
	got := fates(result)
	require.Equal(t, mutate.Equivalent, got["narrow Access-Control-Allow-Methods of API: GET, PUT → PUT"], "GET needs no leave")
	require.Equal(t, mutate.Equivalent, got["drop Vary of API (Origin)"], "no cache is in the way")
	require.Equal(t, mutate.Survived, got["narrow Access-Control-Allow-Methods of API: GET, PUT → GET"])
	require.Equal(t, mutate.Survived, got["widen Access-Control-Allow-Methods of API: GET, PUT → *"])
	require.Positive(t, result.Policies[0].Probes)
	require.Greater(t, result.Policies[0].Requests, result.Policies[0].Probes)
	counted := result.Counts
	require.InDelta(t, 100*float64(counted[mutate.Killed])/float64(counted[mutate.Killed]+counted[mutate.Survived]), result.Score, 0.01, "equivalent mutants are not in the score")
}

func TestBehindASharedCacheVaryIsPartOfThePolicy(t *testing.T) {
	policy := scripted(
		simulator.Field{Name: "Cache-Control", Value: "public, s-maxage=60"},
		simulator.Field{Name: "Vary", Value: "Origin"},
	)
	policy.App.Responses[0].EchoOrigin, policy.SharedCache = true, true
	result, err := run(t, scenario{name: "reads", service: policy, page: app, request: get(), expects: readable})
	require.NoError(t, err)
	require.Equal(t, mutate.Survived, fates(result)["drop Vary of API (Origin)"])
}

func TestHowLongAPreflightIsRememberedIsPartOfThePolicy(t *testing.T) {
	policy := scripted(
		simulator.Field{Name: "Access-Control-Allow-Origin", Value: "*"},
		simulator.Field{Name: "Access-Control-Allow-Methods", Value: "PUT"},
		simulator.Field{Name: "Access-Control-Max-Age", Value: "600"},
	)
	result, err := run(t, scenario{name: "writes", service: policy, page: app, request: simulator.Request{Method: "PUT", URL: api + "/user"}, expects: readable})
	require.NoError(t, err)
	got := fates(result)
	for _, change := range []string{"drop Access-Control-Max-Age of API (600)", "widen Access-Control-Max-Age of API: 600 → 86400", "narrow Access-Control-Max-Age of API: 600 → 0"} {
		require.Equal(t, mutate.Survived, got[change], change)
	}
}

func TestEverySettingOfIngressMeshEdgeAndMiddlewareIsBroken(t *testing.T) {
	ingress := scripted()
	ingress.Ingress = &harness.Ingress{Annotations: map[string]string{
		"enable-cors": "true", "cors-allow-origin": app + ", " + shop, "cors-allow-credentials": "true", "cors-allow-methods": "GET, PUT",
		"cors-allow-headers": "Content-Type", "cors-expose-headers": "ETag", "cors-max-age": "600", "proxy-body-size": "8",
	}}
	others := scripted()
	others.Linkerd = &harness.Linkerd{AddedHeaders: []simulator.Field{{Name: "Timing-Allow-Origin", Value: "*"}}}
	others.Edge = &harness.Edge{AppendedHeaders: []simulator.Field{{Name: "Cross-Origin-Resource-Policy", Value: "same-site"}}}
	middleware := harness.Service{Name: "API", Origin: api, App: harness.App{Kind: harness.AppGo, CORS: &harness.CORSPolicy{
		AllowedOrigins: []string{app}, AllowedMethods: []string{"GET", "PUT"}, AllowedHeaders: []string{"Content-Type"},
		ExposedHeaders: []string{"ETag"}, AllowCredentials: true, MaxAge: 600e9,
	}}}
	var scenarios []scenario
	for _, service := range []harness.Service{ingress, others, middleware} {
		scenarios = append(scenarios, scenario{service: service, page: app, request: get()})
	}
	result, err := run(t, scenarios...)
	require.NoError(t, err)
	places := map[string][]string{}
	for _, policy := range result.Policies {
		for _, mutant := range policy.Mutants {
			if !slices.Contains(places[mutant.Place], string(mutant.Operator)) {
				places[mutant.Place] = append(places[mutant.Place], string(mutant.Operator))
			}
		}
	}
	of := func(name string) string { return strings.Join(places[name], " ") }
	require.Equal(t, "drop", of("enable-cors of the Ingress of API"))
	require.Equal(t, "drop double narrow widen replace", of("cors-allow-origin of the Ingress of API"))
	require.Equal(t, "drop narrow", of("cors-allow-credentials of the Ingress of API"))
	require.Equal(t, "drop double narrow widen", of("cors-allow-methods of the Ingress of API"))
	require.Equal(t, "drop double widen", of("cors-allow-headers of the Ingress of API"))
	require.Equal(t, "drop double widen", of("cors-expose-headers of the Ingress of API"))
	require.Equal(t, "drop widen narrow", of("cors-max-age of the Ingress of API"))
	require.NotContains(t, places, "proxy-body-size of the Ingress of API")
	require.Equal(t, "drop double narrow", of("Timing-Allow-Origin of the mesh of API"))
	require.Equal(t, "drop double widen narrow", of("Cross-Origin-Resource-Policy of the proxy in front of API"))
	require.Equal(t, "drop", of("the CORS policy of API"))
	require.Equal(t, "drop double widen replace", of("allowed origins of the policy of API"))
	require.Equal(t, "drop double narrow widen", of("allowed methods of the policy of API"))
	require.Equal(t, "drop double widen", of("allowed headers of the policy of API"))
	require.Equal(t, "drop", of("credentials of the policy of API"))
	require.Equal(t, "drop widen narrow", of("max age of the policy of API"))
}

func TestTheIngressesOfAManifestAreBrokenEachInAllOfItsRules(t *testing.T) {
	service := scripted()
	resource := func(name, path string) harness.IngressResource {
		return harness.IngressResource{
			Name: name, Source: "k8s.yaml:3", Host: "api.example.com", TLS: true, Annotations: map[string]string{"enable-cors": "true", "cors-allow-origin": app},
			Paths: []harness.IngressPath{{Path: path, Type: "Prefix", Backend: "api"}},
		}
	}
	service.Ingress = &harness.Ingress{Annotations: map[string]string{}, Resources: []harness.IngressResource{
		resource("shop/api", "/user"), resource("shop/api", "/users"), resource("shop/other", "/other"),
	}}
	users := get()
	users.URL += "s"
	result, err := run(t, scenario{service: service, page: app, request: get(), expects: readable}, scenario{service: service, page: app, request: users})
	require.NoError(t, err)
	got := fates(result)
	require.Equal(t, mutate.Killed, got["drop enable-cors of the Ingress shop/api (k8s.yaml:3) (true)"])
	require.Equal(t, mutate.Survived, got["drop enable-cors of the Ingress shop/other (k8s.yaml:3) (true)"], "nobody asks for its path")
	require.Len(t, got, 10)
	require.Equal(t, "true", service.Ingress.Resources[0].Annotations["enable-cors"], "what the scenario declares is as it was")
}

func TestScenariosThatFailAsTheyAreAreNoTests(t *testing.T) {
	_, err := run(t, scenario{name: "wrong", service: scripted(), page: app, request: get(), expects: readable})
	var failed *mutate.BaselineFailed
	require.ErrorAs(t, err, &failed)
	require.ErrorContains(t, err, "a.feature:1 wrong: not as expected")
}

func TestTheResultIsTold(t *testing.T) {
	result, err := run(t, scenario{name: "allowed", service: scripted(simulator.Field{Name: "Access-Control-Allow-Origin", Value: app}), page: app, request: get(), expects: readable})
	require.NoError(t, err)
	var text strings.Builder
	require.NoError(t, mutate.WriteText(&text, result))
	require.Contains(t, text.String(), "SURVIVED  1 mutant of the policy of a.feature:1\n  widen Access-Control-Allow-Origin of API")
	require.Contains(t, text.String(), "1 scenario, 1 policy, 4 mutants: 3 killed, 1 survived, 0 equivalent, 0 invalid\n")
	require.Contains(t, text.String(), "score 75.0 %")
	content, err := json.Marshal(result)
	require.NoError(t, err)
	require.Contains(t, string(content), `"schema":"crosscheck.mutate/v1"`)
}
