package node

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// startLimit bounds how long an app may take until it listens.
const startLimit = 30 * time.Second

// endWithParent makes an app end when its standard input does: with the program
// that started it, however that ends.
const endWithParent = `data:text/javascript,process.stdin.on("end",()=>process.exit()).resume()`

// Process is a running app.
type Process struct {
	// Address is where it listens, "127.0.0.1:port".
	Address string

	cancel    context.CancelFunc
	transport *http.Transport
	stdin     io.Closer
	output    tail
	// work is the goroutines that wait for the process and read what it prints.
	work sync.WaitGroup
}

// Start starts server.js in a folder, with the port left to it, and waits
// until it prints the port. The modules are URLs of what is loaded before it. The context bounds the start only; Stop ends the process.
func (r *Runtime) Start(ctx context.Context, dir string, modules ...string) (*Process, error) {
	ctx, cancelStart := context.WithTimeout(ctx, startLimit)
	defer cancelStart()
	life, cancel := context.WithCancel(context.Background())
	arguments := []string{"--import", endWithParent}
	for _, module := range modules {
		arguments = append(arguments, "--import", module)
	}
	command := exec.CommandContext(life, r.node, append(arguments, "server.js")...)
	command.Dir = dir
	// Without "production", Express answers errors with a stack trace of this machine's paths.
	command.Env = append(os.Environ(), "PORT=0", "NODE_ENV=production")
	command.WaitDelay = outputWait
	inOwnGroup(command)
	p := &Process{cancel: cancel, transport: newTransport()}
	command.Stderr = &p.output
	stdin, err := command.StdinPipe()
	if err != nil {
		cancel()
		return nil, fmt.Errorf("start node server.js: %w", err)
	}
	p.stdin = stdin
	reader, writer := io.Pipe()
	command.Stdout = writer
	if err := command.Start(); err != nil {
		cancel()
		return nil, unavailable(ctx, fmt.Errorf("start node server.js: %w", err))
	}
	p.work.Go(func() {
		_ = writer.CloseWithError(fmt.Errorf("the process ended: %w", errors.Join(command.Wait(), io.EOF)))
	})
	port := make(chan result, 1)
	p.work.Go(func() {
		lines := bufio.NewReader(reader)
		line, err := lines.ReadString('\n')
		port <- result{strings.TrimSpace(line), err}
		_, _ = io.Copy(io.Discard, lines)
	})
	select {
	case first := <-port:
		if _, err := strconv.ParseUint(first.line, 10, 16); err != nil || first.err != nil {
			p.Stop()
			return nil, unavailable(ctx, fmt.Errorf("start node server.js: it printed %q instead of its port: %w%s", first.line, errors.Join(first.err, err), p.output.quoted()))
		}
		p.Address = net.JoinHostPort("127.0.0.1", first.line)
		return p, nil
	case <-ctx.Done():
		p.Stop()
		return nil, fmt.Errorf("start node server.js: no port printed: %w%s", ctx.Err(), p.output.quoted())
	}
}

// result is the first line that an app printed.
type result struct {
	line string
	err  error
}

// Stop kills the process with all its children and waits for its end.
func (p *Process) Stop() {
	p.transport.CloseIdleConnections()
	p.cancel()
	_ = p.stdin.Close()
	p.work.Wait()
}
