package fuzz

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTheStateKnowsWhatIsDoneInWhateverOrderItCame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const cases = 60
		var state State
		done := map[uint64]bool{}
		for range rapid.IntRange(0, 12).Draw(t, "batches") {
			from := rapid.Uint64Range(0, cases-1).Draw(t, "from")
			to := rapid.Uint64Range(from+1, cases).Draw(t, "to")
			state.add(from, to)
			for i := from; i < to; i++ {
				done[i] = true
			}
		}
		require.Equal(t, len(done), state.Cases())
		for i := range uint64(cases) {
			require.Equal(t, done[i], state.isDone(i))
		}
		for i := 1; i < len(state.Done); i++ {
			require.Less(t, state.Done[i-1][1], state.Done[i][0], "ranges that touch are one")
		}
	})
}

func TestAStateThatCannotBeReadSaysWhereItIs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	_, found, err := LoadState(folder)
	require.NoError(t, err)
	require.False(t, found)
	require.NoError(t, os.WriteFile(filepath.Join(folder, StateFile), []byte("{"), 0o600))
	_, _, err = LoadState(folder)
	require.ErrorContains(t, err, StateFile)
	require.ErrorContains(t, err, "without --resume")
}
