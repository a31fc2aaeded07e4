package embedded_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

const (
	allowed = "https://app.example.com"
	foreign = "https://shop.example.net"
)

// articleIngress is an Ingress with the annotations of the background article.
func articleIngress() *harness.Ingress {
	return &harness.Ingress{Annotations: map[string]string{
		"enable-cors":            "true",
		"cors-allow-origin":      "https://app.example.com, https://admin.example.com",
		"cors-allow-methods":     "GET, POST, PUT, DELETE, OPTIONS",
		"cors-allow-headers":     "Authorization, Content-Type",
		"cors-expose-headers":    "ETag, Link, Location, Retry-After",
		"cors-allow-credentials": "true",
		"cors-max-age":           "600",
	}}
}

// names are the hops of a transit and the statuses that left them.
func names(transit harness.Transit) (names []string, statuses []int) {
	for _, hop := range transit.Hops {
		names = append(names, hop.Hop)
		statuses = append(statuses, hop.Status)
	}
	return names, statuses
}

func TestEveryHopIsSeenInItsPlace(t *testing.T) {
	w := newWorld(t)
	service := api("https://api.example.com", simulator.Field{Name: "Cache-Control", Value: "max-age=60"}, simulator.Field{Name: "Access-Control-Allow-Origin", Value: "https://the.app"})
	service.Linkerd = &harness.Linkerd{AddedHeaders: []simulator.Field{{Name: "Access-Control-Allow-Origin", Value: "https://the.mesh"}}}
	service.Ingress = articleIngress()
	service.Edge = &harness.Edge{AppendedHeaders: []simulator.Field{{Name: "Access-Control-Allow-Origin", Value: "https://the.edge"}}}
	service.SharedCache = true
	traffic := w.traffic(service)
	client := w.client(traffic, true)

	got := ask(t, client, "GET", "https://api.example.com/user", "Origin", allowed)
	require.Equal(t, []string{allowed, "https://the.edge"}, got.Header.Values("Access-Control-Allow-Origin"))
	transit := traffic.Transits()[0]
	hops, statuses := names(transit)
	require.Equal(t, []string{"app", "linkerd-proxy", "ingress-nginx v1.15.1", "edge", "shared cache"}, hops)
	require.Equal(t, []int{200, 200, 200, 200, 200}, statuses)
	require.True(t, transit.ReachedApp)
	require.Equal(t, "GET", transit.Method)
	require.Equal(t, allowed, transit.RequestHeader.Get("Origin"))
	values := func(place int) []string {
		return transit.Hops[place].Header.Values("Access-Control-Allow-Origin")
	}
	require.Equal(t, []string{"https://the.app"}, values(0))
	require.Equal(t, []string{"https://the.mesh"}, values(1))
	require.Equal(t, []string{allowed}, values(2))
	require.Equal(t, []string{allowed, "https://the.edge"}, values(3))
	require.Equal(t, []string{allowed, "https://the.edge"}, values(4))

	// The second origin gets what the cache kept for the first: nobody sent Vary.
	again := ask(t, client, "GET", "https://api.example.com/user", "Origin", foreign)
	require.Equal(t, []string{allowed, "https://the.edge"}, again.Header.Values("Access-Control-Allow-Origin"))
	transit = traffic.Transits()[1]
	hops, _ = names(transit)
	require.Equal(t, []string{"shared cache"}, hops)
	require.False(t, transit.ReachedApp)

	// Another session's cache is empty.
	fresh := ask(t, w.client(w.traffic(service), true), "GET", "https://api.example.com/user", "Origin", foreign)
	require.Equal(t, []string{"https://the.mesh", "https://the.edge"}, fresh.Header.Values("Access-Control-Allow-Origin"))
}

func TestAPreflightThatTheIngressAnswersNeverReachesTheApp(t *testing.T) {
	w := newWorld(t)
	for version, hop := range map[string]string{"": "ingress-nginx v1.15.1", "v1.11.0": "ingress-nginx v1.11.0"} {
		service := api("https://api.example.com")
		service.Ingress = articleIngress()
		service.Ingress.Version = version
		traffic := w.traffic(service)
		client := w.client(traffic, true)

		got := ask(t, client, "OPTIONS", "https://api.example.com/user", "Origin", allowed, "Access-Control-Request-Method", "PUT")
		require.Equal(t, 204, got.StatusCode)
		require.Equal(t, allowed, got.Header.Get("Access-Control-Allow-Origin"))
		hops, statuses := names(traffic.Transits()[0])
		require.Equal(t, []string{hop}, hops)
		require.Equal(t, []int{204}, statuses)
		require.False(t, traffic.Transits()[0].ReachedApp)

		ask(t, client, "OPTIONS", "https://api.example.com/user", "Origin", foreign, "Access-Control-Request-Method", "PUT")
		hops, _ = names(traffic.Transits()[1])
		require.Equal(t, []string{"app", hop}, hops)
		require.True(t, traffic.Transits()[1].ReachedApp)
	}
}

func TestAnIngressWithTLSRedirectsPlainRequests(t *testing.T) {
	w := newWorld(t)
	service := api("https://api.example.com")
	service.Ingress = articleIngress()
	traffic := w.traffic(service)
	got := ask(t, w.client(traffic, true), "GET", "http://api.example.com/user?x=1", "Origin", allowed)
	require.Equal(t, http.StatusPermanentRedirect, got.StatusCode)
	require.Equal(t, "https://api.example.com/user?x=1", got.Header.Get("Location"))
	require.Equal(t, "http://api.example.com/user?x=1", traffic.Transits()[0].URL)
	require.False(t, traffic.Transits()[0].ReachedApp)

	plain := api("http://api.example.com")
	plain.Ingress = articleIngress()
	require.Equal(t, 200, ask(t, w.client(w.traffic(plain), true), "GET", "http://api.example.com/").StatusCode)

	// With a service of its own at the plain address, that one answers.
	other := api("http://api.example.com")
	other.Name = "other"
	require.Equal(t, 200, ask(t, w.client(w.traffic(other, service), true), "GET", "http://api.example.com/").StatusCode)

	service.Ingress = nil
	_, err := w.traffic(service).DialContext(t.Context(), "tcp", "api.example.com:80")
	require.ErrorContains(t, err, "does not serve this address")
}

func TestTheMeshCountsForEachTraffic(t *testing.T) {
	w := newWorld(t)
	service := api("https://api.example.com")
	service.App.Responses = []harness.Response{{Path: "/broken", Status: 500}, {Method: "OPTIONS", Status: 405}, {Status: 200}}
	service.Linkerd = &harness.Linkerd{}
	traffic := w.traffic(service)
	client := w.client(traffic, true)
	require.Empty(t, traffic.ResponseTotal("API"))
	require.Nil(t, traffic.ResponseTotal("other"))
	require.NotNil(t, traffic.ResponseTotal("API"))
	for range 2 {
		ask(t, client, "GET", "https://api.example.com/", "Origin", foreign)
	}
	ask(t, client, "OPTIONS", "https://api.example.com/", "Origin", foreign)
	ask(t, client, "GET", "https://api.example.com/broken")
	ask(t, w.client(traffic.Inside(), true), "GET", "http://api/")
	require.Equal(t, []linkerd.ResponseTotal{
		{Classification: "success", StatusCode: 200, Value: 3},
		{Classification: "success", StatusCode: 405, Value: 1},
		{Classification: "failure", StatusCode: 500, Value: 1},
	}, traffic.ResponseTotal("API"))
	require.Empty(t, w.traffic(service).ResponseTotal("API"))

	service.Linkerd.Denied = true
	denying := w.traffic(service)
	got := ask(t, w.client(denying, true), "GET", "https://api.example.com/", "Origin", allowed)
	require.Equal(t, 403, got.StatusCode)
	require.Empty(t, got.body)
	require.False(t, denying.Transits()[0].ReachedApp)
}

func TestTheIngressAsksForPasswordsAndAuthServices(t *testing.T) {
	w := newWorld(t)
	with := func(annotations map[string]string) harness.Service {
		service := api("https://api.example.com")
		service.Ingress = &harness.Ingress{Annotations: annotations}
		return service
	}
	basic := w.client(w.traffic(with(map[string]string{"auth-type": "basic", "auth-secret": "users"})), true)
	require.Equal(t, 401, ask(t, basic, "GET", "https://api.example.com/").StatusCode)
	require.Equal(t, 200, ask(t, basic, "GET", "https://api.example.com/", "Authorization", "Basic dXNlcjpwYXNzd29yZA==").StatusCode)

	elsewhere := w.client(w.traffic(with(map[string]string{"auth-url": "https://auth.example.net/check"})), true)
	require.Equal(t, 401, ask(t, elsewhere, "GET", "https://api.example.com/").StatusCode)
	require.Equal(t, 200, ask(t, elsewhere, "GET", "https://api.example.com/", "Cookie", "session=1").StatusCode)

	guard := harness.Service{Name: "guard", Origin: "https://auth.example.net", App: harness.App{Kind: harness.AppScripted, Responses: []harness.Response{{Path: "/check", Status: 403}}}}
	traffic := w.traffic(with(map[string]string{"auth-url": "https://auth.example.net/check"}), guard)
	require.Equal(t, 403, ask(t, w.client(traffic, true), "GET", "https://api.example.com/user", "Cookie", "session=1").StatusCode)
	transits := traffic.Transits()
	require.Len(t, transits, 2)
	require.Equal(t, "guard", transits[1].Service)
	require.Equal(t, "https://auth.example.net/check", transits[1].URL)
	require.True(t, transits[1].ReachedApp)
	require.False(t, transits[0].ReachedApp)
}
