package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/containerd/errdefs"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/moby/moby/client"
)

// NodeImage is the base with Node.js for the Express apps.
const NodeImage = "node:20-slim"

// Base is a base image that was copied out of the local Docker.
type Base struct {
	Image v1.Image
	file  string
}

// BaseFromDocker gets a base image from the local Docker, which pulls it when it has not got it.
func BaseFromDocker(ctx context.Context, ref string) (*Base, error) {
	docker, err := client.New(client.FromEnv)
	if err != nil {
		return nil, fmt.Errorf("get the base image %s from Docker: %w", ref, err)
	}
	defer docker.Close()
	if _, err := docker.ImageInspect(ctx, ref); errdefs.IsNotFound(err) {
		if err := pull(ctx, docker, ref); err != nil {
			return nil, fmt.Errorf("the base image %s is not in Docker and cannot be pulled: %w", ref, err)
		}
	} else if err != nil {
		return nil, fmt.Errorf("look for the base image %s in Docker: %w", ref, err)
	}
	saved, err := docker.ImageSave(ctx, []string{ref})
	if err != nil {
		return nil, fmt.Errorf("save the base image %s from Docker: %w", ref, err)
	}
	defer saved.Close()
	file, err := os.CreateTemp("", "crosscheck-base-*.tar")
	if err != nil {
		return nil, fmt.Errorf("save the base image %s: %w", ref, err)
	}
	base := &Base{file: file.Name()}
	_, err = io.Copy(file, saved)
	if err = errors.Join(err, file.Close()); err == nil {
		base.Image, err = tarball.ImageFromPath(base.file, nil)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("save the base image %s: %w", ref, err), base.Close())
	}
	return base, nil
}

func pull(ctx context.Context, docker *client.Client, ref string) error {
	progress, err := docker.ImagePull(ctx, ref, client.ImagePullOptions{})
	if err != nil {
		return err
	}
	return errors.Join(progress.Wait(ctx), progress.Close())
}

// Close removes the copy. Images that were built on it cannot be written any more.
func (b *Base) Close() error { return os.Remove(b.file) }
