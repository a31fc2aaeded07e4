package simulated_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
	"github.com/crosscheck-dev/crosscheck/harness/simulated"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// world is an embedded environment and a simulator that trusts its hosts.
type world struct {
	t       *testing.T
	running harness.Running
	browser *simulated.Browser
}

func newWorld(t *testing.T, services ...harness.Service) world {
	t.Helper()
	authority, err := ca.New()
	require.NoError(t, err)
	environment := embedded.New(authority)
	t.Cleanup(func() { require.NoError(t, environment.Close()) })
	running, err := environment.Apply(t.Context(), harness.Deployment{Services: services})
	require.NoError(t, err)
	return world{t, running, simulated.New(simulator.Chromium, "simulator", authority.Pool())}
}

// session begins a session over traffic of its own.
func (w world) session() (harness.Session, *embedded.Traffic) {
	w.t.Helper()
	traffic, err := w.running.NewTraffic(w.t.Context())
	require.NoError(w.t, err)
	session, err := w.browser.NewSession(w.t.Context(), traffic)
	require.NoError(w.t, err)
	w.t.Cleanup(func() {
		require.NoError(w.t, session.Close())
		require.NoError(w.t, traffic.Close())
	})
	return session, traffic.(*embedded.Traffic)
}

// fetch makes a request of a page at the app's origin.
func (w world) fetch(session harness.Session, request simulator.Request) simulator.Outcome {
	w.t.Helper()
	outcome, err := session.Fetch(w.t.Context(), simulator.PageSpec{URL: "https://app.example.com"}, request)
	require.NoError(w.t, err)
	return outcome
}

// api answers preflights and requests of the app's page.
func api(origin string, faults ...harness.Response) harness.Service {
	return harness.Service{Name: "API", Origin: origin, App: harness.App{Kind: harness.AppScripted, Responses: append(faults,
		harness.Response{Method: "OPTIONS", Status: 204, EchoOrigin: true, Headers: []simulator.Field{
			{Name: "Access-Control-Allow-Methods", Value: "PUT"}, {Name: "Access-Control-Allow-Credentials", Value: "true"}, {Name: "Access-Control-Max-Age", Value: "60"},
		}},
		harness.Response{Status: 200, EchoOrigin: true, Headers: []simulator.Field{{Name: "Access-Control-Allow-Credentials", Value: "true"}}, Body: "hello"},
	)}}
}

func TestThePredictionGoesOverTheDeploymentsNetwork(t *testing.T) {
	for _, protocol := range []string{"h2", "http/1.1"} {
		service := api("https://api.example.com")
		service.Protocols = []string{protocol}
		w := newWorld(t, service)
		session, traffic := w.session()
		outcome := w.fetch(session, simulator.Request{Method: "PUT", URL: "https://api.example.com/user"})
		require.True(t, outcome.Readable(), "%v", outcome.Reason)
		require.Equal(t, "hello", string(outcome.Body))
		require.Len(t, outcome.Preflights(), 1)
		require.NotEmpty(t, outcome.Trace)
		require.Zero(t, session.Restarts())

		transits := traffic.Transits()
		require.Len(t, transits, 2)
		require.Equal(t, []string{"OPTIONS", "PUT"}, []string{transits[0].Method, transits[1].Method})
		require.Equal(t, protocol == "h2", transits[0].Protocol == "HTTP/2.0")
		require.Equal(t, "https://app.example.com", transits[0].RequestHeader.Get("Origin"))
		for i, exchange := range outcome.Exchanges {
			require.Equal(t, transits[i].URL, exchange.URL)
		}
	}
}

func TestASessionKeepsItsStateAndItsClockJumps(t *testing.T) {
	w := newWorld(t, api("https://api.example.com"))
	session, traffic := w.session()
	put := simulator.Request{Method: "PUT", URL: "https://api.example.com/user", Credentials: simulator.CredentialsInclude}
	require.NoError(t, session.SetCookie(t.Context(), "https://api.example.com/", "session=1; Secure; SameSite=None"))
	require.Len(t, w.fetch(session, put).Preflights(), 1)
	require.Empty(t, w.fetch(session, put).Preflights())
	require.NoError(t, session.Wait(t.Context(), 61*time.Second))
	require.Len(t, w.fetch(session, put).Preflights(), 1)
	for _, transit := range traffic.Transits() {
		if transit.Method == "PUT" {
			require.Equal(t, "session=1", transit.RequestHeader.Get("Cookie"))
		}
	}

	other, _ := w.session()
	require.Len(t, w.fetch(other, put).Preflights(), 1)
}

func TestFaultsAreTheReasonsOfABrowser(t *testing.T) {
	cases := []struct {
		fault  harness.Fault
		reason simulator.ReasonCode
	}{
		{harness.FaultClose, simulator.ConnectionFailed},
		{harness.FaultDown, simulator.ConnectionFailed},
		{harness.FaultMalformed, simulator.InvalidHTTPResponse},
		{harness.FaultHang, simulator.NoResponse},
	}
	for _, c := range cases {
		for _, origin := range []string{"https://api.example.com", "https://api.example.com:8443"} {
			t.Run(string(c.fault)+" "+origin, func(t *testing.T) {
				w := newWorld(t, api(origin, harness.Response{Fault: c.fault}))
				session, _ := w.session()
				ctx := t.Context()
				if c.fault == harness.FaultHang {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
					defer cancel()
				}
				outcome, err := session.Fetch(ctx, simulator.PageSpec{URL: "https://app.example.com"}, simulator.Request{URL: origin + "/user"})
				require.NoError(t, err)
				require.Equal(t, simulator.KindNetworkError, outcome.Kind)
				require.Equal(t, c.reason, outcome.Reason.Code)
			})
		}
	}
}

func TestWhatIsNoOutcomeIsAnError(t *testing.T) {
	w := newWorld(t, api("https://api.example.com"))
	session, traffic := w.session()
	_, err := session.Fetch(t.Context(), simulator.PageSpec{URL: "no URL"}, simulator.Request{URL: "https://api.example.com/"})
	require.ErrorContains(t, err, "open the page no URL")
	require.ErrorContains(t, session.SetCookie(t.Context(), "no URL", "a=b"), `set the cookie "a=b" for no URL`)

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = session.Fetch(cancelled, simulator.PageSpec{URL: "https://app.example.com"}, simulator.Request{URL: "https://api.example.com/"})
	require.ErrorIs(t, err, context.Canceled)
	_, err = w.browser.NewSession(cancelled, traffic)
	require.ErrorIs(t, err, context.Canceled)
	require.NotEmpty(t, w.browser.Version())
	require.Equal(t, "simulator", w.browser.Name())
	require.NoError(t, w.browser.Close())
}

func TestNoGoroutineOutlivesItsSession(t *testing.T) {
	w := newWorld(t, api("https://api.example.com"), harness.Service{Name: "page", Origin: "https://app.example.com", App: harness.App{Kind: harness.AppGo}})
	before := runtime.NumGoroutine()
	for range 5 {
		traffic, err := w.running.NewTraffic(t.Context())
		require.NoError(t, err)
		session, err := w.browser.NewSession(t.Context(), traffic)
		require.NoError(t, err)
		require.True(t, w.fetch(session, simulator.Request{URL: "https://api.example.com/"}).Readable())
		require.NoError(t, session.Close())
		require.NoError(t, traffic.Close())
	}
	// The condition itself runs in a goroutine.
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, 20*time.Second, time.Millisecond)
}

func BenchmarkSession(b *testing.B) {
	authority, err := ca.New()
	require.NoError(b, err)
	running, err := embedded.New(authority).Apply(b.Context(), harness.Deployment{Services: []harness.Service{api("https://api.example.com")}})
	require.NoError(b, err)
	browser := simulated.New(simulator.Chromium, "simulator", authority.Pool())
	b.ReportAllocs()
	for b.Loop() {
		traffic, err := running.NewTraffic(b.Context())
		require.NoError(b, err)
		session, err := browser.NewSession(b.Context(), traffic)
		require.NoError(b, err)
		_, err = session.Fetch(b.Context(), simulator.PageSpec{URL: "https://app.example.com"}, simulator.Request{Method: "PUT", URL: "https://api.example.com/user"})
		require.NoError(b, err)
		require.NoError(b, session.Close())
		require.NoError(b, traffic.Close())
	}
}
