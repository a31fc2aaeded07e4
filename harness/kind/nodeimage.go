package kind

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/distribution/reference"
	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

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
		if err := e.pull(ctx, name); err != nil {
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

// pull pulls the image with the credentials that Docker's configuration has for its registry. Unlike testcontainers
// it does not try for a quarter of an hour, and hears of errors that come after the registry's first answer.
func (e *engine) pull(ctx context.Context, name string) error {
	var options client.ImagePullOptions
	if _, credentials, err := testcontainers.DockerImageAuth(ctx, name); err == nil {
		if options.RegistryAuth, err = authconfig.Encode(credentials); err != nil {
			return err
		}
	} // without credentials, the image may be public
	progress, err := e.api.ImagePull(ctx, name, options)
	if err != nil {
		return err
	}
	return progress.Wait(ctx)
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
