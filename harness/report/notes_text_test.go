package report_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/report"
)

func TestANoteIsPrintedOnceForItsFeatureFile(t *testing.T) {
	t.Parallel()
	scenario := report.Scenario{File: "a.feature", Verdict: report.Pass, Notes: []string{"proxy-send-timeout is not predicted"}}
	var printed strings.Builder
	require.NoError(t, report.WriteSummary(&printed, report.Report{Scenarios: []report.Scenario{scenario, scenario}}))
	require.Equal(t, 1, strings.Count(printed.String(), "\nNotes\n  a.feature\n      proxy-send-timeout is not predicted\n"))
	require.Equal(t, 1, strings.Count(printed.String(), "is not predicted"))

	printed.Reset()
	require.NoError(t, report.WriteSummary(&printed, report.Report{Scenarios: []report.Scenario{{File: "a.feature", Verdict: report.Pass}}}))
	require.NotContains(t, printed.String(), "Notes")
}
