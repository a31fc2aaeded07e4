package ingressnginx_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// A backend is called in memory; its answer must be the one that would have
// come over the wire. net/http itself is the measure.
func TestABackendsAnswerIsWhatNetHTTPWouldHaveSent(t *testing.T) {
	for name, backend := range map[string]http.Handler{
		"nothing at all":  http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
		"a body to sniff": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html><p>hello") }),
		"two writes": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "a")
			_, _ = io.WriteString(w, "b")
		}),
		"a status and body": app(404, "Vary", "Origin", "Vary", "Accept", "X-Empty", "", "X-Blanks", "  a  b "),
		"204":               app(204, "X-App", "1"),
		"304":               app(304, "Etag", `"1"`, "Content-Type", "text/css"),
		"a declared type":   app(200, "Content-Type", "application/json"),
		"no type on purpose": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			_, _ = io.WriteString(w, "a")
		}),
		"a late header":   http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202); w.Header().Set("X-Late", "1") }),
		"a second status": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); _, _ = io.WriteString(w, "no") }),
		"early hints":     http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(201) }),
		"flushed at its end": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "2")
			_, _ = io.WriteString(w, "ab")
			_ = http.NewResponseController(w).Flush()
		}),
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(backend)
			defer server.Close()
			controller := newController(t, ingressnginx.Options{}, nil, backend)
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
				request, err := http.NewRequestWithContext(t.Context(), method, server.URL, nil)
				require.NoError(t, err)
				response, err := http.DefaultTransport.RoundTrip(request)
				require.NoError(t, err)
				body, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				require.NoError(t, response.Body.Close())

				answer := controller.Answer(newRequest(method, "/", ""))
				require.Equal(t, response.StatusCode, answer.Status, method)
				require.Equal(t, string(body), string(answer.Body), method)
				require.Equal(t, wireHeader(response.Header), wireHeader(answerHeader(answer)), method)
			}
		})
	}
}

func answerHeader(answer ingressnginx.Answer) http.Header {
	header := make(http.Header)
	for _, field := range answer.Header {
		header.Add(field.Name, field.Value)
	}
	return header
}

// wireHeader leaves out what a proxy replaces.
func wireHeader(header http.Header) []string {
	var fields []string
	for name, values := range header {
		if name == "Date" {
			continue
		}
		for _, value := range values {
			fields = append(fields, name+": "+value)
		}
	}
	slices.Sort(fields)
	return fields
}

func TestHeadersThatNginxKeepsToItselfAreNotPassedOn(t *testing.T) {
	controller := newController(t, ingressnginx.Options{}, nil, app(204,
		"Server", "app", "X-Accel-Expires", "1", "Connection", "close", "Keep-Alive", "timeout=5", "X-Powered-By", "Express", "Content-Type", "text/css"))
	require.Equal(t, []string{"X-Powered-By: Express"}, lines(controller.Answer(get("/", ""))))
}
