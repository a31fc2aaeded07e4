package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/bringup"
	"github.com/crosscheck-dev/crosscheck/harness/kind"
)

// Whoever presses Ctrl-C in any step of the whole way finds the machine as it was.
func TestCtrlCAtAnyStepLeavesNothing(t *testing.T) {
	features, err := filepath.Abs("../../features/ingress/annotations.feature")
	require.NoError(t, err)
	program := onKind(t, features, "--linkerd", "off")
	steps := []bringup.Step{
		bringup.StepCharts, kind.StepDocker, kind.StepImage, kind.StepContainer, kind.StepBoot, kind.StepImages, kind.StepKubeadm, kind.StepNetwork,
		kind.StepStorage, kind.StepNode, kind.StepPods, bringup.StepAccess, bringup.StepLinkerd, bringup.StepIngress, bringup.StepServing,
	}
	moments := map[string]moment{
		"in ingress-nginx":    {line: end(bringup.StepLinkerd), after: 2 * time.Second},
		"while pods start":    {line: end(bringup.StepServing), after: time.Second},
		"when it is ready":    {line: "the cluster is ready after"},
		"while scenarios run": {line: "ok "},
	}
	for _, step := range steps {
		moments["after "+string(step)] = moment{line: end(step)}
	}
	for name, when := range moments {
		t.Run(name, func(t *testing.T) { requireGoneAfter(t, program, when) })
	}
}

// The same in the steps that only a cluster with Linkerd has, or that take another course there; and for who ends the program kindly.
func TestASignalAtAStepOfTheMeshLeavesNothing(t *testing.T) {
	requireMesh(t)
	features, err := filepath.Abs("../../features/mesh")
	require.NoError(t, err)
	program := onKind(t, features, "--linkerd", "on")
	for name, when := range map[string]moment{
		"in linkerd":                {line: end(bringup.StepAccess), after: 6 * time.Second},
		"while pods start":          {line: end(bringup.StepServing), after: 3 * time.Second},
		"in the scenarios, SIGTERM": {line: "ok ", after: time.Second, signal: syscall.SIGTERM},
	} {
		t.Run(name, func(t *testing.T) { requireGoneAfter(t, program, when) })
	}
}

// A moment is when a run gets a signal.
type moment struct {
	line   string        // how the line begins with which a step ends
	after  time.Duration // how far into the next step
	signal os.Signal     // Ctrl-C where there is none
}

// end is how the line begins with which a step ends.
func end(step bringup.Step) string { return fmt.Sprintf("%-13s ", step) }

// requireGoneAfter runs the program until the moment, and requires that nothing is left of it.
func requireGoneAfter(t *testing.T, program *exec.Cmd, when moment) {
	t.Helper()
	if when.signal == nil {
		when.signal = os.Interrupt
	}
	command := exec.CommandContext(t.Context(), program.Path, program.Args[1:]...)
	command.Dir, command.Env = t.TempDir(), slices.Clone(program.Env)
	before := leftovers(t, command)
	output, input, err := os.Pipe()
	require.NoError(t, err)
	defer output.Close()
	command.Stdout, command.Stderr = input, input
	require.NoError(t, command.Start())
	require.NoError(t, input.Close())
	var said strings.Builder
	var interrupted time.Time
	for lines := bufio.NewScanner(io.TeeReader(output, &said)); lines.Scan(); {
		if interrupted.IsZero() && strings.HasPrefix(lines.Text(), when.line) {
			time.Sleep(when.after)
			require.NoError(t, command.Process.Signal(when.signal))
			interrupted = time.Now()
		}
	}
	require.Error(t, command.Wait(), said.String())
	t.Logf("down %.1f s after the interrupt", time.Since(interrupted).Seconds())
	require.False(t, interrupted.IsZero(), "the moment never came:\n%s", said.String())
	require.Equal(t, exitEnvironment, command.ProcessState.ExitCode(), said.String())
	require.Contains(t, said.String(), "interrupted")
	before.requireGone(t, said.String())
	entries, err := os.ReadDir(command.Dir)
	require.NoError(t, err)
	for _, entry := range entries {
		require.Equal(t, "out", entry.Name(), "only a run that came to its scenarios leaves a report")
		require.FileExists(t, filepath.Join(command.Dir, "out", "report.json"))
	}
}
