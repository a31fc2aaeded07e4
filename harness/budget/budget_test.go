package budget_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/budget"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

func TestEveryEngineReadsTheMaxAgeInItsOwnWay(t *testing.T) {
	for _, test := range []struct {
		values                    []string
		chromium, firefox, webkit time.Duration
	}{
		{nil, 5 * time.Second, 5 * time.Second, 5 * time.Second},
		{[]string{"60"}, time.Minute, time.Minute, time.Minute},
		{[]string{" 600 "}, 10 * time.Minute, 10 * time.Minute, 10 * time.Minute},
		{[]string{"1728000"}, 2 * time.Hour, 24 * time.Hour, 10 * time.Minute},
		{[]string{"0"}, 0, 0, 0},
		{[]string{"-1"}, 0, 0, 5 * time.Second},
		{[]string{"abc"}, 5 * time.Second, 0, 5 * time.Second},
		{[]string{"600", "600"}, 5 * time.Second, 0, 5 * time.Second},
	} {
		for i, want := range []time.Duration{test.chromium, test.firefox, test.webkit} {
			engine := budget.Engines()[i]
			require.Equal(t, want, engine.Age(test.values), "%s, %q", engine.Name, test.values)
		}
	}
	require.Equal(t, simulator.Chromium.MaxAgeLimit, budget.Engines()[0].Cap)
}

// TestTheSimulatorSendsAsManyPreflights: the formula against a browser's cache over ten hours.
func TestTheSimulatorSendsAsManyPreflights(t *testing.T) {
	const hours = 10
	for _, maxAge := range []string{"", "0", "1", "59", "60", "61", "600", "3600", "7200", "86400", "abc"} {
		for _, perHour := range []float64{1, 6, 60, 720} {
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				header := w.Header()
				header.Set("Access-Control-Allow-Origin", "*")
				header.Set("Access-Control-Allow-Methods", "PUT")
				if maxAge != "" {
					header.Set("Access-Control-Max-Age", maxAge)
				}
			})
			start := time.Now()
			browser := simulator.New(simulator.Chromium, simulator.WithHandler(handler), simulator.WithClock(func() time.Time { return start }))
			page := browser.Open("https://app.example.com")
			sent := 0
			for range int(perHour * hours) {
				outcome := page.Fetch(t.Context(), simulator.Request{Method: "PUT", URL: "https://api.example.com/user"})
				require.True(t, outcome.Readable())
				sent += len(outcome.Preflights())
				browser.Advance(time.Duration(float64(time.Hour) / perHour))
			}
			var values []string
			if maxAge != "" {
				values = []string{maxAge}
			}
			expected := budget.Preflights(perHour, budget.Engines()[0].Age(values)) * hours
			// The last age may not be over yet.
			require.InDelta(t, expected, sent, 1, "max-age %q, %v an hour", maxAge, perHour)
		}
	}
}

// scenario is one with a request from a page.
func scenario(verdict report.Verdict, exchanges ...simulator.Exchange) report.Scenario {
	return report.Scenario{File: "a.feature", Line: 3, Verdict: verdict, Requests: []report.Request{{
		Page: simulator.PageSpec{URL: "https://app.example.com"}, Request: simulator.Request{Method: "PUT", Credentials: simulator.CredentialsInclude},
		Browsers: []report.BrowserResult{{Browser: "simulator", Outcome: simulator.Outcome{Type: simulator.ResponseCORS, Exchanges: exchanges}}},
	}}}
}

func preflight(maxAge string) simulator.Exchange {
	return simulator.Exchange{
		Kind: simulator.ExchangePreflight, Method: "OPTIONS", URL: "https://api.example.com/user", Status: 204,
		RequestHeader:  http.Header{"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": {"content-type,x-tenant"}},
		ResponseHeader: http.Header{"Access-Control-Max-Age": {maxAge}},
	}
}

func TestTheRequestsOfTheScenariosAreAddedUp(t *testing.T) {
	put := simulator.Exchange{Kind: simulator.ExchangeRequest, Method: "PUT", URL: "https://api.example.com/user", Status: 200}
	made, err := budget.Of(t.Context(), budget.Options{
		PerHour: 60, MaxAge: 2 * time.Hour, RoundTrip: 100 * time.Millisecond,
		Run: func(context.Context) []report.Scenario {
			return []report.Scenario{
				scenario(report.Pass, preflight("600"), put),
				scenario(report.Pass, preflight("600"), put),
				scenario(report.Pass, put),
				scenario(report.Pass, preflight("600")),
				scenario(report.UnexpectedOutcome, preflight("0"), put),
			}
		},
	})
	require.NoError(t, err)
	require.Len(t, made.Requests, 2, "the same request twice is one")
	require.Equal(t, 1, made.Simple)
	require.Equal(t, 1, made.Refused)
	require.Equal(t, []string{"a.feature:3"}, made.Failed)
	require.Equal(t, []string{"content-type", "x-tenant"}, made.Requests[0].Headers)
	require.InDelta(t, 6, made.Requests[0].Cost["Chromium"].Now, 1e-9)
	require.InDelta(t, 0.5, made.Requests[0].Cost["Chromium"].With, 1e-9)
	require.InDelta(t, 550, made.Requests[0].Cost["Chromium"].SavedMS, 1e-9)
	require.InDelta(t, 66, made.Total["WebKit"].Now, 1e-9)
	require.InDelta(t, 12, made.Total["WebKit"].With, 1e-9)

	var text strings.Builder
	require.NoError(t, budget.WriteText(&text, made))
	require.Regexp(t, `600 +6 → 0\.5 +6 → 0\.5 +6 → 6 +PUT https://api\.example\.com/user with content-type, x-tenant with credentials from https://app\.example\.com`, text.String())
	require.Regexp(t, `all +66 → 1 +66 → 1 +66 → 12 *\n`, text.String())
	require.Contains(t, text.String(), "Chromium saves 6.5 s of waiting per user and hour, at 100 ms a preflight.")
	require.Contains(t, text.String(), "2 different requests need a preflight; of the others that the scenarios make, 1 need none and 1 are refused in theirs\n")
}
