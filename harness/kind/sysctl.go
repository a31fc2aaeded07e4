package kind

import (
	"context"
	"strings"
)

// hostSysctls are the parameters of the whole machine that a node would change: systemd raises the first, and
// the kubelet sets the others to what it wants. A privileged container can, since these have no namespace.
var hostSysctls = []string{
	"fs/file-max",
	"kernel/keys/root_maxbytes",
	"kernel/keys/root_maxkeys",
	"kernel/panic",
	"kernel/panic_on_oops",
	"vm/overcommit_memory",
	"vm/panic_on_oom",
}

// sysctlFolder holds, in the node, the values as they were (found) and the files that systemd and the kubelet write to (written).
const sysctlFolder = "/kind/host-sysctl"

// guardScript puts a file over each parameter before anything in the node starts, and then becomes the image's own
// command. Writes go to the files, so the machine is never changed, not even where the node is killed.
var guardScript = `for p in ` + strings.Join(hostSysctls, " ") + `; do
  [ -e /proc/sys/$p ] || continue
  for d in found written; do
    mkdir -p ` + sysctlFolder + `/$d/${p%/*}
    [ -e ` + sysctlFolder + `/$d/$p ] || cat /proc/sys/$p > ` + sysctlFolder + `/$d/$p
  done
  mount --bind ` + sysctlFolder + `/written/$p /proc/sys/$p
done
exec "$@"`

// unguardScript takes the files away again: with something mounted in /proc, the kernel refuses pods with a user
// namespace their own /proc. The kubelet sets the parameters only when it starts, so this comes when it is up.
const unguardScript = `cd ` + sysctlFolder + `/written && find . -type f | while read -r p; do
  ! mountpoint -q "/proc/sys/$p" || umount "/proc/sys/$p"
done`

// restoreScript puts back what a kubelet that was started again changed after all.
const restoreScript = unguardScript + `
cd ` + sysctlFolder + `/found && find . -type f | while read -r p; do
  cmp -s "$p" "/proc/sys/$p" || cat "$p" > "/proc/sys/$p"
done`

// guarded is the command behind the guard.
func guarded(command []string) []string {
	return append([]string{"/bin/sh", "-c", guardScript, "guard"}, command...)
}

func (c *Container) unguardSysctls(ctx context.Context) error {
	return c.run(ctx, nil, nil, "sh", "-c", unguardScript)
}

func (c *Container) restoreSysctls(ctx context.Context) error {
	return c.run(ctx, nil, nil, "sh", "-c", restoreScript)
}
