//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/report"
)

func TestAnInterruptEndsTheRunWithAReportAndLeavesNothingRunning(t *testing.T) {
	command, output := crosscheck(t, "run", "hang.feature", "--timeout", "10m")
	write(t, command, "hang.feature", `Feature: F
  Scenario: S
    Given an API at "https://api.example.com" that answers only what follows
    And it never answers every request
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/x"
    Then the request fails: NoResponse
`)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, command.Start())
	group := command.Process.Pid
	time.Sleep(3 * time.Second) // until the request hangs; earlier is an interrupt too
	require.NoError(t, command.Process.Signal(os.Interrupt))
	err := command.Wait()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, output)
	require.Equal(t, exitEnvironment, exit.ExitCode(), output)
	require.Contains(t, output.String(), "interrupted")
	require.ErrorIs(t, syscall.Kill(-group, 0), syscall.ESRCH, "a process of the run is still there")

	content, err := os.ReadFile(filepath.Join(command.Dir, "out", report.JSONFile))
	require.NoError(t, err)
	require.True(t, json.Valid(content))
}
