package kind

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go/log"
)

// ErrNotFound is that there is no container of the name.
var ErrNotFound = errors.New("there is no container of this name")

// Find returns the cluster in the container of the name, which testcontainers.WithName or WithReuseByName gave it, to look at it
// or to terminate it. It makes nothing, starts nothing and waits for nothing: the container may have stopped. Where there is none,
// the error is [ErrNotFound].
func Find(ctx context.Context, name string) (*Container, error) {
	c, err := find(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("kind: find %q: %w", name, err)
	}
	return c, nil
}

func find(ctx context.Context, name string) (*Container, error) {
	docker, err := connect(ctx, log.NewNoopLogger())
	if err != nil {
		return nil, &StepError{Step: StepDocker, Cause: cause(err), Err: err}
	}
	listed, err := docker.api.ContainerList(ctx, client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("name", "^/?"+regexp.QuoteMeta(name)+"$"),
	})
	if err != nil {
		return nil, err
	}
	if len(listed.Items) == 0 {
		return nil, ErrNotFound
	}
	made, err := docker.docker.ContainerFromType(ctx, listed.Items[0])
	if err != nil {
		return nil, err
	}
	own, err := settingsOf(nil)
	if err != nil {
		return nil, err
	}
	c := &Container{Container: made, engine: docker, settings: own, reused: true}
	running, err := c.isRunning(ctx)
	if err != nil || !running {
		return c, err
	}
	version, err := c.output(ctx, "cat", "/kind/version")
	if err != nil {
		return nil, because(err, "the container has no /kind/version: is it a node of kind?")
	}
	c.kubernetes = strings.TrimSpace(string(version))
	return c, nil
}

// Complete tells whether the node, which has to run, holds a cluster with all its parts: [Run] came to its end once.
func (c *Container) Complete(ctx context.Context) (bool, error) {
	found, err := c.output(ctx, "sh", "-c", "ls -d "+completeMark+" 2>/dev/null || true")
	return strings.Contains(string(found), completeMark), err
}
