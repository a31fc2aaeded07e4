package kubernetes

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"

	"github.com/crosscheck-dev/crosscheck/harness/kind"
	"github.com/crosscheck-dev/crosscheck/harness/report"
)

const (
	nodeImage  = "kindest/node:v1.34.4"
	shardImage = "crosscheck:shards"
)

// volume is what a cluster with a storage provisioner for ReadWriteMany makes by itself; kind has none.
const volume = `apiVersion: v1
kind: PersistentVolume
metadata: {name: crosscheck-reports}
spec:
  storageClassName: standard
  accessModes: [ReadWriteMany]
  capacity: {storage: 1Gi}
  hostPath: {path: /var/crosscheck-reports, type: DirectoryOrCreate}
`

// The shards run for real: each in a pod of a kind cluster, with the image that the Dockerfile makes. Its images
// are taken from the local Docker; where one is missing the test is skipped, and says so.
func TestTheShardsOfAClusterAreOneReport(t *testing.T) {
	if testing.Short() {
		t.Skip("a cluster takes half a minute: not with -short")
	}
	for _, image := range []string{nodeImage, shardImage} {
		if err := exec.CommandContext(t.Context(), "docker", "image", "inspect", image).Run(); err != nil {
			t.Skipf("Docker has no image %s (%v): the Dockerfile says how crosscheck:shards is made", image, err)
		}
	}
	cluster, err := kind.Run(t.Context(), nodeImage, kind.WithImages(shardImage))
	testcontainers.CleanupContainer(t, cluster)
	require.NoError(t, err)
	config, err := cluster.KubeConfig(t.Context())
	require.NoError(t, err)
	folder := t.TempDir()
	kubeconfig := filepath.Join(folder, "kubeconfig")
	require.NoError(t, os.WriteFile(kubeconfig, config, 0o600))
	run := func(input, program string, arguments ...string) (string, error) {
		command := exec.CommandContext(t.Context(), program, arguments...)
		command.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig, "TIMEOUT=120")
		command.Stdin = strings.NewReader(input)
		output, err := command.CombinedOutput()
		return string(output), err
	}
	output, err := run(volume, "kubectl", "apply", "-f", "-")
	require.NoError(t, err, output)
	output, err = run("", "kubectl", "create", "configmap", "crosscheck-features", "--from-file=../../features/browser/preflight.feature", "--from-file=testdata/fails.feature")
	require.NoError(t, err, output)

	out := filepath.Join(folder, "out")
	output, err = run("", "./run", out)
	t.Log(output)
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 1, exit.ExitCode(), "a scenario failed")
	require.Regexp(t, oneFailed, output)
	merged, err := report.Read(filepath.Join(out, report.JSONFile))
	require.NoError(t, err)
	require.Nil(t, merged.Shard)
	require.Contains(t, merged.Environment.Versions["chrome"], "Chromium")
	for _, file := range []string{report.HTMLFile, report.JUnitFile, report.ConformanceFile} {
		require.FileExists(t, filepath.Join(out, file))
	}
}
