package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/budget"
)

func TestBudgetEndsWithTheRightExitCode(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		feature   string
		arguments []string
		code      int
		output    string
	}{
		"a preflight without a max-age": {guardedRoute, nil, 0, "none         60 → 0.5"},
		"as JSON":                       {guardedRoute, []string{"--json"}, 0, `"schema": "crosscheck.budget/v1"`},
		"a scenario that fails":         {feature("404"), nil, exitFailed, "does not pass, so not all of its requests are here: orders.feature:2"},
		"no request at all":             {guardedRoute, []string{"--per-hour", "0"}, exitUsage, "--per-hour is 0"},
		"no number":                     {guardedRoute, []string{"--per-hour", "NaN"}, exitUsage, "--per-hour is NaN"},
		"an age before now":             {guardedRoute, []string{"--max-age=-1"}, exitUsage, "--max-age is -1"},
		"a trip before now":             {guardedRoute, []string{"--round-trip=-1s"}, exitUsage, "--round-trip is -1s"},
		"nothing that can be run":       {deployedElsewhere, nil, exitEnvironment, "none of the 1 scenarios can be run"},
		"no such feature":               {guardedRoute, []string{"nowhere.feature"}, exitUsage, "nowhere.feature: there is no feature file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command, output := crosscheck(t, append([]string{"budget", "orders.feature"}, test.arguments...)...)
			write(t, command, "orders.feature", test.feature)
			require.Equal(t, test.code, exitCode(t, command), output)
			require.Contains(t, output.String(), test.output)
		})
	}
	command, output := crosscheck(t, "budget", "--json")
	require.Equal(t, 0, exitCode(t, command), output)
	var all budget.Budget
	require.NoError(t, json.Unmarshal(output.Bytes(), &all), output)
	require.Greater(t, len(all.Requests), 20)
}
