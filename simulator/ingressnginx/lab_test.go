package ingressnginx_test

import (
	"crypto/tls"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

const (
	host    = "cors.lab"
	allowed = "https://app.example.com"
	foreign = "https://evil.example.net"
)

// mainAnnotations are those of the Ingress that most measurements were made with.
func mainAnnotations(others ...string) map[string]string {
	return with(map[string]string{
		"enable-cors":            "true",
		"cors-allow-origin":      "https://app.example.com, https://admin.example.com",
		"cors-allow-methods":     "GET, POST, PUT, OPTIONS",
		"cors-allow-headers":     "Content-Type, Authorization, X-Requested-With",
		"cors-expose-headers":    "X-Request-Id, X-Backend",
		"cors-allow-credentials": "true",
		"cors-max-age":           "600",
	}, others...)
}

// with adds names and values in turn.
func with(annotations map[string]string, others ...string) map[string]string {
	annotations = maps.Clone(annotations)
	for i := 0; i < len(others); i += 2 {
		annotations[others[i]] = others[i+1]
	}
	return annotations
}

// corsHeaders are what the main Ingress adds for an allowed origin, in order.
func corsHeaders(origin string) []string {
	return []string{
		"Access-Control-Allow-Origin: " + origin,
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Methods: GET, POST, PUT, OPTIONS",
		"Access-Control-Allow-Headers: Content-Type, Authorization, X-Requested-With",
		"Access-Control-Expose-Headers: X-Request-Id, X-Backend",
		"Access-Control-Max-Age: 600",
	}
}

// onBothVersions runs a test against each release.
func onBothVersions(t *testing.T, test func(t *testing.T, version ingressnginx.Version)) {
	t.Helper()
	for _, version := range ingressnginx.Versions() {
		t.Run(string(version), func(t *testing.T) { test(t, version) })
	}
}

// app answers a status, with header fields as names and values in turn.
func app(status int, fields ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(fields); i += 2 {
			w.Header().Add(fields[i], fields[i+1])
		}
		w.WriteHeader(status)
		if status != http.StatusNoContent && status != http.StatusNotModified {
			_, _ = io.WriteString(w, "hello")
		}
	})
}

func newController(t testing.TB, options ingressnginx.Options, annotations map[string]string, backend http.Handler) *ingressnginx.Controller {
	t.Helper()
	controller, err := ingressnginx.New(options, ingressnginx.Ingress{
		Host: host, Annotations: annotations, Paths: []ingressnginx.Path{{Path: "/", Backend: backend}},
	})
	require.NoError(t, err)
	return controller
}

// get makes a request to the host; fields are names and values in turn.
func get(path, origin string, fields ...string) *http.Request {
	return newRequest(http.MethodGet, path, origin, fields...)
}

func preflight(path, origin string, fields ...string) *http.Request {
	return newRequest(http.MethodOptions, path, origin, append(fields, "Access-Control-Request-Method", "PUT")...)
}

func newRequest(method, path, origin string, fields ...string) *http.Request {
	request := httptest.NewRequest(method, "http://"+host+path, nil)
	if origin != "" {
		request.Header.Set("Origin", origin)
	}
	for i := 0; i < len(fields); i += 2 {
		request.Header.Add(fields[i], fields[i+1])
	}
	return request
}

// overTLS makes it an https request.
func overTLS(request *http.Request) *http.Request {
	request.TLS = &tls.ConnectionState{}
	return request
}

// lines are an answer's header fields as they stand on the wire.
func lines(answer ingressnginx.Answer) []string {
	var lines []string
	for _, field := range answer.Header {
		lines = append(lines, field.Name+": "+field.Value)
	}
	return lines
}

// accessControl are the lines that concern CORS.
func accessControl(answer ingressnginx.Answer) []string {
	var found []string
	for _, line := range lines(answer) {
		if strings.HasPrefix(line, "Access-Control-") {
			found = append(found, line)
		}
	}
	return found
}

// value is a header field's value; "" when it is not there.
func value(answer ingressnginx.Answer, name string) string {
	for _, field := range answer.Header {
		if strings.EqualFold(field.Name, name) {
			return field.Value
		}
	}
	return ""
}
