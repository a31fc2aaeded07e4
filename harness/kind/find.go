package kind

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go/log"
)

// Find returns the node whose container has the name, whether it runs or not, and nil where there is none. Unlike [Run]
// with testcontainers.WithReuseByName it starts nothing and waits for nothing.
func Find(ctx context.Context, name string) (*Container, error) {
	docker, err := connect(ctx, log.NewNoopLogger())
	if err != nil {
		return nil, &StepError{Step: StepDocker, Cause: cause(err), Err: err}
	}
	listed, err := docker.api.ContainerList(ctx, client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("name", "^/"+regexp.QuoteMeta(name)+"$"),
	})
	if err != nil {
		return nil, fmt.Errorf("look for the container %s: %w", name, err)
	}
	if len(listed.Items) == 0 {
		return nil, docker.docker.Close()
	}
	found, err := docker.docker.ContainerFromType(ctx, listed.Items[0])
	if err != nil {
		return nil, fmt.Errorf("look into the container %s: %w", name, err)
	}
	c := &Container{Container: found, engine: docker, settings: &settings{}, reused: true}
	if found.IsRunning() {
		version, err := c.output(ctx, "cat", "/kind/version")
		if err != nil {
			return nil, because(err, "the container %s is no node of kind: it has no /kind/version", name)
		}
		c.kubernetes = strings.TrimSpace(string(version))
	}
	return c, nil
}

// Complete tells whether the node, which has to run, holds a cluster with all its parts: [Run] came to its end once.
func (c *Container) Complete(ctx context.Context) (bool, error) {
	found, err := c.output(ctx, "sh", "-c", "ls -d "+completeMark+" 2>/dev/null || true")
	return strings.Contains(string(found), completeMark), err
}
