//go:build unix

package kind_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// asNobody takes root's rights from the command: root may use any socket. Others have no such rights to lose.
func asNobody(t *testing.T, command *exec.Cmd) {
	t.Helper()
	if os.Getuid() != 0 {
		if _, err := os.Stat("/var/run/docker.sock"); err == nil {
			t.Skip("testcontainers falls back to the Docker at /var/run/docker.sock, which this user may use; root can try it as nobody")
		}
		return
	}
	// The user nobody cannot reach the test binary where go test puts it, nor a socket in a folder of root's.
	folder, err := os.MkdirTemp("", "kind-nobody-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	require.NoError(t, os.Chmod(folder, 0o755))
	program, err := os.ReadFile(command.Path)
	require.NoError(t, err)
	command.Path = filepath.Join(folder, "kind.test")
	require.NoError(t, os.WriteFile(command.Path, program, 0o755))
	command.Dir = folder
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
}
