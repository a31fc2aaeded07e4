package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/crosscheck-dev/crosscheck/harness/lease"
)

// One cluster is kept, used as this machine's own and as anybody's, while nobody is at work in it and while somebody is, and taken down.
// Nothing of it needs testcontainers' reaper, which is left on here: its image may be missing.
func TestAKeptCluster(t *testing.T) {
	features, err := filepath.Abs("../../features")
	require.NoError(t, err)
	program := onKind(t)
	name := fmt.Sprintf("crosscheck-kept-test-%d", os.Getpid())
	session := leftovers(t, program)
	crosscheck := func(arguments ...string) (code int, said string) {
		command := exec.CommandContext(t.Context(), program.Path, arguments...)
		command.Dir = program.Dir
		command.Env = append(program.Environ(), variableCluster+"="+name, "LINKERD=off", "TESTCONTAINERS_RYUK_DISABLED=false")
		output, err := command.CombinedOutput()
		if command.ProcessState == nil {
			require.NoError(t, err)
		}
		return command.ProcessState.ExitCode(), string(output)
	}
	requireCode := func(want int, arguments ...string) string {
		t.Helper()
		code, said := crosscheck(arguments...)
		require.Equal(t, want, code, said)
		return said
	}

	t.Cleanup(func() { // where the test does not come to its end
		_, _ = session.docker.ContainerRemove(context.Background(), name, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	})
	requireCode(0, "env", "up")
	kept := session.containers(t)
	require.Len(t, kept, 1, "the node, and no reaper")
	scenarios := filepath.Join(features, "ingress", "public-api.feature")
	require.Contains(t, requireCode(0, "run", "--env", "kind", scenarios, "--ignore-mesh-membership"), " 0 failed, ")
	require.Equal(t, kept, session.containers(t))

	kubeconfig := filepath.Join(program.Dir, "kubeconfig")
	require.NoError(t, os.WriteFile(kubeconfig, []byte(requireCode(0, "env", "kubeconfig")), 0o600))
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	require.NoError(t, err)
	clients, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	status := requireCode(0, "env", "status")
	require.NotContains(t, status, "at work")
	asAnybodys := append([]string{"run", "--env", "cluster", scenarios, "--kubeconfig", kubeconfig, "--wait", "0"}, clusterFlags(t, clients, status)...)
	said := requireCode(0, append(asAnybodys, "--ignore-mesh-membership")...)
	require.Contains(t, said, " 0 failed, ")
	_, err = clients.CoordinationV1().Leases("default").Get(t.Context(), "crosscheck-run", metav1.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "a cluster of somebody else keeps no Lease: %v", err)
	require.Contains(t, requireCode(exitEnvironment, asAnybodys...), "this cluster has no Linkerd, so no pods are meshed", "and nothing was tested")

	turn, err := lease.Acquire(t.Context(), clients.CoordinationV1(), lease.Options{Identity: "somebody"})
	require.NoError(t, err)
	require.Contains(t, requireCode(0, "env", "status"), "a run is at work in it: somebody, since ")
	for _, arguments := range [][]string{asAnybodys, {"run", "--env", "kind", scenarios, "--wait", "0"}, {"env", "up", "--wait", "0"}} {
		require.Contains(t, requireCode(exitEnvironment, arguments...), "another run is at work in the cluster: somebody, since ", arguments)
	}
	require.Contains(t, requireCode(exitEnvironment, "env", "down"), "crosscheck env down --force takes "+name+" from it")
	require.NoError(t, turn.Err())
	require.Equal(t, kept, session.containers(t))

	turn.Release()
	requireCode(0, "env", "status")
	require.Contains(t, requireCode(0, "env", "down", "--force"), name+" is down after ")
	session.requireGone(t, "")
	require.Contains(t, requireCode(0, "env", "down"), "there is no cluster to take down")
}

// clusterFlags say to --env cluster what env status and the pods of the run before know of the cluster.
func clusterFlags(t *testing.T, clients kubernetes.Interface, status string) []string {
	t.Helper()
	pods, err := clients.CoreV1().Pods(kindNamespace).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.NotEmpty(t, pods.Items)
	flags := []string{"--pod-image", pods.Items[0].Spec.Containers[0].Image}
	for line := range strings.Lines(status) {
		if words := strings.Fields(line); len(words) >= 2 {
			switch words[0] {
			case "http", "https":
				flags = append(flags, "--ingress-"+words[0], words[1])
			case "ingress-nginx":
				if words[1] != "chart" {
					flags = append(flags, "--ingress-version", words[1])
				}
			}
		}
	}
	require.Len(t, flags, 8, status)
	return flags
}
