package explain_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/explain"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

var update = flag.Bool("update", false, "write the golden files anew from what is written now")

const (
	userURL   = "https://api.example.com/user"
	appOrigin = "https://app.example.com"
)

// explained is a question, its server, and what must come of it. Its name is that of the golden file.
type explained struct {
	handler http.HandlerFunc
	request simulator.Request
	change  func(*explain.Question)
	kind    simulator.Kind
	reason  simulator.ReasonCode
}

func cases() map[string]explained {
	put := simulator.Request{
		Method: "PUT", URL: userURL, Credentials: simulator.CredentialsInclude,
		Headers: []simulator.Field{{Name: "Content-Type", Value: "application/json"}, {Name: "Authorization", Value: "Bearer it's"}},
		Body:    &simulator.Body{Text: `{"name":"Ada"}`},
	}
	get := simulator.Request{Method: "GET", URL: userURL}
	return map[string]explained{
		"preflighted": {
			handler: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
				w.Header().Set("Access-Control-Allow-Credentials", "true")
				w.Header().Set("Access-Control-Allow-Methods", "PUT")
				w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
				w.Header().Set("Access-Control-Max-Age", "600")
				w.Header().Set("Access-Control-Expose-Headers", "ETag")
				w.Header().Set("ETag", `"7"`)
				w.Header().Set("Link", "</next>")
				w.WriteHeader(http.StatusNoContent)
			},
			request: put, kind: simulator.KindReadable,
			change: func(q *explain.Question) { q.Cookies = []string{"session=blue"} },
		},
		"mismatch": {
			handler: answering(200, "Access-Control-Allow-Origin", "https://www.example.com", "Server", "nginx"),
			request: get, kind: simulator.KindNetworkError, reason: simulator.AllowOriginMismatch,
		},
		"policy-refuses": {
			handler: answering(204, "Vary", "Origin"),
			request: put, kind: simulator.KindNetworkError, reason: simulator.PreflightMissingAllowOriginHeader,
		},
		"preflight-unauthorized": {
			handler: answering(401, "X-Powered-By", "Express"),
			request: put, kind: simulator.KindNetworkError, reason: simulator.PreflightMissingAllowOriginHeader,
		},
		"wildcard": {
			handler: answering(200, "Access-Control-Allow-Origin", "*"),
			request: get, kind: simulator.KindReadable,
		},
		"wildcard-with-credentials": {
			handler: answering(200, "Access-Control-Allow-Origin", "*"),
			request: simulator.Request{Method: "GET", URL: userURL, Credentials: simulator.CredentialsInclude},
			kind:    simulator.KindNetworkError, reason: simulator.WildcardOriginNotAllowed,
		},
		"opaque-origin": {
			handler: answering(200, "Access-Control-Allow-Origin", "null"), request: get, kind: simulator.KindReadable,
			change: func(q *explain.Question) { q.Origin = "null" },
		},
		"no-cors": {
			handler: answering(200), request: simulator.Request{Method: "GET", URL: userURL, Mode: simulator.ModeNoCORS}, kind: simulator.KindOpaque,
		},
		"redirect-manual": {
			handler: answering(302, "Location", "https://login.example.net/", "Access-Control-Allow-Origin", "*"),
			request: simulator.Request{Method: "GET", URL: userURL, Redirect: simulator.RedirectManual}, kind: simulator.KindOpaqueRedirect,
		},
		"redirect-to-sign-in": {
			handler: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", appOrigin)
				if r.Host == "api.example.com" {
					w.Header().Set("Location", "https://login.example.net/")
					w.WriteHeader(http.StatusFound)
				}
			},
			request: get, kind: simulator.KindNetworkError, reason: simulator.AllowOriginMismatch,
		},
		"mixed-content": {
			handler: answering(200), request: simulator.Request{Method: "GET", URL: "http://api.example.com/"},
			kind: simulator.KindNetworkError, reason: simulator.MixedContent,
		},
		"forbidden-method": {
			handler: answering(200), request: simulator.Request{Method: "TRACE", URL: userURL}, kind: simulator.KindAPIError, reason: simulator.InvalidRequest,
		},
		"gateway": {
			handler: answering(504, "Server", "nginx"), request: get, kind: simulator.KindNetworkError, reason: simulator.MissingAllowOriginHeader,
		},
		"linkerd-denies": {
			handler: answering(403, "L5d-Proxy-Error", "unauthorized"), request: get, kind: simulator.KindNetworkError, reason: simulator.MissingAllowOriginHeader,
		},
		"cached": {
			handler: answering(200, "Age", "12", "Access-Control-Allow-Origin", "https://admin.example.com"),
			request: get, kind: simulator.KindNetworkError, reason: simulator.AllowOriginMismatch,
		},
		"wildcard-for-authorization": {
			handler: answering(200, "Access-Control-Allow-Origin", "*", "Access-Control-Allow-Credentials", "true", "Access-Control-Allow-Headers", "*"),
			request: simulator.Request{Method: "GET", URL: userURL, Headers: []simulator.Field{{Name: "Authorization", Value: "Bearer x"}}},
			kind:    simulator.KindReadable,
		},
		"max-age-zero": {
			handler: answering(200, "Access-Control-Allow-Origin", appOrigin, "Vary", "Accept, origin", "Access-Control-Allow-Methods", "DELETE", "Access-Control-Max-Age", "0"),
			request: simulator.Request{Method: "DELETE", URL: userURL}, kind: simulator.KindReadable,
		},
		"cookie-stays": {
			handler: answering(200, "Access-Control-Allow-Origin", appOrigin, "Access-Control-Allow-Credentials", "true", "Vary", "Origin", "Set-Cookie", "a=b; SameSite=None"),
			request: simulator.Request{Method: "GET", URL: userURL, Credentials: simulator.CredentialsInclude, Headers: []simulator.Field{{Name: "Cookie", Value: "a=b"}}},
			change: func(q *explain.Question) {
				q.Cookies, q.Origin = []string{"session=blue; SameSite=Lax"}, "https://shop.example.org"
			},
			kind: simulator.KindNetworkError, reason: simulator.AllowOriginMismatch,
		},
		"hostile": {
			handler: answering(200, "Access-Control-Allow-Origin", "\u202ehttps://"+strings.Repeat("x", 5000)), request: get,
			kind: simulator.KindNetworkError, reason: simulator.InvalidAllowOriginValue,
		},
	}
}

func TestAnExplanationReadsAsItsGoldenFile(t *testing.T) {
	for name, test := range cases() {
		t.Run(name, func(t *testing.T) {
			server := serve(t, true, test.handler)
			question := server.question(test.request)
			if test.change != nil {
				test.change(&question)
			}
			explanation, err := explain.Ask(t.Context(), question)
			require.NoError(t, err)
			require.Equal(t, test.kind, explanation.Kind, explanation.Reason)
			require.Equal(t, test.reason, explanation.Reason.Code)
			require.Equal(t, test.reason != "", explanation.Refused())
			require.Equal(t, test.reason != "", explanation.Advice != "")
			require.Len(t, explanation.Curl, len(explanation.Outcome.Exchanges))

			var text bytes.Buffer
			require.NoError(t, explain.WriteText(&text, explanation))
			path := filepath.Join("testdata", name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(server.anonymous(text.String())), 0o644))
			}
			golden, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(golden), server.anonymous(text.String()), "if the change is meant: go test ./harness/explain -update")
		})
	}
}

func TestTheJSONFormHasEverythingByItsName(t *testing.T) {
	test := cases()["mismatch"]
	server := serve(t, true, test.handler)
	explanation, err := explain.Ask(t.Context(), server.question(test.request))
	require.NoError(t, err)
	encoded, err := json.Marshal(explanation)
	require.NoError(t, err)
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(encoded, &fields))
	for _, name := range []string{"verdict", "advice", "layer", "request", "outcome", "notes", "profile"} {
		require.NotEmpty(t, fields[name], name)
	}
	require.JSONEq(t, `"crosscheck.explain/v1"`, string(fields["schema"]))
	require.JSONEq(t, `"network-error"`, string(fields["kind"]))
	require.JSONEq(t, `{"code":"AllowOriginMismatch","parameter":"https://www.example.com"}`, string(fields["reason"]))
	require.JSONEq(t, `{"origin":"https://app.example.com","url":"https://app.example.com"}`, string(fields["page"]))
	var commands []string
	require.NoError(t, json.Unmarshal(fields["curl"], &commands))
	require.Len(t, commands, 1)
	var outcome simulator.Outcome
	require.NoError(t, json.Unmarshal(fields["outcome"], &outcome))
	require.Equal(t, explanation.Outcome.Exchanges, outcome.Exchanges)
	require.NotEmpty(t, outcome.Trace)
}
