package ingressnginx_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

func named(name string) http.Handler { return app(200, "X-App", name) }

func TestAnUnknownHostIsAnswered404WithoutCORS(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		controller := newController(t, ingressnginx.Options{Version: version}, mainAnnotations(), app(200))
		for _, request := range []*http.Request{get("/", allowed), preflight("/", allowed)} {
			request.Host = "unknown.lab"
			answer := controller.Answer(request)
			require.Equal(t, http.StatusNotFound, answer.Status)
			require.Empty(t, accessControl(answer))
			require.False(t, answer.ReachedApp)
		}
	})
}

func TestAPathOutsideTheIngressInheritsTheHostsFirstRules(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		controller, err := ingressnginx.New(ingressnginx.Options{Version: version},
			ingressnginx.Ingress{Host: host, Annotations: mainAnnotations(), Paths: []ingressnginx.Path{{Path: "/api", Backend: named("api")}}},
			ingressnginx.Ingress{Host: host, Paths: []ingressnginx.Path{{Path: "/other", Backend: named("other")}}})
		require.NoError(t, err)

		answer := controller.Answer(get("/elsewhere", allowed))
		require.Equal(t, http.StatusNotFound, answer.Status)
		require.Equal(t, corsHeaders(allowed), accessControl(answer))
		require.False(t, answer.ReachedApp)
		require.Equal(t, http.StatusNoContent, controller.Answer(preflight("/elsewhere", allowed)).Status)
	})
}

func TestTwoIngressesOfOneHostKeepTheirRulesApart(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		controller, err := ingressnginx.New(ingressnginx.Options{Version: version},
			ingressnginx.Ingress{Host: host, Name: "a", Annotations: mainAnnotations(), Paths: []ingressnginx.Path{{Path: "/a", Backend: named("a")}}},
			ingressnginx.Ingress{Host: host, Name: "b", Paths: []ingressnginx.Path{{Path: "/b", Backend: named("b")}}})
		require.NoError(t, err)

		require.Equal(t, http.StatusNoContent, controller.Answer(preflight("/a", allowed)).Status)
		answer := controller.Answer(preflight("/b", allowed))
		require.Equal(t, "b", value(answer, "X-App"))
		require.Empty(t, accessControl(answer))
	})
}

func TestPathsAreMatchedAsNginxDoes(t *testing.T) {
	ingress := ingressnginx.Ingress{Host: host, Paths: []ingressnginx.Path{
		{Path: "/", Backend: named("root")},
		{Path: "/shop", Backend: named("shop")},
		{Path: "/shop/cart", Backend: named("cart")},
		{Path: "/exact", Type: ingressnginx.Exact, Backend: named("exact")},
		{Path: "/free/", Type: ingressnginx.ImplementationSpecific, Backend: named("free")},
		{Path: "/shop", Backend: named("the second one of a path")},
	}}
	controller, err := ingressnginx.New(ingressnginx.Options{}, ingress)
	require.NoError(t, err)
	for path, expected := range map[string]string{
		"/": "root", "/shop": "shop", "/shop/": "shop", "/shop/x": "shop", "/shopping": "root", "/SHOP": "root",
		"/shop/cart": "cart", "/shop/cart/1": "cart", "/shop/carts": "shop",
		"/exact": "exact", "/exact/": "root", "/free/x": "free",
		"/x/../shop": "shop", "//shop": "shop", "/%73hop": "shop", "/shop?x=/exact": "shop",
	} {
		require.Equal(t, expected, value(controller.Answer(get(path, "")), "X-App"), path)
	}
}

func TestHostsAreMatchedByNameThenByWildcard(t *testing.T) {
	one := func(host string) ingressnginx.Ingress {
		return ingressnginx.Ingress{Host: host, Paths: []ingressnginx.Path{{Backend: named(host)}}}
	}
	controller, err := ingressnginx.New(ingressnginx.Options{}, one("*.example.com"), one("API.example.com"), one(""))
	require.NoError(t, err)
	for asked, expected := range map[string]string{
		"api.example.com:8443": "API.example.com", "www.example.com": "*.example.com", "a.b.example.com": "", "example.com": "", "[::1]:80": "",
	} {
		request := get("/", "")
		request.Host = asked
		answer := controller.Answer(request)
		require.Equal(t, http.StatusOK, answer.Status, asked)
		require.Equal(t, expected, value(answer, "X-App"), asked)
	}
}

func TestARewriteTargetLeavesCORSAlone(t *testing.T) {
	var path, query string
	backend := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { path, query = r.URL.Path, r.URL.RawQuery })
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		controller, err := ingressnginx.New(ingressnginx.Options{Version: version}, ingressnginx.Ingress{
			Host: host, Annotations: mainAnnotations("rewrite-target", "/$2", "use-regex", "true"),
			Paths: []ingressnginx.Path{{Path: "/api(/|$)(.*)", Type: ingressnginx.ImplementationSpecific, Backend: backend}},
		})
		require.NoError(t, err)
		for asked, expected := range map[string]string{"/api/users/1?x=1": "/users/1", "/api?x=1": "/", "/API/users?x=1": "/users"} {
			answer := controller.Answer(get(asked, allowed))
			require.Equal(t, http.StatusOK, answer.Status)
			require.Equal(t, corsHeaders(allowed), accessControl(answer))
			require.Equal(t, []string{expected, "x=1"}, []string{path, query})
		}
		require.Equal(t, http.StatusNoContent, controller.Answer(preflight("/api/users", allowed)).Status)
	})
}

func TestPlainRequestsToATLSHostAreRedirected(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		for name, test := range map[string]struct {
			annotations map[string]string
			tls         bool
			location    string
		}{
			"a host with TLS":         {mainAnnotations(), true, "https://cors.lab/users"},
			"unless it is turned off": {mainAnnotations("ssl-redirect", "false"), true, ""},
			"a host without TLS":      {mainAnnotations(), false, ""},
			"forced":                  {mainAnnotations("force-ssl-redirect", "true"), false, "https://cors.lab/users"},
			"with its slash":          {mainAnnotations("preserve-trailing-slash", "true"), true, "https://cors.lab/users/"},
		} {
			t.Run(name, func(t *testing.T) {
				controller, err := ingressnginx.New(ingressnginx.Options{Version: version}, ingressnginx.Ingress{
					Host: host, TLS: test.tls, Annotations: test.annotations, Paths: []ingressnginx.Path{{Backend: app(200)}},
				})
				require.NoError(t, err)
				answer := controller.Answer(get("/users/", allowed))
				require.Equal(t, test.location, value(answer, "Location"))
				require.Equal(t, test.location == "", answer.Status == http.StatusOK)
				require.Equal(t, corsHeaders(allowed), accessControl(answer))
				require.Equal(t, http.StatusNoContent, controller.Answer(preflight("/users/", allowed)).Status, "a preflight is not redirected")
				require.Equal(t, http.StatusOK, controller.Answer(overTLS(get("/users/", allowed))).Status)
			})
		}
	})
}

func TestARedirectToAPathNamesTheHost(t *testing.T) {
	controller := newController(t, ingressnginx.Options{}, mainAnnotations("permanent-redirect", "/new"), app(200))
	require.Equal(t, "https://cors.lab/new", value(controller.Answer(overTLS(get("/", allowed))), "Location"))
}

func TestTheAppSeesWhatNginxForwards(t *testing.T) {
	var seen http.Header
	backend := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header.Clone() })
	controller := newController(t, ingressnginx.Options{}, nil, backend)
	request := overTLS(get("/", allowed, "X_Under", "dropped", "Proxy", "dropped", "Cookie", "a=1", "X-Forwarded-For", "203.0.113.9"))
	require.Equal(t, http.StatusOK, controller.Answer(request).Status)
	require.Equal(t, http.Header{
		"Origin": {allowed}, "Cookie": {"a=1"}, "X-Real-Ip": {"192.0.2.1"}, "X-Forwarded-For": {"192.0.2.1"}, "X-Forwarded-Host": {host},
		"X-Forwarded-Port": {"443"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Scheme": {"https"}, "X-Scheme": {"https"},
	}, seen)
}
