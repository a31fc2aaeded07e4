package chrome

import "syscall"

// endWithParent makes the kernel end Chrome when this program is killed.
func endWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }
