package fuzz_test

import (
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/harness/fuzz"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// launch starts a Chrome, and makes a judge of it.
func launch(t *testing.T) (*chrome.Browser, *fuzz.Browser) {
	t.Helper()
	authority, err := ca.New()
	require.NoError(t, err)
	path, err := chrome.Find(t.Context(), os.Getenv("CHROME"))
	require.NoError(t, err)
	browser, err := chrome.Launch(t.Context(), chrome.Options{ExecPath: path, Authority: authority, Sessions: 2})
	require.NoError(t, err)
	judge := fuzz.NewBrowser(browser, authority)
	t.Cleanup(func() { require.NoError(t, errors.Join(judge.Close(), browser.Close())) })
	return browser, judge
}

// TestChromeAgreesAndIsFoundToDifferFromAWrongPrediction: the comparison can fail.
func TestChromeAgreesAndIsFoundToDifferFromAWrongPrediction(t *testing.T) {
	browser, judge := launch(t)
	options := fuzz.Options{Cases: 300, Sessions: 2, ReportFolder: t.TempDir(), Browser: browser.Version(), State: fuzz.State{Seed: 11}}
	state, err := fuzz.Run(t.Context(), options, chromium, judge)
	require.NoError(t, err)
	require.Equal(t, 300, state.Cases())
	require.Zero(t, state.Disagreements)

	// Two rules of Chromium's are left out.
	wrong := simulator.Chromium
	wrong.WildcardCoversAuthorization, wrong.SafelistsClientHints = false, false
	options.Cases, options.ReportFolder = 400, t.TempDir()
	state, err = fuzz.Run(t.Context(), options, fuzz.Simulator{Profile: wrong}, judge)
	require.NoError(t, err)
	require.NotZero(t, state.Disagreements)
}
