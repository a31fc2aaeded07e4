package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/compare"
)

// guarded is a feature that says nothing of versions; the list has an element that newer controllers reject as a whole.
const guarded = `Feature: Orders
  Scenario: Our page
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                                                  |
      | cors-allow-origin | https://app.example.com, https://bad_host.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/orders" with credentials
    Then the page can read the response

  Scenario: A foreign page
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                                                  |
      | cors-allow-origin | https://app.example.com, https://bad_host.example.com |
    And a page at "https://evil.example.net"
    When the page fetches "GET https://api.example.com/orders"
    Then the browser blocks the response: MissingAllowOriginHeader
`

const accepting = `- scenario: orders.feature:*
  change: broken
  because: the old page is gone
- scenario: orders.feature:*
  change: newly-allowed
  because: the orders are public
`

func TestUpgradeEndsWithTheRightExitCode(t *testing.T) {
	t.Parallel()
	pinned := strings.ReplaceAll(guarded, "its Ingress has", "its Ingress under ingress-nginx v1.11.0 has")
	for name, test := range map[string]struct {
		feature   string
		arguments []string
		code      int
		output    string
	}{
		"a list that newer controllers reject": {guarded, []string{"--from", "v1.11.0", "--to", "v1.15.1"}, exitFailed, "1 broken, 0 fixed, 2 newly allowed"},
		"the version without its v":            {guarded, []string{"--from", "1.11.0", "--to", "1.15.1"}, exitFailed, "explained by ingress-nginx v1.12.0"},
		"the same, accepted":                   {guarded, []string{"--from", "v1.11.0", "--to", "v1.15.1", "--allow", "accepted.yaml"}, 0, "3 accepted; 0 unexpected"},
		"scenarios that name their version":    {pinned, []string{"--from", "v1.11.0", "--to", "v1.15.1"}, 0, "2 scenarios compared, 2 unchanged"},
		"an Ingress that is sound":             {strings.ReplaceAll(guarded, ", https://bad_host.example.com", ""), []string{"--from", "v1.11.0", "--to", "v1.15.1"}, 0, "2 scenarios compared, 2 unchanged"},
		"no version":                           {guarded, []string{"--to", "v1.15.1"}, exitUsage, "--from is missing: name a version of ingress-nginx, one of [v1.11.0 v1.15.1]"},
		"a version without a model":            {guarded, []string{"--from", "v1.11.0", "--to", "v1.14.0"}, exitUsage, `--to: ingress-nginx version "v1.14.0" is not modelled`},
		"one version":                          {guarded, []string{"--from", "v1.11.0", "--to", "v1.11.0"}, exitUsage, "there is nothing to compare"},
		"an allow-list that is wrong":          {guarded, []string{"--from", "v1.11.0", "--to", "v1.15.1", "--allow", "orders.feature"}, exitUsage, "orders.feature:5:7: "},
		"a feature that is not there":          {guarded, []string{"--from", "v1.11.0", "--to", "v1.15.1", "nowhere.feature"}, exitUsage, "nowhere.feature: there is no feature file"},
		"a chart of a model":                   {guarded, []string{"--from", "v1.11.0", "--to", "v1.15.1", "--to-chart", "4.15.1"}, exitUsage, "--to-chart: a model has no chart: name one with --env kind"},
		"a cluster of somebody":                {guarded, []string{"--from", "v1.11.0", "--to", "v1.15.1", "--env", "cluster"}, exitUsage, `there is no environment "cluster" whose controller could be upgraded: there are embedded and kind`},
		"neither version nor chart":            {guarded, []string{"--env", "kind", "--from", "v1.11.0"}, exitUsage, "--to is missing: name a version of ingress-nginx, such as v1.15.1, or a chart with --to-chart"},
		"a chart for a version":                {guarded, []string{"--env", "kind", "--from", "./orders.feature", "--to", "v1.15.1"}, exitUsage, "a chart's folder, file or version goes into --from-chart"},
		"a chart that is not there":            {guarded, []string{"--env", "kind", "--from-chart", "nowhere", "--to", "v1.15.1"}, exitUsage, "--from-chart: it is neither a version, such as 4.15.1, nor a folder or file: "},
		"one chart":                            {guarded, []string{"--env", "kind", "--from-chart", "4.15.1", "--to-chart", "4.15.1"}, exitUsage, "--from and --to are both of the chart 4.15.1: there is nothing to compare"},
		"the version twice":                    {guarded, []string{"--env", "kind", "--from", "v1.11.0", "--to", "v1.15.1", "--ingress-nginx-version", "4.11.0"}, exitUsage, "unknown flag: --ingress-nginx-version"},
		"an environment without versions":      {guarded, []string{"--from", "v1.11.0", "--to", "v1.15.1", "--env", "moon"}, exitUsage, `there is no environment "moon"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command, output := crosscheck(t, append([]string{"upgrade", "orders.feature"}, test.arguments...)...)
			write(t, command, "orders.feature", test.feature)
			write(t, command, "accepted.yaml", accepting)
			require.Equal(t, test.code, exitCode(t, command), output)
			require.Contains(t, output.String(), test.output)
		})
	}
}

func TestCompareReadsWhatRunAndUpgradeHaveWritten(t *testing.T) {
	t.Parallel()
	command, output := crosscheck(t, "upgrade", "--from", "v1.11.0", "--to", "v1.15.1", "--json", "orders.feature")
	write(t, command, "orders.feature", guarded)
	require.Equal(t, exitFailed, exitCode(t, command), output)
	var upgraded compare.Comparison
	require.NoError(t, json.Unmarshal(output.Bytes(), &upgraded), output)
	require.Equal(t, 3, upgraded.Unexpected)
	folder := command.Dir

	for name, test := range map[string]struct {
		arguments []string
		code      int
		output    string
	}{
		"the same two reports": {[]string{"out/upgrade/before/report.json", "out/upgrade/after/report.json"}, exitFailed, "2 scenarios compared, 0 unchanged: 1 broken, 0 fixed, 2 newly allowed"},
		"a report with itself": {[]string{"out/upgrade/after/report.json", "out/upgrade/after/report.json"}, 0, "2 unchanged"},
		"accepted":             {[]string{"out/upgrade/before/report.json", "out/upgrade/after/report.json", "--allow", "accepted.yaml"}, 0, "3 accepted"},
		"a report of a newer version": {
			[]string{"newer.json", "out/upgrade/after/report.json"},
			exitUsage,
			"newer.json: written in the format crosscheck.report/v2 by crosscheck v9.0.0",
		},
		"two files that are no reports": {[]string{"orders.feature", "nowhere.json"}, exitUsage, "nowhere.json: no such file"},
		"one report":                    {[]string{"out/upgrade/before/report.json"}, exitUsage, "accepts 2 arg(s), received 1"},
	} {
		t.Run(name, func(t *testing.T) {
			command, output := crosscheck(t, append([]string{"compare"}, test.arguments...)...)
			command.Dir = folder
			write(t, command, "accepted.yaml", accepting)
			write(t, command, "newer.json", `{"schema": "crosscheck.report/v2", "crosscheck": "v9.0.0", "scenarios": []}`)
			require.Equal(t, test.code, exitCode(t, command), output)
			require.Contains(t, output.String(), test.output)
		})
	}
}

func TestAnUpgradeThatComparesNothingIsNoSuccess(t *testing.T) {
	t.Parallel()
	command, output := crosscheck(t, "upgrade", "--from", "v1.11.0", "--to", "v1.15.1", "express.feature")
	command.Env = append(command.Env, "PATH=") // so there is no Node.js
	write(t, command, "express.feature", `Feature: F
  Scenario: S
    Given the Express 4 API at "https://api.example.com"
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response
`)
	require.Equal(t, exitEnvironment, exitCode(t, command), output)
	require.Contains(t, output.String(), "nothing was compared: no scenario ran on either side")
}
