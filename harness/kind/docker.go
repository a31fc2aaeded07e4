package kind

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/distribution/reference"
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

// connect finds the engine as testcontainers does, and refuses one that cannot run a node.
func connect(ctx context.Context, logger log.Logger) (*engine, error) {
	docker, err := testcontainers.NewDockerProvider(testcontainers.Generic2DockerOptions(testcontainers.WithLogger(logger))...)
	if err != nil {
		return nil, dockerCause(err)
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

// haveImage makes sure that the node image of the request is in Docker, and returns the command that it starts with.
func (e *engine) haveImage(ctx context.Context, req *testcontainers.GenericContainerRequest) (command []string, detail string, err error) {
	name, err := e.substituted(req)
	if err != nil {
		return nil, "", because(err, "the image name %q cannot be used", req.Image)
	}
	detail = name + " is in Docker"
	found, err := e.api.ImageInspect(ctx, name)
	if errdefs.IsNotFound(err) || (err == nil && req.AlwaysPullImage) {
		detail = name + " was pulled"
		if err := e.docker.PullImage(ctx, name); err != nil {
			return nil, "", imageCause(err, name)
		}
		found, err = e.api.ImageInspect(ctx, name)
	}
	if err != nil {
		return nil, "", imageCause(err, name)
	}
	if found.Config != nil {
		command = append(slices.Clone(found.Config.Entrypoint), found.Config.Cmd...)
	}
	if len(command) == 0 {
		return nil, "", because(nil, "%s is not a node image: it has no entrypoint", name)
	}
	return command, detail, nil
}

// substituted is the name of the image after the substitutors and testcontainers' prefix for Docker Hub: it has to be known
// here as well, because this package looks into the image before testcontainers does.
func (e *engine) substituted(req *testcontainers.GenericContainerRequest) (string, error) {
	name := req.Image
	if name == "" {
		return "", errors.New("a node image such as kindest/node:v1.34.4 was expected, found none")
	}
	var err error
	for _, substitutor := range req.ImageSubstitutors {
		if name, err = substitutor.Substitute(name); err != nil {
			return "", fmt.Errorf("%s: %w", substitutor.Description(), err)
		}
	}
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return "", err
	}
	prefix := e.docker.Config().Config.HubImageNamePrefix
	if prefix != "" && reference.Domain(named) == "docker.io" && !strings.HasPrefix(name, "docker.io/") {
		name = strings.TrimSuffix(prefix, "/") + "/" + name
	}
	return name, nil
}
