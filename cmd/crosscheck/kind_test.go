package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/bringup"
	"github.com/crosscheck-dev/crosscheck/harness/kind/kindtest"
	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// onKind prepares the command for a run in a cluster that it makes. Where that cannot
// be, the test is skipped, and says so; with CROSSCHECK_KIND=require in the environment it fails instead.
func onKind(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	kindtest.Docker(t, bringup.NodeImage+":"+bringup.DefaultKubernetes)
	if os.Getenv(bringup.VariableIngressNginxChart) == "" && os.Getenv(kindtest.RequireVariable) != "require" {
		t.Skipf("the chart of ingress-nginx would come from the network: set %s to a folder or a .tgz, or CROSSCHECK_KIND=require", bringup.VariableIngressNginxChart)
	}
	program := filepath.Join(t.TempDir(), "crosscheck")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	said, err := build.CombinedOutput()
	require.NoError(t, err, string(said))
	command := exec.CommandContext(t.Context(), program, append([]string{"run", "--env", "kind"}, arguments...)...)
	command.Dir = t.TempDir()
	command.Env = append(os.Environ(), variableCluster+"=crosscheck-test-none") // not the one that somebody keeps here
	return command
}

// containerID finds the node's container in what a run shows of its steps.
var containerID = regexp.MustCompile(`runs as ([0-9a-f]{12})`)

// requireGone requires that the node of a run is no more.
func requireGone(t *testing.T, said string) {
	t.Helper()
	match := containerID.FindStringSubmatch(said)
	require.NotNil(t, match, said)
	docker, err := client.New(client.FromEnv)
	require.NoError(t, err)
	defer docker.Close()
	_, err = docker.ContainerInspect(t.Context(), match[1], client.ContainerInspectOptions{})
	require.True(t, errdefs.IsNotFound(err), "the container %s is left: %v", match[1], err)
}

func TestTheIngressOfTheArticleOnKind(t *testing.T) {
	features, err := filepath.Abs("../../features")
	require.NoError(t, err)
	command := onKind(t, filepath.Join(features, "ingress", "public-api.feature"), filepath.Join(features, "path", "shared-cache.feature"), "--linkerd", "off", "--ignore-mesh-membership", "--record-golden", "golden")
	said, err := command.CombinedOutput()
	require.NoError(t, err, string(said))
	requireGone(t, string(said))
	result, err := report.Read(filepath.Join(command.Dir, "out", report.JSONFile))
	require.NoError(t, err)
	require.Greater(t, result.Summary.Passed, 15, string(said))
	require.Equal(t, 1, result.Summary.Skipped, string(said))
	require.Equal(t, result.Summary.Scenarios, result.Summary.Passed+result.Summary.Skipped, string(said))
	require.Equal(t, "kind", result.Environment.Name)
	version := result.Environment.Versions["ingress-nginx"]
	require.Regexp(t, `^v1\.`, version)
	require.Contains(t, result.Environment.Versions["Linkerd"], "none")
	compared := 0
	for _, scenario := range result.Scenarios {
		for _, request := range scenario.Requests {
			for _, browser := range request.Browsers {
				for _, transit := range browser.Transits {
					if transit.Predicted != nil {
						compared++
					}
				}
			}
		}
	}
	require.Greater(t, compared, 20, "the model was held against the controller")
	require.FileExists(t, filepath.Join(command.Dir, "golden", "ingress-nginx-"+version+".jsonl"))
}

// requireMesh skips the test where Linkerd cannot be installed, as onKind does for clusters.
func requireMesh(t *testing.T) {
	t.Helper()
	switch {
	case os.Getenv(bringup.VariableLinkerd) == "off":
		t.Skipf("%s=off: nothing runs in a mesh", bringup.VariableLinkerd)
	case os.Getenv(bringup.VariableLinkerdCharts) == "" && os.Getenv(kindtest.RequireVariable) != "require":
		t.Skipf("the charts of Linkerd would come from the network: set %s to a folder, or CROSSCHECK_KIND=require", bringup.VariableLinkerdCharts)
	}
}

func TestTheMeshOnKind(t *testing.T) {
	requireMesh(t)
	features, err := filepath.Abs("../../features/mesh")
	require.NoError(t, err)
	command := onKind(t, features, "--linkerd", "on")
	said, err := command.CombinedOutput()
	require.NoError(t, err, string(said))
	requireGone(t, string(said))
	result, err := report.Read(filepath.Join(command.Dir, "out", report.JSONFile))
	require.NoError(t, err)
	require.Positive(t, result.Summary.Passed)
	require.Equal(t, result.Summary.Scenarios, result.Summary.Passed, string(said))
	require.Regexp(t, `^edge-`, result.Environment.Versions["linkerd"])
	clients, compared, third := map[string]int{}, 0, 0
	for _, scenario := range result.Scenarios {
		for _, request := range scenario.Requests {
			for _, browser := range request.Browsers {
				compared += len(browser.PredictedTotal)
				for _, total := range slices.Concat(slices.Collect(maps.Values(browser.ResponseTotal))...) {
					clients[total.ClientID] += total.Value
				}
				for _, transit := range browser.Transits {
					third += max(0, len(transit.Hops)-2)
				}
			}
		}
	}
	require.Len(t, clients, 2, "every response went to a client that mutual TLS proved: the controller, or the pod that asks")
	require.Positive(t, clients[linkerd.ServiceAccountIdentity("ingress-nginx", "ingress-nginx")], clients)
	require.Positive(t, clients[linkerd.ServiceAccountIdentity("default", kindNamespace)], clients)
	require.Greater(t, compared, 50, "the model was held against what the proxies counted")
	require.Positive(t, third, "behind the controller, the answer of the mesh was seen as well as the app's")
}
