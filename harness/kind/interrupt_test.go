package kind_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/crosscheck-dev/crosscheck/harness/kind"
	"github.com/crosscheck-dev/crosscheck/harness/kind/kindtest"
)

// Whoever interrupts at any step finds the machine as it was: no container, volume, network, process or file.
func TestAnInterruptAtAnyStepLeavesNothing(t *testing.T) {
	docker := requireDocker(t, otherImage)
	for _, test := range []struct {
		step  kind.Step
		after time.Duration // how far into the step
	}{
		{kind.StepDocker, 0},
		{kind.StepImage, 0},
		{kind.StepContainer, 0},
		{kind.StepContainer, 15 * time.Millisecond},
		{kind.StepContainer, 60 * time.Millisecond},
		{kind.StepContainer, 250 * time.Millisecond},
		{kind.StepBoot, 50 * time.Millisecond},
		{kind.StepImages, 100 * time.Millisecond},
		{kind.StepKubeadm, 2 * time.Second},
		{kind.StepNetwork, 50 * time.Millisecond},
		{kind.StepNode, 50 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("%s after %s", test.step, test.after), func(t *testing.T) {
			files := t.TempDir()
			t.Setenv("TMPDIR", files)
			before := kindtest.HostSysctls()
			marked := mark(fmt.Sprintf("%s-%d", t.Name(), os.Getpid()))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			timer := time.AfterFunc(time.Hour, cancel)
			defer timer.Stop()
			c, err := kind.Run(ctx, nodeImage, marked.option(),
				kind.WithImages(otherImage), kind.WithLogs(files+"/logs"),
				kind.WithObserver(func(e kind.StepEvent) {
					if e.Step == test.step && !e.Ended {
						if test.after == 0 {
							cancel()
						}
						timer.Reset(test.after)
					}
				}))
			had := belongings(t, c)
			started := time.Now()
			ended := testcontainers.TerminateContainer(c)
			took := time.Since(started)
			require.NoError(t, ended)
			require.ErrorIs(t, err, context.Canceled)
			var failed *kind.StepError
			require.ErrorAs(t, err, &failed)
			require.Equal(t, "it was interrupted", failed.Cause)
			require.Empty(t, failed.Logs)
			require.Less(t, took, downMost, "taking down")
			requireNothingLeft(t, docker, marked, had)
			require.Equal(t, before, kindtest.HostSysctls())
			entries, err := os.ReadDir(files)
			require.NoError(t, err)
			require.Empty(t, entries, "files are left")
		})
	}
}

// An interrupt in the last step leaves a cluster that is complete. It may be kept, stopped and found again,
// and what a kubelet changed that was started again is put back in the end.
func TestAnInterruptedClusterMayBeKept(t *testing.T) {
	docker := requireDocker(t)
	before := kindtest.HostSysctls()
	marked := mark(fmt.Sprintf("%s-%d", t.Name(), os.Getpid()))
	name := fmt.Sprintf("%s-kept-%d", sharedName, os.Getpid())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, err := kind.Run(ctx, nodeImage, marked.option(), testcontainers.WithName(name), kind.WithObserver(func(e kind.StepEvent) {
		if e.Step == kind.StepPods {
			cancel()
		}
	}))
	testcontainers.CleanupContainer(t, c)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, before, kindtest.HostSysctls())
	shell(t, c, "systemctl restart kubelet")
	if before["kernel/panic"] != "10" {
		require.Eventually(t, func() bool { return kindtest.HostSysctls()["kernel/panic"] == "10" }, 30*time.Second, 100*time.Millisecond)
	}
	at := time.Duration(0)
	require.NoError(t, c.Stop(t.Context(), &at))

	again, err := kind.Run(t.Context(), nodeImage, testcontainers.WithReuseByName(name))
	require.NoError(t, err)
	require.True(t, again.Reused())
	kubeconfig, err := again.KubeConfig(t.Context())
	require.NoError(t, err)
	server, api := apiClient(t, kubeconfig)
	response, err := api.Get(server + "/readyz")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)

	had := belongings(t, again)
	require.NoError(t, testcontainers.TerminateContainer(again))
	requireNothingLeft(t, docker, marked, had)
	require.Equal(t, before, kindtest.HostSysctls())
}

// helperVariable makes this test binary a program that runs a cluster until it is interrupted.
const helperVariable = "CROSSCHECK_KIND_TEST_HELPER"

// helperMain is that program, written as the package's documentation shows it. What the variable holds marks its container.
func helperMain() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	c, err := kind.Run(ctx, helperImage(), mark(os.Getenv(helperVariable)).option(),
		testcontainers.WithWaitStrategy(wait.ForExec([]string{"false"})),
		kind.WithObserver(func(e kind.StepEvent) { fmt.Println(e) }))
	if ended := testcontainers.TerminateContainer(c); ended != nil {
		fmt.Println(ended)
		return 4
	}
	var failed *kind.StepError
	if errors.As(err, &failed) {
		fmt.Printf("step=%s cause=%s\n", failed.Step, failed.Cause)
		return 3
	}
	return 0
}

func helperImage() string {
	if image := os.Getenv(helperVariable + "_IMAGE"); image != "" {
		return image
	}
	return nodeImage
}

// runHelper starts the program with the environment; act sees every line that it prints.
func runHelper(t *testing.T, command *exec.Cmd, marked mark, act func(line string)) (code int, output string) {
	t.Helper()
	command.Env = append(os.Environ(), command.Env...)
	command.Env = append(command.Env, helperVariable+"="+string(marked))
	pipe, err := command.StdoutPipe()
	require.NoError(t, err)
	command.Stderr = os.Stderr
	require.NoError(t, command.Start())
	var said strings.Builder
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		act(lines.Text())
	}
	err = command.Wait()
	var exit *exec.ExitError
	if err != nil {
		require.ErrorAs(t, err, &exit)
	}
	return command.ProcessState.ExitCode(), said.String()
}

// The same with a real Ctrl-C and a real process.
func TestCtrlCLeavesNothing(t *testing.T) {
	docker := requireDocker(t)
	marked := mark(fmt.Sprintf("%s-%d", t.Name(), os.Getpid()))
	command := exec.Command(os.Args[0])
	var had leftovers
	code, output := runHelper(t, command, marked, func(line string) {
		if strings.HasPrefix(line, string(kind.StepKubeadm)) && strings.HasSuffix(line, "…") {
			if ids := marked.containers(t, docker); len(ids) > 0 {
				had.id = ids[0]
			}
			require.NoError(t, command.Process.Signal(os.Interrupt))
		}
	})
	require.Equal(t, 3, code, output)
	require.Contains(t, output, "step=kubeadm cause=it was interrupted")
	require.NotEmpty(t, had.id)
	requireNothingLeft(t, docker, marked, had)
}
