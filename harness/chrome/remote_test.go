package chrome_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// startChrome starts a Chrome as somebody else would, and gives its DevTools address.
func startChrome(t *testing.T, flags ...string) string {
	t.Helper()
	path, err := chrome.Find(t.Context(), os.Getenv("CHROME"))
	require.NoError(t, err)
	profile, err := os.MkdirTemp("", "crosscheck-remote-")
	require.NoError(t, err)
	flags = append(flags, "--remote-debugging-port=0", "--user-data-dir="+profile)
	if os.Geteuid() == 0 {
		flags = append(flags, "--no-sandbox")
	}
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, path, flags...)
	chrome.OwnProcessGroup(command)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		cancel()
		_ = command.Wait() // it was killed
		require.Eventually(t, func() bool { return os.RemoveAll(profile) == nil }, 5*time.Second, 20*time.Millisecond)
	})
	var port string
	require.Eventually(t, func() bool {
		// Chrome writes the port that it found, and a path.
		content, err := os.ReadFile(filepath.Join(profile, "DevToolsActivePort"))
		port, _, _ = strings.Cut(string(content), "\n")
		return err == nil && port != ""
	}, 30*time.Second, 10*time.Millisecond)
	return "http://127.0.0.1:" + port
}

func lastingAuthority(t *testing.T) *ca.Authority {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	_, err := ca.Create(path)
	require.NoError(t, err)
	authority, err := ca.Open(path)
	require.NoError(t, err)
	return authority
}

// targets are what is open in a Chrome.
func targets(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get(address + "/json/list")
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}

func TestSessionsAreSharedOutAmongRemoteChromes(t *testing.T) {
	t.Parallel()
	authority := lastingAuthority(t)
	flags := chrome.RemoteFlags(authority)
	addresses := []string{startChrome(t, flags...), startChrome(t, flags...)}
	before := targets(t, addresses[0])
	browser, err := chrome.Launch(t.Context(), chrome.Options{Remote: addresses, Authority: authority, Sessions: 1})
	require.NoError(t, err)
	require.Regexp(t, `^Chromium \d+\.`, browser.Version())

	network := deploy(t)
	network.serve("api.partner.net:443", answer(200, "Access-Control-Allow-Origin", app))
	network.authority = authority
	network.serve("api.example.com:443", answer(200, "Access-Control-Allow-Origin", app))
	opened := map[string]int{}
	for range 2 {
		s, err := browser.NewSession(t.Context(), network)
		require.NoError(t, err)
		defer s.Close()
		outcome, err := s.Fetch(t.Context(), simulator.PageSpec{URL: app}, simulator.Request{Method: "PUT", URL: api + "/x"})
		require.NoError(t, err)
		require.Equal(t, simulator.MethodDisallowedByPreflightResponse, outcome.Reason.Code, "TLS is trusted, and the reason told")
		outcome, err = s.Fetch(t.Context(), simulator.PageSpec{URL: app}, simulator.Request{URL: other + "/x"})
		require.NoError(t, err)
		require.Equal(t, simulator.ConnectionFailed, outcome.Reason.Code, "a certificate of another authority")
		for _, address := range addresses {
			if strings.Contains(targets(t, address), app) {
				opened[address]++
			}
		}
	}
	require.Len(t, opened, 2, "each Chrome had a session")
	require.NoError(t, browser.Close())
	require.Eventually(t, func() bool { return len(targets(t, addresses[0])) == len(before) }, 10*time.Second, 10*time.Millisecond,
		"the Chrome runs on, as it was")
}

func TestAChromeThatWouldDoOtherwiseIsRefused(t *testing.T) {
	t.Parallel()
	authority := lastingAuthority(t)
	fit := chrome.RemoteFlags(authority)
	without := func(name string) []string {
		var left []string
		for _, flag := range fit {
			if !strings.HasPrefix(flag, "--"+name) {
				left = append(left, flag)
			}
		}
		require.Len(t, left, len(fit)-1)
		return left
	}
	for want, flags := range map[string][]string{
		"does not tell its command line":                                    without("enable-automation"),
		"was started without --ignore-certificate-errors-spki-list=":        without("ignore-certificate-errors-spki-list"),
		"--disable-site-isolation-trials: start it with what":               without("disable-site-isolation-trials"),
		"was started without --disable-features=LocalNetworkAccessChecks,H": append(without("disable-features"), "--disable-features=HttpsUpgrades"),
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			address := startChrome(t, flags...)
			_, err := chrome.Launch(t.Context(), chrome.Options{Remote: []string{address}, Authority: authority})
			require.ErrorContains(t, err, want)
			require.ErrorContains(t, err, address)
			require.ErrorAs(t, err, new(*chrome.RemoteUnfit))
		})
	}
}

func TestAChromeThatDoesNotReachUsIsRefused(t *testing.T) {
	t.Parallel()
	authority := lastingAuthority(t)
	// Its rules lead the proxy's address astray, as another machine's network would.
	address := startChrome(t, append(chrome.RemoteFlags(authority), "--host-resolver-rules=MAP * ^NOTFOUND")...)
	_, err := chrome.Launch(t.Context(), chrome.Options{Remote: []string{address}, Authority: authority})
	require.ErrorContains(t, err, "does not reach this machine at 127.0.0.1")
	require.ErrorContains(t, err, "--proxy-address")
}

func TestAddressesThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	authority := lastingAuthority(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	nobody := fmt.Sprintf("http://%s", listener.Addr())
	require.NoError(t, listener.Close())
	for want, remotes := range map[string][]string{
		`"10.0.0.7:9222" is no address of a Chrome`:   {"10.0.0.7:9222"},
		`"http://10.0.0.7" is no address of a Chrome`: {"http://10.0.0.7"},
		"is named twice":                        {"http://127.0.0.1:9", "http://127.0.0.1:9"},
		"is not on this machine: name an addre": {"http://10.0.0.7:9222"},
		nobody:                                  {nobody},
	} {
		_, err := chrome.Launch(t.Context(), chrome.Options{Remote: remotes, Authority: authority})
		require.ErrorContains(t, err, want)
	}
}
