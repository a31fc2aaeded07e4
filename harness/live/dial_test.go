package live_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/live"
	"github.com/crosscheck-dev/crosscheck/harness/simulated"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// corporateProxy leads every CONNECT with the right password to the place, and notes what for.
func corporateProxy(t *testing.T, place string) (through *url.URL, asked *[]string) {
	t.Helper()
	asked = &[]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user := &http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
		if _, password, _ := user.BasicAuth(); r.Method != http.MethodConnect || password != "secret" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		*asked = append(*asked, r.Host)
		server, err := net.Dial("tcp", place)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer server.Close()
		w.WriteHeader(http.StatusOK)
		client, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer client.Close()
		go func() { _, _ = io.Copy(server, buffered) }()
		_, _ = io.Copy(client, server)
	}))
	t.Cleanup(server.Close)
	through, err := url.Parse(server.URL)
	require.NoError(t, err)
	through.User = url.UserPassword("ada", "secret")
	return through, asked
}

func TestAProxyLeadsToHostsThatHaveNoPlaceOfTheirOwn(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	c := newCompany(t)
	tomorrow := time.Now().Add(24 * time.Hour)
	through, asked := corporateProxy(t, c.server(t, "api.example.com", tomorrow))
	proxy := func(*url.URL) (*url.URL, error) { return through, nil }
	options := live.Options{Authority: authority, Roots: c.roots(), Proxy: proxy, Hosts: live.Hosts{"near.example.com": c.server(t, "near.example.com", tomorrow)}}
	browser := simulated.New(simulator.Chromium, "simulator", authority.Pool())
	for _, host := range []string{"api.example.com", "near.example.com"} {
		outcome, err := ask(t, live.New(options), browser, "https://app.example.com", "https://"+host+"/x")
		require.NoError(t, err)
		require.Equal(t, "HTTP/2.0 "+host, string(outcome.Body))
	}
	require.Equal(t, []string{"api.example.com:443"}, *asked)

	through.User = url.UserPassword("ada", "wrong")
	_, err = ask(t, live.New(options), browser, "https://app.example.com", "https://api.example.com/x")
	var unreachable *harness.Unreachable
	require.ErrorAs(t, err, &unreachable)
	require.Contains(t, unreachable.Error(), "it answers 407 Proxy Authentication Required to CONNECT api.example.com:443: correct HTTPS_PROXY")
	require.NotContains(t, unreachable.Error(), "wrong")
}
