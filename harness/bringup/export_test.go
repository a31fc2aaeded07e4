package bringup

import (
	"context"

	"github.com/moby/moby/client"
)

// NodeImageOf is the image of the node, and the version of Kubernetes that it names.
func NodeImageOf(o Options) (image, version string) { return o.nodeImage(), o.kubernetes() }

// LoadArchive loads the archive into Docker where that lacks an image.
func LoadArchive(ctx context.Context, path string, needed []string) (string, error) {
	return loadArchive(ctx, path, needed)
}

// LackingOf are the images that Docker lacks.
func LackingOf(ctx context.Context, docker client.APIClient, images []string) ([]string, error) {
	return lackingOf(ctx, docker, images)
}

// ReleaseOf finds the release in what the controller says of its version.
func ReleaseOf(said string) (string, error) { return releaseOf(said) }
