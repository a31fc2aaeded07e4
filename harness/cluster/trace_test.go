package cluster

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
	"github.com/crosscheck-dev/crosscheck/harness/service"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

const (
	page = "https://app.example.com"
	api  = "https://api.example.com/user"
)

// observed is a traffic whose apps say that they got these requests.
func observed(t *testing.T, requests []pod.Request, services ...harness.Service) *traffic {
	t.Helper()
	admin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/sessions/127.") {
			require.NoError(t, json.NewEncoder(w).Encode(requests))
		}
	}))
	t.Cleanup(admin.Close)
	authority, err := ca.New()
	require.NoError(t, err)
	e := &Environment{
		options:   Options{Controller: Controller{Class: "nginx", Version: "v1.11.0"}},
		authority: authority, apps: &appsPod{ip: "10.0.0.1", base: admin.URL, transport: &http.Transport{}}, hosts: newHosts(),
	}
	t.Cleanup(e.apps.close)
	var placed []*placedService
	for _, described := range services {
		s, err := e.serviceOf(described)
		require.NoError(t, err)
		s.id = "app-" + described.Name
		placed = append(placed, s)
	}
	opened, err := newTraffic(e, placed)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	return opened
}

// serviceOf checks a service, and what the environment has for it.
func (e *Environment) serviceOf(described harness.Service) (*placedService, error) {
	s, err := service.New(described)
	if err != nil {
		return nil, err
	}
	return e.check(s)
}

func behindIngress(annotations map[string]string) harness.Service {
	return harness.Service{
		Name: "API", Origin: "https://api.example.com", App: harness.App{Kind: harness.AppScripted, Responses: []harness.Response{{Status: 200}}},
		Ingress: &harness.Ingress{Annotations: annotations},
	}
}

func corsAnnotations() map[string]string {
	return map[string]string{"enable-cors": "true", "cors-allow-origin": page}
}

func exchange(method string, status int, answer http.Header, asked ...string) simulator.Exchange {
	header := http.Header{"Origin": {page}}
	for i := 0; i < len(asked); i += 2 {
		header.Set(asked[i], asked[i+1])
	}
	return simulator.Exchange{Method: method, URL: api, RequestHeader: header, Status: status, ResponseHeader: answer}
}

func atApp(method, id string, status int, answer http.Header) pod.Request {
	return pod.Request{
		App: "app-API", RequestID: id, Method: method, Host: "api.example.com", URI: "/user", Protocol: "HTTP/1.1",
		Header: http.Header{"Origin": {page}, "X-Forwarded-Proto": {"https"}}, Status: status, ResponseHeader: answer,
	}
}

func TestTheControllersAnswerIsWhatTheClientGot(t *testing.T) {
	t.Parallel()
	got := http.Header{"Access-Control-Allow-Origin": {page}}
	preflight := exchange("OPTIONS", 204, got, "Access-Control-Request-Method", "PUT")
	traffic := observed(t, []pod.Request{atApp("PUT", "1", 200, http.Header{"Etag": {"x"}})}, behindIngress(corsAnnotations()))
	seen, err := traffic.Observe(t.Context(), []simulator.Exchange{preflight, exchange("PUT", 200, got)})
	require.NoError(t, err)
	require.Len(t, seen.Transits, 2)

	require.False(t, seen.Transits[0].ReachedApp)
	require.Equal(t, []harness.HopResponse{{Hop: "ingress-nginx v1.11.0", Status: 204, Header: got}}, seen.Transits[0].Hops)
	require.Equal(t, 204, seen.Transits[0].Predicted.Status)
	require.False(t, seen.Transits[0].Predicted.ReachedApp)

	require.True(t, seen.Transits[1].ReachedApp)
	require.Equal(t, []harness.HopResponse{
		{Hop: "app", Status: 200, Header: http.Header{"Etag": {"x"}}}, {Hop: "ingress-nginx v1.11.0", Status: 200, Header: got},
	}, seen.Transits[1].Hops)
	require.Equal(t, []string{page}, seen.Transits[1].Predicted.Header["Access-Control-Allow-Origin"])
	require.True(t, seen.Transits[1].Predicted.ReachedApp)

	seen, err = traffic.Observe(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, seen.Transits, "what was told is not told again")
}

func TestARequestThatTheControllerRepeatedIsOne(t *testing.T) {
	t.Parallel()
	traffic := observed(t, []pod.Request{atApp("GET", "1", 0, nil), atApp("GET", "1", 0, nil), atApp("GET", "1", 0, nil)}, behindIngress(corsAnnotations()))
	seen, err := traffic.Observe(t.Context(), []simulator.Exchange{exchange("GET", 502, http.Header{})})
	require.NoError(t, err)
	require.Len(t, seen.Transits, 1)
	require.Equal(t, 0, seen.Transits[0].Hops[0].Status)
	require.Equal(t, 502, seen.Transits[0].Hops[1].Status)
}

func TestARequestOfWhichTheClientSaysNothingIsToldAllTheSame(t *testing.T) {
	t.Parallel()
	traffic := observed(t, []pod.Request{atApp("GET", "1", 200, nil)}, behindIngress(nil))
	seen, err := traffic.Observe(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, seen.Transits, 1)
	require.Equal(t, "API", seen.Transits[0].Service)
	require.Equal(t, api, seen.Transits[0].URL)
	require.True(t, seen.Transits[0].ReachedApp)
}

func TestExchangesWithOthersAreNoTransits(t *testing.T) {
	t.Parallel()
	traffic := observed(t, nil, behindIngress(nil))
	elsewhere, unsent := exchange("GET", 200, nil), exchange("GET", 0, nil)
	elsewhere.URL, unsent.RequestHeader = "https://app.example.com/", nil
	seen, err := traffic.Observe(t.Context(), []simulator.Exchange{elsewhere, unsent})
	require.NoError(t, err)
	require.Empty(t, seen.Transits)
}

func TestAnAppThatCannotBeAskedIsAnError(t *testing.T) {
	t.Parallel()
	traffic := observed(t, nil, behindIngress(nil))
	admin := traffic.environment.apps.base
	traffic.environment.apps.base = "http://127.0.0.1:1"
	_, err := traffic.Observe(t.Context(), nil)
	require.ErrorContains(t, err, "ask the apps which requests reached them")
	traffic.environment.apps.base = admin
}

func TestWhatTheClusterLacksIsUnavailableAndMistakesAreMistakes(t *testing.T) {
	t.Parallel()
	e := &Environment{options: Options{Controller: Controller{Version: "v1.11.0"}, NoExpress: "no Node.js"}}
	with := func(change func(*harness.Service)) harness.Service {
		s := behindIngress(corsAnnotations())
		change(&s)
		return s
	}
	for name, test := range map[string]struct {
		service harness.Service
		reason  string
	}{
		"another version": {with(func(s *harness.Service) { s.Ingress.Version = "v1.15.1" }), "the scenario is about ingress-nginx v1.15.1, and v1.11.0 is installed"},
		"no mesh":         {with(func(s *harness.Service) { s.Linkerd = &harness.Linkerd{} }), "no pods are meshed"},
		"no policy":       {with(func(s *harness.Service) { s.Linkerd = &harness.Linkerd{Denied: true} }), "no authorization policy"},
		"no mesh headers": {with(func(s *harness.Service) {
			s.Linkerd = &harness.Linkerd{AddedHeaders: []simulator.Field{{Name: "A", Value: "b"}}}
		}), "the mesh sets no headers"},
		"a Secret of the manifest's own cluster": {with(func(s *harness.Service) {
			s.Ingress = &harness.Ingress{Resources: []harness.IngressResource{{Name: "shop/orders", Source: "k8s/ingress.yaml:3", Annotations: map[string]string{"auth-tls-secret": "shop/ca"}}}}
		}), "auth-tls-secret of the Ingress shop/orders (k8s/ingress.yaml:3) names shop/ca, which is not in this cluster"},
		"a manifest's auth service": {with(func(s *harness.Service) {
			s.Ingress = &harness.Ingress{Resources: []harness.IngressResource{{}, {Annotations: map[string]string{"auth-url": "https://auth.example.net/check"}}}}
		}), "auth.example.net"},
		"no Express":      {with(func(s *harness.Service) { s.App = harness.App{Kind: harness.AppExpress5} }), "no Node.js"},
		"no auth service": {with(func(s *harness.Service) { s.Ingress.Annotations["auth-url"] = "https://auth.example.net/check" }), "auth.example.net"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := e.serviceOf(test.service)
			var unavailable *harness.Unavailable
			require.ErrorAs(t, err, &unavailable)
			require.ErrorContains(t, err, test.reason)
		})
	}
	var invalid *harness.InvalidDeployment
	_, err := e.serviceOf(with(func(s *harness.Service) { s.Ingress.Annotations["cors-allow-orign"] = "x" }))
	require.ErrorAs(t, err, &invalid)
	require.ErrorContains(t, err, `did you mean "cors-allow-origin"?`)
	same, err := e.serviceOf(with(func(s *harness.Service) { s.Ingress.Version = "1.11.0" }))
	require.NoError(t, err)
	other, err := e.serviceOf(with(func(s *harness.Service) { s.Ingress.Annotations["cors-max-age"] = "1" }))
	require.NoError(t, err)
	require.NotEqual(t, same.configuration, other.configuration)
}
