package kind

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/containerd/errdefs"
	"github.com/distribution/reference"
	"github.com/moby/moby/client"
	"github.com/moby/moby/client/pkg/versions"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// A MissingImagesError names images that the local Docker does not have.
type MissingImagesError struct {
	Refs []string
}

// Error says what to do about them.
func (e *MissingImagesError) Error() string {
	return fmt.Sprintf("not in the local Docker: %s; docker pull or docker load them, or leave them for the node to pull", strings.Join(e.Refs, ", "))
}

// LoadImage copies images from the local Docker into the node, where pods find them under the same names.
// It loads none and returns a *MissingImagesError where Docker lacks one.
func (c *Container) LoadImage(ctx context.Context, refs ...string) error {
	_, missing, err := c.inDocker(ctx, refs)
	if err != nil {
		return fmt.Errorf("load images: %w", err)
	}
	if len(missing) > 0 {
		return fmt.Errorf("load images: %w", &MissingImagesError{Refs: missing})
	}
	return c.loadFromDocker(ctx, refs)
}

// inDocker sorts the images into those that the local Docker has and those that it lacks.
func (c *Container) inDocker(ctx context.Context, refs []string) (found, missing []string, err error) {
	for _, ref := range refs {
		_, err := c.engine.api.ImageInspect(ctx, ref)
		switch {
		case errdefs.IsNotFound(err):
			missing = append(missing, ref)
		case err != nil:
			return nil, nil, fmt.Errorf("look for %s in Docker: %w", ref, err)
		default:
			found = append(found, ref)
		}
	}
	return found, missing, nil
}

// loadFromDocker streams the images from the engine into the node, without a file in between.
func (c *Container) loadFromDocker(ctx context.Context, refs []string) error {
	if len(refs) == 0 {
		return nil
	}
	// Where Docker's images are those of containerd, it may hold one platform of an image and the index of all, and
	// saves both unless asked for a platform. Engines before API 1.48 know neither.
	var platform []client.ImageSaveOption
	if versions.GreaterThanOrEqualTo(c.engine.version.APIVersion, "1.48") {
		platform = append(platform, client.ImageSaveWithPlatforms(ocispec.Platform{OS: c.engine.version.Os, Architecture: c.engine.version.Arch}))
	}
	archive, err := c.engine.api.ImageSave(ctx, refs, platform...)
	if err != nil {
		return fmt.Errorf("load images: save %s from Docker: %w", strings.Join(refs, ", "), err)
	}
	defer archive.Close()
	return c.LoadImageArchive(ctx, archive)
}

// LoadImageArchive imports an archive of images, as docker save writes it, into the node. The archive is read
// as it comes, and is not kept. See [Container.LoadImageFile] for one on disk.
func (c *Container) LoadImageArchive(ctx context.Context, archive io.Reader) error {
	snapshotter, err := c.snapshotter(ctx)
	if err != nil {
		return fmt.Errorf("load images: %w", err)
	}
	// Without --all-platforms, an archive may lack the platforms that its index names but this node does not run.
	err = c.run(ctx, archive, nil, "ctr", "--namespace=k8s.io", "images", "import", "--digests", "--snapshotter="+snapshotter, "-")
	var failed *ExecError
	switch {
	case errors.As(err, &failed) && strings.Contains(failed.Stderr, "no space left on device"):
		return because(err, "the node is out of disk: the images do not fit")
	case errors.As(err, &failed):
		return because(err, "the node cannot import the images: %s", lastLine(failed.Stderr))
	case err != nil:
		return fmt.Errorf("load images: %w", err)
	}
	return nil
}

// LoadImageFile imports the archive of images at path into the node.
func (c *Container) LoadImageFile(ctx context.Context, path string) error {
	archive, err := os.Open(path)
	if err != nil {
		return because(err, "the archive of images %s cannot be read", path)
	}
	defer archive.Close()
	if err := c.LoadImageArchive(ctx, archive); err != nil {
		return because(err, "the archive %s cannot be loaded: %s", path, cause(err))
	}
	return nil
}

// Images returns the full names of all images in the node, sorted: "docker.io/library/node:20-slim".
func (c *Container) Images(ctx context.Context) ([]string, error) {
	listed, err := c.output(ctx, "ctr", "--namespace=k8s.io", "images", "ls", "-q")
	if err != nil {
		return nil, fmt.Errorf("list the node's images: %w", err)
	}
	return imageNames(listed), nil
}

// HasImage tells whether the node has the image; "node:20-slim" finds "docker.io/library/node:20-slim".
func (c *Container) HasImage(ctx context.Context, ref string) (bool, error) {
	name, err := canonicalRef(ref)
	if err != nil {
		return false, err
	}
	images, err := c.Images(ctx)
	return slices.Contains(images, name), err
}

// imageNames reads one name a line. Containerd lists an image under its ID as well, which is no name.
func imageNames(listed []byte) []string {
	var names []string
	for lines := bufio.NewScanner(bytes.NewReader(listed)); lines.Scan(); {
		if name := strings.TrimSpace(lines.Text()); name != "" && !strings.HasPrefix(name, "sha256:") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// canonicalRef is the name under which containerd keeps the image: with its registry, and with a tag or a digest.
func canonicalRef(ref string) (string, error) {
	named, err := reference.ParseDockerRef(ref)
	if err != nil {
		return "", fmt.Errorf("the name of an image was expected, found %q: %w", ref, err)
	}
	return named.String(), nil
}

// snapshotter asks containerd which snapshotter its pods use: the node image chooses one that suits Docker's file system.
func (c *Container) snapshotter(ctx context.Context) (string, error) {
	config, err := c.output(ctx, "containerd", "config", "dump")
	if err != nil {
		return "", fmt.Errorf("read the configuration of containerd: %w", err)
	}
	return snapshotterOf(string(config))
}

func snapshotterOf(config string) (string, error) {
	var parsed struct {
		Plugins struct {
			V1 struct { // containerd 1.x
				Containerd struct {
					Snapshotter string `toml:"snapshotter"`
				} `toml:"containerd"`
			} `toml:"io.containerd.grpc.v1.cri"`
			V2 struct { // containerd 2.x
				Snapshotter string `toml:"snapshotter"`
			} `toml:"io.containerd.cri.v1.images"`
		} `toml:"plugins"`
	}
	if _, err := toml.Decode(config, &parsed); err != nil {
		return "", fmt.Errorf("the configuration of containerd: %w", err)
	}
	for _, name := range []string{parsed.Plugins.V2.Snapshotter, parsed.Plugins.V1.Containerd.Snapshotter} {
		if name != "" {
			return name, nil
		}
	}
	return "", errors.New("the configuration of containerd names no snapshotter for pods")
}

// loadWanted is the step that loads the images of the options.
func (c *Container) loadWanted(ctx context.Context) (string, error) {
	for _, path := range c.settings.archives {
		if err := c.LoadImageFile(ctx, path); err != nil {
			return "", err
		}
	}
	found, missing, err := c.inDocker(ctx, c.settings.images)
	if err != nil {
		return "", err
	}
	if err := c.loadFromDocker(ctx, found); err != nil {
		return "", err
	}
	var said []string
	if n := len(c.settings.archives); n > 0 {
		said = append(said, fmt.Sprintf("loaded %d archives", n))
	}
	if len(found) > 0 {
		said = append(said, "loaded "+strings.Join(found, ", "))
	}
	if len(missing) > 0 {
		said = append(said, "left for the node to pull: "+strings.Join(missing, ", "))
	}
	return strings.Join(said, "; "), nil
}
