package helm

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/distribution/reference"
	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	"sigs.k8s.io/yaml"
)

// Render renders a release as it would be installed into a cluster of the Kubernetes version ("v1.34.4"), without one:
// all its manifests as one YAML stream, those of its hooks and CRDs included. Values that the chart's schema refuses are an error.
func Render(ctx context.Context, r Release, kubernetes string) ([]byte, error) {
	version, err := common.ParseKubeVersion(kubernetes)
	if err != nil {
		return nil, fmt.Errorf("render %s: a version of Kubernetes such as v1.34.4 was expected, found %q: %w", r.Name, kubernetes, err)
	}
	install := action.NewInstall(action.NewConfiguration(action.ConfigurationSetLogger(slog.DiscardHandler)))
	install.ReleaseName, install.Namespace = r.Name, r.Namespace
	install.DryRunStrategy = action.DryRunClient
	install.KubeVersion = version
	install.IncludeCRDs = true
	made, err := install.RunWithContext(ctx, r.Chart, copyValues(r.Values))
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", r.Name, err)
	}
	rendered := made.(*release.Release)
	manifests := []string{rendered.Manifest}
	for _, hook := range rendered.Hooks {
		if !slices.Contains(hook.Events, release.HookTest) {
			manifests = append(manifests, hook.Manifest)
		}
	}
	return []byte(strings.Join(manifests, "\n---\n")), nil
}

// Objects are the objects of a YAML stream, as the API has them.
func Objects(manifests []byte) ([]map[string]any, error) {
	var objects []map[string]any
	for document := range strings.SplitSeq("\n"+string(manifests), "\n---") {
		// What follows the dashes on their line is a comment, as charts write them.
		if line, rest, found := strings.Cut(document, "\n"); found && strings.HasPrefix(strings.TrimSpace(line), "#") {
			document = rest
		}
		var object map[string]any
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			return nil, fmt.Errorf("read a manifest: %w", err)
		}
		if len(object) > 0 {
			objects = append(objects, object)
		}
	}
	return objects, nil
}

// Images are the images of all containers in the manifests, sorted, each once, and without a digest where there is a tag:
// that is the name under which an image can be saved and loaded.
func Images(manifests []byte) ([]string, error) {
	objects, err := Objects(manifests)
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, object := range objects {
		if err := collectImages(object, found); err != nil {
			return nil, err
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// collectImages looks for pod templates wherever they are: workloads of many kinds have them at many places.
func collectImages(value any, found map[string]bool) error {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			containers, isList := inner.([]any)
			if isList && (key == "containers" || key == "initContainers") {
				for _, container := range containers {
					fields, _ := container.(map[string]any)
					image, _ := fields["image"].(string)
					if image == "" {
						continue // a list of this name that is not of containers, as in the schema of a CRD
					}
					name, err := withoutDigest(image)
					if err != nil {
						return err
					}
					found[name] = true
				}
			}
			if err := collectImages(inner, found); err != nil {
				return err
			}
		}
	case []any:
		for _, inner := range value {
			if err := collectImages(inner, found); err != nil {
				return err
			}
		}
	}
	return nil
}

// withoutDigest drops the digest of an image that has a tag as well.
func withoutDigest(image string) (string, error) {
	named, err := reference.ParseDockerRef(image)
	if err != nil {
		return "", fmt.Errorf("the name of an image was expected, found %q: %w", image, err)
	}
	both, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return "", fmt.Errorf("the name of an image was expected, found %q: %w", image, err)
	}
	if tagged, ok := both.(reference.Tagged); ok {
		if named, err = reference.WithTag(reference.TrimNamed(both), tagged.Tag()); err != nil {
			return "", fmt.Errorf("the name of an image was expected, found %q: %w", image, err)
		}
	}
	return reference.FamiliarString(named), nil
}
