package ingressnginx_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// headersOf is an answer's part of a Difference; fields are names without Access-Control- and values in turn.
func headersOf(status int, fields ...string) ingressnginx.Headers {
	header := http.Header{}
	for i := 0; i+1 < len(fields); i += 2 {
		header.Add("Access-Control-"+fields[i], fields[i+1])
	}
	return ingressnginx.Headers{Status: status, Header: header}
}

func TestAChangeOfTheControllerExplainsADifference(t *testing.T) {
	t.Parallel()
	const app, evil = "https://app.example.com", "https://evil.example.net"
	list := func(value string) map[string]string { return map[string]string{"cors-allow-origin": value} }
	for name, test := range map[string]struct {
		from, to   string
		difference ingressnginx.Difference
		explained  []string
	}{
		"an invalid list opens": {
			"v1.11.0", "v1.15.1",
			ingressnginx.Difference{Method: "GET", Origin: app, Before: headersOf(200, "Allow-Origin", app), After: headersOf(200, "Allow-Origin", "*")},
			[]string{"v1.12.0"},
		},
		"null": {
			"v1.11.0", "v1.15.1",
			ingressnginx.Difference{Method: "GET", Origin: "null", Before: headersOf(200), After: headersOf(200, "Allow-Origin", "null")},
			[]string{"v1.13.0"},
		},
		"a scheme of one's own": {
			"v1.11.0", "v1.15.1",
			ingressnginx.Difference{Method: "GET", Origin: "tauri://localhost", Before: headersOf(200), After: headersOf(200, "Allow-Origin", "tauri://localhost")},
			[]string{"v1.12.0"},
		},
		"before the change": {
			"v1.13.0", "v1.15.1",
			ingressnginx.Difference{Method: "GET", Origin: "null", Before: headersOf(200), After: headersOf(200, "Allow-Origin", "null")},
			nil,
		},
		"the way back": {
			"v1.15.1", "v1.11.0",
			ingressnginx.Difference{Method: "GET", Origin: evil, Before: headersOf(200, "Allow-Origin", "*"), After: headersOf(200)},
			[]string{"v1.12.0"},
		},
		"an empty element": {
			"v1.9.4", "v1.11.0",
			ingressnginx.Difference{Annotations: list(app + ", ,"), Method: "GET", Origin: evil, Before: headersOf(200, "Allow-Origin", evil), After: headersOf(200)},
			[]string{"v1.9.5"},
		},
		"a list without an empty element": {
			"v1.9.4", "v1.11.0",
			ingressnginx.Difference{Annotations: list(app), Method: "GET", Origin: evil, Before: headersOf(200, "Allow-Origin", evil), After: headersOf(200)},
			nil,
		},
		"the fixed value": {
			"v1.0.4", "v1.1.3",
			ingressnginx.Difference{Method: "GET", Before: headersOf(200, "Allow-Origin", app), After: headersOf(200)},
			[]string{"v1.0.5"},
		},
		"the fall-back to a star": {
			"v1.0.4", "v1.15.1",
			ingressnginx.Difference{Method: "GET", Origin: app, Before: headersOf(200, "Allow-Origin", "*"), After: headersOf(200, "Allow-Origin", app)},
			[]string{"v1.0.5"},
		},
		"Range": {
			"v1.1.3", "v1.5.1",
			ingressnginx.Difference{Method: "OPTIONS", Origin: app, Before: headersOf(204, "Allow-Origin", app, "Allow-Headers", "DNT,Authorization"), After: headersOf(204, "Allow-Origin", app, "Allow-Headers", "DNT,Range,Authorization")},
			[]string{"v1.2.1"},
		},
		"a 401": {
			"v1.5.1", "v1.9.4",
			ingressnginx.Difference{Method: "GET", Origin: app, Before: headersOf(401), After: headersOf(401, "Allow-Origin", app)},
			[]string{"v1.6.4"},
		},
		"a snippet": {
			"v1.8.1", "v1.9.4",
			ingressnginx.Difference{Annotations: map[string]string{"configuration-snippet": "more_set_headers ..."}, Method: "GET", Origin: app, Before: headersOf(200, "Allow-Origin", app), After: headersOf(200)},
			[]string{"v1.9.0"},
		},
		"doubled": {
			"v0.10.2", "v0.12.0",
			ingressnginx.Difference{Method: "GET", Origin: app, Before: headersOf(200, "Allow-Origin", app, "Allow-Origin", app), After: headersOf(200, "Allow-Origin", app)},
			[]string{"v0.12.0"},
		},
		"no release's name": {
			"main", "v1.15.1",
			ingressnginx.Difference{Method: "GET", Origin: "null", Before: headersOf(200), After: headersOf(200, "Allow-Origin", "null")},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var versions []string
			for _, change := range ingressnginx.Explain(test.from, test.to, test.difference) {
				versions = append(versions, change.Version)
				require.NotEmpty(t, change.References)
			}
			require.Equal(t, test.explained, versions)
		})
	}
}

// Where the model answers differently in its two releases, a change is known that explains it.
func TestEveryDifferenceBetweenTheModelledReleasesIsExplained(t *testing.T) {
	t.Parallel()
	origins := []string{
		"https://app.example.com/", "https://app.example.com, https://bad_host.example.com", "https://app.example.com, null",
		"tauri://localhost", "https://app.example.com", "https://app.example.com,", "app.example.com", "*", "",
	}
	different := 0
	for _, list := range origins {
		annotations := map[string]string{"enable-cors": "true", "cors-allow-origin": list}
		before := newController(t, ingressnginx.Options{Version: ingressnginx.V1_11_0}, annotations, app(200))
		after := newController(t, ingressnginx.Options{Version: ingressnginx.V1_15_1}, annotations, app(200))
		for _, origin := range []string{"https://app.example.com", "https://evil.example.net", "null", "tauri://localhost", ""} {
			for _, method := range []string{http.MethodGet, http.MethodOptions} {
				a, b := before.Answer(newRequest(method, "/", origin)), after.Answer(newRequest(method, "/", origin))
				difference := ingressnginx.Difference{
					Annotations: annotations, Method: method, Origin: origin,
					Before: ingressnginx.Headers{Status: a.Status, Header: answerHeader(a)}, After: ingressnginx.Headers{Status: b.Status, Header: answerHeader(b)},
				}
				explained := ingressnginx.Explain("v1.11.0", "v1.15.1", difference)
				if difference.Before.Header.Get("Access-Control-Allow-Origin") == difference.After.Header.Get("Access-Control-Allow-Origin") {
					require.Empty(t, explained, "%q from %q", list, origin)
					continue
				}
				different++
				require.Len(t, explained, 1, "%q from %q", list, origin)
			}
		}
	}
	require.Greater(t, different, 20)
}
