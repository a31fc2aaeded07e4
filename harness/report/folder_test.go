package report

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestAFolderHoldsItsFilesAndNothingElse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "out")
	require.NoError(t, WriteFolder(dir, sampleReport()))
	require.NoError(t, WriteFolder(dir, sampleReport()), "a second run replaces the files")
	require.Equal(t, []string{ConformanceFile, JUnitFile, HTMLFile, JSONFile}, namesIn(t, dir))
	info, err := os.Stat(filepath.Join(dir, JSONFile))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), info.Mode().Perm())
}

func TestAFileThatCannotBeReplacedIsNamedAndLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	blocked := filepath.Join(dir, JUnitFile)
	require.NoError(t, os.MkdirAll(filepath.Join(blocked, "occupied"), 0o755))
	require.ErrorContains(t, WriteFolder(dir, sampleReport()), blocked)
	require.Equal(t, []string{JUnitFile, HTMLFile}, namesIn(t, dir), "no temporary file stays, and no report.json without the others")
}

func TestAReportThatCannotBeRenderedLeavesTheLastOne(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, WriteFolder(dir, sampleReport()))
	before, err := os.ReadFile(filepath.Join(dir, HTMLFile))
	require.NoError(t, err)
	whole := folderFiles
	t.Cleanup(func() { folderFiles = whole })
	folderFiles = slices.Clone(whole)
	folderFiles[len(folderFiles)-1].write = func(io.Writer, Report) error { return errors.New("no room") }
	require.EqualError(t, WriteFolder(dir, Report{}), "report: render "+filepath.Join(dir, JSONFile)+": no room")
	require.Equal(t, []string{ConformanceFile, JUnitFile, HTMLFile, JSONFile}, namesIn(t, dir))
	after, err := os.ReadFile(filepath.Join(dir, HTMLFile))
	require.NoError(t, err)
	require.Equal(t, before, after, "all files or none")
}

func TestAFolderThatCannotBeMadeIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.ErrorContains(t, WriteFolder(filepath.Join(file, "out"), Report{}), filepath.Join(file, "out"))
}

func TestWritingDoesNotChangeTheReport(t *testing.T) {
	r := Report{Scenarios: []Scenario{{ID: "a", Verdict: Pass, Requests: []Request{{Browsers: []BrowserResult{{}}}}}}}
	require.NoError(t, WriteFolder(t.TempDir(), r))
	require.Nil(t, r.Scenarios[0].Steps)
	require.Nil(t, r.Scenarios[0].Requests[0].Browsers[0].Outcome.Exchanges)
}

func TestTheSummaryCountsByVerdict(t *testing.T) {
	r := sampleReport()
	r.Summarize(1500 * time.Millisecond)
	require.Equal(t, Summary{Scenarios: 7, Passed: 1, Failed: 5, Skipped: 1, Mismatches: 3, DurationMS: 1500}, r.Summary)
	r.Scenarios = nil
	r.Summarize(0)
	require.Equal(t, Summary{}, r.Summary)
}

func TestOneFeaturesScenariosStandTogetherInWhateverOrderTheyFinish(t *testing.T) {
	r := Report{Scenarios: []Scenario{
		{Feature: "A", File: "a.feature", Name: "1"},
		{Feature: "B", File: "b.feature", Name: "2"},
		{Feature: "A", File: "a.feature", Name: "3"},
		{Feature: "A", File: "other.feature", Name: "4"},
	}}
	var got [][]string
	for _, feature := range r.features() {
		row := []string{feature.File}
		for _, scenario := range feature.Scenarios {
			row = append(row, scenario.Name)
		}
		got = append(got, row)
	}
	require.Equal(t, [][]string{{"a.feature", "1", "3"}, {"b.feature", "2"}, {"other.feature", "4"}}, got)
}

func TestJUnitTellsFailuresErrorsAndSkipsApart(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, WriteFolder(dir, sampleReport()))
	content, err := os.ReadFile(filepath.Join(dir, JUnitFile))
	require.NoError(t, err)
	var suites junitSuites
	require.NoError(t, xml.Unmarshal(content, &suites))
	require.Equal(t, []int{7, 4, 1, 1}, []int{suites.Tests, suites.Failures, suites.Errors, suites.Skipped})
	require.Len(t, suites.Suites, 7)
	require.Nil(t, suites.Suites[0].Cases[0].Failure)
	require.Equal(t, "0.041", suites.Suites[0].Cases[0].Time)
	require.Equal(t, 16, suites.Suites[0].Cases[0].Line)
	require.Equal(t, "unexpected-outcome", suites.Suites[1].Cases[0].Failure.Type)
	require.Contains(t, suites.Suites[1].Cases[0].SystemOut.Text, "observed   chrome     network-error MultipleAllowOriginValues")
	require.Equal(t, "simulator-mismatch", suites.Suites[2].Cases[0].Failure.Type)
	require.Equal(t, "edge-model-mismatch", suites.Suites[3].Cases[0].Failure.Type)
	require.Equal(t, "environment-error", suites.Suites[4].Cases[0].Error.Type)
	require.Contains(t, suites.Suites[5].Cases[0].Skipped.Message, "Node.js")
	require.Regexp(t, ` #2$`, suites.Suites[6].Cases[0].Name, "rows of one outline have names of their own")
}
