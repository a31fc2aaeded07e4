package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/bringup"
	"github.com/crosscheck-dev/crosscheck/harness/helm"
	"github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/harness/kind/kindtest"
)

// What the controller's admission webhook refuses is a mistake of the scenario's, in the webhook's words; what it lets through, runs.
func TestTheAdmissionWebhookOnKind(t *testing.T) {
	command := onKind(t, "--linkerd", "off", "--ingress-nginx-webhook", "on", "--browser", "simulator", "orders.feature")
	loaded, err := ingressnginx.Load(t.Context(), ingressnginx.Options{Source: os.Getenv(bringup.VariableIngressNginxChart)})
	require.NoError(t, err)
	rendered, err := helm.Render(t.Context(), ingressnginx.Release(loaded, ingressnginx.Options{}, nil), bringup.DefaultKubernetes)
	require.NoError(t, err)
	images, err := helm.Images(rendered)
	require.NoError(t, err)
	require.Len(t, images, 2)
	kindtest.Docker(t, images...)
	write(t, command, "orders.feature", `Feature: Orders
  Scenario: A snippet, which nobody allowed
    Given an API at "https://orders.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | configuration-snippet | add_header Access-Control-Allow-Origin "*"; |
    When curl sends "GET https://orders.example.com/orders/7"
    Then curl gets status 200

  Scenario: CORS as the controller does it
    Given an API at "https://orders.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors | true |
    And a page at "https://shop.example.net"
    When the page fetches "GET https://orders.example.com/orders/7"
    Then the page can read the response
`)
	said, err := command.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, exitFailed, command.ProcessState.ExitCode(), string(said))
	require.Contains(t, string(said), `the cluster refuses the Ingress: admission webhook "validate.nginx.ingress.kubernetes.io" denied the request: `)
	require.Contains(t, string(said), "configuration-snippet annotation cannot be used")
	require.Contains(t, string(said), "2 scenarios: 1 passed, 1 failed, 0 skipped, 0 mismatches")
	requireGone(t, string(said))
}
