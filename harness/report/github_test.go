package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

func TestAFileIsNamedFromTheRepository(t *testing.T) {
	for name, test := range map[string]struct{ file, root, dir, want string }{
		"at the root":          {"features/a.feature", "/repo", "/repo", "features/a.feature"},
		"in a folder":          {"a.feature", "/repo", "/repo/deep/down", "deep/down/a.feature"},
		"beside the folder":    {"../a.feature", "/repo", "/repo/deep", "a.feature"},
		"by its whole path":    {"/repo/x/a.feature", "/repo", "/elsewhere", "x/a.feature"},
		"outside":              {"/tmp/a.feature", "/repo", "/repo", "/tmp/a.feature"},
		"outside, by dots":     {"../a.feature", "/repo", "/repo", "../a.feature"},
		"no repository":        {"a.feature", "", "/repo", "a.feature"},
		"no working directory": {"a.feature", "/repo", "", "a.feature"},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, inRepository(test.file, test.root, test.dir)) })
	}
}

// Each annotation is one line that begins as we wrote it, whatever is in names and messages.
func TestNoScenarioWritesACommandOfItsOwn(t *testing.T) {
	s := sampleEnvironmentError()
	s.Name = "a: b, c%0A\n::stop-commands::x"
	s.Message = "first\r\n::add-mask::second\x1b[31m 100 %"
	s.Steps = nil
	var out bytes.Buffer
	require.NoError(t, WriteAnnotations(&out, Report{Scenarios: []Scenario{s}}, "", ""))
	require.Equal(t, "::error file=features/errors/undefined.feature,line=3,title=environment error%3A a%3A b%2C c%250A%0A%3A%3Astop-commands%3A%3Ax"+
		"::first%0A::add-mask::second\ufffd[31m 100 %25\n", out.String())
}

func TestTheLineIsThatOfTheStepThatFailed(t *testing.T) {
	require.Equal(t, 12, sampleUnexpectedOutcome().failingLine())
	require.Equal(t, 4, sampleMismatch().failingLine(), "no step failed")
	require.Equal(t, 1, Scenario{}.failingLine())
}

func TestAStepSummaryStaysBelowGitHubsLimit(t *testing.T) {
	var r Report
	for i := range 10_000 {
		s := sampleUnexpectedOutcome()
		s.Name, s.Feature, s.File = fmt.Sprintf("case %d", i), fmt.Sprintf("feature %d", i), fmt.Sprintf("features/%d.feature", i)
		s.Message = strings.Repeat("a long story, ", 2000)
		if i%2 == 1 {
			s.Verdict = Skipped
		}
		r.Scenarios = append(r.Scenarios, s)
	}
	var out bytes.Buffer
	require.NoError(t, WriteStepSummary(&out, r))
	require.Less(t, out.Len(), 1<<20)
	require.Regexp(t, `… and 49\d\d more: the report has them all\.`, out.String())
	require.Equal(t, strings.Count(out.String(), "<details>"), strings.Count(out.String(), "</details>"))
}

func TestAConformanceReportIsYAML(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, WriteConformance(&out, sampleReport()))
	var read conformanceReport
	require.NoError(t, yaml.UnmarshalWithOptions(out.Bytes(), &read, yaml.Strict()))
	require.Equal(t, ConformanceAPIVersion, read.APIVersion)
	require.Len(t, read.Profiles, 6)
	require.Equal(t, "Chromium 156.0.8078.79", read.Implementation.Versions["chrome"])
}

func TestAProfileSucceedsPartlyOrFails(t *testing.T) {
	for _, test := range []struct {
		verdicts []Verdict
		want     conformanceResult
		summary  string
	}{
		{[]Verdict{Pass, Pass}, conformanceSuccess, "Succeeded."},
		{[]Verdict{Pass, Skipped}, conformancePartial, "Succeeded as far as it ran: 1 of 2 scenarios were skipped."},
		{[]Verdict{Skipped, SimulatorMismatch, Pass}, conformanceFailure, "Failed with 1 of 3 scenarios."},
		{[]Verdict{EnvironmentError}, conformanceFailure, "Failed with 1 of 1 scenarios."},
	} {
		var r Report
		for _, verdict := range test.verdicts {
			r.Scenarios = append(r.Scenarios, Scenario{Feature: "F", File: "x/f.feature", Verdict: verdict})
		}
		var out bytes.Buffer
		require.NoError(t, WriteConformance(&out, r))
		var read conformanceReport
		require.NoError(t, yaml.Unmarshal(out.Bytes(), &read))
		require.Equal(t, test.want, read.Profiles[0].Core.Result)
		require.Equal(t, test.summary, read.Profiles[0].Summary)
	}
}
