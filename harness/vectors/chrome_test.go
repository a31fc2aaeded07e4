package vectors_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
)

// TestTheOwnVectorsInChrome: a real Chrome does what the vectors say it was seen to do.
func TestTheOwnVectorsInChrome(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	path, err := chrome.Find(t.Context(), os.Getenv("CHROME"))
	require.NoError(t, err)
	browser, err := chrome.Launch(t.Context(), chrome.Options{ExecPath: path, Authority: authority})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, browser.Close()) })
	list, err := vectors.Load("../../fixtures/vectors")
	require.NoError(t, err)
	t.Run("vectors", func(t *testing.T) {
		for _, vector := range list {
			t.Run(vector.ID, func(t *testing.T) {
				if vector.ChromeKnown == "" {
					t.Skip("not measured: the session does not tell what the vector asks")
				}
				t.Parallel()
				result, err := vectors.RunIn(t.Context(), browser, authority, vector)
				require.NoError(t, err)
				require.Equal(t, vector.ChromeKnown != "fail", result.Pass, "%+v", result.Mismatches)
			})
		}
	})
}
