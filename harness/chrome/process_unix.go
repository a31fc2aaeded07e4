//go:build unix

package chrome

import (
	"os/exec"
	"syscall"
)

// ownProcessGroup makes Chrome, the script that may wrap it and all their
// children one group, which ends as a whole.
func ownProcessGroup(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(command.SysProcAttr)
	command.Cancel = func() error { return killProcessGroup(command.Process.Pid) }
}

// killProcessGroup ends all processes of the group at once. A group that is gone is no error.
func killProcessGroup(leader int) error {
	if err := syscall.Kill(-leader, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
		return err
	}
	return nil
}
