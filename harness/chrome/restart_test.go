package chrome_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// launch starts a Chrome of the test's own.
func launch(ctx context.Context, t *testing.T) *chrome.Browser {
	t.Helper()
	own, err := chrome.Launch(ctx, options())
	require.NoError(t, err)
	return own
}

// processesOf lists the processes that have the profile in their command line.
func processesOf(t *testing.T, profile string) []int {
	t.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	var processes []int
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), profile) {
			process, err := strconv.Atoi(strings.Split(path, "/")[2])
			require.NoError(t, err)
			processes = append(processes, process)
		}
	}
	return processes
}

// requireNothingLeft holds that nothing of a Chrome is there any more.
func requireNothingLeft(t *testing.T, profile string) {
	t.Helper()
	require.Empty(t, processesOf(t, profile))
	require.NoDirExists(t, profile)
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	own := launch(t.Context(), t)
	profile := own.Profile()
	require.NotEmpty(t, processesOf(t, profile))
	require.DirExists(t, profile)
	require.NoError(t, own.Close())
	requireNothingLeft(t, profile)
	_, err := own.NewSession(t.Context(), deploy(t))
	require.Error(t, err)
}

func TestTheEndOfTheContextLeavesNothingBehind(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	own := launch(ctx, t)
	profile := own.Profile()
	s, err := own.NewSession(t.Context(), deploy(t).serve("api.example.com:443", allowing(answer(200))))
	require.NoError(t, err)
	require.Equal(t, simulator.KindReadable, fetch(t, s, simulator.Request{URL: api}).Kind)
	cancel()
	_, err = s.Fetch(t.Context(), simulator.PageSpec{URL: app}, simulator.Request{URL: api})
	require.Error(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, own.Close())
	requireNothingLeft(t, profile)
}

func TestAProgramThatIsNoChromeIsAnError(t *testing.T) {
	folder := programsOnPath(t, map[string]string{"chrome": "echo this is no browser; exit 1"})
	_, err := chrome.Launch(t.Context(), chrome.Options{ExecPath: filepath.Join(folder, "chrome"), Authority: authority})
	require.ErrorContains(t, err, "this is no browser")
}

func TestADeadChromeIsRestartedAndTheFirstRequestRepeated(t *testing.T) {
	own := launch(t.Context(), t)
	defer func() { require.NoError(t, own.Close()) }()
	network := deploy(t).serve("api.example.com:443", allowing(answer(200)))
	s, err := own.NewSession(t.Context(), network)
	require.NoError(t, err)
	dead := own.Profile()
	for _, process := range processesOf(t, dead) {
		_ = syscall.Kill(process, syscall.SIGKILL)
	}
	require.Equal(t, simulator.KindReadable, fetch(t, s, simulator.Request{URL: api, Method: "PUT"}).Kind)
	require.Equal(t, 1, s.Restarts())
	require.NoError(t, s.Close())
	requireNothingLeft(t, dead)
}

func TestAChromeThatDiesInTheMiddleOfASessionIsATypedError(t *testing.T) {
	own := launch(t.Context(), t)
	defer func() { require.NoError(t, own.Close()) }()
	reached := make(chan struct{})
	network := deploy(t).serve("api.example.com:443", allowing(answer(200))).
		serve("api.partner.net:443", hang(reached))
	s, err := own.NewSession(t.Context(), network)
	require.NoError(t, err)
	require.Equal(t, simulator.KindReadable, fetch(t, s, simulator.Request{URL: api}).Kind)
	go func() {
		<-reached
		for _, process := range processesOf(t, own.Profile()) {
			_ = syscall.Kill(process, syscall.SIGKILL)
		}
	}()
	_, err = s.Fetch(t.Context(), simulator.PageSpec{URL: app}, simulator.Request{URL: other})
	var died *harness.BrowserDied
	require.ErrorAs(t, err, &died)
	require.Equal(t, "chrome", died.Browser)
	require.Equal(t, 1, s.Restarts())
	require.NoError(t, s.Close())

	// The browser gives new sessions.
	again, err := own.NewSession(t.Context(), network)
	require.NoError(t, err)
	require.Equal(t, simulator.KindReadable, fetch(t, again, simulator.Request{URL: api}).Kind)
	require.NoError(t, again.Close())
}

func TestAChromeThatHangsIsRestarted(t *testing.T) {
	own := launch(t.Context(), t)
	defer func() { require.NoError(t, own.Close()) }()
	s, err := own.NewSession(t.Context(), deploy(t).serve("api.example.com:443", allowing(answer(200))))
	require.NoError(t, err)
	for _, process := range processesOf(t, own.Profile()) {
		_ = syscall.Kill(process, syscall.SIGSTOP)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	outcome, err := s.Fetch(ctx, simulator.PageSpec{URL: app}, simulator.Request{URL: api})
	require.NoError(t, err)
	require.Equal(t, simulator.KindReadable, outcome.Kind)
	require.Equal(t, 1, s.Restarts())
	require.NoError(t, s.Close())
}

// TestAChangedNetworkIsNoOutcome: Chrome ends its connections then, which nobody asked for.
func TestAChangedNetworkIsNoOutcome(t *testing.T) {
	require.True(t, chrome.Interrupted("net::ERR_NETWORK_CHANGED"))
	require.False(t, chrome.Interrupted("net::ERR_CONNECTION_RESET"))
}
