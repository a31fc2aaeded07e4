package bringup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/crosscheck-dev/crosscheck/harness/helm"
	"github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/harness/kind"
	"github.com/crosscheck-dev/crosscheck/harness/lease"
	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

// KeptName is the name of the cluster that is kept for local work, unless it is given another.
const KeptName = "crosscheck-env"

// A Kept is a cluster that was kept.
type Kept struct {
	Name string
	// Image is that of its node.
	Image string
	// Running tells whether its container runs.
	Running bool
	// Created is when the cluster was made.
	Created time.Time
	// Versions are those of what is installed, by component; empty where it does not run.
	Versions map[string]string
	// Troubles say what is not as it should be.
	Troubles []string
	// HTTP and HTTPS are where its controller is reached; empty where it does not run.
	HTTP, HTTPS string

	node *kind.Container
}

// Find looks for the cluster that was kept under the name; nil where there is none. It changes nothing.
func Find(ctx context.Context, name string) (*Kept, error) {
	node, err := kind.Find(ctx, name)
	switch {
	case errors.Is(err, kind.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	inspect, err := node.Inspect(ctx)
	if err != nil {
		return nil, fmt.Errorf("look into the container %s: %w", name, err)
	}
	if inspect.Config == nil || inspect.Config.Labels[keptLabel] != name {
		return nil, fmt.Errorf("the container %s is not a cluster that was kept: it has another use, so it is left alone; rename it, or remove it yourself", name)
	}
	kept := &Kept{Name: name, Image: inspect.Config.Image, node: node, Running: inspect.State != nil && inspect.State.Running}
	if kept.Created, err = time.Parse(time.RFC3339Nano, inspect.Created); err != nil {
		return nil, fmt.Errorf("read when the container %s was made: %w", name, err)
	}
	return kept, nil
}

// Look asks a cluster that runs for what is installed in it.
func (k *Kept) Look(ctx context.Context) error {
	if !k.Running {
		k.Troubles = append(k.Troubles, "its container does not run")
		return nil
	}
	k.Versions = map[string]string{"kubernetes": k.node.KubernetesVersion()}
	var err error
	if k.HTTP, err = k.node.PortEndpoint(ctx, ingressnginx.HTTPPort, ""); err != nil {
		return err
	}
	if k.HTTPS, err = k.node.PortEndpoint(ctx, ingressnginx.HTTPSPort, ""); err != nil {
		return err
	}
	kubeconfig, err := k.node.KubeConfig(ctx)
	if err != nil {
		k.Troubles = append(k.Troubles, "its bring-up did not finish")
		return nil
	}
	client, err := helm.NewClient(kubeconfig)
	if err != nil {
		return err
	}
	releases, err := client.Releases(ctx)
	if err != nil {
		k.Troubles = append(k.Troubles, "its API does not answer: "+cause(err))
		return nil
	}
	for _, release := range releases {
		if release.Status != "deployed" {
			k.Troubles = append(k.Troubles, fmt.Sprintf("the release %s is %s", release.Name, release.Status))
		}
		switch release.Name {
		case ingressnginx.Name:
			k.Versions["ingress-nginx chart"] = release.Chart
			if k.Versions["ingress-nginx"], err = controllerRelease(ctx, k.node); err != nil {
				k.Troubles = append(k.Troubles, "its controller does not answer: "+cause(err))
			}
		case linkerd.ControlPlane:
			k.Versions["linkerd"], _ = release.Values["linkerdVersion"].(string)
			k.Versions["gateway-api"] = linkerd.GatewayAPIVersion
		}
	}
	if k.Versions["ingress-nginx chart"] == "" {
		k.Troubles = append(k.Troubles, "ingress-nginx is not installed")
	}
	return nil
}

// KubeConfig is the administrator's.
func (k *Kept) KubeConfig(ctx context.Context) ([]byte, error) { return k.node.KubeConfig(ctx) }

// Holder is who is at work in the cluster. It is nil where nobody is, and where the cluster does not say, since nobody can be at work there.
func (k *Kept) Holder(ctx context.Context) *lease.Holder {
	if !k.Running {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, holderTimeout)
	defer cancel()
	holder, err := k.holder(ctx)
	if err != nil || holder == nil || holder.Gone {
		return nil
	}
	return holder
}

func (k *Kept) holder(ctx context.Context) (*lease.Holder, error) {
	kubeconfig, err := k.node.KubeConfig(ctx)
	if err != nil {
		return nil, err
	}
	client, err := helm.NewClient(kubeconfig)
	if err != nil {
		return nil, err
	}
	clients, err := kubernetes.NewForConfig(client.REST())
	if err != nil {
		return nil, err
	}
	return lease.Look(ctx, clients.CoordinationV1())
}

// holderTimeout bounds the question who is at work in the cluster.
const holderTimeout = 5 * time.Second

// Down takes the cluster down.
func (k *Kept) Down(ctx context.Context) error { return k.node.Terminate(ctx) }

// find looks for the cluster of the name, and returns the image of its node; empty where there is none.
// A kept cluster of another version than the one that was asked for is an error.
func (b *bringUp) find(ctx context.Context) (image string, err error) {
	kept, err := Find(ctx, b.Name)
	if err != nil || kept == nil {
		return "", err
	}
	if b.Kubernetes != "" && kept.Image != b.nodeImage() {
		return "", fmt.Errorf("the cluster %s was kept with the node image %s, and %s was asked for: take it down first", b.Name, kept.Image, b.nodeImage())
	}
	if kept.Running {
		complete, err := kept.node.Complete(ctx)
		if err != nil {
			return "", err
		}
		if !complete {
			return "", fmt.Errorf("the cluster %s was never finished: another process is making it now, or was killed; wait for it, or take it down first", b.Name)
		}
	}
	return kept.Image, nil
}

// awaitTurn waits until no other run is at work in the cluster: what one configures, another would find.
func (b *bringUp) awaitTurn(ctx context.Context) (string, error) {
	clients, err := kubernetes.NewForConfig(b.cluster.Helm.REST())
	if err != nil {
		return "", err
	}
	b.cluster.turn, err = lease.Acquire(ctx, clients.CoordinationV1(), lease.Options{
		Identity: lease.Identity(), Patience: b.Patience,
		Waiting: func(other lease.Holder) {
			b.todo.tell(StepEvent{Step: StepTurn, Detail: other.Wait(b.Patience)})
		},
	})
	if err != nil {
		return "", err
	}
	return "no other run is at work here", nil
}
