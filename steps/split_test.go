package steps

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// loadsOf gives what each part of a split costs.
func loadsOf(parts map[string]int, count int, costs map[string]int64) []int64 {
	loads := make([]int64, count)
	for id, part := range parts {
		loads[part-1] += costs[id] + 1
	}
	return loads
}

func TestASplitIsWholeStableAndEven(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(1, 9).Draw(t, "count")
		costs := map[string]int64{}
		var ids []string
		total, longest := int64(0), int64(0)
		for i, cost := range rapid.SliceOfN(rapid.Int64Range(0, 10_000), 0, 60).Draw(t, "costs") {
			id := fmt.Sprintf("f.feature:%d", i)
			ids, costs[id] = append(ids, id), cost
			total, longest = total+cost+1, max(longest, cost+1)
		}
		parts := split(ids, count, costs)
		require.Len(t, parts, len(ids))
		for _, part := range parts {
			require.True(t, part >= 1 && part <= count)
		}
		slices.Reverse(ids)
		require.Equal(t, parts, split(ids, count, costs), "whatever the order of the files")
		for _, load := range loadsOf(parts, count, costs) {
			require.LessOrEqual(t, load, total/int64(count)+longest)
		}
	})
}

func TestASplitByCostsIsEven(t *testing.T) {
	t.Parallel()
	costs := map[string]int64{"slow": 8999, "a": 2999, "b": 2999, "c": 2999, "new": -1}
	delete(costs, "new")
	ids := []string{"a", "b", "c", "new", "slow"}
	parts := split(ids, 2, costs)
	require.Equal(t, map[string]int{"slow": 1, "new": 2, "a": 2, "b": 2, "c": 1}, parts, "what is not known costs the average, 4500")
	require.Equal(t, map[string]int{"a": 1, "b": 2, "c": 1, "new": 2, "slow": 1}, split(ids, 2, nil), "nothing is known")
}
