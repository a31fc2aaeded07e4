package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// faulty is a service whose only answer is a fault.
func faulty(origin string, fault harness.Fault) harness.Service {
	return harness.Service{
		Name: "API", Origin: origin,
		App: harness.App{Kind: harness.AppScripted, Responses: []harness.Response{{Fault: fault}}},
	}
}

func TestAnAppThatClosesTheConnectionIsSeenAsThat(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		w := newWorld(t)
		service := faulty("https://api.example.com", harness.FaultClose)
		service.App.Responses[0].Path = "/close"
		service.App.Responses = append(service.App.Responses, harness.Response{Status: 200})
		traffic := w.traffic(service)
		client := w.client(traffic, http2)
		_, err := try(t.Context(), client, "POST", "https://api.example.com/close")
		require.ErrorContains(t, err, "EOF")
		transit := traffic.Transits()[0]
		require.True(t, transit.ReachedApp)
		require.Equal(t, []harness.HopResponse{{Hop: "app", Status: 0, Header: http.Header{}}}, transit.Hops)
		// The next request comes over a new connection.
		require.Equal(t, 200, ask(t, client, "GET", "https://api.example.com/").StatusCode)
	}
}

func TestAnAppThatDoesNotSpeakHTTPIsSeenAsThat(t *testing.T) {
	w := newWorld(t)
	for _, origin := range []string{"https://api.example.com", "http://api.example.com"} {
		traffic := w.traffic(faulty(origin, harness.FaultMalformed))
		_, err := try(t.Context(), w.client(traffic, true), "GET", origin+"/")
		require.ErrorContains(t, err, "malformed MIME header")
		transit := traffic.Transits()[0]
		require.Equal(t, "HTTP/1.1", transit.Protocol)
		require.True(t, transit.ReachedApp)
		require.Equal(t, 0, transit.Hops[0].Status)
	}
}

func TestAnAppThatHangsIsLeftWhenTheClientGoes(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		w := newWorld(t)
		traffic := w.traffic(faulty("https://api.example.com", harness.FaultHang))
		ctx, cancel := context.WithCancel(t.Context())
		asked := make(chan error, 1)
		go func() {
			_, err := try(ctx, w.client(traffic, http2), "GET", "https://api.example.com/")
			asked <- err
		}()
		require.Eventually(t, func() bool {
			transits := traffic.Transits()
			return len(transits) == 1 && transits[0].ReachedApp
		}, patience, time.Millisecond)
		cancel()
		require.ErrorIs(t, <-asked, context.Canceled)
		// The app gave up too: its hop has an end.
		require.Eventually(t, func() bool { return len(traffic.Transits()[0].Hops) == 1 }, patience, time.Millisecond)
	}
}

func TestAnAppThatIsDownRefusesConnections(t *testing.T) {
	w := newWorld(t)
	traffic := w.traffic(faulty("https://api.example.com", harness.FaultDown))
	_, err := traffic.DialContext(t.Context(), "tcp", "api.example.com:443")
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.ErrorContains(t, err, `the app of "API" does not listen`)
	_, err = traffic.Inside().DialContext(t.Context(), "tcp", "api:80")
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.Empty(t, traffic.Transits())
}

func TestAProxyMakesA502OfAFault(t *testing.T) {
	proxies := map[string]func(*harness.Service){
		"ingress-nginx v1.15.1": func(s *harness.Service) { s.Ingress = articleIngress() },
		"linkerd-proxy":         func(s *harness.Service) { s.Linkerd = &harness.Linkerd{} },
		"edge":                  func(s *harness.Service) { s.Edge = &harness.Edge{} },
		"shared cache":          func(s *harness.Service) { s.SharedCache = true },
	}
	for proxy, put := range proxies {
		for _, fault := range []harness.Fault{harness.FaultClose, harness.FaultMalformed, harness.FaultDown} {
			for _, http2 := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, http2=%v", proxy, fault, http2), func(t *testing.T) {
					w := newWorld(t)
					service := faulty("https://api.example.com", fault)
					put(&service)
					traffic := w.traffic(service)
					got := ask(t, w.client(traffic, http2), "GET", "https://api.example.com/", "Origin", allowed)
					status := 502
					if proxy == "linkerd-proxy" && fault != harness.FaultDown {
						// To linkerd2-proxy a connection that closes early is an error of its own.
						status = 500
					}
					require.Equal(t, status, got.StatusCode)
					require.Equal(t, http2, got.ProtoMajor == 2)
					transit := traffic.Transits()[0]
					hops, statuses := names(transit)
					if fault == harness.FaultDown {
						require.Equal(t, []string{proxy}, hops)
						require.False(t, transit.ReachedApp)
					} else {
						require.Equal(t, []string{"app", proxy}, hops)
						require.Equal(t, 0, statuses[0])
						require.True(t, transit.ReachedApp)
					}
					require.Equal(t, status, statuses[len(statuses)-1])
				})
			}
		}
	}
}

func TestAnIngressGivesUpOnAnAppThatHangs(t *testing.T) {
	w := newWorld(t)
	service := faulty("https://api.example.com", harness.FaultHang)
	service.Ingress = articleIngress()
	service.Ingress.Annotations["proxy-read-timeout"] = "1"
	traffic := w.traffic(service)
	got := ask(t, w.client(traffic, true), "GET", "https://api.example.com/", "Origin", allowed)
	require.Equal(t, 504, got.StatusCode)
	require.Equal(t, allowed, got.Header.Get("Access-Control-Allow-Origin"))
	require.True(t, traffic.Transits()[0].ReachedApp)
}

func TestABadDeploymentIsInvalidAndSaysWhatIsKnown(t *testing.T) {
	w := newWorld(t)
	good := api("https://api.example.com")
	with := func(change func(*harness.Service)) []harness.Service {
		s := api("https://api.example.com")
		s.App.Responses = []harness.Response{{Status: 200}}
		change(&s)
		return []harness.Service{s}
	}
	named := func(name, origin string) harness.Service {
		s := api(origin)
		s.Name = name
		return s
	}
	cases := []struct {
		name     string
		services []harness.Service
		message  string
	}{
		{"an origin twice", []harness.Service{good, named("second", "https://API.example.com:443")}, `services "API" and "second" are both at api.example.com:443`},
		{"one address over http and https", []harness.Service{named("a", "https://x.example:81"), named("b", "http://x.example:81")}, "both at x.example:81"},
		{"a name twice", []harness.Service{good, named("api", "https://other.example.com")}, `would both be called "api" inside the cluster`},
		{"no name", []harness.Service{named("", "https://x.example")}, "has no name"},
		{"no URL", []harness.Service{api("api.example.com")}, `"api.example.com" is no origin`},
		{"a path", []harness.Service{api("https://api.example.com/v1")}, "an origin ends after the host or the port"},
		{"credentials", []harness.Service{api("https://me@api.example.com")}, "no user name"},
		{"another scheme", []harness.Service{api("ftp://api.example.com")}, `its scheme is "ftp", not http or https`},
		{"port 0", []harness.Service{api("https://api.example.com:0")}, "port 0"},
		{"an unknown app", with(func(s *harness.Service) { s.App.Kind = "php" }), `no app is called "php": the apps are [scripted go express-4 express-5 deployed]`},
		{"responses of an app that answers by itself", with(func(s *harness.Service) { s.App.Kind = harness.AppGo }), "only \"scripted\" answers listed responses"},
		{"a policy for an app that has one", with(func(s *harness.Service) { s.App.CORS = &harness.CORSPolicy{} }), "only \"go\" can be given one"},
		{"an unknown fault", with(func(s *harness.Service) { s.App.Responses[0].Fault = "explode" }), `the faults are ["close" "hang" "malformed" "down"]`},
		{"no status", with(func(s *harness.Service) { s.App.Responses[0].Status = 0 }), "0 is no status of a final response"},
		{"a header name", with(func(s *harness.Service) {
			s.Edge = &harness.Edge{AppendedHeaders: []simulator.Field{{Name: "X Y", Value: "1"}}}
		}), `"X Y" is no name of a header field`},
		{"a header value", with(func(s *harness.Service) { s.App.Responses[0].Headers = []simulator.Field{{Name: "X", Value: "a\nb"}} }), "cannot be sent as the value"},
		{"a protocol", with(func(s *harness.Service) { s.Protocols = []string{"h3"} }), `no ALPN protocol "h3" is served: use "h2" or "http/1.1"`},
		{"an annotation", with(func(s *harness.Service) {
			s.Ingress = &harness.Ingress{Annotations: map[string]string{"cors-allow-orgin": "*"}}
		}), `did you mean "cors-allow-origin"?`},
		{"a controller version", with(func(s *harness.Service) { s.Ingress = &harness.Ingress{Version: "v0.9"} }), "use one of [v1.11.0 v1.15.1]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.environment.Apply(t.Context(), harness.Deployment{Services: c.services})
			var invalid *harness.InvalidDeployment
			require.True(t, errors.As(err, &invalid), "%v", err)
			require.ErrorContains(t, err, c.message)
		})
	}
}

func TestAnAnnotationOutsideTheModelIsUnavailableHere(t *testing.T) {
	w := newWorld(t)
	service := api("https://api.example.com")
	service.Ingress = &harness.Ingress{Annotations: map[string]string{"configuration-snippet": "add_header X 1;"}}
	_, err := w.environment.Apply(t.Context(), harness.Deployment{Services: []harness.Service{service}})
	var unavailable *harness.Unavailable
	require.True(t, errors.As(err, &unavailable), "%v", err)
	require.ErrorContains(t, err, "run against the real controller")
}

func TestWhatIsDeployedAlreadyIsUnavailableHere(t *testing.T) {
	w := newWorld(t)
	service := api("https://api.example.com")
	service.App = harness.App{Kind: harness.AppDeployed}
	_, err := w.environment.Apply(t.Context(), harness.Deployment{Services: []harness.Service{service}})
	var unavailable *harness.Unavailable
	require.ErrorAs(t, err, &unavailable)
	require.Equal(t, "the API at https://api.example.com is deployed already, and only the environment live asks what is: run with --env live", unavailable.Reason)
}
