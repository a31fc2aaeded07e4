//go:build !unix

package chrome

import (
	"os"
	"os/exec"
)

// ownProcessGroup does nothing where there are no process groups.
func ownProcessGroup(*exec.Cmd) {}

// killProcessGroup ends the one process; Chrome's children end with it.
func killProcessGroup(leader int) error {
	process, err := os.FindProcess(leader)
	if err != nil {
		return nil
	}
	return process.Kill()
}
