//go:build unix

package node

import (
	"os/exec"
	"syscall"
)

// inOwnGroup puts a command and the children it will have into a process group
// of their own, which its Cancel kills as a whole. Ctrl-C in a terminal does not
// reach the group: ending it is left to its owner.
func inOwnGroup(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
}
