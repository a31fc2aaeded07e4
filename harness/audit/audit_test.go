package audit

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/explain"
	"github.com/crosscheck-dev/crosscheck/harness/manifest"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

var update = flag.Bool("update", false, "write the golden files anew from what is written now")

// ingress is a manifest with annotations: names without the prefix and values in turn.
func ingress(name string, annotations ...string) string {
	text := "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: " + name + "\n  annotations:\n"
	for i := 0; i+1 < len(annotations); i += 2 {
		prefix := annotationPrefix
		if strings.Contains(annotations[i], "/") {
			prefix = ""
		}
		text += fmt.Sprintf("    %s%s: %q\n", prefix, annotations[i], annotations[i+1])
	}
	return text + "spec:\n  ingressClassName: nginx\n  rules:\n    - host: api.example.com\n      http: {paths: [{path: /v1, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}\n"
}

func auditManifest(t testing.TB, text string, version ingressnginx.Version, classes ...string) Result {
	t.Helper()
	read, err := manifest.Load(strings.NewReader(text), manifest.Stdin)
	require.NoError(t, err)
	result, err := Ingresses(t.Context(), read, IngressOptions{Version: version, Classes: classes})
	require.NoError(t, err)
	return result
}

// found are the findings as "severity rule", without those that every Ingress has.
func found(result Result) []string {
	var list []string
	for _, policy := range result.Without(ruleVary, ruleMaxAge, ruleLoose).Policies {
		for _, finding := range policy.Findings {
			list = append(list, string(finding.Severity)+" "+finding.Rule)
		}
	}
	return list
}

func TestWhatAnIngressLetsIn(t *testing.T) {
	t.Parallel()
	const app = "https://app.example.com"
	for name, test := range map[string]struct {
		version     ingressnginx.Version
		annotations []string
		expected    []string
	}{
		"a sound list":            {"", []string{"enable-cors", "true", "cors-allow-origin", app}, nil},
		"no CORS":                 {"", []string{"ssl-redirect", "true"}, nil},
		"the defaults":            {"", []string{"enable-cors", "true"}, []string{"medium any-origin", "medium wildcard-with-credentials"}},
		"a star, no credentials":  {"", []string{"enable-cors", "true", "cors-allow-credentials", "false"}, []string{"medium any-origin"}},
		"a star behind addresses": {"", []string{"enable-cors", "true", "cors-allow-credentials", "false", "whitelist-source-range", "10.0.0.0/8"}, []string{"high any-origin", "low preflight-before-authentication"}},
		"a star behind sign-in":   {"", []string{"enable-cors", "true", "cors-allow-credentials", "false", "auth-url", "https://auth.example.com/"}, []string{"low any-origin", "info preflight-before-authentication"}},
		"null":                    {"", []string{"enable-cors", "true", "cors-allow-origin", app + ", null"}, []string{"high null-origin"}},
		"null, no credentials":    {"", []string{"enable-cors", "true", "cors-allow-origin", app + ", null", "cors-allow-credentials", "false"}, []string{"medium null-origin"}},
		"null, before it was one": {ingressnginx.V1_11_0, []string{"enable-cors", "true", "cors-allow-origin", app + ", null"}, []string{"medium annotation-misread"}},
		"every sub-domain":        {"", []string{"enable-cors", "true", "cors-allow-origin", "https://*.example.com"}, []string{"medium any-subdomain"}},
		"every github page":       {"", []string{"enable-cors", "true", "cors-allow-origin", "https://*.github.io"}, []string{"high public-suffix"}},
		"no TLS":                  {"", []string{"enable-cors", "true", "cors-allow-origin", app + ", http://app.example.com"}, []string{"medium insecure-origin"}},
		"a developer":             {"", []string{"enable-cors", "true", "cors-allow-origin", app + ", http://localhost:3000"}, []string{"medium localhost-origin"}},
		"a slash at the end":      {"", []string{"enable-cors", "true", "cors-allow-origin", app + "/"}, []string{"high annotation-misread", "medium any-origin", "medium wildcard-with-credentials"}},
		"the same, before":        {ingressnginx.V1_11_0, []string{"enable-cors", "true", "cors-allow-origin", app + "/"}, []string{"medium annotation-misread", "medium annotation-misread"}},
		"credentials that are no": {"", []string{"enable-cors", "true", "cors-allow-origin", app, "cors-allow-credentials", "no"}, []string{"high annotation-misread"}},
		"CORS that is not on":     {"", []string{"cors-allow-origin", app}, []string{"low annotation-misread"}},
		"a rate limit":            {"", []string{"enable-cors", "true", "cors-allow-origin", app, "limit-rps", "1"}, []string{"low preflight-before-authentication"}},
		"exposing a star":         {"", []string{"enable-cors", "true", "cors-allow-origin", app, "cors-expose-headers", "*"}, []string{"low literal-wildcard"}},
		"a misspelt annotation":   {"", []string{"enable-cors", "true", "cors-allow-origins", app}, []string{"medium unknown-annotation", "medium any-origin", "medium wildcard-with-credentials"}},
		"a snippet":               {"", []string{"configuration-snippet", "more_set_headers 'access-control-allow-origin: *';"}, []string{"info snippet-answers-cors"}},
		"beyond the model":        {"", []string{"enable-cors", "true", "cors-allow-origin", app, "backend-protocol", "HTTPS", "auth-url", "https://$remote_user.example.com/"}, []string{"info preflight-before-authentication"}},
		"others' annotations":     {"", []string{"enable-cors", "true", "cors-allow-origin", app, "cert-manager.io/cluster-issuer", "x"}, nil},
		"a scheme of its own":     {"", []string{"enable-cors", "true", "cors-allow-origin", "tauri://localhost"}, nil},
		"an address":              {"", []string{"enable-cors", "true", "cors-allow-origin", "https://10.1.2.3:8443"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			version := test.version
			if version == "" {
				version = ingressnginx.V1_15_1
			}
			result := auditManifest(t, ingress("api", test.annotations...), version)
			require.Equal(t, test.expected, found(result))
			for _, finding := range result.Policies[0].Findings {
				require.True(t, IsRule(finding.Rule), finding.Rule)
				require.NotEmpty(t, finding.Fix)
				require.Greater(t, finding.Line, 3)
			}
		})
	}
}

func TestWhatTheModelDoesNotKnowIsSaid(t *testing.T) {
	t.Parallel()
	result := auditManifest(t, ingress("api", "enable-cors", "true", "cors-allow-origin", "https://app.example.com", "backend-protocol", "HTTPS", "auth-url", "https://$remote_user.example.com/"), ingressnginx.V1_15_1)
	notes := strings.Join(result.Policies[0].Notes, "\n")
	require.Contains(t, notes, "does not know backend-protocol:")
	require.Contains(t, notes, "does not know auth-url (the variable $remote_user)")
}

func TestIngressesOfOtherControllersAreSkippedAndSaid(t *testing.T) {
	t.Parallel()
	of := func(class string) string { return strings.Replace(ingress("api"), "ingressClassName: nginx", class, 1) }
	class := "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: %s}\nspec: {controller: %s}\n"
	join := func(documents ...string) string { return strings.Join(documents, "---\n") }
	for name, test := range map[string]struct {
		text    string
		classes []string
		audited bool
		said    string
	}{
		"another class":                       {of("ingressClassName: traefik"), nil, false, `its class is "traefik", and only ingress-nginx is modelled: if the class is ingress-nginx's, say so with --ingress-class traefik`},
		"a class that is named":               {of("ingressClassName: internal"), []string{"internal"}, true, ""},
		"a class that its IngressClass tells": {join(of("ingressClassName: internal"), fmt.Sprintf(class, "internal", "k8s.io/ingress-nginx")), nil, true, ""},
		"nginx of somebody else":              {join(fmt.Sprintf(class, "nginx", "nginx.org/ingress-controller"), of("ingressClassName: nginx")), nil, false, `its class "nginx" is of the controller nginx.org/ingress-controller`},
		"no class":                            {of("defaultBackend: {service: {name: api, port: {number: 80}}}"), nil, true, "It names no class"},
		"the old annotation":                  {strings.Replace(of("tls: []"), "annotations:", "annotations:\n    kubernetes.io/ingress.class: haproxy", 1), nil, false, `its class is "haproxy"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := auditManifest(t, test.text, ingressnginx.V1_15_1, test.classes...)
			require.Equal(t, test.audited, len(result.Policies) == 1)
			require.Equal(t, test.audited, len(result.Skipped) == 0)
			said := ""
			for _, skipped := range result.Skipped {
				said += skipped.Reason
			}
			for _, policy := range result.Policies {
				said += strings.Join(policy.Notes, "\n")
			}
			require.Contains(t, said, test.said)
		})
	}
}

func TestHostsAndPathsOfAllKindsHaveAURL(t *testing.T) {
	t.Parallel()
	text := strings.Replace(ingress("api", "enable-cors", "true", "use-regex", "true"), "    - host: api.example.com\n", "    - host: '*.example.com'\n    - {}\n    - host: api.example.com\n", 1)
	text = strings.Replace(text, "path: /v1,", "path: '/v1(/|$)(.*)',", 1)
	policy := auditManifest(t, text, ingressnginx.V1_15_1).Policies[0]
	require.Equal(t, "https://www.example.com/", policy.URL)
	require.Equal(t, []string{"https://any-host.example/", "https://api.example.com/"}, policy.Also)
	require.Equal(t, 204, ofClass(pointers(policy.Reach), Foreign).preflight.Status)
}

func pointers(reaches []Reach) []*Reach {
	var list []*Reach
	for i := range reaches {
		list = append(list, &reaches[i])
	}
	return list
}

// live is a server with a policy, and the requests that it got.
type live struct {
	*httptest.Server
	mutex sync.Mutex
	got   []*http.Request
}

func serve(t *testing.T, answer http.HandlerFunc) *live {
	t.Helper()
	l := &live{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mutex.Lock()
		l.got = append(l.got, r.Clone(context.Background()))
		l.mutex.Unlock()
		answer(w, r)
	}))
	t.Cleanup(l.Close)
	return l
}

// allowing answers CORS, with credentials, to origins for which a condition holds.
func allowing(condition func(origin string) bool, extra ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i+1 < len(extra); i += 2 {
			w.Header().Add(extra[i], extra[i+1])
		}
		if origin := r.Header.Get("Origin"); condition(origin) {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			w.Header().Set("Access-Control-Allow-Methods", "PUT")
		}
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
		}
	}
}

func exactly(allowed ...string) func(string) bool {
	return func(origin string) bool { return slices.Contains(allowed, origin) }
}

var sound = []string{"Vary", "Origin", "Access-Control-Max-Age", "600"}

func urlOptions(origins ...string) URLOptions {
	return URLOptions{Origins: origins, Rate: 10_000, Timeout: 5 * time.Second}
}

func TestWhatAURLLetsIn(t *testing.T) {
	t.Parallel()
	const app = "https://app.example.com"
	headers := func(fields ...string) http.HandlerFunc { return allowing(exactly(), fields...) }
	for name, test := range map[string]struct {
		answer   http.HandlerFunc
		expected []string
		most     int
	}{
		"a sound policy":      {allowing(exactly(app), sound...), nil, 24},
		"an echo":             {allowing(func(string) bool { return true }, sound...), []string{"high any-origin-with-credentials"}, 23},
		"a suffix":            {allowing(func(o string) bool { return strings.HasSuffix(o, "example.com") }, sound...), []string{"high suffix-match", "high unescaped-dot", "medium any-subdomain", "info loose-comparison"}, 60},
		"a prefix":            {allowing(func(o string) bool { return strings.HasPrefix(o, app) }, sound...), []string{"high prefix-match", "low any-port"}, 40},
		"null":                {allowing(exactly(app, "null"), sound...), []string{"high null-origin"}, 28},
		"localhost":           {allowing(exactly(app, "http://localhost:3000"), sound...), []string{"medium localhost-origin"}, 28},
		"no Vary":             {allowing(exactly(app), "Access-Control-Max-Age", "600"), []string{"medium missing-vary"}, 24},
		"no Vary, not stored": {allowing(exactly(app), "Access-Control-Max-Age", "600", "Cache-Control", "no-store"), []string{"info missing-vary"}, 24},
		"no Vary, private":    {allowing(exactly(app), "Access-Control-Max-Age", "600", "Cache-Control", "private"), []string{"low missing-vary"}, 24},
		"Vary where allowed": {func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Origin") == app {
				w.Header().Set("Vary", "Accept, origin")
			}
			allowing(exactly(app), "Access-Control-Max-Age", "600")(w, r)
		}, []string{"medium missing-vary"}, 24},
		"a star":                    {headers("Access-Control-Allow-Origin", "*"), []string{"medium any-origin", "info max-age"}, 22},
		"a star with credentials":   {headers("Access-Control-Allow-Origin", "*", "Access-Control-Allow-Credentials", "true"), []string{"medium any-origin", "medium wildcard-with-credentials", "info max-age"}, 22},
		"a list":                    {headers("Access-Control-Allow-Origin", app+", https://b.example.com"), []string{"medium declared-origin-refused", "medium invalid-allow-origin"}, 12},
		"a pattern":                 {headers("Access-Control-Allow-Origin", "https://*.example.com"), []string{"medium declared-origin-refused", "medium invalid-allow-origin"}, 12},
		"two of them":               {headers("Access-Control-Allow-Origin", app, "Access-Control-Allow-Origin", app), []string{"medium declared-origin-refused", "medium invalid-allow-origin"}, 12},
		"nothing":                   {headers(), []string{"medium declared-origin-refused"}, 12},
		"ages beyond the browsers'": {allowing(exactly(app), "Vary", "Origin", "Access-Control-Max-Age", "1728000"), []string{"low max-age"}, 24},
		"an age for Firefox":        {allowing(exactly(app), "Vary", "Origin", "Access-Control-Max-Age", "86400"), []string{"info max-age"}, 24},
		"no age at all":             {allowing(exactly(app), "Vary", "Origin", "Access-Control-Max-Age", "0"), []string{"info max-age"}, 24},
		"an age in words":           {allowing(exactly(app), "Vary", "Origin", "Access-Control-Max-Age", "600s"), []string{"low max-age"}, 24},
		"whatever is asked": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Vary", "Origin")
			w.Header().Set("Access-Control-Max-Age", "600")
			if r.Header.Get("Origin") == app {
				w.Header().Set("Access-Control-Allow-Origin", app)
				w.Header().Set("Access-Control-Allow-Methods", r.Header.Get("Access-Control-Request-Method"))
				w.Header().Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
			}
		}, []string{"info whatever-is-asked"}, 40},
		"whatever header is asked for": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
			allowing(exactly(app), sound...)(w, r)
		}, []string{"low whatever-is-asked"}, 40},
		"literal stars": {allowing(exactly(app), append(sound, "Access-Control-Allow-Headers", "*", "Access-Control-Expose-Headers", "*")...), []string{"low literal-wildcard", "low literal-wildcard"}, 24},
		"a preflight that needs a session": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodOptions {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			allowing(exactly(app), sound...)(w, r)
		}, []string{"medium preflight-fails"}, 24},
		"an API that needs a session": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodOptions {
				w.Header().Set("Vary", "Origin")
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			allowing(func(string) bool { return true }, sound...)(w, r)
		}, []string{"high any-origin-may-send", "info preflight-before-authentication"}, 23},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, test.answer)
			result, err := URL(t.Context(), server.URL+"/user", urlOptions(app))
			require.NoError(t, err)
			var list []string
			for _, finding := range result.Policies[0].Findings {
				list = append(list, string(finding.Severity)+" "+finding.Rule)
			}
			require.Equal(t, test.expected, list)
			require.LessOrEqual(t, len(server.got), test.most)
			require.Equal(t, len(server.got), result.Policies[0].Requests)
			seen := map[string]bool{}
			for _, request := range server.got {
				require.Contains(t, []string{http.MethodGet, http.MethodOptions}, request.Method)
				key := request.Method + request.Header.Get("Origin") + request.Header.Get("Access-Control-Request-Method") + request.Header.Get("Access-Control-Request-Headers")
				require.False(t, seen[key], "%s was sent twice", key)
				seen[key] = true
			}
		})
	}
}

func TestAPageWithoutTLSMattersToAnHTTPSURL(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(allowing(exactly("https://app.example.com", "http://app.example.com"), sound...))
	t.Cleanup(server.Close)
	resolution, err := explain.ParseResolution("example.com:443:" + server.Listener.Addr().String())
	require.NoError(t, err)
	options := urlOptions("https://app.example.com")
	options.Resolutions, options.Roots, options.RootsFile = []explain.Resolution{resolution}, x509.NewCertPool(), "ca.pem"
	options.Roots.AddCert(server.Certificate())
	result, err := URL(t.Context(), "https://example.com/", options)
	require.NoError(t, err)
	require.Equal(t, []string{"medium insecure-origin"}, found(result))
	require.Contains(t, result.Policies[0].Findings[0].Proof.Curl, "--cacert ca.pem")
	require.Contains(t, result.Policies[0].Findings[0].Proof.Curl, "--connect-to example.com:443:127.0.0.1:")
}

func TestARedirectLeadsToAnotherPolicyAndThatIsSaid(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) })
	result, err := URL(t.Context(), server.URL, urlOptions())
	require.NoError(t, err)
	require.Contains(t, strings.Join(result.Policies[0].Notes, "\n"), "The URL answers 302 (Location: /login)")
	require.False(t, slices.ContainsFunc(server.got, func(r *http.Request) bool { return r.URL.Path == "/login" }))
}

func TestWhichHeadersAPageMaySet(t *testing.T) {
	t.Parallel()
	policy := auditManifest(t, ingress("api", "enable-cors", "true", "cors-allow-origin", "https://app.example.com", "cors-allow-methods", "GET, PUT", "cors-allow-headers", "Authorization, X-Requested-With"), ingressnginx.V1_15_1).Policies[0]
	app := ofClass(pointers(policy.Reach), Declared)
	require.Equal(t, []string{"PUT"}, app.Sends)
	require.Equal(t, []string{"Authorization", "X-Requested-With"}, app.Headers)
	require.Empty(t, ofClass(pointers(policy.Reach), Foreign).Headers)
}

func TestAServerThatAnswersOneOriginTellsWhich(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example.org")
	})
	result, err := URL(t.Context(), server.URL, urlOptions())
	require.NoError(t, err)
	require.Equal(t, Reach{Origin: "https://app.example.org", Class: Declared, Reads: true}, func() Reach {
		reach := *ofClass(pointers(result.Policies[0].Reach), Declared)
		return Reach{Origin: reach.Origin, Class: reach.Class, Reads: reach.Reads}
	}())
}

func TestCookiesAreSentAndNeverShown(t *testing.T) {
	t.Parallel()
	const secret = "topsecret"
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodOptions && r.Header.Get("Cookie") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		allowing(func(string) bool { return true }, sound...)(w, r)
	})
	options := urlOptions("https://app.example.com")
	options.Cookies = []string{"session=" + secret}
	result, err := URL(t.Context(), server.URL, options)
	require.NoError(t, err)
	require.Equal(t, ruleAnyOriginCredentials, result.Policies[0].Findings[0].Rule)
	require.True(t, slices.ContainsFunc(server.got, func(r *http.Request) bool { return strings.Contains(r.Header.Get("Cookie"), secret) }))
	for name, write := range writers(result) {
		var out bytes.Buffer
		require.NoError(t, write(&out))
		require.NotContains(t, out.String(), secret, name)
	}
	options.Cookies = []string{"blue; Domain=example.org"}
	_, err = URL(t.Context(), server.URL, options)
	require.ErrorContains(t, err, "--cookie")
	require.True(t, IsInvalid(err))
}

func TestNoMoreRequestsThanTheRate(t *testing.T) {
	t.Parallel()
	server := serve(t, allowing(func(string) bool { return true }))
	options := urlOptions("https://app.example.com")
	options.Rate = 50
	began := time.Now()
	result, err := URL(t.Context(), server.URL, options)
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(began), time.Duration(result.Policies[0].Requests-1)*20*time.Millisecond)
}

func TestAServerThatCannotBeReachedIsAnErrorWithAdvice(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	hanging := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	closing := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for address, expected := range map[string]string{
		gone.URL:                  "nothing listens there",
		hanging.URL:               "no answer within",
		closing.URL:               "does not answer as an HTTP server does",
		"http://nowhere.invalid/": "check the spelling of the host",
	} {
		options := urlOptions()
		options.Timeout = 300 * time.Millisecond
		_, err := URL(t.Context(), address, options)
		var unreachable *explain.Unreachable
		require.ErrorAs(t, err, &unreachable, address)
		require.ErrorContains(t, err, expected)
	}
	for _, address := range []string{"ftp://example.com/", "https://", "https://a b/"} {
		_, err := URL(t.Context(), address, urlOptions())
		require.True(t, IsInvalid(err), address)
	}
	_, err := URL(t.Context(), gone.URL, urlOptions("app.example.com"))
	require.True(t, IsInvalid(err))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = URL(ctx, hanging.URL, urlOptions())
	require.ErrorIs(t, err, context.Canceled)
}

// A server that closes the connection on OPTIONS answers so.
func TestAPreflightThatIsCutOffIsAnAnswer(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			panic(http.ErrAbortHandler)
		}
		allowing(exactly("https://app.example.com"), sound...)(w, r)
	})
	result, err := URL(t.Context(), server.URL, urlOptions("https://app.example.com"))
	require.NoError(t, err)
	require.Equal(t, []string{"medium preflight-fails"}, found(result))
}

func writers(result Result) map[string]func(*bytes.Buffer) error {
	return map[string]func(*bytes.Buffer) error{
		"audit.txt":   func(out *bytes.Buffer) error { return WriteText(out, result) },
		"audit.json":  func(out *bytes.Buffer) error { return WriteJSON(out, result) },
		"audit.sarif": func(out *bytes.Buffer) error { return WriteSARIF(out, result, "v0.1.0") },
	}
}

// sample has a policy of each kind, and one that is skipped.
func sample(t testing.TB) Result {
	text := ingress("orders", "enable-cors", "true", "cors-allow-origin", "https://app.example.com, https://*.example.org, null", "auth-url", "https://auth.example.com/check") +
		"---\n" + ingress("public", "enable-cors", "true", "cors-allow-origin", "https://app.example.com/", "backend-protocol", "HTTPS") +
		"---\n" + strings.Replace(ingress("other"), "ingressClassName: nginx", "ingressClassName: traefik", 1)
	return auditManifest(t, text, ingressnginx.V1_15_1)
}

func TestTheWritersWriteWhatTheGoldenFilesHold(t *testing.T) {
	for file, write := range writers(sample(t)) {
		var out bytes.Buffer
		require.NoError(t, write(&out))
		path := filepath.Join("testdata", file)
		if *update {
			require.NoError(t, os.WriteFile(path, out.Bytes(), 0o644))
		}
		golden, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(golden), out.String(), "if the change is meant: go test ./harness/audit -update")
	}
}

// The schema is the one that OASIS has published.
func TestSARIFIsWhatItsSchemaSays(t *testing.T) {
	t.Parallel()
	compiler := jsonschema.NewCompiler()
	schema, err := compiler.Compile("testdata/sarif-schema-2.1.0.json")
	require.NoError(t, err)
	for name, result := range map[string]Result{"findings": sample(t), "none": {Schema: Schema}} {
		var out bytes.Buffer
		require.NoError(t, WriteSARIF(&out, result, "v0.1.0"))
		written, err := jsonschema.UnmarshalJSON(&out)
		require.NoError(t, err)
		require.NoError(t, schema.Validate(written), name)
	}
}

// GitHub's code scanning takes each result by its rule, place and fingerprint.
func TestEverySARIFResultHasARuleAPlaceAndAFingerprint(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, WriteSARIF(&out, sample(t), "v0.1.0"))
	var log sarifLog
	require.NoError(t, json.Unmarshal(out.Bytes(), &log))
	run := log.Runs[0]
	require.Greater(t, len(run.Results), 8)
	prints := map[string]bool{}
	for _, result := range run.Results {
		require.Equal(t, result.RuleID, run.Tool.Driver.Rules[result.RuleIndex].ID)
		require.Positive(t, result.Locations[0].PhysicalLocation.Region.StartLine)
		prints[result.PartialFingerprints["crosscheck/v1"]] = true
	}
	require.Len(t, prints, len(run.Results))
}

func TestEveryRuleIsOfUse(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for _, rule := range Rules() {
		require.NotEmpty(t, rule.Title)
		require.NotEmpty(t, rule.Text)
		require.Positive(t, rule.Severity.rank(), rule.ID)
		require.True(t, strings.HasPrefix(rule.URL, "https://"), rule.ID)
		require.False(t, ids[rule.ID], rule.ID)
		ids[rule.ID] = true
	}
}

// The goal: an Ingress in less than 1 s.
func BenchmarkIngress(b *testing.B) {
	text := ingress("orders", "enable-cors", "true", "cors-allow-origin", "https://app.example.com, https://admin.example.com, https://*.example.org, null", "auth-url", "https://auth.example.com/check")
	b.ReportAllocs()
	for b.Loop() {
		auditManifest(b, text, ingressnginx.V1_15_1)
	}
}
