package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/mutate"
)

// trusting is a feature that asks from the page it lets in, and from no other.
const trusting = `Feature: Orders
  Background:
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | https://app.example.com |

  Scenario: Our page
    Given a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/orders"
    Then the page can read the response
`

const suspicious = trusting + `
  Scenario: Another page
    Given a page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/orders"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]
`

// quiet is a feature without a policy.
const quiet = `Feature: Orders
  Scenario: Nobody is let in
    Given an API at "https://api.example.com" that knows nothing about CORS
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/orders"
    Then the browser blocks the response: MissingAllowOriginHeader
`

// deployedElsewhere is a feature of an API that is only to be asked.
const deployedElsewhere = `Feature: Orders
  Scenario: As it is
    Given the API at "https://api.example.com" as deployed
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/orders"
    Then the page can read the response
`

func TestMutateEndsWithTheRightExitCode(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		feature   string
		arguments []string
		code      int
		output    string
	}{
		"nobody asks as another page": {trusting, nil, exitFailed, "widen Access-Control-Allow-Origin of API: https://app.example.com → *"},
		"somebody does":               {suspicious, nil, 0, "2 scenarios, 1 policy, 4 mutants: 4 killed, 0 survived, 0 equivalent, 0 invalid"},
		"three of four are enough":    {trusting, []string{"--min-score", "75"}, 0, "score 75.0 %"},
		"no score":                    {trusting, []string{"--min-score", "101"}, exitUsage, "a score is 0 to 100 percent"},
		"no scenario at a time":       {trusting, []string{"--concurrency", "0"}, exitUsage, "at least one scenario"},
		"no such feature":             {trusting, []string{"nowhere.feature"}, exitUsage, "nowhere.feature: there is no feature file"},
		"a scenario that fails":       {feature("404"), nil, exitFailed, "1 scenarios fail as they are"},
		"nothing that can be run":     {deployedElsewhere, nil, exitEnvironment, "none of the 1 scenarios can be run in the simulator"},
		"nothing to break":            {quiet, nil, 0, "1 scenario, 1 policy, 0 mutants"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command, output := crosscheck(t, append([]string{"mutate", "orders.feature"}, test.arguments...)...)
			write(t, command, "orders.feature", test.feature)
			require.Equal(t, test.code, exitCode(t, command), output)
			require.Contains(t, output.String(), test.output)
		})
	}
}

// atTheEdge is a feature whose policy has every annotation, and one scenario.
const atTheEdge = `Feature: Orders
  Background:
    Given an API at "https://orders.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors            | true                                               |
      | cors-allow-origin      | https://shop.example.com, https://*.partner.net    |
      | cors-allow-methods     | GET, PUT, DELETE                                   |
      | cors-allow-headers     | Content-Type, Authorization                        |
      | cors-expose-headers    | ETag                                               |
      | cors-allow-credentials | true                                               |
      | cors-max-age           | 600                                                |

  Scenario: The shop
    Given a page at "https://shop.example.com"
    When the page fetches "PUT https://orders.example.com/orders/7" with credentials and the headers
      | Content-Type | application/json |
    Then the page can read the response
`

func TestTheSuggestedScenariosKillWhatSurvived(t *testing.T) {
	t.Parallel()
	command, output := crosscheck(t, "mutate", "orders.feature", "--json")
	write(t, command, "orders.feature", atTheEdge)
	require.Equal(t, exitFailed, exitCode(t, command), output)
	var result mutate.Result
	require.NoError(t, json.Unmarshal(output.Bytes(), &result))
	require.GreaterOrEqual(t, result.Counts[mutate.Survived], 8)
	require.Len(t, result.Policies, 1)

	grown := atTheEdge
	for i, suggestion := range result.Policies[0].Suggestions {
		grown += fmt.Sprintf("\n  Scenario: Suggestion %d\n    %s\n", i+1, strings.ReplaceAll(strings.TrimSpace(suggestion), "\n", "\n    "))
	}
	command, output = crosscheck(t, "mutate", "orders.feature")
	write(t, command, "orders.feature", grown)
	require.Equal(t, 0, exitCode(t, command), "%s\n%s", output, grown)
	require.Contains(t, output.String(), "score 100.0 %")
}

func TestOurOwnFeaturesNoticeEveryMutantThatChangesWhatABrowserDoes(t *testing.T) {
	command, output := crosscheck(t, "mutate", "--json")
	require.Equal(t, 0, exitCode(t, command), output)
	var result mutate.Result
	require.NoError(t, json.Unmarshal(output.Bytes(), &result))
	require.InDelta(t, 100, result.Score, 0.001)
	require.Zero(t, result.Counts[mutate.Survived])
	require.Greater(t, result.Counts[mutate.Killed], 500)
}

func TestAnInterruptedMutationHasNoScore(t *testing.T) {
	t.Parallel()
	command, output := crosscheck(t, "mutate")
	require.NoError(t, command.Start())
	time.Sleep(2 * time.Second)
	require.NoError(t, command.Process.Signal(os.Interrupt))
	require.Error(t, command.Wait())
	require.Equal(t, exitEnvironment, command.ProcessState.ExitCode(), output)
	require.Contains(t, output.String(), "interrupted")
	require.NotContains(t, output.String(), "score 1")
}
