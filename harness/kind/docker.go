package kind

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"
	"github.com/moby/moby/client/pkg/versions"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// minimumAPI came with Docker 20.10: the first that gives a container a cgroup namespace of its own on cgroup v1.
const minimumAPI = "1.41"

// An engine is the Docker engine that testcontainers uses, and what the module has to know of it.
type engine struct {
	docker   *testcontainers.DockerProvider
	api      client.APIClient
	info     system.Info
	version  client.ServerVersionResult
	hostName string // where published ports are reached
}

// patience is how long an engine may take for its first answer.
const patience = 30 * time.Second

// connect finds the engine as testcontainers does, and refuses one that cannot run a node.
func connect(ctx context.Context, logger log.Logger) (*engine, error) {
	docker, err := provider(ctx, logger)
	if err != nil {
		return nil, err
	}
	e := &engine{docker: docker, api: docker.Client()}
	// The version comes first: it is the smallest question that the engine can refuse.
	if e.version, err = e.api.ServerVersion(ctx, client.ServerVersionOptions{}); err != nil {
		return nil, dockerCause(err)
	}
	info, err := e.api.Info(ctx, client.InfoOptions{})
	if err != nil {
		return nil, dockerCause(err)
	}
	e.info = info.Info
	if err := e.suits(); err != nil {
		return nil, err
	}
	host, err := docker.DaemonHost(ctx)
	if err != nil {
		return nil, dockerCause(err)
	}
	e.hostName = e.reachedAt(host)
	return e, nil
}

// provider is testcontainers' own. It asks the engine without a context, so where an engine accepts
// and never answers, the goroutine stays until the process ends: there is no way to call it back.
func provider(ctx context.Context, logger log.Logger) (*testcontainers.DockerProvider, error) {
	type answer struct {
		docker *testcontainers.DockerProvider
		err    error
	}
	answered := make(chan answer, 1)
	go func() {
		docker, err := testcontainers.NewDockerProvider(testcontainers.Generic2DockerOptions(testcontainers.WithLogger(logger))...)
		answered <- answer{docker, err}
	}()
	select {
	case a := <-answered:
		if a.err != nil {
			return nil, dockerCause(a.err)
		}
		return a.docker, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(patience):
		return nil, because(nil, "Docker accepts connections but has not answered in %s: is it stuck or paused?", patience)
	}
}

// suits says why the engine cannot run a node.
func (e *engine) suits() error {
	switch {
	case versions.LessThan(e.version.APIVersion, minimumAPI):
		return because(nil, "Docker %s (API %s) is too old: version 20.10 (API %s) or newer is needed", e.version.Version, e.version.APIVersion, minimumAPI)
	case e.version.Os != "linux":
		return because(nil, "Docker runs %s containers, and a kind node is a Linux container: switch Docker to Linux containers", e.version.Os)
	case e.secures("rootless"):
		return because(nil, "Docker runs rootless, which this module does not set up: use an engine that runs as root")
	}
	return nil
}

// secures tells whether the engine has the security option. Options look like "name=seccomp,profile=default".
func (e *engine) secures(name string) bool {
	return slices.ContainsFunc(e.info.SecurityOptions, func(option string) bool {
		return slices.Contains(strings.Split(option, ","), "name="+name)
	})
}

// String is what the report of a run should know of the engine.
func (e *engine) String() string {
	return fmt.Sprintf("Docker %s, API %s, cgroup v%s, %s/%s", e.version.Version, e.version.APIVersion, e.info.CgroupVersion, e.version.Os, e.version.Arch)
}
