package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// runIn runs crosscheck in a folder, and gives its exit code and what it printed.
func runIn(t *testing.T, folder string, arguments ...string) (int, string) {
	t.Helper()
	command, output := crosscheck(t, arguments...)
	command.Dir = folder
	return exitCode(t, command), output.String()
}

func TestMergedShardsAreWhatOneMachineWouldSay(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"a.feature": feature("200"), "b.feature": feature("200"), "c.feature": feature("404"), "d.feature": "no Gherkin",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	code, output := runIn(t, folder, "run", ".", "--browser", "simulator", "--report-dir", "whole")
	require.Equal(t, exitFailed, code, output)
	passed := 0
	var shards []string
	for _, index := range []string{"1", "2", "3", "4", "5"} {
		code, output := runIn(t, folder, "run", ".", "--browser", "simulator", "--shard", index+"/5", "--shard-costs", "whole/report.json", "--report-dir", index)
		if code == 0 {
			passed++
		} else {
			require.Equal(t, exitFailed, code, output)
		}
		shards = append(shards, index)
	}
	require.Equal(t, 3, passed, "two shards have a scenario each that passes, one has none at all")

	code, output = runIn(t, folder, append([]string{"report", "merge", "--report-dir", "merged"}, shards...)...)
	require.Equal(t, exitFailed, code, output)
	require.Contains(t, output, "4 scenarios: 2 passed, 2 failed, 0 skipped, 0 mismatches")
	whole, err := report.Read(filepath.Join(folder, "whole", report.JSONFile))
	require.NoError(t, err)
	merged, err := report.Read(filepath.Join(folder, "merged", report.JSONFile))
	require.NoError(t, err)
	verdicts := func(r report.Report) map[string]report.Verdict {
		verdicts := map[string]report.Verdict{}
		for _, s := range r.Scenarios {
			verdicts[s.ID] = s.Verdict
		}
		return verdicts
	}
	require.Equal(t, verdicts(whole), verdicts(merged))
	require.FileExists(t, filepath.Join(folder, "merged", report.ConformanceFile))
}

func TestWhatCannotBeSharedOutOrMergedIsAUsageError(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	put := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	put("good.feature", feature("200"))
	put("newer.json", `{"schema":"crosscheck.report/v2","crosscheck":"v9.0.0"}`)
	put("1.json", `{"schema":"crosscheck.report/v1","shard":{"index":1,"of":2,"scenarios":0,"selection":"x"}}`)
	for want, arguments := range map[string][]string{
		`newer.json: written in the format "crosscheck.report/v2" by crosscheck v9.0.0`: {"report", "merge", "newer.json"},
		"no report is of shard 2/2":                {"report", "merge", "1.json"},
		"missing.json: no such file":               {"report", "merge", "1.json", "missing.json"},
		"requires at least 1 arg":                  {"report", "merge"},
		`--shard is "0/2"`:                         {"run", "good.feature", "--shard", "0/2"},
		`--shard is "2"`:                           {"run", "good.feature", "--shard", "2"},
		"give both or none":                        {"run", "good.feature", "--shard-costs", "1.json"},
		"--browser has none":                       {"run", "good.feature", "--browser", "simulator", "--chrome-url", "http://127.0.0.1:1"},
		"--proxy-address is for Chromes elsewhere": {"run", "good.feature", "--proxy-address", "127.0.0.1"},
		"is not on this machine":                   {"run", "good.feature", "--chrome-url", "http://10.0.0.7:9222"},
		"--shard-costs: report: open nowhere.jso":  {"run", "good.feature", "--shard", "1/2", "--shard-costs", "nowhere.json"},
	} {
		code, output := runIn(t, folder, append(arguments, "--report-dir", "out")...)
		require.Equal(t, exitUsage, code, output)
		require.Contains(t, output, want)
	}
	require.NoDirExists(t, filepath.Join(folder, "out"), "nothing is left where nothing was run")
}

func TestGitHubIsToldOfFailuresAndObeysNothingElse(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	hostile := strings.Replace(feature("404"), "Scenario: S", "Scenario: ::error::forged", 1)
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "cors"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "cors", "bad.feature"), []byte(hostile), 0o600))
	summary := filepath.Join(folder, "summary.md")
	require.NoError(t, os.WriteFile(summary, []byte("what another step wrote\n"), 0o600))

	command, output := crosscheck(t, "run", "bad.feature", "--browser", "simulator")
	command.Dir = filepath.Join(folder, "cors")
	command.Env = append(command.Env, "GITHUB_ACTIONS=true", "GITHUB_WORKSPACE="+folder, "GITHUB_STEP_SUMMARY="+summary)
	require.Equal(t, exitFailed, exitCode(t, command), output)
	parts := regexp.MustCompile(`(?s)^::stop-commands::(\w+)\n(.*)\n::(\w+)::\n(.*)$`).FindStringSubmatch(output.String())
	require.Len(t, parts, 5, output)
	require.Equal(t, parts[1], parts[3])
	require.Contains(t, parts[2], "::error::forged")
	require.Regexp(t, `\A::error file=cors/bad\.feature,line=7,title=unexpected outcome%3A %3A%3Aerror%3A%3Aforged::Then the page can read the status 404.*\n\z`, parts[4])
	written, err := os.ReadFile(summary)
	require.NoError(t, err)
	require.Regexp(t, `(?s)^what another step wrote\n## ❌ Crosscheck: 0 of 1 scenarios passed\n.*bad\.feature:7`, string(written))

	code, plain := runIn(t, filepath.Join(folder, "cors"), "run", "bad.feature", "--browser", "simulator")
	require.Equal(t, exitFailed, code)
	require.NotContains(t, plain, "::stop-commands::")
}
