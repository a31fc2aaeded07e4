// Package linkerd installs Linkerd: the kinds of the Gateway API that it reads, an identity of the mesh made on the spot, and its two charts.
package linkerd

import (
	"cmp"
	"context"
	"fmt"
	"time"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/crosscheck-dev/crosscheck/harness/helm"
)

// Where the charts are by default, and their version. There are only edge releases as open source since February 2024.
const (
	DefaultSource  = "https://helm.linkerd.io/edge"
	DefaultVersion = "edge-26.8.3"
)

// Namespace is the control plane's.
const Namespace = "linkerd"

// The two releases, which have the names of their charts.
const (
	CRDs         = "linkerd-crds"
	ControlPlane = "linkerd-control-plane"
)

// Options say which Linkerd is installed.
type Options struct {
	// Source is where both charts are: a repository, or a folder that holds them. Empty is [DefaultSource].
	Source string
	// Version is a release of Linkerd, as in "edge-26.8.3", or the version of its charts. Empty is [DefaultVersion], also
	// for charts that name no version themselves, as those in Linkerd's source do.
	Version string
	// Values are laid over those of the control plane.
	Values map[string]any
	// Timeout bounds the time until each chart's pods are ready, and a fifth of it the time until the injector is reached; zero
	// is five minutes.
	Timeout time.Duration
}

// Charts are Linkerd's two charts.
type Charts struct {
	CRDs, ControlPlane *chart.Chart
	// Version is the release of Linkerd.
	Version string
}

// Load reads the charts.
func Load(ctx context.Context, o Options) (Charts, error) {
	source, version := o.Source, o.Version
	if source == "" {
		source = DefaultSource
	}
	if version == "" && source == DefaultSource {
		version = DefaultVersion
	}
	controlPlane, err := helm.Load(ctx, helm.Chart{Name: ControlPlane, Source: source, Version: version})
	if err != nil {
		return Charts{}, err
	}
	// Both are published together, but the chart of the CRDs does not name the release of Linkerd.
	crds, err := helm.Load(ctx, helm.Chart{Name: CRDs, Source: source, Version: controlPlane.Metadata.Version})
	if err != nil {
		return Charts{}, err
	}
	found := Charts{CRDs: crds, ControlPlane: controlPlane, Version: o.Version}
	if named, _ := controlPlane.Values["linkerdVersion"].(string); named != "" && named != unnamedVersion {
		found.Version = named
	}
	if found.Version == "" {
		found.Version = DefaultVersion
	}
	return found, nil
}

// unnamedVersion stands where a published chart names the release of Linkerd, which is the tag of its images.
const unnamedVersion = "linkerdVersionValue"

// probed are the values of what has probes: the proxies, and the parts of the control plane.
var probed = []string{"proxy", "identity", "destinationController", "policyController", "proxyInjector", "spValidator"}

// probeTimeout is how long a probe waits, in seconds. The charts have one second, after which the kubelet of a machine that is
// busy with tests restarts proxies and control plane one after the other.
const probeTimeout = 10

// Releases are the two releases, in the order in which they are installed, with the identity.
func Releases(charts Charts, identity Identity, o Options) []helm.Release {
	values := map[string]any{
		"linkerdVersion":          charts.Version,
		"identityTrustAnchorsPEM": identity.Anchor,
		"identity":                map[string]any{"issuer": map[string]any{"tls": map[string]any{"crtPEM": identity.Issuer, "keyPEM": identity.IssuerKey}}},
		// A pod that is not injected would run outside the mesh without a word. It is refused instead, and made again.
		"webhookFailurePolicy": "Fail",
		"disableHeartBeat":     true, // a test cluster has nothing to tell anybody once a day
	}
	for _, part := range probed {
		values = loader.MergeMaps(values, map[string]any{part: map[string]any{
			"livenessProbe": map[string]any{"timeoutSeconds": probeTimeout}, "readinessProbe": map[string]any{"timeoutSeconds": probeTimeout},
		}})
	}
	return []helm.Release{
		{Name: CRDs, Namespace: Namespace, Chart: charts.CRDs, Values: map[string]any{"installGatewayAPI": false}, Timeout: o.Timeout},
		{Name: ControlPlane, Namespace: Namespace, Chart: charts.ControlPlane, Values: loader.MergeMaps(values, o.Values), Timeout: o.Timeout},
	}
}

// An ExpiredError says that the certificates of a kept cluster's mesh are no longer valid, or only for a moment.
type ExpiredError struct{ NotAfter time.Time }

// Error says what to do.
func (e *ExpiredError) Error() string {
	return fmt.Sprintf("the certificates of Linkerd in this cluster are valid until %s: its proxies cannot talk to each other any more; take the cluster down and make a new one", e.NotAfter.Format(time.DateTime))
}

// expiresSoon leaves a kept cluster enough time for a run of scenarios.
const expiresSoon = time.Hour

// Install installs both charts, and returns when the control plane is rolled out and injects its proxies. A mesh that is there already keeps its
// identity; where that has expired, the error is an *[ExpiredError].
func Install(ctx context.Context, client *helm.Client, charts Charts, o Options) (helm.Installed, error) {
	identity, err := identityIn(ctx, client)
	if err != nil {
		return helm.Installed{}, err
	}
	var installed helm.Installed
	for _, release := range Releases(charts, identity, o) {
		if installed, err = client.Install(ctx, release); err != nil {
			return helm.Installed{}, err
		}
	}
	clients, err := kubernetes.NewForConfig(client.REST())
	if err != nil {
		return helm.Installed{}, fmt.Errorf("wait for Linkerd's injector: %w", err)
	}
	bounded, cancel := context.WithTimeout(ctx, cmp.Or(o.Timeout/5, injectorTimeout))
	defer cancel()
	return installed, awaitInjector(bounded, clients.CoreV1().Pods(metav1.NamespaceDefault))
}

// identityIn is the identity of the mesh in the cluster, or a new one.
func identityIn(ctx context.Context, client *helm.Client) (Identity, error) {
	there, err := client.Release(ctx, Namespace, ControlPlane)
	if err != nil {
		return Identity{}, err
	}
	if there != nil {
		if identity, has := identityOf(there.Values); has {
			if time.Until(identity.NotAfter) < expiresSoon {
				return Identity{}, &ExpiredError{NotAfter: identity.NotAfter}
			}
			return identity, nil
		}
	}
	return NewIdentity()
}
