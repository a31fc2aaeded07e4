package kind

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
)

// An ExecError is a command in the node that ended with a code other than zero.
type ExecError struct {
	Command []string
	Code    int
	// Stderr is what the command wrote to its standard error.
	Stderr string
}

// Error shows the command, its code and the last line that it wrote to its standard error.
func (e *ExecError) Error() string {
	name := oneLine(strings.Join(e.Command, " "))
	if len(e.Command) == 3 && e.Command[1] == "-c" {
		name = "a script of " + e.Command[0]
	}
	text := fmt.Sprintf("%s ended with code %d", name, e.Code)
	if last := lastLine(e.Stderr); last != "" {
		text += ": " + last
	}
	return text
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// run runs a command in the node. Unlike testcontainers' Exec it feeds standard input, keeps the two outputs
// apart, and streams: an archive of images need not fit into memory. Stdin and stdout may be nil. When ctx ends, run
// returns at once; the command may go on in the node until it finds its input closed.
func (c *Container) run(ctx context.Context, stdin io.Reader, stdout io.Writer, command ...string) error {
	if stdout == nil {
		stdout = io.Discard
	}
	created, err := c.engine.api.ExecCreate(ctx, c.GetContainerID(), client.ExecCreateOptions{
		Cmd: command, AttachStdin: stdin != nil, AttachStdout: true, AttachStderr: true,
	})
	if err != nil {
		return fmt.Errorf("exec %s: %w", command[0], err)
	}
	stream, err := c.engine.api.ExecAttach(ctx, created.ID, client.ExecAttachOptions{})
	if err != nil {
		return fmt.Errorf("exec %s: attach: %w", command[0], err)
	}
	defer stream.Close()
	defer context.AfterFunc(ctx, stream.Close)()

	input := &source{Reader: stdin}
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		if stdin != nil {
			// A failing write means that the command is over, which its exit code explains better.
			_, _ = io.Copy(stream.Conn, input)
			_ = stream.CloseWrite()
		}
	}()
	var stderr bytes.Buffer
	_, err = stdcopy.StdCopy(stdout, &stderr, stream.Reader)
	stream.Close() // ends the copy where the command did not read all of its input
	<-fed
	if ctx.Err() != nil {
		return fmt.Errorf("exec %s: %w", command[0], ctx.Err())
	}
	if input.err != nil {
		return fmt.Errorf("exec %s: read its input: %w", command[0], input.err)
	}
	if err != nil {
		return fmt.Errorf("exec %s: read its output: %w", command[0], err)
	}
	code, err := c.exitCode(ctx, created.ID)
	if err != nil {
		return fmt.Errorf("exec %s: %w", command[0], err)
	}
	if code != 0 {
		return &ExecError{Command: command, Code: code, Stderr: stderr.String()}
	}
	return nil
}

// A source is a reader that remembers why it failed.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// exitCode waits for the engine to note the command's end, which it does shortly after it closes the stream.
func (c *Container) exitCode(ctx context.Context, execID string) (int, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		found, err := c.engine.api.ExecInspect(ctx, execID, client.ExecInspectOptions{})
		if err != nil {
			return 0, fmt.Errorf("read its exit code: %w", err)
		}
		if !found.Running {
			return found.ExitCode, nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-tick.C:
		}
	}
}

// output runs a command in the node and returns its standard output.
func (c *Container) output(ctx context.Context, command ...string) ([]byte, error) {
	var stdout bytes.Buffer
	err := c.run(ctx, nil, &stdout, command...)
	return stdout.Bytes(), err
}

// Kubectl runs the node's own kubectl as the cluster's administrator, and returns its standard output.
// Stdin may be nil; manifests go there ("apply", "-f", "-").
func (c *Container) Kubectl(ctx context.Context, stdin io.Reader, args ...string) ([]byte, error) {
	var stdout bytes.Buffer
	command := append([]string{"kubectl", "--kubeconfig=" + adminConf}, args...)
	if err := c.run(ctx, stdin, &stdout, command...); err != nil {
		return stdout.Bytes(), fmt.Errorf("kubectl: %w", err)
	}
	return stdout.Bytes(), nil
}
