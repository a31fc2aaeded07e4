package chrome_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// putUser is a deployment, in the environment that scenarios use, for a
// credentialed, preflighted PUT that sets a cookie. It gives each session its own traffic.
func putUser(b *testing.B) (traffic func() *embedded.Traffic) {
	b.Helper()
	environment := embedded.New(authority)
	b.Cleanup(func() { require.NoError(b, environment.Close()) })
	running, err := environment.Apply(b.Context(), harness.Deployment{Services: []harness.Service{{
		Name: "API", Origin: "https://api.example.com",
		App: harness.App{Kind: harness.AppScripted, Responses: []harness.Response{{Status: 200, Headers: []simulator.Field{
			{Name: "Access-Control-Allow-Origin", Value: app},
			{Name: "Access-Control-Allow-Credentials", Value: "true"},
			{Name: "Access-Control-Allow-Methods", Value: "PUT"},
			{Name: "Set-Cookie", Value: "id=1; Secure; SameSite=None"},
		}}}},
	}}})
	require.NoError(b, err)
	return func() *embedded.Traffic {
		traffic, err := running.NewTraffic(b.Context())
		require.NoError(b, err)
		return traffic.(*embedded.Traffic)
	}
}

// BenchmarkScenario is the cost of a session with a page and one credentialed,
// preflighted PUT, in as many sessions at a time as the pool allows.
// It is to be at most twice BenchmarkHandWrittenPage.
func BenchmarkScenario(b *testing.B) {
	newTraffic := putUser(b)
	b.ReportAllocs()
	b.SetParallelism(4)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			network := newTraffic()
			s, err := browser.NewSession(b.Context(), network)
			if err != nil {
				b.Error(err)
				return
			}
			outcome, err := s.Fetch(b.Context(), simulator.PageSpec{URL: app},
				simulator.Request{URL: "https://api.example.com/user", Method: "PUT", Credentials: simulator.CredentialsInclude})
			if err != nil || !outcome.Readable() || len(outcome.Exchanges) != 2 {
				b.Errorf("%v, %+v", err, outcome)
			}
			if err := errors.Join(s.Close(), network.Close()); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkHandWrittenPage is the cost of the same requests made by one script
// of one page, each awaited before the next: one connection, no session, no
// DevTools events, nothing cleaned. Every request has a path of its own, so
// that every one is preflighted.
func BenchmarkHandWrittenPage(b *testing.B) {
	network := putUser(b)()
	b.ReportAllocs()
	done, err := browser.RunScripts(b.Context(), network, chrome.PageScript{Page: simulator.PageSpec{URL: app}, Script: fmt.Sprintf(`(async () => {
		for (let i = 0; i < %d; i++) {
			const response = await fetch("https://api.example.com/user/" + i, {method: "PUT", credentials: "include"});
			await response.text();
		}
		return "done";
	})()`, b.N)})
	require.NoError(b, err)
	require.Equal(b, `"done"`, string(done[0]))
	b.StopTimer()
	require.Len(b, network.Transits(), 2*b.N)
	require.NoError(b, network.Close())
}

// BenchmarkLaunch is the time from nothing to the first request's outcome.
func BenchmarkLaunch(b *testing.B) {
	network := putUser(b)()
	b.ReportAllocs()
	for b.Loop() {
		own, err := chrome.Launch(b.Context(), options())
		require.NoError(b, err)
		s, err := own.NewSession(b.Context(), network)
		require.NoError(b, err)
		require.True(b, fetch(b, s, simulator.Request{URL: api}).Readable())
		b.StopTimer()
		require.NoError(b, s.Close())
		require.NoError(b, own.Close())
		b.StartTimer()
	}
}
