package bringup

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	chart "helm.sh/helm/v4/pkg/chart/v2"

	"github.com/crosscheck-dev/crosscheck/harness/helm"
	"github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

// ReaperImage is the image that testcontainers starts beside a throw-away cluster, unless TESTCONTAINERS_RYUK_DISABLED is set:
// it takes the cluster down when this process is killed.
const ReaperImage = "testcontainers/ryuk:0.14.0"

// charts are the charts of a bring-up.
type charts struct {
	ingress *chart.Chart
	linkerd linkerd.Charts // empty where the mesh is left out
}

func loadCharts(ctx context.Context, o Options) (charts, error) {
	var found charts
	var err error
	if found.ingress, err = ingressnginx.Load(ctx, o.IngressNginx); err != nil {
		return charts{}, fmt.Errorf("%w (%s and %s choose it)", err, VariableIngressNginxChart, VariableIngressNginxVersion)
	}
	if o.WithoutLinkerd {
		return found, nil
	}
	if found.linkerd, err = linkerd.Load(ctx, o.Linkerd); err != nil {
		return charts{}, fmt.Errorf("%w (%s and %s choose it; %s=off leaves Linkerd out)", err, VariableLinkerdCharts, VariableLinkerdVersion, VariableLinkerd)
	}
	return found, nil
}

// images are the images of the charts' pods.
func (c charts) images(ctx context.Context, o Options) ([]string, error) {
	releases := []helm.Release{ingressnginx.Release(c.ingress, o.IngressNginx, nil)}
	if c.linkerd.ControlPlane != nil {
		identity, err := linkerd.NewIdentity() // its chart renders nothing without one
		if err != nil {
			return nil, err
		}
		releases = append(releases, linkerd.Releases(c.linkerd, identity, o.Linkerd)...)
	}
	var all []string
	for _, release := range releases {
		rendered, err := helm.Render(ctx, release, o.kubernetes())
		if err != nil {
			return nil, err
		}
		images, err := helm.Images(rendered)
		if err != nil {
			return nil, fmt.Errorf("find the images of %s: %w", release.Name, err)
		}
		all = append(all, images...)
	}
	return all, nil
}

// Images are the names of all images that [Up] needs, the node's first, each once:
//
//	docker save $(crosscheck env images) -o images.tar
func Images(ctx context.Context, o Options) ([]string, error) {
	charts, err := loadCharts(ctx, o)
	if err != nil {
		return nil, err
	}
	needed, err := charts.images(ctx, o)
	if err != nil {
		return nil, err
	}
	needed = append(needed, o.Images...)
	slices.Sort(needed)
	return append(o.imagesOfDocker(), slices.Compact(needed)...), nil
}

// imagesOfDocker are the images of the containers that Docker itself runs.
func (o Options) imagesOfDocker() []string {
	if testcontainers.ReadConfig().RyukDisabled {
		return []string{o.nodeImage()}
	}
	return []string{o.nodeImage(), ReaperImage}
}

// loadArchive loads the archive into Docker where an image is missing there, and says what it did.
func loadArchive(ctx context.Context, path string, needed []string) (string, error) {
	docker, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return "", fmt.Errorf("load the images in %s: no Docker answers: %w", path, err)
	}
	defer docker.Close()
	lacking, err := lackingOf(ctx, docker, needed)
	if err != nil {
		return "", err
	}
	if len(lacking) == 0 {
		return "Docker has all images already", nil
	}
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("load images: %w; docker save writes such an archive, of what crosscheck env images prints", err)
	}
	defer file.Close()
	loaded, err := docker.ImageLoad(ctx, file)
	if err != nil {
		return "", fmt.Errorf("load the images in %s into Docker: %w", path, err)
	}
	defer loaded.Close()
	said, err := io.ReadAll(io.LimitReader(loaded, 1<<20))
	if err != nil {
		return "", fmt.Errorf("load the images in %s into Docker: %w", path, err)
	}
	if strings.Contains(string(said), `"errorDetail"`) {
		return "", fmt.Errorf("load the images in %s into Docker: %s", path, strings.TrimSpace(string(said)))
	}
	still, err := lackingOf(ctx, docker, lacking)
	if err != nil {
		return "", err
	}
	if len(still) > 0 {
		return fmt.Sprintf("loaded %s; not in it, so left to be pulled: %s", path, strings.Join(still, ", ")), nil
	}
	return "loaded " + path, nil
}

// lackingOf are the images that Docker does not have.
func lackingOf(ctx context.Context, docker client.APIClient, images []string) ([]string, error) {
	var missing []string
	for _, image := range images {
		_, err := docker.ImageInspect(ctx, image)
		switch {
		case errdefs.IsNotFound(err):
			missing = append(missing, image)
		case err != nil:
			return nil, fmt.Errorf("look for %s in Docker: %w", image, err)
		}
	}
	return missing, nil
}
