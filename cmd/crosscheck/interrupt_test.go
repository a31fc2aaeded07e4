//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// Whoever reads the first lines only, as head does, ends neither the run nor what it has to take down.
func TestWhoeverStopsReadingDoesNotEndTheRun(t *testing.T) {
	command, output := crosscheck(t, "run", "orders.feature", "--concurrency", "1")
	write(t, command, "orders.feature", feature("200"))
	temporary := t.TempDir()
	command.Env = append(command.Env, "TMPDIR="+temporary)
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, reader.Close())
	command.Stdout = writer
	require.NoError(t, command.Run(), output)
	require.NoError(t, writer.Close())
	require.FileExists(t, filepath.Join(command.Dir, "out", report.JSONFile))
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestAnInterruptEndsTheRunWithAReportAndLeavesNothingRunning(t *testing.T) {
	command, output := crosscheck(t, "run", "hang.feature", "--timeout", "10m", "--seed", "0", "--concurrency", "1")
	write(t, command, "hang.feature", feature("200")+`
  Scenario: One that hangs
    Given an API at "https://api.example.com" that answers only what follows
    And it never answers every request
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/x"
    Then the request fails: NoResponse
`)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Stdout = nil
	progress, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	group := command.Process.Pid
	lines := bufio.NewReader(progress)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "hang.feature:2", "the run is under way when its first scenario is done")
	require.NoError(t, command.Process.Signal(os.Interrupt))
	_, err = io.Copy(io.Discard, lines)
	require.NoError(t, err)
	err = command.Wait()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, output)
	require.Equal(t, exitEnvironment, exit.ExitCode(), output)
	require.Contains(t, output.String(), "interrupted")
	require.ErrorIs(t, syscall.Kill(-group, 0), syscall.ESRCH, "a process of the run is still there")

	content, err := os.ReadFile(filepath.Join(command.Dir, "out", report.JSONFile))
	require.NoError(t, err)
	require.True(t, json.Valid(content))
}
