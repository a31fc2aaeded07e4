package chrome_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// putUser is a server for a credentialed, preflighted PUT that sets a cookie.
func putUser(b *testing.B) *deployment {
	return deploy(b).serve("api.example.com:443", allowing(answer(200, "Set-Cookie", "id=1; Secure; SameSite=None")))
}

// BenchmarkScenario is the cost of a session with a page and one credentialed,
// preflighted PUT, in as many sessions at a time as the pool allows.
// It is to be at most twice BenchmarkHandWrittenPage.
func BenchmarkScenario(b *testing.B) {
	network := putUser(b)
	b.ReportAllocs()
	b.SetParallelism(4)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
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
			if err := s.Close(); err != nil {
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
	network := putUser(b)
	b.ReportAllocs()
	done, err := browser.RunScript(b.Context(), network, simulator.PageSpec{URL: app}, fmt.Sprintf(`(async () => {
		for (let i = 0; i < %d; i++) {
			const response = await fetch("https://api.example.com/user/" + i, {method: "PUT", credentials: "include"});
			await response.text();
		}
		return "done";
	})()`, b.N))
	require.NoError(b, err)
	require.Equal(b, `"done"`, string(done))
	b.StopTimer()
	require.Len(b, network.seen(), 2*b.N)
}

// BenchmarkLaunch is the time from nothing to the first request's outcome.
func BenchmarkLaunch(b *testing.B) {
	network := putUser(b)
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
