// Package budget tells how many preflights a user of the scenarios' pages causes in an
// hour, in each browser engine, and what another Access-Control-Max-Age would save.
package budget

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Schema is the version of a [Budget]'s JSON form.
const Schema = "crosscheck.budget/v1"

// Options say what a user does.
type Options struct {
	// Run runs the scenarios, in the simulator.
	Run func(ctx context.Context) []report.Scenario
	// PerHour is how often the user makes each request in an hour.
	PerHour float64
	// MaxAge is the Access-Control-Max-Age that is compared, in whole seconds.
	MaxAge time.Duration
	// RoundTrip is how long a preflight takes.
	RoundTrip time.Duration
}

// Budget is what the requests of all scenarios cost.
type Budget struct {
	Schema  string  `json:"schema"`
	PerHour float64 `json:"per_hour"`
	// MaxAge is the one that is compared, RoundTripMS what a preflight takes.
	MaxAge      int64     `json:"max_age"`
	RoundTripMS float64   `json:"round_trip_ms"`
	Requests    []Request `json:"requests"`
	// Total is the sum over all requests, by engine.
	Total map[string]Cost `json:"total"`
	// Simple is how many of the scenarios' requests to other origins need no preflight;
	// Refused how many are refused in their preflight, each time.
	Simple  int `json:"simple"`
	Refused int `json:"refused"`
	// Failed are the scenarios that do not pass: what they ask for after that is not known.
	Failed []string `json:"failed"`
}

// Request is one that needs a preflight.
type Request struct {
	// Scenario is the first that makes it: file and line.
	Scenario    string `json:"scenario"`
	Origin      string `json:"origin"`
	Method      string `json:"method"`
	URL         string `json:"url"`
	Credentials bool   `json:"credentials,omitempty"`
	// Headers are those that the preflight asks for.
	Headers []string `json:"headers"`
	// MaxAge are the answer's headers of this name; none where there is none.
	MaxAge []string `json:"max_age"`
	// Cost is by engine.
	Cost map[string]Cost `json:"cost"`
}

// Cost is preflights per user and hour.
type Cost struct {
	Now float64 `json:"now"`
	// With is what they would be with the compared max-age.
	With float64 `json:"with"`
	// SavedMS is how much less a user waits in an hour.
	SavedMS float64 `json:"saved_ms"`
}

// Of runs the scenarios and adds up. The error is the context's.
func Of(ctx context.Context, options Options) (*Budget, error) {
	scenarios := options.Run(ctx)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("run the scenarios: %w", err)
	}
	b := &Budget{
		Schema: Schema, PerHour: options.PerHour, MaxAge: int64(options.MaxAge / time.Second), RoundTripMS: milliseconds(options.RoundTrip),
		Requests: []Request{}, Total: map[string]Cost{}, Failed: []string{},
	}
	seen := map[string]bool{}
	for _, scenario := range scenarios {
		if scenario.Verdict != report.Pass && scenario.Verdict != report.Skipped {
			b.Failed = append(b.Failed, place(scenario))
		}
		for _, request := range scenario.Requests {
			if request.Page.URL == "" || len(request.Browsers) == 0 {
				continue
			}
			b.add(place(scenario), request, options, seen)
		}
	}
	return b, nil
}

func place(scenario report.Scenario) string {
	return fmt.Sprintf("%s:%d", scenario.File, scenario.Line)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// add adds the preflights of a request, each kind once.
func (b *Budget) add(scenario string, request report.Request, options Options, seen map[string]bool) {
	outcome := request.Browsers[0].Outcome
	if len(outcome.Preflights()) == 0 {
		if outcome.Type == simulator.ResponseCORS {
			b.Simple++
		}
		return
	}
	for i, exchange := range outcome.Exchanges {
		if exchange.Kind != simulator.ExchangePreflight {
			continue
		}
		if i == len(outcome.Exchanges)-1 {
			b.Refused++
			continue
		}
		found := Request{
			Scenario: scenario, Origin: exchange.RequestHeader.Get("Origin"), Method: exchange.RequestHeader.Get("Access-Control-Request-Method"), URL: exchange.URL,
			Credentials: request.Request.Credentials == simulator.CredentialsInclude, Headers: []string{},
			MaxAge: append([]string{}, exchange.ResponseHeader.Values("Access-Control-Max-Age")...), Cost: map[string]Cost{},
		}
		if names := exchange.RequestHeader.Get("Access-Control-Request-Headers"); names != "" {
			found.Headers = strings.Split(names, ",")
		}
		identity := fmt.Sprint(found.Origin, found.Method, found.URL, found.Credentials, found.Headers, found.MaxAge)
		if seen[identity] {
			continue
		}
		seen[identity] = true
		for _, engine := range Engines() {
			now := Preflights(options.PerHour, engine.Age(found.MaxAge))
			with := Preflights(options.PerHour, min(options.MaxAge, engine.Cap))
			cost := Cost{Now: now, With: with, SavedMS: (now - with) * milliseconds(options.RoundTrip)}
			found.Cost[engine.Name] = cost
			total := b.Total[engine.Name]
			b.Total[engine.Name] = Cost{Now: total.Now + cost.Now, With: total.With + cost.With, SavedMS: total.SavedMS + cost.SavedMS}
		}
		b.Requests = append(b.Requests, found)
	}
	slices.SortStableFunc(b.Requests, func(a, c Request) int { return strings.Compare(a.URL, c.URL) })
}
