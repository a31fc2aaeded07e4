package kind

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// trouble looks for what breaks any step: a node that stopped, or a disk that is full. It is empty where all is well.
func (c *Container) trouble(ctx context.Context, failure error) string {
	var killed *ExecError
	if errors.As(failure, &killed) && killed.Code == 128+9 {
		// Commands in a node that stops are killed, a moment before the engine knows that the node stopped.
		c.awaitStop(ctx, time.Second)
	}
	inspect, err := c.Inspect(ctx)
	if err != nil {
		return ""
	}
	if cause := stopped(inspect.State); cause != "" {
		var serial strings.Builder
		if c.writeSerial(ctx, &serial) == nil && strings.TrimSpace(serial.String()) != "" {
			cause += "; its last words: " + oneLine(lastLine(serial.String()))
		}
		return cause
	}
	disks, err := c.output(ctx, "df", "-P", "-k")
	if err != nil {
		return ""
	}
	return fullDisk(string(disks))
}

// awaitStop waits until the node's container does not run, but not for long.
func (c *Container) awaitStop(ctx context.Context, most time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	waited := c.engine.api.ContainerWait(ctx, c.GetContainerID(), client.ContainerWaitOptions{Condition: container.WaitConditionNotRunning})
	select {
	case <-waited.Result:
	case <-waited.Error:
	}
}

// stopped says how the node's container ended; empty where it runs or never did.
func stopped(state *container.State) string {
	switch {
	case state == nil || state.Running || state.Status == container.StateCreated:
		return ""
	case state.OOMKilled:
		return "the node ran out of memory and was killed"
	}
	return fmt.Sprintf("the node's container ended by itself with code %d", state.ExitCode)
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
