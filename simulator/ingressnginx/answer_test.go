package ingressnginx_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

func TestAPreflightOfAnAllowedOriginIsAnsweredByNginx(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		controller := newController(t, ingressnginx.Options{Version: version}, mainAnnotations(), app(200))
		for _, origin := range []string{allowed, "https://admin.example.com", "https://APP.example.com"} {
			answer := controller.Answer(preflight("/", origin, "Access-Control-Request-Headers", "content-type,x-requested-with"))
			require.Equal(t, http.StatusNoContent, answer.Status)
			require.Equal(t, append(corsHeaders(origin), "Content-Length: 0"), lines(answer))
			require.Empty(t, answer.Body)
			require.False(t, answer.ReachedApp)
		}
	})
}

func TestAnyOptionsRequestOfAnAllowedOriginIsSwallowed(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		controller := newController(t, ingressnginx.Options{Version: version}, mainAnnotations(), app(200))
		for name, request := range map[string]*http.Request{
			"not a preflight":     newRequest(http.MethodOptions, "/", allowed),
			"method not listed":   newRequest(http.MethodOptions, "/", allowed, "Access-Control-Request-Method", "DELETE"),
			"header not listed":   preflight("/", allowed, "Access-Control-Request-Headers", "x-secret"),
			"private network too": preflight("/", allowed, "Access-Control-Request-Private-Network", "true"),
		} {
			answer := controller.Answer(request)
			require.Equal(t, http.StatusNoContent, answer.Status, name)
			require.Equal(t, corsHeaders(allowed), accessControl(answer), name)
			require.False(t, answer.ReachedApp, name)
		}
	})
}

func TestAPreflightOfAForeignOriginGoesToTheApp(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		controller := newController(t, ingressnginx.Options{Version: version}, mainAnnotations(), app(200, "X-Backend", "echo"))
		for _, origin := range []string{foreign, ""} {
			answer := controller.Answer(preflight("/", origin))
			require.Equal(t, http.StatusOK, answer.Status)
			require.Equal(t, []string{"Content-Type: text/plain; charset=utf-8", "Content-Length: 5", "X-Backend: echo"}, lines(answer))
			require.Equal(t, "hello", string(answer.Body))
			require.True(t, answer.ReachedApp)
		}
	})
}

func TestAResponseGetsAllSixHeadersForAnAllowedOriginOnly(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		controller := newController(t, ingressnginx.Options{Version: version}, mainAnnotations(), app(200, "Vary", "Accept-Encoding"))
		common := []string{"Content-Type: text/plain; charset=utf-8", "Content-Length: 5", "Vary: Accept-Encoding"}
		for _, method := range []string{http.MethodGet, http.MethodDelete, http.MethodHead} {
			require.Equal(t, append(common, corsHeaders(allowed)...), lines(controller.Answer(newRequest(method, "/", allowed))), method)
			for _, origin := range []string{foreign, ""} {
				answer := controller.Answer(newRequest(method, "/", origin))
				require.Equal(t, http.StatusOK, answer.Status)
				require.Equal(t, common, lines(answer), method)
				require.True(t, answer.ReachedApp)
			}
		}
		require.Empty(t, controller.Answer(newRequest(http.MethodHead, "/", allowed)).Body)
	})
}

func TestVaryIsNeverAdded(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		controller := newController(t, ingressnginx.Options{Version: version}, mainAnnotations(), app(200))
		for _, request := range []*http.Request{get("/", allowed), get("/", foreign), preflight("/", allowed)} {
			require.Empty(t, value(controller.Answer(request), "Vary"))
		}
	})
}

func TestStrictTransportSecurityIsSentOverTLSOnly(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		controller := newController(t, ingressnginx.Options{Version: version}, mainAnnotations(), app(200))
		const name, policy = "Strict-Transport-Security", "max-age=31536000; includeSubDomains"
		require.Equal(t, policy, value(controller.Answer(overTLS(get("/", allowed))), name))
		require.Equal(t, policy, value(controller.Answer(overTLS(preflight("/", allowed))), name))
		require.Empty(t, value(controller.Answer(get("/", allowed)), name))
	})
}

func TestTheFirstOfTwoOriginHeadersCounts(t *testing.T) {
	var seen []string
	echo := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header.Values("Origin") })
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		controller := newController(t, ingressnginx.Options{Version: version}, mainAnnotations(), echo)
		require.Equal(t, corsHeaders(allowed), accessControl(controller.Answer(get("/", allowed, "Origin", foreign))))
		require.Equal(t, []string{allowed}, seen)
		require.Empty(t, accessControl(controller.Answer(get("/", foreign, "Origin", allowed))))
	})
}

func TestTheIngressReplacesTheAppsHeadersWhereTheyStand(t *testing.T) {
	for name, test := range map[string]struct {
		annotations map[string]string
		app         http.Handler
		origin      string
		expected    []string
	}{
		"the same value": {
			mainAnnotations(), app(204, "Access-Control-Allow-Origin", allowed), allowed, corsHeaders(allowed),
		},
		"a star": {
			mainAnnotations(), app(204, "Access-Control-Allow-Origin", "*"), allowed, corsHeaders(allowed),
		},
		"two lines become one": {
			mainAnnotations(), app(204, "Access-Control-Allow-Origin", foreign, "Access-Control-Allow-Origin", "*"), allowed, corsHeaders(allowed),
		},
		"methods and exposed headers keep the app's position": {
			mainAnnotations(),
			app(204, "Access-Control-Allow-Methods", "PATCH", "Access-Control-Expose-Headers", "X-App", "X-Backend", "echo"), allowed,
			[]string{
				"Access-Control-Allow-Methods: GET, POST, PUT, OPTIONS",
				"Access-Control-Expose-Headers: X-Request-Id, X-Backend",
				"X-Backend: echo",
				"Access-Control-Allow-Origin: " + allowed,
				"Access-Control-Allow-Credentials: true",
				"Access-Control-Allow-Headers: Content-Type, Authorization, X-Requested-With",
				"Access-Control-Max-Age: 600",
			},
		},
		"what the ingress does not set passes": {
			mainAnnotations("cors-allow-credentials", "false", "cors-expose-headers", ""),
			app(204, "Access-Control-Allow-Credentials", "true", "Access-Control-Allow-Private-Network", "true", "Access-Control-Expose-Headers", "X-App"), allowed,
			[]string{
				"Access-Control-Allow-Credentials: true",
				"Access-Control-Allow-Private-Network: true",
				"Access-Control-Expose-Headers: X-App",
				"Access-Control-Allow-Origin: " + allowed,
				"Access-Control-Allow-Methods: GET, POST, PUT, OPTIONS",
				"Access-Control-Allow-Headers: Content-Type, Authorization, X-Requested-With",
				"Access-Control-Max-Age: 600",
			},
		},
		"a foreign origin gets all that the app says": {
			mainAnnotations(), app(204, "Access-Control-Allow-Origin", "*", "Access-Control-Allow-Credentials", "true"), foreign,
			[]string{"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: *"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
				controller := newController(t, ingressnginx.Options{Version: version}, test.annotations, test.app)
				require.Equal(t, test.expected, lines(controller.Answer(get("/", test.origin))))
			})
		})
	}
}

func TestWithoutEnableCORSEverythingPasses(t *testing.T) {
	annotations := mainAnnotations()
	delete(annotations, "enable-cors")
	for name, annotations := range map[string]map[string]string{
		"absent": annotations, "false": mainAnnotations("enable-cors", "false"), "invalid": mainAnnotations("enable-cors", "yes"), "none at all": nil,
	} {
		t.Run(name, func(t *testing.T) {
			onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
				controller := newController(t, ingressnginx.Options{Version: version}, annotations, app(405, "Access-Control-Allow-Origin", "*"))
				for _, request := range []*http.Request{get("/", allowed), preflight("/", allowed)} {
					answer := controller.Answer(request)
					require.True(t, answer.ReachedApp)
					require.Equal(t, http.StatusMethodNotAllowed, answer.Status)
					require.Equal(t, []string{"Access-Control-Allow-Origin: *"}, accessControl(answer))
				}
			})
		})
	}
}

func TestTheAppsErrorsCarryCORSHeaders(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		for _, status := range []int{http.StatusNotFound, http.StatusInternalServerError, http.StatusNotModified} {
			controller := newController(t, ingressnginx.Options{Version: version}, mainAnnotations(), app(status))
			answer := controller.Answer(get("/", allowed))
			require.Equal(t, status, answer.Status)
			require.Equal(t, corsHeaders(allowed), accessControl(answer))
		}
	})
}

func TestTheControllerIsAnHTTPHandler(t *testing.T) {
	controller := newController(t, ingressnginx.Options{}, mainAnnotations(), app(201, "Set-Cookie", "a=1", "Set-Cookie", "b=2"))
	recorder := httptest.NewRecorder()
	controller.ServeHTTP(recorder, get("/", allowed))
	require.Equal(t, http.StatusCreated, recorder.Code)
	require.Equal(t, "hello", recorder.Body.String())
	require.Equal(t, []string{"a=1", "b=2"}, recorder.Header().Values("Set-Cookie"))
	require.Equal(t, allowed, recorder.Header().Get("Access-Control-Allow-Origin"))
	require.Equal(t, ingressnginx.V1_15_1, controller.Version())
}

func BenchmarkPreflight(b *testing.B) {
	controller := newController(b, ingressnginx.Options{}, mainAnnotations(), app(200))
	request := preflight("/", "https://admin.example.com")
	b.ReportAllocs()
	for b.Loop() {
		if controller.Answer(request).Status != http.StatusNoContent {
			b.Fatal("not a preflight's answer")
		}
	}
}
