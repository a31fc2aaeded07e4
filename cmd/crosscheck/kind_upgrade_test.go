package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	charts "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"

	"github.com/crosscheck-dev/crosscheck/harness/bringup"
	"github.com/crosscheck-dev/crosscheck/harness/compare"
	"github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
)

// openedChart is the chart of ingress-nginx, as another version that lets every origin read every answer, and the chart that it was made of.
func openedChart(t *testing.T) (folder string, original *charts.Metadata) {
	t.Helper()
	if testing.Short() {
		t.Skip("a cluster takes a minute: not with -short")
	}
	loaded, err := ingressnginx.Load(t.Context(), ingressnginx.Options{Source: os.Getenv(bringup.VariableIngressNginxChart)})
	require.NoError(t, err)
	kept := *loaded.Metadata
	loaded.Metadata.Version = "4.99.0"
	folder = t.TempDir()
	require.NoError(t, chartutil.SaveDir(loaded, folder))
	values := filepath.Join(folder, ingressnginx.Name, chartutil.ValuesfileName)
	content, err := os.ReadFile(values)
	require.NoError(t, err)
	opened := strings.Replace(string(content), "\n  addHeaders: {}\n", "\n  addHeaders: {Access-Control-Allow-Origin: \"*\"}\n", 1)
	require.NotEqual(t, string(content), opened)
	require.NoError(t, os.WriteFile(values, []byte(opened), 0o600))
	return filepath.Join(folder, ingressnginx.Name), &kept
}

// Helm upgrades the real controller in place, and what that changes for a browser is found; what it leaves alone, is not.
func TestAnUpgradeOnKind(t *testing.T) {
	command := onKind(t)
	before := leftovers(t, command)
	opened, original := openedChart(t)
	controller := "v" + original.AppVersion
	command.Args = []string{
		command.Path, "upgrade", "--env", "kind", "--linkerd", "off", "--json",
		"--from", controller, "--to", controller, "--to-chart", opened, "orders.feature",
	}
	write(t, command, "orders.feature", `Feature: Orders
  Scenario: A page that nobody listed
    Given an API at "https://orders.example.com" that knows nothing about CORS
    And a page at "https://shop.example.net"
    And its Ingress has the annotations
      | proxy-body-size | 1m |
    When the page fetches "GET https://orders.example.com/orders/7"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: An API that no Ingress leads to
    Given an API at "https://status.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | * |
    And a page at "https://shop.example.net"
    When the page fetches "GET https://status.example.com/"
    Then the page can read the response

  Scenario: A version by its name
    Given an API at "https://orders.example.com" that knows nothing about CORS
    And its Ingress under ingress-nginx v1.11.0 has the annotations
      | enable-cors | true |
    When curl sends "GET https://orders.example.com/orders/7"
    Then curl gets status 200
`)
	var said, shown strings.Builder
	command.Stdout, command.Stderr = &said, &shown
	code := exitCode(t, command)
	require.Equal(t, exitFailed, code, shown.String())
	before.requireGone(t, shown.String())

	var compared compare.Comparison
	require.NoError(t, json.Unmarshal([]byte(said.String()), &compared), said.String())
	require.Equal(t, map[compare.Kind]int{compare.NewlyAllowed: 1}, compared.Counts)
	require.Equal(t, 1, compared.Unchanged)
	require.Equal(t, 1, compared.NotRun, "the one that names its version")
	require.Equal(t, "A page that nobody listed", compared.Changes[0].Name)
	require.Equal(t, "kind", compared.Before.Environment.Name)
	for side, version := range map[*compare.Run]string{&compared.Before: original.Version, &compared.After: "4.99.0"} {
		require.Equal(t, version, side.Environment.Versions["ingress-nginx chart"])
		require.Equal(t, controller, side.Environment.Versions["ingress-nginx"], "what runs counts, not what a chart calls itself")
	}
	require.Contains(t, shown.String(), controller+" is rolled out (revision 2)")
}

// A chart that installs another controller than the flag names is found out before anything is compared.
func TestAnUpgradeToAnotherControllerThanNamed(t *testing.T) {
	folder, original := openedChart(t)
	controller, another := "v"+original.AppVersion, "v1.15.1"
	if controller == another {
		another = "v1.11.0"
	}
	manifest := filepath.Join(folder, chartutil.ChartfileName)
	content, err := os.ReadFile(manifest)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(manifest, []byte(strings.Replace(string(content), "appVersion: "+original.AppVersion, "appVersion: "+another[1:], 1)), 0o600))
	command := onKind(t)
	before := leftovers(t, command)
	command.Args = []string{command.Path, "upgrade", "--env", "kind", "--linkerd", "off", "--from", another, "--from-chart", folder, "--to", controller, "orders.feature"}
	write(t, command, "orders.feature", feature("200"))
	said, err := command.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, exitEnvironment, command.ProcessState.ExitCode(), string(said))
	require.Contains(t, string(said), "--from names the controller "+another+", and the one that runs says that it is "+controller)
	before.requireGone(t, string(said))
}
