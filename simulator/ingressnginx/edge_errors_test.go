package ingressnginx_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

func panics(failure any) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(failure) })
}

func TestErrorsOfTheEdgeCarryCORSHeadersForAllowedOriginsOnly(t *testing.T) {
	users := ingressnginx.Options{Users: map[string]string{"ada": "secret"}}
	for name, test := range map[string]struct {
		options     ingressnginx.Options
		annotations map[string]string
		backend     http.Handler
		status      int
		reached     bool
	}{
		"502, a port that nobody listens on":          {backend: panics(ingressnginx.ErrUpstreamRefused), status: 502, reached: true},
		"502, refused behind a wrapped error":         {backend: panics(fmt.Errorf("dial: %w", ingressnginx.ErrUpstreamRefused)), status: 502, reached: true},
		"502, a connection that closes early":         {backend: panics(http.ErrAbortHandler), status: 502, reached: true},
		"503, no endpoints":                           {backend: nil, status: 503},
		"401, basic authentication":                   {options: users, annotations: mainAnnotations("auth-type", "basic", "auth-secret", "users"), backend: app(200), status: 401},
		"403, an address that is not in the range":    {annotations: mainAnnotations("whitelist-source-range", "10.0.0.0/8"), backend: app(200), status: 403},
		"403, the range under its newer name":         {annotations: mainAnnotations("allowlist-source-range", "10.0.0.0/8"), backend: app(200), status: 403},
		"308, https is forced":                        {annotations: mainAnnotations("force-ssl-redirect", "true"), backend: app(200), status: 308},
		"301, a permanent redirect":                   {annotations: mainAnnotations("permanent-redirect", "https://new.example.com/"), backend: app(200), status: 301},
		"a permanent redirect with another status":    {annotations: mainAnnotations("permanent-redirect", "https://new.example.com/", "permanent-redirect-code", "308"), backend: app(200), status: 308},
		"a permanent redirect with a status too high": {annotations: mainAnnotations("permanent-redirect", "https://new.example.com/", "permanent-redirect-code", "404"), backend: app(200), status: 301},
		"302, a temporal redirect":                    {annotations: mainAnnotations("temporal-redirect", "https://new.example.com/"), backend: app(200), status: 302},
		"500, an auth service that cannot be reached": {annotations: mainAnnotations("auth-url", "https://auth.example.com/check"), backend: app(200), status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
				test.options.Version = version
				if test.annotations == nil {
					test.annotations = mainAnnotations()
				}
				controller := newController(t, test.options, test.annotations, test.backend)

				answer := controller.Answer(get("/", allowed))
				require.Equal(t, test.status, answer.Status)
				require.Equal(t, corsHeaders(allowed), accessControl(answer))
				require.Equal(t, "text/html", value(answer, "Content-Type"))
				require.Equal(t, fmt.Sprint(len(answer.Body)), value(answer, "Content-Length"))
				require.Contains(t, string(answer.Body), fmt.Sprint(test.status))
				require.Equal(t, test.reached, answer.ReachedApp)

				answer = controller.Answer(get("/", foreign))
				require.Equal(t, test.status, answer.Status)
				require.Empty(t, accessControl(answer))

				// The rewrite phase comes first: a preflight never gets so far.
				answer = controller.Answer(preflight("/", allowed))
				require.Equal(t, http.StatusNoContent, answer.Status)
				require.Equal(t, corsHeaders(allowed), accessControl(answer))

				answer = controller.Answer(preflight("/", foreign))
				require.Equal(t, test.status, answer.Status)
				require.Empty(t, accessControl(answer))
			})
		})
	}
}

func TestAReadTimeoutIsA504WithCORSHeadersAndEndsTheBackend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cause error
		hangs := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			cause = r.Context().Err()
		})
		for annotation, expected := range map[string]time.Duration{"2": 2 * time.Second, "": time.Minute, "soon": time.Minute} {
			controller := newController(t, ingressnginx.Options{}, mainAnnotations("proxy-read-timeout", annotation), hangs)
			started := time.Now()
			answer := controller.Answer(get("/", allowed))
			require.Equal(t, expected, time.Since(started))
			require.Equal(t, http.StatusGatewayTimeout, answer.Status)
			require.Equal(t, corsHeaders(allowed), accessControl(answer))
			require.Error(t, cause)
		}
	})
}

func TestTimeoutsLastAsLongAsTheTimeScaleSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		controller := newController(t, ingressnginx.Options{TimeScale: 0.1}, mainAnnotations("proxy-read-timeout", "2"), hangs)
		started := time.Now()
		require.Equal(t, http.StatusGatewayTimeout, controller.Answer(get("/", allowed)).Status)
		require.Equal(t, 200*time.Millisecond, time.Since(started))
	})
}

func TestABackendsBugIsPassedOn(t *testing.T) {
	bug := errors.New("a bug")
	controller := newController(t, ingressnginx.Options{}, mainAnnotations(), panics(bug))
	require.PanicsWithError(t, bug.Error(), func() { controller.Answer(get("/", allowed)) })
}

func TestABodyTooLargeIsRefusedBeforeTheCORSRules(t *testing.T) {
	for name, test := range map[string]struct {
		size   string
		length int
		status int
	}{
		"over":                   {"1k", 1025, 413},
		"just fits":              {"1k", 1024, 200},
		"no limit":               {"0", 2 << 20, 200},
		"the default":            {"", 1<<20 + 1, 413},
		"not a size":             {"huge", 1<<20 + 1, 413},
		"a unit nginx has not":   {"9b", 1<<20 + 1, 413},
		"a unit in capitals":     {"2M", 2 << 20, 200},
		"bytes without a letter": {"10", 11, 413},
	} {
		t.Run(name, func(t *testing.T) {
			onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
				controller := newController(t, ingressnginx.Options{Version: version}, mainAnnotations("proxy-body-size", test.size), app(200))
				request := newRequest(http.MethodPost, "/", allowed)
				request.ContentLength = int64(test.length)
				answer := controller.Answer(request)
				require.Equal(t, test.status, answer.Status)
				require.Equal(t, test.status == 200, answer.ReachedApp)
				require.Equal(t, test.status == 200, accessControl(answer) != nil)
			})
		})
	}
}

func TestABodyOfUnknownLengthIsRefusedAfterTheCORSRules(t *testing.T) {
	var received int64
	counts := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { received = r.ContentLength })
	controller := newController(t, ingressnginx.Options{}, mainAnnotations("proxy-body-size", "4"), counts)
	send := func(body string) ingressnginx.Answer {
		request := newRequest(http.MethodPost, "/", allowed)
		request.Body, request.ContentLength = http.NoBody, -1
		request.Body = readCloser{strings.NewReader(body)}
		return controller.Answer(request)
	}
	require.Equal(t, http.StatusOK, send("1234").Status)
	require.EqualValues(t, 4, received)
	answer := send("12345")
	require.Equal(t, http.StatusRequestEntityTooLarge, answer.Status)
	require.Equal(t, corsHeaders(allowed), accessControl(answer))
	require.False(t, answer.ReachedApp)
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func TestCustomErrorPagesHaveNoCORSHeaders(t *testing.T) {
	var code, original, path string
	pages := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code, original, path = r.Header.Get("X-Code"), r.Header.Get("X-Original-Uri"), r.URL.Path
		w.Header().Set("X-Page", "ours")
		w.WriteHeader(http.StatusTeapot)
	})
	for name, test := range map[string]struct {
		backend http.Handler
		code    string
		reached bool
	}{
		"the app's error": {app(404, "Access-Control-Allow-Origin", "*"), "404", true},
		"nginx's error":   {panics(http.ErrAbortHandler), "502", true},
	} {
		t.Run(name, func(t *testing.T) {
			onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
				annotations := mainAnnotations("custom-http-errors", "404,502", "default-backend", "pages")
				controller := newController(t, ingressnginx.Options{Version: version, DefaultBackend: pages}, annotations, test.backend)
				answer := controller.Answer(get("/users?page=2", allowed))
				require.Equal(t, http.StatusTeapot, answer.Status)
				require.Equal(t, "ours", value(answer, "X-Page"))
				require.Empty(t, accessControl(answer))
				require.Equal(t, test.reached, answer.ReachedApp)
				require.Equal(t, []string{test.code, "/users?page=2", "/"}, []string{code, original, path})
			})
		})
	}
	t.Run("a status that is not listed passes", func(t *testing.T) {
		controller := newController(t, ingressnginx.Options{DefaultBackend: pages}, mainAnnotations("custom-http-errors", "404"), app(500))
		require.Equal(t, corsHeaders(allowed), accessControl(controller.Answer(get("/", allowed))))
	})
	t.Run("without a default-backend the built-in page is sent", func(t *testing.T) {
		controller := newController(t, ingressnginx.Options{}, mainAnnotations("custom-http-errors", "503"), app(503))
		answer := controller.Answer(get("/", allowed))
		require.Equal(t, http.StatusNotFound, answer.Status)
		require.Empty(t, accessControl(answer))
	})
	t.Run("blanks in the list disable it before they were trimmed", func(t *testing.T) {
		for version, expected := range map[ingressnginx.Version]int{ingressnginx.V1_11_0: 404, ingressnginx.V1_15_1: http.StatusTeapot} {
			controller := newController(t, ingressnginx.Options{Version: version, DefaultBackend: pages},
				mainAnnotations("custom-http-errors", "404, 503", "default-backend", "pages"), app(404))
			require.Equal(t, expected, controller.Answer(get("/", allowed)).Status)
		}
	})
}

func TestADefaultBackendServesForAServiceWithoutEndpoints(t *testing.T) {
	controller := newController(t, ingressnginx.Options{DefaultBackend: app(200, "X-Page", "sorry")}, mainAnnotations("default-backend", "pages"), nil)
	answer := controller.Answer(get("/", allowed))
	require.Equal(t, "sorry", value(answer, "X-Page"))
	require.Equal(t, corsHeaders(allowed), accessControl(answer))
	require.False(t, answer.ReachedApp)
}

func TestErrorPagesArePaddedForChrome(t *testing.T) {
	controller := newController(t, ingressnginx.Options{}, mainAnnotations(), nil)
	plain := controller.Answer(get("/", allowed))
	padded := controller.Answer(get("/", allowed, "User-Agent", "Mozilla/5.0 Chrome/156.0.0.0 Safari/537.36"))
	require.Greater(t, len(padded.Body), 512)
	require.Less(t, len(plain.Body), 512)
}

func TestTraceIsRefusedBeforeALocationIsFound(t *testing.T) {
	controller := newController(t, ingressnginx.Options{}, mainAnnotations(), app(200))
	answer := controller.Answer(newRequest(http.MethodTrace, "/", allowed))
	require.Equal(t, http.StatusMethodNotAllowed, answer.Status)
	require.Empty(t, accessControl(answer))
	require.False(t, answer.ReachedApp)
}
