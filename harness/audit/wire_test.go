package audit

import (
	"bytes"
	"context"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/explain"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

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

// A page with TLS may not ask an http URL at all, so it is pages without that are tried.
func TestAnHTTPURLIsAskedByPagesWithoutTLS(t *testing.T) {
	t.Parallel()
	server := serve(t, allowing(func(string) bool { return true }, sound...))
	resolution, err := explain.ParseResolution("api.example.com:80:" + server.Listener.Addr().String())
	require.NoError(t, err)
	options := urlOptions("https://app.example.com")
	options.Resolutions = []explain.Resolution{resolution}
	result, err := URL(t.Context(), "http://api.example.com/", options)
	require.NoError(t, err)
	require.Equal(t, []string{"high any-origin-with-credentials", "medium declared-origin-refused"}, found(result))
	require.Contains(t, result.Policies[0].Findings[1].Message, "MixedContent")
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
	for _, address := range []string{"ftp://example.com/", "https://", "https://a b/", "https://ada:secret@example.com/", "http://127.0.0.1:22/"} {
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
