package report

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shards splits the sample, with its scenarios in turns.
func shards(count int) []Part {
	whole := sampleReport()
	var ids []string
	for _, s := range whole.Scenarios {
		ids = append(ids, s.ID)
	}
	parts := make([]Part, count)
	for i := range parts {
		parts[i] = Part{Path: fmt.Sprintf("%d.json", i+1), Report: sampleReport()}
		parts[i].Scenarios = nil
		parts[i].Shard = &Shard{Index: i + 1, Of: count, Scenarios: len(ids), Selection: SelectionDigest(ids)}
		parts[i].Started = whole.Started.Add(time.Duration(i) * time.Second)
	}
	for i, s := range whole.Scenarios {
		part := &parts[i%count]
		part.Scenarios = append(part.Scenarios, s)
	}
	for i := range parts {
		parts[i].Summarize(time.Duration(10-i) * time.Second)
	}
	return parts
}

func TestMergedShardsAreTheWholeRun(t *testing.T) {
	parts := shards(3)
	parts[0], parts[2] = parts[2], parts[0]
	delete(parts[1].Environment.Versions, "go")
	merged, err := Merge(parts)
	require.NoError(t, err)
	whole := sampleReport()
	require.ElementsMatch(t, whole.Scenarios, merged.Scenarios)
	require.Equal(t, whole.Environment, merged.Environment)
	require.Equal(t, whole.Started, merged.Started)
	require.Nil(t, merged.Shard)
	whole.Summarize(10 * time.Second)
	require.Equal(t, whole.Summary, merged.Summary, "from the first start to the last end")
	for i := 1; i < len(merged.Scenarios); i++ {
		require.LessOrEqual(t, merged.Scenarios[i-1].File, merged.Scenarios[i].File)
	}
	require.Len(t, parts[0].Scenarios, 2, "the parts are as they were")
}

func TestRowsOfAnOutlineComeTogetherAgainInTheirOrder(t *testing.T) {
	row := func(id string) Scenario { return Scenario{ID: "f:x" + id, File: "f", Line: 3} }
	merged, err := Merge([]Part{
		{Path: "a", Report: Report{Scenarios: []Scenario{row("#10"), row("")}}},
		{Path: "b", Report: Report{Scenarios: []Scenario{row("#2"), {ID: "f:early", File: "f", Line: 1}}}},
	})
	require.NoError(t, err)
	var ids []string
	for _, s := range merged.Scenarios {
		ids = append(ids, s.ID)
	}
	require.Equal(t, []string{"f:early", "f:x", "f:x#2", "f:x#10"}, ids)
}

func TestReportsThatAreNotOfOneRunAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(parts []Part) []Part
		want  string
	}{
		"none":                   {func([]Part) []Part { return nil }, "there is none"},
		"a shard missing":        {func(p []Part) []Part { return []Part{p[0], p[2]} }, "no report is of shard 2/3: run what is missing with --shard"},
		"a shard twice":          {func(p []Part) []Part { return append(p, p[1]) }, "shard 2 is there twice, as 2.json and as 2.json"},
		"another count":          {func(p []Part) []Part { p[1].Shard.Of = 4; return p }, "1.json is one of 3 shards, 2.json one of 4"},
		"another selection":      {func(p []Part) []Part { p[1].Shard.Selection = "x"; return p }, "run all shards with the same features and --tags"},
		"a whole run among them": {func(p []Part) []Part { p[1].Shard = nil; return p }, "1.json is a shard, and 2.json a whole run"},
		"another crosscheck":     {func(p []Part) []Part { p[2].Crosscheck = "v9"; return p }, "1.json is of crosscheck v0.1.0, 3.json of v9"},
		"another environment":    {func(p []Part) []Part { p[1].Environment.Name = "kind"; return p }, "1.json is of the environment embedded, 2.json of kind"},
		"another version":        {func(p []Part) []Part { p[2].Environment.Versions["chrome"] = "1"; return p }, "1.json was run with chrome Chromium 156.0.8078.79, 3.json with 1"},
		"a scenario in two":      {func(p []Part) []Part { p[1].Scenarios = append(p[1].Scenarios, p[0].Scenarios[0]); return p }, "is in 1.json and in 2.json"},
		"a scenario in none":     {func(p []Part) []Part { p[1].Scenarios = nil; return p }, "the shards have 5 scenarios and not the 7 that were selected"},
		"one run twice, unsplit": {func(p []Part) []Part { p[0].Shard, p[1].Shard = nil, nil; return []Part{p[0], p[1], p[0]} }, "is in 1.json and in 1.json"},
		"a version known to some": {func(p []Part) []Part {
			delete(p[0].Environment.Versions, "go")
			p[2].Environment.Versions["go"] = "1"
			return p
		}, "2.json was run with go 1.26.8, 3.json with 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Merge(test.spoil(shards(3)))
			require.ErrorContains(t, err, test.want)
			require.ErrorAs(t, err, new(*MergeError))
		})
	}
}

func TestAReportOfAShardKeepsToItsSchema(t *testing.T) {
	require.NoError(t, compiledSchema(t).Validate(written(t, shards(2)[1].Report)))
}

func TestOnlyWhatRanHasACost(t *testing.T) {
	costs := sampleReport().Costs()
	require.Len(t, costs, 5)
	require.Equal(t, int64(41), costs[samplePass().ID])
	require.NotContains(t, costs, sampleSkipped().ID)
}
