package nearest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/nearest"
)

func TestTheNearestIsTheOneSpelledMostAlike(t *testing.T) {
	t.Parallel()
	fields := []string{"ca", "hosts", "rate", "retries", "secrets"}
	for text, want := range map[string]string{"hots": "hosts", "Rate": "rate", "retry": "retries", "secret": "secrets", "CA": "ca"} {
		require.Equal(t, want, nearest.To(text, fields), text)
	}
	require.Empty(t, nearest.To("x", nil))
	require.Equal(t, []int{1, 0}, nearest.Rank("abd", []string{"xyz", "abc"}))
}
