package bringup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/testcontainers/testcontainers-go"
	"golang.org/x/sync/errgroup"

	"github.com/crosscheck-dev/crosscheck/harness/helm"
	"github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/harness/kind"
	"github.com/crosscheck-dev/crosscheck/harness/lease"
	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

// keptLabel marks the containers of clusters that were made to be kept: no other is ever taken for one.
const keptLabel = "crosscheck.kept-cluster"

// reapLabel is what the reaper knows its containers by. Testcontainers does not export it.
const reapLabel = "org.testcontainers.reap"

// downTimeout bounds the taking down of a cluster whose bring-up failed.
const downTimeout = 30 * time.Second

// A Cluster is a kind cluster whose ingress-nginx answers.
type Cluster struct {
	// Node is the cluster's one node, and its container.
	Node *kind.Container
	// KubeConfig is the administrator's.
	KubeConfig []byte
	// Helm installs more into it, and knows how clients of its API are configured.
	Helm *helm.Client
	// HTTP and HTTPS are where the controller is reached from this machine, as in "127.0.0.1:32768".
	HTTP, HTTPS string
	// Meshed tells whether Linkerd is installed, and in the controller's pod.
	Meshed bool
	// Versions are those of everything in it, by component, as reports name them.
	Versions map[string]string

	kept bool
	turn *lease.Lease // of a cluster that is kept
}

// Err is nil as long as no other run can be at work in the cluster.
func (c *Cluster) Err() error {
	if c.turn == nil {
		return nil
	}
	return c.turn.Err()
}

// Close takes the cluster down, but for one that is kept under a name: that one is left to other runs.
func (c *Cluster) Close(ctx context.Context) error {
	switch {
	case c == nil:
		return nil
	case c.kept:
		c.turn.Release()
		return nil
	}
	return c.Node.Terminate(ctx)
}

// bringUp is one call of Up.
type bringUp struct {
	Options
	todo   *steps
	charts charts
	needed []string // the images of all pods
	// cluster grows as the steps go on.
	cluster *Cluster
	made    bool // the node was not there before
}

// Up brings the cluster up, or finds the one of Options.Name and adds what is missing in it, and returns when the controller answers.
// An error is a *[StepError]; what Up made is gone by then, also when ctx was cancelled. A cluster that was there before is left as it is.
//
// One caller at a time works in a cluster that is kept, from Up until its Close; another one waits for it as long as Options.Patience says.
func Up(ctx context.Context, o Options) (*Cluster, error) {
	b := &bringUp{Options: o, todo: &steps{observe: o.Observe}, cluster: &Cluster{kept: o.Name != ""}}
	err := b.run(ctx)
	if err == nil {
		return b.cluster, nil
	}
	err = b.collectLogs(ctx, err)
	b.cluster.turn.Release()
	if b.made && b.cluster.Node != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), downTimeout)
		defer cancel()
		if down := b.cluster.Node.Terminate(ctx); down != nil {
			err = errors.Join(err, fmt.Errorf("take the cluster down: %w", down))
		}
	}
	return nil, err
}

func (b *bringUp) run(ctx context.Context) error {
	if err := b.collectParts(ctx); err != nil {
		return err
	}
	if err := b.runNode(ctx); err != nil {
		return err
	}
	if err := b.install(ctx); err != nil {
		return err
	}
	return b.todo.do(ctx, StepServing, b.awaitServing)
}

// collectParts has this machine ready what the cluster is made of.
func (b *bringUp) collectParts(ctx context.Context) error {
	if err := b.todo.do(ctx, StepCharts, b.readCharts); err != nil || b.ImageArchive == "" {
		return err
	}
	return b.todo.do(ctx, StepArchive, func(ctx context.Context) (string, error) {
		return loadArchive(ctx, b.ImageArchive, append(b.imagesOfDocker(), b.needed...))
	})
}

func (b *bringUp) readCharts(ctx context.Context) (string, error) {
	var err error
	if b.charts, err = loadCharts(ctx, b.Options); err != nil {
		return "", err
	}
	images, err := b.charts.images(ctx, b.Options)
	if err != nil {
		return "", err
	}
	b.needed = slices.Compact(slices.Sorted(slices.Values(append(images, b.Images...))))
	said := "ingress-nginx " + b.charts.ingress.Metadata.Version
	if b.charts.linkerd.ControlPlane != nil {
		said += ", Linkerd " + b.charts.linkerd.Version
	}
	return fmt.Sprintf("%s; %d images", said, len(b.needed)), nil
}

// runNode makes the node, or finds it.
func (b *bringUp) runNode(ctx context.Context) error {
	image := b.nodeImage()
	options := []testcontainers.ContainerCustomizer{
		testcontainers.WithExposedPorts(ingressnginx.HTTPPort, ingressnginx.HTTPSPort),
		kind.WithObserver(b.todo.tell),
	}
	if b.Logs != "" {
		options = append(options, kind.WithLogs(b.Logs))
	}
	if b.StepTimeout > 0 {
		options = append(options, kind.WithStartupTimeout(b.StepTimeout))
	}
	found := false
	if b.Name != "" {
		err := b.todo.do(ctx, StepFind, func(ctx context.Context) (string, error) {
			kept, err := b.find(ctx)
			if err != nil || kept == "" {
				return "there is none: making one", err
			}
			found, image = true, kept
			return "found " + b.Name + " of " + kept, nil
		})
		if err != nil {
			return err
		}
		options = append(options, testcontainers.WithReuseByName(b.Name), testcontainers.WithLabels(map[string]string{keptLabel: b.Name}), withoutReaper())
	}
	if !found {
		options = append(options, kind.WithImages(b.needed...)) // loaded while kubeadm works
	}
	node, err := kind.Run(ctx, image, options...)
	b.cluster.Node, b.made = node, node != nil && !found
	if err != nil {
		return err
	}
	if found {
		return b.todo.do(ctx, StepLoad, b.loadLacking)
	}
	return nil
}

// withoutReaper leaves a container alone that testcontainers' reaper would take down with the process that made it.
func withoutReaper() testcontainers.ContainerCustomizer {
	return testcontainers.WithConfigModifier(func(config *container.Config) { delete(config.Labels, reapLabel) })
}

// loadLacking gives a node that was kept the images that it lacks and Docker has.
func (b *bringUp) loadLacking(ctx context.Context) (string, error) {
	loaded := 0
	for _, image := range b.needed {
		has, err := b.cluster.Node.HasImage(ctx, image)
		if err != nil {
			return "", err
		}
		if has {
			continue
		}
		var missing *kind.MissingImagesError
		switch err := b.cluster.Node.LoadImage(ctx, image); {
		case errors.As(err, &missing): // the node pulls it
		case err != nil:
			return "", err
		default:
			loaded++
		}
	}
	return fmt.Sprintf("loaded %d images", loaded), nil
}

// install installs what the cluster is for. The controller comes after the mesh, which has to be in its pod.
func (b *bringUp) install(ctx context.Context) error {
	c := b.cluster
	err := b.todo.do(ctx, StepAccess, func(ctx context.Context) (string, error) {
		var err error
		if c.KubeConfig, err = c.Node.KubeConfig(ctx); err != nil {
			return "", err
		}
		c.Helm, err = helm.NewClient(c.KubeConfig)
		return "read the kubeconfig", err
	})
	if err != nil {
		return err
	}
	if c.kept {
		if err := b.todo.do(ctx, StepTurn, b.awaitTurn); err != nil {
			return err
		}
	}
	c.Versions = map[string]string{"kubernetes": c.Node.KubernetesVersion()}
	if b.WithoutLinkerd {
		if err := b.todo.do(ctx, StepLinkerd, b.leaveLinkerdOut); err != nil {
			return err
		}
	} else {
		beside, ctx := errgroup.WithContext(ctx)
		beside.Go(func() error { return b.todo.do(ctx, StepGatewayAPI, b.installGatewayAPI) })
		beside.Go(func() error { return b.todo.do(ctx, StepLinkerd, b.installLinkerd) })
		if err := beside.Wait(); err != nil {
			return err
		}
		c.Versions["gateway-api"], c.Versions["linkerd"] = linkerd.GatewayAPIVersion, b.charts.linkerd.Version
	}
	c.Meshed = !b.WithoutLinkerd
	return b.todo.do(ctx, StepIngress, b.installIngress)
}

// leaveLinkerdOut refuses a kept cluster that has the mesh: what is injected stays so.
func (b *bringUp) leaveLinkerdOut(ctx context.Context) (string, error) {
	there, err := b.cluster.Helm.Release(ctx, linkerd.Namespace, linkerd.ControlPlane)
	if err != nil {
		return "", err
	}
	if there != nil {
		return "", fmt.Errorf("the cluster %s was kept with Linkerd, and is asked for without it: take it down first", b.Name)
	}
	return "left out", nil
}

func (b *bringUp) installGatewayAPI(ctx context.Context) (string, error) {
	_, err := linkerd.InstallGatewayAPI(ctx, b.cluster.Helm.REST())
	return linkerd.GatewayAPIVersion, err
}

func (b *bringUp) installLinkerd(ctx context.Context) (string, error) {
	installed, err := linkerd.Install(ctx, b.cluster.Helm, b.charts.linkerd, b.Linkerd)
	return said(b.charts.linkerd.Version, installed), err
}

func said(version string, installed helm.Installed) string {
	if installed.Unchanged {
		return version + " is there already"
	}
	return fmt.Sprintf("%s is rolled out (revision %d)", version, installed.Revision)
}

// collectLogs collects the node's logs for a step of this package that failed. The kind module does so for its own.
func (b *bringUp) collectLogs(ctx context.Context, err error) error {
	var failed *StepError
	var held *lease.HeldError // which the logs say nothing of
	if b.Logs == "" || b.cluster.Node == nil || !errors.As(err, &failed) || failed.Logs != "" || errors.Is(err, context.Canceled) || errors.As(err, &held) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), downTimeout)
	defer cancel()
	told := *failed // the observer has the other
	told.Logs = b.Logs
	if collected := b.cluster.Node.CollectLogs(ctx, b.Logs); collected != nil {
		told.Err = errors.Join(told.Err, collected)
	}
	return &told
}
