package linkerd_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

// status is an app that answers one status and its own CORS header.
func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example.com")
		w.WriteHeader(code)
	}
}

func panics(failure any) http.HandlerFunc {
	return func(http.ResponseWriter, *http.Request) { panic(failure) }
}

func serve(handler http.Handler, method string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(method, "https://api.example.com/users?page=2", strings.NewReader("body")))
	return recorder
}

func TestARequestReachesTheAppUnchanged(t *testing.T) {
	var seen *http.Request
	var body []byte
	proxy := linkerd.New(linkerd.Options{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r
		body, _ = io.ReadAll(r.Body)
		w.Header()["Access-Control-Allow-Origin"] = []string{"https://app.example.com", "*"}
		w.Header().Set("Vary", "Origin")
		_, _ = io.WriteString(w, "hello")
	}))
	request := httptest.NewRequest(http.MethodOptions, "https://api.example.com/users?page=2", strings.NewReader("body"))
	request.Header.Set("Origin", "https://app.example.com")
	request.Header.Set("Access-Control-Request-Method", "PUT")
	before := request.Header.Clone()
	recorder := httptest.NewRecorder()
	proxy.ServeHTTP(recorder, request)

	require.Equal(t, http.MethodOptions, seen.Method)
	require.Equal(t, "https://api.example.com/users?page=2", seen.URL.String())
	require.Equal(t, before, seen.Header)
	require.Equal(t, "body", string(body))
	require.Equal(t, http.StatusOK, recorder.Code)
	require.Equal(t, http.Header{
		"Access-Control-Allow-Origin": {"https://app.example.com", "*"},
		"Vary":                        {"Origin"},
	}, recorder.Header())
	require.Equal(t, "hello", recorder.Body.String())
}

func TestOnlyServerErrorsAreCountedAsFailures(t *testing.T) {
	for code, classification := range map[int]string{
		200: "success", 204: "success", 301: "success", 304: "success", 401: "success", 403: "success", 404: "success", 429: "success",
		500: "failure", 502: "failure", 503: "failure", 599: "failure",
	} {
		proxy := linkerd.New(linkerd.Options{}, status(code))
		require.Equal(t, code, serve(proxy, http.MethodGet).Code)
		require.Equal(t, []linkerd.ResponseTotal{{Classification: classification, StatusCode: code, Value: 1}}, proxy.ResponseTotal())
	}
}

func TestCountersAreSortedAndBelongToOneProxy(t *testing.T) {
	var mu sync.Mutex
	codes := []int{500, 200, 404, 200, 503, 200}
	app := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.WriteHeader(codes[0])
		codes = codes[1:]
	})
	proxy, other := linkerd.New(linkerd.Options{}, app), linkerd.New(linkerd.Options{}, app)
	require.Equal(t, []linkerd.ResponseTotal{}, proxy.ResponseTotal())
	var clients sync.WaitGroup
	for range len(codes) {
		clients.Go(func() { serve(proxy, http.MethodGet) })
	}
	clients.Wait()
	require.Equal(t, []linkerd.ResponseTotal{
		{Classification: "success", StatusCode: 200, Value: 3},
		{Classification: "success", StatusCode: 404, Value: 1},
		{Classification: "failure", StatusCode: 500, Value: 1},
		{Classification: "failure", StatusCode: 503, Value: 1},
	}, proxy.ResponseTotal())
	require.Empty(t, other.ResponseTotal())
}

func TestADeniedRequestGetsABareForbiddenAndIsNotCounted(t *testing.T) {
	reached := false
	proxy := linkerd.New(linkerd.Options{Denied: true}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	for _, method := range []string{http.MethodGet, http.MethodOptions} {
		answer := serve(proxy, method)
		require.Equal(t, http.StatusForbidden, answer.Code)
		require.Equal(t, http.Header{"Content-Length": {"0"}}, answer.Header())
		require.Empty(t, answer.Body.String())
	}
	require.False(t, reached)
	require.Empty(t, proxy.ResponseTotal())
}

func TestAnAppThatDoesNotAnswerIsAnsweredForWithoutCORSHeaders(t *testing.T) {
	for name, test := range map[string]struct {
		app     http.Handler
		status  int
		counted int
	}{
		"connection refused":         {panics(syscall.ECONNREFUSED), 502, 502},
		"no app":                     {nil, 502, 502},
		"closed before the response": {panics(http.ErrAbortHandler), 500, 0},
		"closed with headers prepared": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Half", "1")
			panic(http.ErrAbortHandler)
		}), 500, 0},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := linkerd.New(linkerd.Options{}, test.app)
			answer := serve(proxy, http.MethodGet)
			require.Equal(t, test.status, answer.Code)
			require.Equal(t, http.Header{"Content-Length": {"0"}, "Connection": {"close"}}, answer.Header())
			require.Equal(t, []linkerd.ResponseTotal{{Classification: "failure", StatusCode: test.counted, Value: 1}}, proxy.ResponseTotal())
		})
	}
}

func TestAResponseCutOffInItsBodyStaysCutOffAndIsAFailure(t *testing.T) {
	proxy := linkerd.New(linkerd.Options{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		panic(http.ErrAbortHandler)
	}))
	require.PanicsWithError(t, http.ErrAbortHandler.Error(), func() { serve(proxy, http.MethodGet) })
	require.Equal(t, []linkerd.ResponseTotal{{Classification: "failure", StatusCode: 200, Value: 1}}, proxy.ResponseTotal())
}

func TestAnAnswerThatNobodyWaitsForAnyMoreIsNotCounted(t *testing.T) {
	ctx, giveUp := context.WithCancel(t.Context())
	proxy := linkerd.New(linkerd.Options{}, http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		giveUp()
		<-request.Context().Done()
		panic(http.ErrAbortHandler)
	}))
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	require.PanicsWithError(t, http.ErrAbortHandler.Error(), func() { proxy.ServeHTTP(httptest.NewRecorder(), request) })
	require.Empty(t, proxy.ResponseTotal())
}

func TestAnAppsBugIsPassedOn(t *testing.T) {
	proxy := linkerd.New(linkerd.Options{}, panics("a bug"))
	require.PanicsWithValue(t, "a bug", func() { serve(proxy, http.MethodGet) })
}

func TestHeadersSetByTheMeshReplaceTheAppsOnEveryResponse(t *testing.T) {
	options := linkerd.Options{SetHeaders: []simulator.Field{{Name: "access-control-allow-origin", Value: "*"}}}
	for name, app := range map[string]http.Handler{
		"success": status(200), "error": status(500), "preflight unknown to the app": status(405), "closed": panics(http.ErrAbortHandler),
		"body without a status": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") }),
		"nothing written":       http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
	} {
		t.Run(name, func(t *testing.T) {
			answer := serve(linkerd.New(options, app), http.MethodOptions)
			require.Equal(t, []string{"*"}, answer.Header().Values("Access-Control-Allow-Origin"))
		})
	}
}

func TestAStreamedResponseIsFlushedThroughTheProxy(t *testing.T) {
	proxy := linkerd.New(linkerd.Options{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "first")
		_ = http.NewResponseController(w).Flush()
	}))
	require.True(t, serve(proxy, http.MethodGet).Flushed)
}
