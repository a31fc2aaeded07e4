// Package node runs the Express apps under test: it finds Node.js, installs an
// app's locked dependencies once, and starts and stops processes.
package node

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
)

// Runtime is the Node.js of this machine.
type Runtime struct {
	node, npm string
	// Version is what node --version says, such as "v22.11.0".
	Version string
}

// FindNode looks for Node.js alone on PATH, which is enough for apps that are
// installed. The error is a *harness.Unavailable.
func FindNode(ctx context.Context) (*Runtime, error) {
	nodePath, err := exec.LookPath("node")
	if err != nil {
		return nil, &harness.Unavailable{Reason: "Node.js was not found on PATH (looked for node); install it to run the Express scenarios"}
	}
	output, err := run(ctx, "", nodePath, "--version")
	if err != nil {
		return nil, unavailable(ctx, fmt.Errorf("ask Node.js for its version: %w", err))
	}
	return &Runtime{node: nodePath, Version: strings.TrimSpace(output)}, nil
}

// Find looks for Node.js and npm on PATH. The error is a *harness.Unavailable.
func Find(ctx context.Context) (*Runtime, error) {
	runtime, err := FindNode(ctx)
	if err != nil {
		return nil, err
	}
	npmPath, err := exec.LookPath("npm")
	if err != nil {
		return nil, &harness.Unavailable{Reason: "npm was not found on PATH, although Node.js is at " + runtime.node + "; install it to run the Express scenarios"}
	}
	runtime.npm = npmPath
	return runtime, nil
}

// unavailable makes the environment's answer of a failure, unless the context
// ended: then nothing is known of Node.js.
func unavailable(ctx context.Context, failure error) error {
	if ctx.Err() != nil {
		return failure
	}
	return &harness.Unavailable{Reason: failure.Error()}
}
