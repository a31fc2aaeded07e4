//go:build unix

package kind_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// testcontainers looks for the engine once in a process, so each of these has a process of its own. None needs a real Docker.
func helperWithDocker(t *testing.T, dockerHost string) *exec.Cmd {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = []string{"DOCKER_HOST=" + dockerHost, "HOME=" + t.TempDir(), "XDG_RUNTIME_DIR=", "TESTCONTAINERS_RYUK_DISABLED=true"}
	return command
}

// oldDocker answers as an engine with the API version does, as far as it is asked.
func oldDocker(t *testing.T, api string) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "docker.sock")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", api)
		w.Header().Set("Ostype", "linux")
		switch {
		case strings.HasSuffix(r.URL.Path, "/_ping"):
			_, _ = io.WriteString(w, "OK")
		case strings.HasSuffix(r.URL.Path, "/version"):
			fmt.Fprintf(w, `{"Version":"19.03.15","ApiVersion":%q,"MinAPIVersion":"1.12","Os":"linux","Arch":"amd64"}`, api)
		case strings.HasSuffix(r.URL.Path, "/info"):
			_, _ = io.WriteString(w, `{"ID":"old","OSType":"linux"}`)
		default:
			http.NotFound(w, r)
		}
	})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-served, http.ErrServerClosed)
	})
	return "unix://" + socket
}

func TestWithoutDocker(t *testing.T) {
	t.Parallel()
	command := helperWithDocker(t, "unix://"+filepath.Join(t.TempDir(), "none.sock"))
	if _, err := os.Stat("/var/run/docker.sock"); err == nil {
		// testcontainers falls back to the usual socket, so the process gets a /run without it.
		if os.Getuid() != 0 {
			t.Skip("there is a Docker at /var/run/docker.sock, and only root can hide it")
		}
		unshare, err := exec.LookPath("unshare")
		require.NoError(t, err)
		command.Args = []string{unshare, "--mount", "sh", "-c", `mount -t tmpfs tmpfs /run && exec "$0"`, command.Path}
		command.Path = unshare
	}
	code, output := runHelper(t, command, "none", func(string) {})
	require.Equal(t, 3, code, output)
	require.Contains(t, output, "step=docker cause=no Docker engine answers")
}

func TestWithADockerThatIsTooOld(t *testing.T) {
	t.Parallel()
	for _, api := range []string{"1.40", "1.39"} {
		code, output := runHelper(t, helperWithDocker(t, oldDocker(t, api)), "none", func(string) {})
		require.Equal(t, 3, code, output)
		require.Contains(t, output, "is too old")
		require.Contains(t, output, "version 20.10 (API 1.41) or newer is needed")
	}
}

// Ctrl-C works also where an engine accepts and never answers.
func TestWithADockerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "docker.sock")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	defer listener.Close()
	command := helperWithDocker(t, "unix://"+socket)
	// A second one would end the program at once, if it came late.
	var once sync.Once
	code, output := runHelper(t, command, "none", func(string) {
		once.Do(func() { require.NoError(t, command.Process.Signal(os.Interrupt)) })
	})
	require.Equal(t, 3, code, output)
	require.Contains(t, output, "step=docker cause=it was interrupted")
}

func TestWithoutTheRightToUseDocker(t *testing.T) {
	t.Parallel()
	host := oldDocker(t, "1.41")
	require.NoError(t, os.Chmod(strings.TrimPrefix(host, "unix://"), 0))
	command := helperWithDocker(t, host)
	asNobody(t, command)
	code, output := runHelper(t, command, "none", func(string) {})
	require.Equal(t, 3, code, output)
	require.Contains(t, output, "step=docker cause=Docker refuses this user")
}
