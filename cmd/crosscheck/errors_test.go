package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// guardedRoute is a feature whose route has a policy at the ingress, in the app's own words, and in the mesh.
const guardedRoute = `Feature: Orders
  Background:
    Given the Go API at "https://api.example.com" with the CORS policy
      | allowed origins | https://app.example.com |
      | allowed methods | PUT                     |
      | allowed headers | Content-Type            |
    And a page at "https://app.example.com"

  Scenario: Directly
    When the page fetches "PUT https://api.example.com/api/user" with the headers
      | Content-Type | application/json |
    Then the page can read the response

  Scenario: Behind an Ingress
    Given its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
    And its pods are meshed by Linkerd
    When the page fetches "PUT https://api.example.com/api/user" with credentials
    Then the page can read the response
`

func TestErrorsThatAreWrittenAsScenariosPass(t *testing.T) {
	t.Parallel()
	command, output := crosscheck(t, "errors", "orders.feature", "--feature", "errors.feature")
	write(t, command, "orders.feature", guardedRoute)
	require.Equal(t, 0, exitCode(t, command), output)
	require.Contains(t, output.String(), "2 routes, ")
	folder := command.Dir

	command, output = crosscheck(t, "run", "errors.feature", "--browser", "simulator")
	command.Dir = folder
	require.Equal(t, 0, exitCode(t, command), output)
	require.Contains(t, output.String(), " 0 failed, 0 skipped, 0 mismatches")

	command, output = crosscheck(t, "errors", "orders.feature", "--feature", "errors.feature")
	command.Dir = folder
	require.Equal(t, exitUsage, exitCode(t, command), output)
	require.Contains(t, output.String(), "errors.feature is there already")
}

func TestErrorsOfWhatCannotBeRunAreNoResult(t *testing.T) {
	t.Parallel()
	command, output := crosscheck(t, "errors", "orders.feature", "--feature", "errors.feature")
	write(t, command, "orders.feature", deployedElsewhere)
	require.Equal(t, exitEnvironment, exitCode(t, command), output)
	require.NoFileExists(t, filepath.Join(command.Dir, "errors.feature"))
}
