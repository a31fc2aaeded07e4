package kubernetes

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// oneFailed is the last line of a run of the scenarios below.
const oneFailed = `\d+ scenarios: \d+ passed, 1 failed, 0 skipped, 0 mismatches`

// terminal is a folder to type commands in, with crosscheck and a kubectl that stands in for a cluster.
type terminal struct{ folder, cluster string }

func newTerminal(t *testing.T) terminal {
	t.Helper()
	w := terminal{t.TempDir(), t.TempDir()}
	programs := filepath.Join(w.folder, "bin")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", programs+"/", "../../cmd/crosscheck")
	output, err := build.CombinedOutput()
	require.NoError(t, err, string(output))
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, filepath.Join(programs, "kubectl")))
	here, err := os.Getwd()
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(w.folder, "deploy"), 0o755))
	require.NoError(t, os.Symlink(here, filepath.Join(w.folder, "deploy", "kubernetes")))
	require.NoError(t, os.Mkdir(filepath.Join(w.folder, "features"), 0o755))
	for _, file := range []string{"../../features/browser/preflight.feature", "testdata/fails.feature"} {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(w.folder, "features", filepath.Base(file)), content, 0o644))
	}
	return w
}

// types runs a line of a shell, and gives its exit code.
func (w terminal) types(t *testing.T, line string, environment ...string) (string, int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-c", line)
	command.Dir = w.folder
	command.Env = append(os.Environ(), append(environment, standInState+"="+w.cluster, "PATH="+w.folder+"/bin:"+os.Getenv("PATH"))...)
	output, err := command.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(t, err, string(output))
		return string(output), 0
	}
	return string(output), exit.ExitCode()
}

// The script and the scripts in the manifest run as they are; only the cluster is a stand-in.
func TestTheCommandsOfThePageRunTheShardsAndFetchOneReport(t *testing.T) {
	w := newTerminal(t)
	output, code := w.types(t, `kubectl create configmap crosscheck-features --from-file=features/`)
	require.Zero(t, code, output)
	output, code = w.types(t, `deploy/kubernetes/run`)
	require.Equal(t, 1, code, "a scenario failed\n%s", output)
	require.Regexp(t, oneFailed, output)
	require.FileExists(t, filepath.Join(w.cluster, "deleted"), "everything is taken down")
	merged, err := report.Read(filepath.Join(w.folder, "out", report.JSONFile))
	require.NoError(t, err)
	all := len(merged.Scenarios)
	require.Greater(t, all, 10)

	// With times by which one scenario takes longer than all others, it has a shard of its own.
	output, code = w.types(t, `crosscheck report costs out > costs.json`)
	require.Zero(t, code, output)
	path := filepath.Join(w.folder, "costs.json")
	costs, err := report.Read(path)
	require.NoError(t, err)
	require.Len(t, costs.Costs(), all)
	slow := costs.Scenarios[3].ID
	costs.Scenarios[3].DurationMS = 3_600_000
	content, err := json.Marshal(costs)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, content, 0o644))
	require.NoError(t, os.RemoveAll(filepath.Join(w.cluster, "reports")))
	output, code = w.types(t, `COSTS=costs.json deploy/kubernetes/run`)
	require.Equal(t, 1, code, output)
	require.NoDirExists(t, filepath.Join(w.cluster, "configmaps", "crosscheck-costs"), "it is taken down too")
	shards, err := filepath.Glob(filepath.Join(w.cluster, "reports", "shard-*"))
	require.NoError(t, err)
	require.Len(t, shards, 4)
	alone := 0
	for _, shard := range shards {
		part, err := report.Read(filepath.Join(shard, report.JSONFile))
		require.NoError(t, err)
		if _, here := part.Costs()[slow]; here {
			require.Equal(t, 1, len(part.Scenarios), "it has a shard of its own")
			alone++
		}
	}
	require.Equal(t, 1, alone)

	// A shard that could not be carried out is the environment's fault.
	require.NoError(t, os.RemoveAll(filepath.Join(w.folder, "out")))
	w.cluster = t.TempDir()
	output, code = w.types(t, "deploy/kubernetes/run", "CHROME=/nowhere/chrome")
	require.Equal(t, 3, code, output)
	require.Contains(t, output, "a shard could not be carried out:")
	require.Contains(t, output, "the CHROME variable says \"/nowhere/chrome\", which cannot be run")
	require.NoDirExists(t, filepath.Join(w.folder, "out"), "nothing partial")
	require.FileExists(t, filepath.Join(w.cluster, "deleted"))
}
