package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"

	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// asCommand makes the test binary act as crosscheck itself, so that exit
// codes, signals and output are those of a process.
const asCommand = "CROSSCHECK_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	if os.Getenv(sessionVariable) != "" {
		fmt.Print(testcontainers.SessionID())
		return
	}
	os.Exit(m.Run())
}

// crosscheck prepares the command with a folder of its own to run in.
func crosscheck(t *testing.T, arguments ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), self, arguments...)
	command.Dir = t.TempDir()
	// A test of ours in GitHub Actions is none of the workflow it runs in.
	command.Env = append(os.Environ(), asCommand+"=1", "GITHUB_ACTIONS=")
	output := &bytes.Buffer{}
	command.Stdout, command.Stderr = output, output
	return command, output
}

// exitCode runs the command to its end.
func exitCode(t *testing.T, command *exec.Cmd) int {
	t.Helper()
	var exit *exec.ExitError
	if err := command.Run(); err != nil {
		require.ErrorAs(t, err, &exit)
		return exit.ExitCode()
	}
	return 0
}

func write(t *testing.T, command *exec.Cmd, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(command.Dir, name), []byte(text), 0o600))
}

// feature is a scenario in which the page expects the status.
func feature(status string) string {
	return `Feature: F
  Scenario: S
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | * |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/x"
    Then the page can read the status ` + status + "\n"
}

// vector is a test vector that expects the status.
func vector(status string) string {
	return `{"id": "v", "page": {"url": "https://app.example.com/"}, "request": {"url": "https://api.example.com/"}, "expect": {"status": ` + status + `},` +
		` "exchanges": [{"when": {"method": "GET", "url": "https://api.example.com/"}, "response": {"status": 200, "headers": [["Access-Control-Allow-Origin", "*"]]}}]}` + "\n"
}

func TestExitCodes(t *testing.T) {
	for name, test := range map[string]struct {
		arguments []string
		code      int
		output    string
	}{
		"everything as expected":      {[]string{"run", "good.feature", "--browser", "simulator"}, 0, "1 passed, 0 failed, 0 skipped"},
		"a scenario that fails":       {[]string{"run", "bad.feature", "--browser", "simulator"}, exitFailed, "bad.feature:2"},
		"a file that is not Gherkin":  {[]string{"run", ".", "--browser", "simulator"}, exitFailed, "broken.feature:1"},
		"an unknown annotation":       {[]string{"run", "annotation.feature", "--browser", "simulator"}, exitFailed, "enable-cross"},
		"a feature that is not there": {[]string{"run", "nowhere.feature"}, exitUsage, "nowhere.feature: there is no feature file"},
		"an unknown command":          {[]string{"walk"}, exitUsage, "unknown command"},
		"an unknown flag":             {[]string{"run", "--fast"}, exitUsage, "unknown flag: --fast"},
		"an unknown browser":          {[]string{"run", "--browser", "netscape"}, exitUsage, `there is no browser "netscape"`},
		"an unknown environment":      {[]string{"run", "--env", "moon"}, exitUsage, `there is no environment "moon"`},
		"tags that select nothing":    {[]string{"run", "good.feature", "--tags", "@none"}, exitUsage, "no scenario is selected"},
		"vectors that hold":           {[]string{"vectors", "run", "good.jsonl", "--json", "results.jsonl"}, 0, "1 vectors: 1 passed, 0 failed, 0 skipped"},
		"a vector that fails":         {[]string{"vectors", "run", "bad.jsonl"}, exitFailed, "  status: want 201, got 200\n1 vectors: 0 passed, 1 failed, 0 skipped"},
		"vectors that are none":       {[]string{"vectors", "run", "good.feature"}, exitUsage, "good.feature:1:1:"},
		"vectors that are not there":  {[]string{"vectors", "run", "nowhere.jsonl"}, exitUsage, "nowhere.jsonl"},
		"no time at all":              {[]string{"run", "--timeout", "0s"}, exitUsage, "--timeout is 0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command, output := crosscheck(t, test.arguments...)
			write(t, command, "good.feature", feature("200"))
			write(t, command, "bad.feature", feature("404"))
			write(t, command, "good.jsonl", vector("200"))
			write(t, command, "bad.jsonl", vector("201"))
			write(t, command, "broken.feature", "Scenario without a feature")
			write(t, command, "annotation.feature", strings.Replace(feature("200"), "    And a page", "    And its Ingress has the annotations\n      | enable-cross | true |\n    And a page", 1))
			require.Equal(t, test.code, exitCode(t, command), output)
			require.Contains(t, output.String(), test.output)
		})
	}
}

func TestWithoutAChromeTheCommandSaysWhatToInstall(t *testing.T) {
	command, output := crosscheck(t, "run", "good.feature")
	write(t, command, "good.feature", feature("200"))
	command.Env = append(command.Env, "CHROME=/nowhere/chrome")
	require.Equal(t, exitEnvironment, exitCode(t, command), output)
	require.Contains(t, output.String(), "/nowhere/chrome")

	command, output = crosscheck(t, "chrome")
	command.Env = append(command.Env, "CHROME=", "PATH="+t.TempDir())
	require.Equal(t, exitEnvironment, exitCode(t, command), output)
	require.Contains(t, output.String(), "install")
}

func TestTheReportHoldsBothBrowsersAndTheVersions(t *testing.T) {
	command, output := crosscheck(t, "run", "good.feature", "--report-dir", "here")
	write(t, command, "good.feature", feature("200"))
	require.Zero(t, exitCode(t, command), output)
	read, err := report.Read(filepath.Join(command.Dir, "here", report.JSONFile))
	require.NoError(t, err)
	require.Equal(t, report.Pass, read.Scenarios[0].Verdict)
	require.Len(t, read.Scenarios[0].Requests[0].Browsers, 2)
	require.Contains(t, read.Environment.Versions["chrome"], "Chrom")
	for _, name := range []string{report.HTMLFile, report.JUnitFile} {
		require.FileExists(t, filepath.Join(command.Dir, "here", name))
	}
}
