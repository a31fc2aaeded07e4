// Package ingressnginx says how ingress-nginx is installed on a kind node: its chart, and the values with which it serves
// at the node's own ports 80 and 443.
package ingressnginx

import (
	"context"
	"time"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"

	"github.com/crosscheck-dev/crosscheck/harness/helm"
)

// Where the chart is by default, and its version. The project is retired, so this is its last one: controller v1.15.1.
const (
	DefaultSource  = "https://kubernetes.github.io/ingress-nginx"
	DefaultVersion = "4.15.1"
)

// Name is the name of the release, of its namespace and of the chart.
const Name = "ingress-nginx"

// Class is the one IngressClass of the cluster, which Ingresses without a class get as well.
const Class = "nginx"

// The ports of the node at which the controller serves.
const (
	HTTPPort  = "80/tcp"
	HTTPSPort = "443/tcp"
)

// pastTheMesh are the ports at which pods serve: all but those of Services.
const pastTheMesh = "1-79,81-442,444-65535"

// Options say which ingress-nginx is installed, and how.
type Options struct {
	// Source is where its chart is: see [helm.Chart]. Empty is [DefaultSource].
	Source string
	// Version is that of the chart or of the controller, as in "4.15.1" or "v1.15.1". Empty is [DefaultVersion] in a repository,
	// and whatever there is in a folder or an archive.
	Version string
	// WithoutWebhook leaves the admission webhook out, and with it the image that makes its certificate.
	WithoutWebhook bool
	// ProxyProtocol has the controller expect the PROXY protocol on every connection.
	ProxyProtocol bool
	// Meshed has Linkerd's proxy injected into the controller's pod.
	Meshed bool
	// Values are laid over all others.
	Values map[string]any
	// Timeout bounds the time until the controller is ready; zero is five minutes.
	Timeout time.Duration
}

// Load reads the chart.
func Load(ctx context.Context, o Options) (*chart.Chart, error) {
	source, version := o.Source, o.Version
	if source == "" {
		source = DefaultSource
	}
	if version == "" && source == DefaultSource {
		version = DefaultVersion
	}
	return helm.Load(ctx, helm.Chart{Name: Name, Source: source, Version: version})
}

// Release is the release of the chart. An image that hasImage knows is asked for by its tag alone: the chart names a digest as well,
// which only a registry can confirm. Nil knows none.
func Release(loaded *chart.Chart, o Options, hasImage func(ref string) bool) helm.Release {
	if hasImage == nil {
		hasImage = func(string) bool { return false }
	}
	probe := map[string]any{"initialDelaySeconds": 1, "periodSeconds": 1}
	controller := map[string]any{
		"hostPort": map[string]any{"enabled": true},
		// Two controllers cannot share the node's ports, so the old one goes first.
		"updateStrategy":                map[string]any{"type": "Recreate"},
		"terminationGracePeriodSeconds": 1,
		"readinessProbe":                probe, // the chart's own comes after ten seconds, every ten seconds
		"service":                       map[string]any{"type": "NodePort"},
		"publishService":                map[string]any{"enabled": false}, // there is no load balancer whose address it would be
		"ingressClassResource":          map[string]any{"name": Class, "default": true},
		"admissionWebhooks":             map[string]any{"enabled": !o.WithoutWebhook},
		"config":                        map[string]any{},
		// The controller applies a change at most every third second by default: right for a busy cluster, slow for a test.
		"extraArgs": map[string]any{"sync-rate-limit": "10"},
	}
	if o.ProxyProtocol {
		controller["config"] = map[string]any{"use-proxy-protocol": "true"}
	}
	if o.Meshed {
		controller["podAnnotations"] = map[string]any{
			"linkerd.io/inject": "enabled",
			// The mesh begins behind the controller: what comes from outside is not of the mesh.
			"config.linkerd.io/skip-inbound-ports": "80,443",
			// Apps in the mesh are reached at their Service's own address, which takes the annotation service-upstream. What
			// the controller asks at the port of a pod is outside the mesh, and gets there as if there was none: the proxy would
			// answer in the place of an app that refuses, breaks off or is late, with errors of its own.
			"config.linkerd.io/skip-outbound-ports": pastTheMesh,
		}
	}
	values := map[string]any{"controller": controller}
	for _, image := range chartImages(loaded) {
		if hasImage(image.ref) {
			values = loader.MergeMaps(values, image.withoutDigest)
		}
	}
	return helm.Release{Name: Name, Namespace: Name, Chart: loaded, Values: loader.MergeMaps(values, o.Values), Timeout: o.Timeout}
}

// chartImage is an image of the chart, and the values that drop its digest.
type chartImage struct {
	ref           string
	withoutDigest map[string]any
}

func chartImages(loaded *chart.Chart) []chartImage {
	var found []chartImage
	for _, path := range [][]string{{"controller", "image"}, {"controller", "admissionWebhooks", "patch", "image"}} {
		image := valuesAt(loaded, path...)
		registry, _ := image["registry"].(string)
		if registry == "" {
			// From chart 4.12 on, all images have it in common. It is the chart's own default, as the rest of the name is.
			registry, _ = valuesAt(loaded, "global", "image")["registry"].(string)
		}
		name, _ := image["image"].(string)
		tag, _ := image["tag"].(string)
		if registry == "" || name == "" || tag == "" {
			continue
		}
		values := map[string]any{"digest": ""}
		for i := len(path) - 1; i >= 0; i-- {
			values = map[string]any{path[i]: values}
		}
		found = append(found, chartImage{ref: registry + "/" + name + ":" + tag, withoutDigest: values})
	}
	return found
}

// valuesAt are the chart's default values at the path; none where it has no such thing.
func valuesAt(loaded *chart.Chart, path ...string) map[string]any {
	values := loaded.Values
	for _, key := range path {
		values, _ = values[key].(map[string]any)
	}
	return values
}
