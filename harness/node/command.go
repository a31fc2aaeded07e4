package node

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// outputWait bounds how long a command's output is awaited after it was killed.
const outputWait = 2 * time.Second

// run runs a command to its end and returns what it printed. When the context
// ends, the command and all its children are killed.
func run(ctx context.Context, dir, name string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir = dir
	command.WaitDelay = outputWait
	inOwnGroup(command)
	var output, messages tail
	command.Stdout, command.Stderr = &output, &messages
	if err := command.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return "", fmt.Errorf("%s %s: %w%s", filepath.Base(name), strings.Join(arguments, " "), err, messages.quoted())
	}
	return output.String(), nil
}

// tailSize bounds what is kept of a process's output.
const tailSize = 4 << 10

// tail keeps the end of what is written to it. It is safe for concurrent use.
type tail struct {
	mutex sync.Mutex
	bytes []byte
}

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.bytes = append(t.bytes, p...)
	if excess := len(t.bytes) - tailSize; excess > 0 {
		t.bytes = append(t.bytes[:0], t.bytes[excess:]...)
	}
	return len(p), nil
}

// String returns what is kept.
func (t *tail) String() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return string(t.bytes)
}

// quoted is the output as the end of an error message; empty when there is none.
func (t *tail) quoted() string {
	text := strings.TrimSpace(t.String())
	if text == "" {
		return ""
	}
	return ": " + text
}
