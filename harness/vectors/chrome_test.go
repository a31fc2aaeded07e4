package vectors_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// verdict is what came of a vector in the vectors' own word for it.
func verdict(result vectors.Result) string {
	if result.Pass {
		return "pass"
	}
	return "fail"
}

// seen are the mismatches, without what the version of a browser decides.
func seen(result vectors.Result) []vectors.Mismatch {
	mismatches := slices.Clone(result.Mismatches)
	for i := range mismatches {
		if strings.HasSuffix(mismatches[i].Field, ".user-agent") {
			mismatches[i].Got = "its own"
		}
	}
	return mismatches
}

// TestTheOwnVectorsInChrome: a real Chrome does what the vectors say it was seen
// to do, and where that is not what the standard says, it does what the simulator's
// Chromium profile does.
func TestTheOwnVectorsInChrome(t *testing.T) {
	authority, browser := launch(t)
	list, err := vectors.Load("../../fixtures/vectors")
	require.NoError(t, err)
	t.Run("vectors", func(t *testing.T) {
		for _, vector := range list {
			t.Run(vector.ID, func(t *testing.T) {
				t.Parallel()
				result, err := vectors.RunIn(t.Context(), browser, authority, vector)
				require.NoError(t, err)
				require.Empty(t, result.Skipped)
				require.Equal(t, vector.ChromeKnown, verdict(result), "%+v", result.Mismatches)
				predicted := vectors.Simulate(t.Context(), simulator.Chromium, vector)
				require.Equal(t, seen(predicted), seen(result))
			})
		}
	})
}

// TestWhatChromeCannotExpressIsSkipped: it is neither a pass nor a failure.
func TestWhatChromeCannotExpressIsSkipped(t *testing.T) {
	authority, browser := launch(t)
	for _, page := range []string{"about:blank", "ftp://app.example.com/", "https://u:p@app.example.com/"} {
		list, err := vectors.Parse("f.jsonl", []byte(strings.Replace(good, "https://app.example.com/", page, 1)))
		require.NoError(t, err)
		result, err := vectors.RunIn(t.Context(), browser, authority, list[0])
		require.NoError(t, err)
		require.Contains(t, result.Skipped, "the browser chrome cannot open a page at "+strconv.Quote(page))
		require.False(t, result.Pass)
		require.Empty(t, result.Mismatches)
	}
}

// launch starts Chrome for a test.
func launch(t *testing.T) (*ca.Authority, *chrome.Browser) {
	t.Helper()
	authority, err := ca.New()
	require.NoError(t, err)
	path, err := chrome.Find(t.Context(), os.Getenv("CHROME"))
	require.NoError(t, err)
	browser, err := chrome.Launch(t.Context(), chrome.Options{ExecPath: path, Authority: authority})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, browser.Close()) })
	return authority, browser
}
