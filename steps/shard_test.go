package steps_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/steps"
)

func TestTheShardsOfARunAreTheRun(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"f/a.feature": {Data: []byte(`Feature: A
  Scenario Outline: One
    Given a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/<n>"
    Then the page can read the response
    Examples:
      | n |
      | 1 |
      | 2 |
      | 3 |
  Scenario: Two
    Given nothing that is known
`)},
		"f/b.feature": {Data: []byte("Scenario: no feature\n")},
	}
	read := func() *steps.Plan {
		plan, err := steps.Read(steps.Selection{Files: files, Paths: []string{"f"}, Seed: -1, Concurrency: 2})
		require.NoError(t, err)
		return plan
	}
	suite := &steps.Suite{Environment: &fakeEnvironment{}}
	whole := suite.Run(t.Context(), read(), nil)
	require.GreaterOrEqual(t, len(whole), 5)
	const count = 7
	var ids []string
	for index := 1; index <= count; index++ {
		plan := read()
		shard := plan.Shard(index, count, nil)
		require.Equal(t, &report.Shard{Index: index, Of: count, Scenarios: len(whole), Selection: shard.Selection}, shard)
		announced := 0
		results := suite.Run(t.Context(), plan, func(report.Scenario) { announced++ })
		require.Len(t, results, plan.Scenarios(), "a shard may be empty")
		require.Equal(t, len(results), announced)
		for _, result := range results {
			i := slices.IndexFunc(whole, func(s report.Scenario) bool { return s.ID == result.ID })
			require.GreaterOrEqual(t, i, 0, result.ID)
			require.Equal(t, whole[i].Verdict, result.Verdict)
			ids = append(ids, result.ID)
		}
	}
	var all []string
	for _, s := range whole {
		all = append(all, s.ID)
	}
	require.ElementsMatch(t, all, ids)
}
