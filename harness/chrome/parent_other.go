//go:build unix && !linux

package chrome

import "syscall"

// endWithParent does nothing: Chrome ends when its pipe to this program breaks.
func endWithParent(*syscall.SysProcAttr) {}
