package main

import (
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/explain"
)

// explainedAPI is an API on loopback that lets https://app.example.com read,
// and the arguments that lead to it as https://example.com, a name that its certificate has.
func explainedAPI(t *testing.T) []string {
	t.Helper()
	over := make(chan struct{})
	api := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example.com")
		if r.URL.Path == "/hang" {
			<-over
		}
	}))
	t.Cleanup(api.Close)
	t.Cleanup(func() { close(over) })
	file := t.TempDir() + "/ca.pem"
	content := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: api.Certificate().Raw})
	require.NoError(t, os.WriteFile(file, content, 0o600))
	return []string{"--resolve", "example.com:443:" + api.Listener.Addr().String(), "--cacert", file}
}

func TestExplainEndsWithTheRightExitCode(t *testing.T) {
	const url, app = "https://example.com/", "https://app.example.com"
	for name, test := range map[string]struct {
		arguments []string
		code      int
		output    string
	}{
		"the page can read":           {[]string{"GET", url, "--origin", app}, 0, "A page at https://app.example.com can read the response: 200"},
		"an opaque response":          {[]string{"GET", url, "--origin", "https://a.test", "--mode", "no-cors"}, 0, "opaque response"},
		"a foreign page":              {[]string{"GET", url, "--origin", "https://shop.example.org"}, exitFailed, "The browser blocks the response: AllowOriginMismatch [https://app.example.com]"},
		"an opaque origin":            {[]string{"GET", url, "--origin", "null"}, exitFailed, "> Origin: null"},
		"a page's default port":       {[]string{"GET", url, "--origin", "HTTPS://APP.example.com:443"}, 0, "A page at https://app.example.com can"},
		"a forbidden method":          {[]string{"TRACE", url, "--origin", app}, exitFailed, "throws before anything is sent"},
		"a preflight that is refused": {[]string{"DELETE", url, "--origin", app, "--profile", "standard"}, exitFailed, "MethodDisallowedByPreflightResponse [DELETE]"},
		"no time":                     {[]string{"GET", url + "hang", "--origin", app, "--timeout", "50ms"}, exitEnvironment, "no answer within 50ms"},
		"no host":                     {[]string{"GET", "https://nowhere.invalid/", "--origin", app}, exitEnvironment, "check the spelling of the host"},
		"no URL":                      {[]string{"GET", "--origin", app}, exitUsage, "accepts 2 arg(s), received 1"},
		"a URL without a scheme":      {[]string{"GET", "example.com/x", "--origin", app}, exitUsage, `URL: "example.com/x" has no scheme`},
		"a URL of another scheme":     {[]string{"GET", "ftp://example.com/", "--origin", app}, exitUsage, "scheme ftp"},
		"a URL with a bad port":       {[]string{"GET", "https://example.com:x/", "--origin", app}, exitUsage, "cannot be parsed"},
		"a method that is none":       {[]string{"GE T", url, "--origin", app}, exitUsage, `METHOD: "GE T" is no method`},
		"no origin":                   {[]string{"GET", url}, exitUsage, "--origin: it is missing"},
		"an origin with a path":       {[]string{"GET", url, "--origin", app + "/"}, exitUsage, "write https://app.example.com"},
		"an origin without a scheme":  {[]string{"GET", url, "--origin", "app.example.com"}, exitUsage, "has no scheme"},
		"a header without a colon":    {[]string{"GET", url, "--origin", app, "-H", "X-A"}, exitUsage, `-H: "X-A" has no colon`},
		"a header name with a space":  {[]string{"GET", url, "--origin", app, "-H", "X A: b"}, exitUsage, "is no header name"},
		"a header value with a line":  {[]string{"GET", url, "--origin", app, "-H", "X-A: b\nc"}, exitUsage, "control character"},
		"unknown credentials":         {[]string{"GET", url, "--origin", app, "--credentials", "yes"}, exitUsage, `--credentials: there is no "yes"`},
		"an unknown mode":             {[]string{"GET", url, "--origin", app, "--mode", "navigate"}, exitUsage, `--mode: there is no "navigate"`},
		"an unknown redirect mode":    {[]string{"GET", url, "--origin", app, "--redirect", "maybe"}, exitUsage, `--redirect: there is no "maybe"`},
		"an unknown profile":          {[]string{"GET", url, "--origin", app, "--profile", "netscape"}, exitUsage, `--profile: there is no "netscape"`},
		"a cookie without a name":     {[]string{"GET", url, "--origin", app, "--cookie", "blue"}, exitUsage, "not name=value"},
		"a cookie of another domain":  {[]string{"GET", url, "--origin", app, "--cookie", "a=b; Domain=example.org"}, exitUsage, "Domain does not cover the host"},
		"a body that is not text":     {[]string{"POST", url, "--origin", app, "-d", "\xff"}, exitUsage, "not UTF-8"},
		"no timeout":                  {[]string{"GET", url, "--origin", app, "--timeout", "0s"}, exitUsage, "--timeout: 0s"},
		"a resolution without a port": {[]string{"GET", url, "--origin", app, "--resolve", "example.com:127.0.0.1"}, exitUsage, "is not host:port:address"},
		"a resolution to a name":      {[]string{"GET", url, "--origin", app, "--resolve", "example.com:443:localhost"}, exitUsage, "IP address"},
		"a CA file that is not there": {[]string{"GET", url, "--origin", app, "--cacert", "nowhere.pem"}, exitUsage, "nowhere.pem"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			arguments := append([]string{"explain"}, test.arguments...)
			if !strings.Contains(name, "CA file") {
				arguments = append(arguments, explainedAPI(t)...)
			}
			command, output := crosscheck(t, arguments...)
			require.Equal(t, test.code, exitCode(t, command), output)
			require.Contains(t, output.String(), test.output)
		})
	}
}

func TestExplainWritesOneJSONObject(t *testing.T) {
	arguments := append([]string{"explain", "GET", "https://example.com/", "--origin", "https://shop.example.org", "--json"}, explainedAPI(t)...)
	command, output := crosscheck(t, arguments...)
	require.Equal(t, exitFailed, exitCode(t, command), output)
	var explanation explain.Explanation
	require.NoError(t, json.Unmarshal(output.Bytes(), &explanation), output)
	require.Equal(t, explain.Schema, explanation.Schema)
	require.Equal(t, "https://shop.example.org", explanation.Page.Origin)
	require.Len(t, explanation.Curl, 1)
	require.NotEmpty(t, explanation.Advice)
}
