package kind

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/containerd/errdefs"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
	"golang.org/x/sync/errgroup"
)

// A Container is a node of kind in a container, and the cluster of this one node.
type Container struct {
	testcontainers.Container

	engine      *engine
	settings    *settings
	kubernetes  string         // the version, as in "v1.34.4"
	endpoint    netip.AddrPort // of the API server within Docker's network
	kubeadmSaid string         // what kubeadm init wrote
	reused      bool
}

// KubernetesVersion is the version of the cluster, as in "v1.34.4".
func (c *Container) KubernetesVersion() string { return c.kubernetes }

// Reused tells whether the cluster was there before: [Run] found it through testcontainers.WithReuseByName, or [Find] did.
func (c *Container) Reused() bool { return c.reused }

// Run makes a cluster of one node from a node image, such as kindest/node:v1.34.4, and waits until the node and all
// pods of kube-system are Ready. Options are those of this package and those of testcontainers.
//
// An error is a *[StepError]. As everywhere in testcontainers, the container may be there although there is an error:
// call testcontainers.TerminateContainer or CleanupContainer before looking at the error. A nil container is fine there.
//
// When ctx is cancelled, Run stops at once, but does not leave a call to Docker half done that makes something.
func Run(ctx context.Context, image string, opts ...testcontainers.ContainerCustomizer) (*Container, error) {
	own, err := settingsOf(opts)
	if err != nil {
		return nil, &StepError{Step: StepOptions, Cause: oneLine(err.Error()), Err: err}
	}
	req, err := nodeRequest(image, opts)
	if err != nil {
		return nil, &StepError{Step: StepOptions, Cause: oneLine(err.Error()), Err: err}
	}
	todo := &steps{observe: own.observe}

	var docker *engine
	err = todo.do(ctx, StepDocker, func(ctx context.Context) (string, error) {
		found, err := connect(ctx, req.Logger)
		if err != nil {
			return "", err
		}
		docker = found
		return docker.String(), nil
	})
	if err != nil {
		return nil, err
	}
	err = todo.do(ctx, StepImage, func(ctx context.Context) (string, error) {
		command, detail, err := docker.haveImage(ctx, req)
		if err != nil {
			return "", err
		}
		return detail, docker.complete(ctx, req, command)
	})
	if err != nil {
		return nil, err
	}

	ctx, cancel := context.WithTimeoutCause(ctx, own.startupTimeout, &lateError{own.startupTimeout})
	defer cancel()
	ready := req.WaitingFor
	req.WaitingFor = nil // it is about the cluster, so it comes last
	var c *Container
	err = todo.do(ctx, StepContainer, func(ctx context.Context) (string, error) {
		made, err := docker.start(ctx, req)
		if made != nil {
			c = &Container{Container: made, engine: docker, settings: own}
		}
		if err != nil {
			return "", err
		}
		return "runs as " + made.GetContainerID()[:12], nil
	})
	if err == nil {
		err = c.bringUp(ctx, todo, ready)
	}
	if err != nil {
		return c, c.explain(ctx, err)
	}
	return c, nil
}

// bringUp makes the cluster in a container that runs, and loads the images meanwhile.
func (c *Container) bringUp(ctx context.Context, todo *steps, ready wait.Strategy) error {
	if err := todo.do(ctx, StepBoot, c.boot); err != nil {
		return err
	}
	beside, ctx := errgroup.WithContext(ctx)
	if len(c.settings.images)+len(c.settings.archives) > 0 {
		beside.Go(func() error { return todo.do(ctx, StepImages, c.loadWanted) })
	}
	beside.Go(func() error { return c.makeCluster(ctx, todo, ready) })
	return beside.Wait()
}

func (c *Container) makeCluster(ctx context.Context, todo *steps, ready wait.Strategy) error {
	type step struct {
		name Step
		work func(context.Context) (string, error)
	}
	var order []step
	if !c.reused {
		order = append(order, step{StepKubeadm, c.initControlPlane}, step{StepNetwork, c.installNetwork}, step{StepStorage, c.installStorage})
	}
	order = append(order, step{StepNode, c.waitForNode}, step{StepPods, c.waitForPods})
	if ready != nil {
		order = append(order, step{StepWait, func(ctx context.Context) (string, error) { return "", ready.WaitUntilReady(ctx, c.Container) }})
	}
	for _, s := range order {
		if err := todo.do(ctx, s.name, s.work); err != nil {
			return err
		}
	}
	return nil
}

// start creates the container and starts it.
func (e *engine) start(ctx context.Context, req *testcontainers.GenericContainerRequest) (testcontainers.Container, error) {
	// A create that is cut off leaves a container that nobody knows of.
	whole, cancel := outlive(ctx, 10*time.Second)
	defer cancel()
	made, err := testcontainers.GenericContainer(whole, *req)
	if err != nil {
		return made, containerCause(err)
	}
	if err := ctx.Err(); err != nil {
		return made, err
	}
	if !made.IsRunning() {
		if err := made.Start(whole); err != nil {
			return made, containerCause(err)
		}
	}
	return made, nil
}

// outlive is a context that goes on for a while after ctx has ended.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() {
		stop()
		cancel()
	}
}

// explain looks at the node for what the failed step cannot know, and collects the logs.
func (c *Container) explain(ctx context.Context, err error) error {
	var failed *StepError
	if c == nil || !errors.As(err, &failed) || errors.Is(err, context.Canceled) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	told := *failed // the observer has the other
	if trouble := c.trouble(ctx, err); trouble != "" {
		told.Cause = trouble
	}
	if c.settings.logs == "" {
		return &told
	}
	told.Logs = c.settings.logs
	if err := c.CollectLogs(ctx, c.settings.logs); err != nil {
		told.Err = errors.Join(told.Err, err)
	}
	return &told
}

// Terminate ends the cluster and removes its container and volume. It does not wait for systemd to shut down in
// order: everything in the node goes with it. Options that are given count more than this.
func (c *Container) Terminate(ctx context.Context, opts ...testcontainers.TerminateOption) error {
	if c == nil {
		return nil
	}
	var errs []error
	if running, err := c.isRunning(ctx); err == nil && running {
		brief, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if err := c.restoreSysctls(brief); err != nil {
			errs = append(errs, fmt.Errorf("put back the parameters of the machine's kernel: %w", err))
		}
	}
	opts = append([]testcontainers.TerminateOption{testcontainers.StopTimeout(0)}, opts...)
	errs = append(errs, c.Container.Terminate(ctx, opts...), c.engine.docker.Close())
	return errors.Join(errs...)
}

func (c *Container) isRunning(ctx context.Context) (bool, error) {
	inspect, err := c.Inspect(ctx)
	if errdefs.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return inspect.State != nil && inspect.State.Running, nil
}
