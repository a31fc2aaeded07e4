package bringup

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness/helm"
	"github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/harness/kind"
)

// UpgradeIngress upgrades the controller in place to the one of the options, as helm upgrade does, and returns when that one answers.
// What the options say of the rest of the cluster is not looked at. A cluster that is kept is refused: it would be left changed.
//
// An error is a *[StepError]. The cluster is left as it is then, and is still the caller's to close.
func (c *Cluster) UpgradeIngress(ctx context.Context, o Options) error {
	o.WithoutLinkerd = true // whether the mesh is there is settled, so its charts are of no interest
	b := &bringUp{Options: o, todo: &steps{observe: o.Observe}, cluster: c}
	return b.collectLogs(ctx, b.upgradeIngress(ctx))
}

func (b *bringUp) upgradeIngress(ctx context.Context) error {
	if b.cluster.kept {
		err := errors.New("the cluster is kept for other runs, and would be left with another controller")
		return &StepError{Step: StepIngress, Cause: cause(err), Err: err}
	}
	if err := b.collectParts(ctx); err != nil {
		return err
	}
	if err := b.todo.do(ctx, StepLoad, b.loadLacking); err != nil {
		return err
	}
	if err := b.todo.do(ctx, StepIngress, b.installIngress); err != nil {
		return err
	}
	return b.todo.do(ctx, StepServing, b.awaitServing)
}

func (b *bringUp) installIngress(ctx context.Context) (string, error) {
	there, err := b.cluster.Node.Images(ctx)
	if err != nil {
		return "", err
	}
	o := b.IngressNginx
	o.Meshed = b.cluster.Meshed
	installed, err := b.cluster.Helm.Install(ctx, ingressnginx.Release(b.charts.ingress, o, func(ref string) bool { return slices.Contains(there, ref) }))
	if err != nil {
		return "", withoutWebhook(err)
	}
	release, err := controllerRelease(ctx, b.cluster.Node)
	if err != nil {
		return "", err
	}
	b.cluster.Versions["ingress-nginx"], b.cluster.Versions["ingress-nginx chart"] = release, installed.Chart
	return said(release, installed), nil
}

// withoutWebhook says how to do without the webhook where that is what is not ready.
func withoutWebhook(err error) error {
	var notReady *helm.NotReadyError
	if errors.As(err, &notReady) && slices.ContainsFunc(notReady.Pods, func(pod helm.PodState) bool { return strings.Contains(pod.Name, "-admission-") }) {
		return fmt.Errorf("%w (%s=off does without its admission webhook)", err, VariableIngressNginxWebhook)
	}
	return err
}

// controllerRelease asks the controller that runs for its release, as in "v1.15.1": a chart can be given any image.
func controllerRelease(ctx context.Context, node *kind.Container) (string, error) {
	said, err := node.Kubectl(ctx, nil, "--namespace", ingressnginx.Name, "exec", "deployment/"+ingressnginx.Name+"-controller", "--container", "controller", "--",
		"/nginx-ingress-controller", "--version")
	if err != nil {
		return "", fmt.Errorf("ask the controller for its version: %w", err)
	}
	release, err := releaseOf(string(said))
	if err != nil {
		return "", fmt.Errorf("ask the controller for its version: %w", err)
	}
	return release, nil
}

// releaseOf finds the release in what the controller says of its version.
func releaseOf(said string) (string, error) {
	for line := range strings.Lines(said) {
		if _, release, found := strings.Cut(line, "Release:"); found && strings.TrimSpace(release) != "" {
			return strings.TrimSpace(release), nil
		}
	}
	return "", fmt.Errorf("a line with \"Release:\" was expected, found %q", said)
}

// awaitServing asks the controller until it answers: its pod is ready before the node's port leads to it.
func (b *bringUp) awaitServing(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var err error
	if b.cluster.HTTP, err = b.cluster.Node.PortEndpoint(ctx, ingressnginx.HTTPPort, ""); err != nil {
		return "", err
	}
	if b.cluster.HTTPS, err = b.cluster.Node.PortEndpoint(ctx, ingressnginx.HTTPSPort, ""); err != nil {
		return "", err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	if b.IngressNginx.ProxyProtocol {
		transport.DialContext = dialProxyProtocol
	}
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		answer := ask(ctx, transport, "http://"+b.cluster.HTTP+"/")
		if answer == nil {
			return "http://" + b.cluster.HTTP, nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("the controller does not answer at http://%s: %w", b.cluster.HTTP, answer)
		case <-again.C:
		}
	}
}

// ask is nil where the controller answers as it does to a host that nobody claimed.
func ask(ctx context.Context, transport http.RoundTripper, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Host = "nobody.invalid"
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	if response.StatusCode != http.StatusNotFound {
		return fmt.Errorf("404 was expected for a host that nobody claimed, found %s", response.Status)
	}
	return nil
}
