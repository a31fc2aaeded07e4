//go:build !unix

package node

import "os/exec"

// inOwnGroup does nothing where there are no process groups: the process itself is killed.
func inOwnGroup(*exec.Cmd) {}
