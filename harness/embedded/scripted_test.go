package embedded_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

func TestAScriptedAppAnswersExactlyWhatIsListed(t *testing.T) {
	w := newWorld(t)
	service := harness.Service{
		Name:   "API",
		Origin: "https://api.example.com",
		App: harness.App{Kind: harness.AppScripted, Responses: []harness.Response{
			{Method: "OPTIONS", Status: 204, Headers: []simulator.Field{{Name: "Access-Control-Allow-Methods", Value: "PUT"}}},
			{Path: "/twice", Status: 200, Headers: []simulator.Field{
				{Name: "Access-Control-Allow-Origin", Value: "*"}, {Name: "access-control-allow-origin", Value: "https://app.example.com"},
			}},
			{Method: "GET", Path: "/echo", Status: 403, EchoOrigin: true, Body: "no"},
			{Method: "GET", Path: "/empty", Status: 200, Headers: []simulator.Field{{Name: "X-Empty", Value: ""}}},
		}},
	}
	cases := []struct {
		name, method, target, origin string
		status                       int
		header                       http.Header
		body                         string
	}{
		{"the method decides", "OPTIONS", "/twice", "", 204, http.Header{"Access-Control-Allow-Methods": {"PUT"}}, ""},
		{"a name may repeat, in order", "GET", "/twice?query", "", 200, http.Header{"Access-Control-Allow-Origin": {"*", "https://app.example.com"}, "Content-Length": {"0"}}, ""},
		{"the origin is echoed", "GET", "/echo", "https://a.example", 403, http.Header{"Access-Control-Allow-Origin": {"https://a.example"}, "Content-Length": {"2"}}, "no"},
		{"without an origin nothing is echoed", "GET", "/echo", "", 403, http.Header{"Content-Length": {"2"}}, "no"},
		{"a value may be empty", "GET", "/empty", "", 200, http.Header{"X-Empty": {""}, "Content-Length": {"0"}}, ""},
		{"nothing matches", "GET", "/other", "", 404, http.Header{"Content-Length": {"0"}}, ""},
	}
	for _, http2 := range []bool{false, true} {
		client := w.client(w.traffic(service), http2)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				var headers []string
				if c.origin != "" {
					headers = []string{"Origin", c.origin}
				}
				got := ask(t, client, c.method, "https://api.example.com"+c.target, headers...)
				require.Equal(t, c.status, got.StatusCode)
				require.Equal(t, c.header, got.Header)
				require.Equal(t, c.body, got.body)
			})
		}
	}
}

func TestAnEchoedOriginReplacesAListedOne(t *testing.T) {
	w := newWorld(t)
	service := api("http://api.example.com", simulator.Field{Name: "Access-Control-Allow-Origin", Value: "*"})
	service.App.Responses[0].EchoOrigin = true
	got := ask(t, w.client(w.traffic(service), false), "GET", "http://api.example.com/", "Origin", "https://app.example.com")
	require.Equal(t, []string{"https://app.example.com"}, got.Header.Values("Access-Control-Allow-Origin"))
}
