package kind

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/moby/moby/api/types/container"
)

// trouble looks for what breaks any step: a node that stopped, or a disk that is full. It is empty where all is well.
func (c *Container) trouble(ctx context.Context) string {
	inspect, err := c.Inspect(ctx)
	if err != nil {
		return ""
	}
	if cause := stopped(inspect.State); cause != "" {
		var serial strings.Builder
		if c.writeSerial(ctx, &serial) == nil && strings.TrimSpace(serial.String()) != "" {
			cause += ": " + oneLine(lastLine(serial.String()))
		}
		return cause
	}
	disks, err := c.output(ctx, "df", "-P", "-k")
	if err != nil {
		return ""
	}
	return fullDisk(string(disks))
}

// stopped says how the node's container ended; empty where it runs or never did.
func stopped(state *container.State) string {
	switch {
	case state == nil || state.Running || state.Status == container.StateCreated:
		return ""
	case state.OOMKilled:
		return "the node ran out of memory and was killed"
	}
	return fmt.Sprintf("the node's container ended with code %d", state.ExitCode)
}

// fullDisk finds a file system of the node's data in the output of df -P -k with less than a megabyte left.
func fullDisk(df string) string {
	for line := range strings.Lines(df) {
		fields := strings.Fields(line) // file system, size, used, left, share used, where
		if len(fields) != 6 || (fields[5] != "/" && fields[5] != "/var" && !strings.HasPrefix(fields[5], "/var/")) {
			continue
		}
		size, err := strconv.ParseInt(fields[1], 10, 64)
		left, err2 := strconv.ParseInt(fields[3], 10, 64)
		if err == nil && err2 == nil && size > 0 && left < 1024 {
			return fmt.Sprintf("the node is out of disk: %s has %d kB left of %d kB", fields[5], left, size)
		}
	}
	return ""
}
