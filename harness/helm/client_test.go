package helm_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/crosscheck-dev/crosscheck/harness/helm"
	"github.com/crosscheck-dev/crosscheck/harness/kind"
	"github.com/crosscheck-dev/crosscheck/harness/kind/kindtest"
)

// The tests that install something share one cluster, and need a Docker engine with these images. Where one is missing they are skipped,
// and say so; with CROSSCHECK_KIND=require in the environment they fail instead. go test -short leaves them out.
const (
	nodeImage = "kindest/node:v1.34.4"
	appImage  = "node:20-slim"
)

var shared struct {
	sync.Once
	node *kind.Container
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if err := testcontainers.TerminateContainer(shared.node); err != nil {
		fmt.Fprintln(os.Stderr, "the cluster was not taken down:", err)
		code = 1
	}
	os.Exit(code)
}

// cluster is a client of the shared cluster that does not wait for long, or a skip.
func cluster(t *testing.T) *helm.Client {
	t.Helper()
	kindtest.Docker(t, nodeImage, appImage)
	shared.Do(func() {
		shared.node, shared.err = kind.Run(context.Background(), nodeImage, kind.WithImages(appImage),
			testcontainers.WithName(fmt.Sprintf("crosscheck-helm-test-%d", os.Getpid())))
	})
	require.NoError(t, shared.err)
	kubeconfig, err := shared.node.KubeConfig(t.Context())
	require.NoError(t, err)
	c, err := helm.NewClient(kubeconfig)
	require.NoError(t, err)
	c.Hurry(5*time.Second, 2*time.Second)
	return c
}

// running is a release whose pod runs the command, written as a shell writes it.
func running(t *testing.T, name, command string) helm.Release {
	t.Helper()
	return probe(t, name, map[string]any{"image": appImage, "command": []any{"node", "-e", command}})
}

const forever = "setInterval(() => {}, 1e6)"

func TestInstallKeepAndUpgrade(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	release := running(t, "upgraded", forever)
	installed, err := c.Install(t.Context(), release)
	require.NoError(t, err)
	require.Equal(t, "1.2.3", installed.Chart)
	require.Equal(t, "v4.5.6", installed.App)
	require.Equal(t, "deployed", installed.Status)
	require.Equal(t, 1, installed.Revision)
	require.False(t, installed.Unchanged)
	requireRolledOut(t, c, "upgraded", "hello")

	release = running(t, "upgraded", forever)
	installed, err = c.Install(t.Context(), release)
	require.NoError(t, err)
	require.True(t, installed.Unchanged)
	require.Equal(t, 1, installed.Revision)

	// What somebody else changed by hand is put back.
	_, err = shared.node.Kubectl(t.Context(), nil, "-n", "upgraded", "patch", "configmap/upgraded", "--field-manager=somebody", "--patch", `{"data":{"greeting":"changed"}}`)
	require.NoError(t, err)
	release.Values["greeting"] = "good evening"
	installed, err = c.Install(t.Context(), release)
	require.NoError(t, err)
	require.False(t, installed.Unchanged)
	require.Equal(t, 2, installed.Revision)
	requireRolledOut(t, c, "upgraded", "good evening")

	found, err := c.Release(t.Context(), "upgraded", "upgraded")
	require.NoError(t, err)
	require.Equal(t, 2, found.Revision)
	require.Equal(t, "good evening", found.Values["greeting"])
	none, err := c.Release(t.Context(), "upgraded", "none")
	require.NoError(t, err)
	require.Nil(t, none)
	all, err := c.Releases(t.Context())
	require.NoError(t, err)
	require.Contains(t, all, *found)
}

// requireRolledOut proves that the one pod of the newest template runs, and no other.
func requireRolledOut(t *testing.T, c *helm.Client, namespace, greeting string) {
	t.Helper()
	clients, err := kubernetes.NewForConfig(c.REST())
	require.NoError(t, err)
	deployment, err := clients.AppsV1().Deployments(namespace).Get(t.Context(), namespace, metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, greeting, deployment.Spec.Template.Annotations["greeting"])
	config, err := clients.CoreV1().ConfigMaps(namespace).Get(t.Context(), namespace, metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, greeting, config.Data["greeting"])
	require.True(t, slices.ContainsFunc(config.ManagedFields, func(by metav1.ManagedFieldsEntry) bool { return by.Manager == "helm" }), "whatever this program is called")
	require.Equal(t, deployment.Generation, deployment.Status.ObservedGeneration)
	require.Equal(t, int32(1), deployment.Status.UpdatedReplicas)
	require.Equal(t, int32(1), deployment.Status.AvailableReplicas)
	require.Equal(t, int32(1), deployment.Status.Replicas)
}

// A release that does not become ready says why in the words of its pod, and a better one mends it.
func TestPodsSayWhyTheyAreNotReady(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	for name, test := range map[string]struct {
		values   map[string]any
		hopeless bool // so it is given up before its time
		reason   string
	}{
		"crashing": {
			map[string]any{"image": appImage, "command": []any{"node", "-e", "console.log('this port is taken'); process.exit(7)"}},
			false, "main ",
		},
		"imageless":   {map[string]any{"image": "registry.invalid/nobody/has:1"}, true, "the node does not have the image registry.invalid/nobody/has:1"},
		"unpullable":  {map[string]any{"image": "registry.invalid/nobody/has:1", "pullPolicy": "Always"}, true, "the image registry.invalid/nobody/has:1 is not in the node and cannot be pulled: "},
		"hookless":    {map[string]any{"hook": true}, true, "the node does not have the image registry.invalid/hook:1"},
		"unspellable": {map[string]any{"image": "UPPER/case:1", "pullPolicy": "IfNotPresent"}, true, "the image UPPER/case:1 "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			release := probe(t, name, test.values)
			release.Timeout = 15 * time.Second
			if test.hopeless {
				release.Timeout = 5 * time.Minute
			}
			_, err := c.Install(t.Context(), release)
			var notReady *helm.NotReadyError
			require.ErrorAs(t, err, &notReady)
			require.ErrorContains(t, err, "install "+name+": "+name+" is not ready: "+name)
			require.ErrorContains(t, err, test.reason)
			require.NotContains(t, err.Error(), "\n")
			if test.hopeless {
				require.NotErrorIs(t, err, context.DeadlineExceeded, "it was waited for in vain")
			} else {
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, []string{"this port is taken"}, notReady.Pods[0].Log)
				require.ErrorContains(t, err, "it wrote last: this port is taken")
			}
			found, err := c.Release(t.Context(), name, name)
			require.NoError(t, err)
			require.Equal(t, "failed", found.Status)

			installed, err := c.Install(t.Context(), running(t, name, forever))
			require.NoError(t, err)
			require.Equal(t, 2, installed.Revision)
			requireRolledOut(t, c, name, "hello")
		})
	}
}

// What the API refuses is told as it says it, and is not taken for a pod's trouble.
func TestWhatTheAPIRefuses(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	release := running(t, "refused", forever)
	release.Values["pullPolicy"] = "Sometimes"
	_, err := c.Install(t.Context(), release)
	require.ErrorContains(t, err, "Sometimes")
	var notReady *helm.NotReadyError
	require.NotErrorAs(t, err, &notReady)
}

func TestAReleaseThatAKilledProcessLeft(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	_, err := c.Install(t.Context(), running(t, "stuck", forever))
	require.NoError(t, err)

	require.NoError(t, c.LeavePending(t.Context(), "stuck", "stuck", time.Minute))
	_, err = c.Install(t.Context(), running(t, "stuck", forever))
	var stuck *helm.StuckError
	require.ErrorAs(t, err, &stuck)
	require.Equal(t, "pending-upgrade", stuck.Status)
	require.ErrorContains(t, err, "another process is at work on it, or was killed")
	require.ErrorContains(t, err, "helm uninstall -n stuck stuck")

	require.NoError(t, c.LeavePending(t.Context(), "stuck", "stuck", helm.StuckAfter+time.Minute))
	installed, err := c.Install(t.Context(), running(t, "stuck", forever))
	require.NoError(t, err)
	require.Equal(t, "deployed", installed.Status)
	require.Equal(t, 2, installed.Revision)
}

// Whoever cancels has the call back at once; the release is noted as failed, and the next call goes on from there.
func TestInstallIsCancelled(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	release := running(t, "cancelled", "process.exit(1)")
	done := make(chan error, 1)
	go func() {
		_, err := c.Install(ctx, release)
		done <- err
	}()
	require.Eventually(t, func() bool {
		found, err := c.Release(t.Context(), "cancelled", "cancelled")
		return err == nil && found != nil && strings.HasPrefix(found.Status, "pending")
	}, 20*time.Second, 50*time.Millisecond)
	cancel()
	select {
	case err := <-done:
		require.ErrorIs(t, err, context.Canceled)
		var notReady *helm.NotReadyError
		require.NotErrorAs(t, err, &notReady)
	case <-time.After(10 * time.Second):
		require.Fail(t, "the call did not end")
	}
	found, err := c.Release(t.Context(), "cancelled", "cancelled")
	require.NoError(t, err)
	require.Equal(t, "failed", found.Status)
	_, err = c.Install(t.Context(), running(t, "cancelled", forever))
	require.NoError(t, err)
}

func TestAClusterThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	_, err := helm.NewClient([]byte("this is no kubeconfig"))
	require.ErrorContains(t, err, "helm: read the kubeconfig")
	c, err := helm.NewClient([]byte(`{clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}], contexts: [{name: c, context: {cluster: c, user: u}}], users: [{name: u}], current-context: c}`))
	require.NoError(t, err)
	_, err = c.Install(t.Context(), running(t, "nowhere", forever))
	require.ErrorContains(t, err, "connection refused")
	_, err = c.Releases(t.Context())
	require.ErrorContains(t, err, "connection refused")
}
