//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/fuzz"
)

func TestFuzzEndsWithTheLineThatOthersRead(t *testing.T) {
	command, output := crosscheck(t, "fuzz", "--cases", "60", "--seed", "3")
	require.NoError(t, command.Run(), output)
	require.Contains(t, output.String(), "seed 3, simulator against Chromium")
	require.Regexp(t, `(?m)^cases=60 disagreements=0$`, output.String())
}

func TestFuzzRefusesWhatItCannotGoOnWith(t *testing.T) {
	for _, arguments := range [][]string{{"--cases", "0"}, {"--sessions", "0"}, {"--resume"}} {
		command, output := crosscheck(t, append([]string{"fuzz"}, arguments...)...)
		var exit *exec.ExitError
		require.ErrorAs(t, command.Run(), &exit, arguments)
		require.Equal(t, exitUsage, exit.ExitCode(), output)
	}
}

func TestAnInterruptedFuzzGoesOnWhereItWas(t *testing.T) {
	command, output := crosscheck(t, "fuzz", "--cases", "1000000", "--seed", "4")
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, command.Start())
	group, folder := command.Process.Pid, command.Dir
	var state fuzz.State
	require.Eventually(t, func() bool {
		var err error
		state, _, err = fuzz.LoadState(folder + "/out/fuzz")
		return err == nil && state.Cases() > 0
	}, 2*time.Minute, 100*time.Millisecond, "no batch was finished")
	require.NoError(t, command.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	require.ErrorAs(t, command.Wait(), &exit, output)
	require.Equal(t, exitEnvironment, exit.ExitCode(), output)
	require.Contains(t, output.String(), "--resume")
	require.ErrorIs(t, syscall.Kill(-group, 0), syscall.ESRCH, "a process of the run is still there")

	state, _, err := fuzz.LoadState(folder + "/out/fuzz")
	require.NoError(t, err)
	// Batches end in any order: up to the last of them, and one case more.
	wanted := state.Done[len(state.Done)-1][1] + 1
	again, output := crosscheck(t, "fuzz", "--resume", "--cases", fmt.Sprint(wanted), "--report-dir", folder+"/out/fuzz")
	require.NoError(t, again.Run(), output)
	require.Regexp(t, fmt.Sprintf(`(?m)^cases=%d disagreements=0$`, wanted), output.String())

	other, output := crosscheck(t, "fuzz", "--resume", "--seed", "5", "--report-dir", folder+"/out/fuzz")
	require.ErrorAs(t, other.Run(), &exit)
	require.Equal(t, exitUsage, exit.ExitCode(), output)
}
