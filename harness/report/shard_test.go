package report_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/report"
)

func TestTheTimesAloneAreAReportOfTheSameCosts(t *testing.T) {
	whole := report.Report{Scenarios: []report.Scenario{
		{ID: `b.feature:with-"quotes"`, Verdict: report.Pass, DurationMS: 7, Message: "long"},
		{ID: "a.feature:one", Verdict: report.UnexpectedOutcome, DurationMS: 0},
		{ID: "c.feature:skipped", Verdict: report.Skipped, DurationMS: 9},
	}}
	path := filepath.Join(t.TempDir(), "costs.json")
	file, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, whole.WriteCosts(file))
	require.NoError(t, file.Close())
	read, err := report.Read(path)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{`b.feature:with-"quotes"`: 7, "a.feature:one": 0}, read.Costs())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(content), "long")

	require.NoError(t, os.WriteFile(path, nil, 0o600))
	file, err = os.OpenFile(path, os.O_RDONLY, 0)
	require.NoError(t, err)
	defer file.Close()
	require.ErrorContains(t, whole.WriteCosts(file), "write the times")
}
