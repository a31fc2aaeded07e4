package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"
	"github.com/testcontainers/testcontainers-go/log"
	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/bringup"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/cluster"
	"github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
)

// kindFlags are the flags of --env kind, as they were typed.
type kindFlags struct {
	bringup    bringupFlags
	podProgram string
}

// add adds the flags to the set, but those of the bring-up that are not wanted.
func (f *kindFlags) add(set *pflag.FlagSet, unwanted ...string) {
	f.bringup = addBringupFlags(set, unwanted...)
	set.StringVar(&f.podProgram, "pod-program", "", "--env kind: a static crosscheck for Linux that the pods run (default: this program)")
}

// kindNamespace is where scenarios run in a cluster that is nobody else's.
const kindNamespace = "crosscheck"

// takeDownTimeout bounds how long a cluster may take to go.
const takeDownTimeout = 30 * time.Second

// kindCluster is a cluster whose node has the pods' image.
type kindCluster struct {
	*bringup.Cluster
	image     string
	noExpress string // why the Express apps are not in the image; empty when they are
}

// Close takes the cluster down unless it is kept. A nil one is fine.
func (c *kindCluster) Close() error {
	if c == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), takeDownTimeout)
	defer cancel()
	if err := c.Cluster.Close(ctx); err != nil {
		return environmentFailure(fmt.Errorf("take the cluster down: %w", err))
	}
	return nil
}

// start finds the cluster that is kept, or makes one for this run, and shows each step.
func (f kindFlags) start(ctx context.Context, authority *ca.Authority, common cluster.Options, reportDir string, out io.Writer) (harness.Environment, error) {
	options, err := f.options(reportDir, out)
	if err != nil {
		return nil, err
	}
	if mayBeKept(ctx) {
		withoutReaper()
	}
	kept, err := bringup.Find(ctx, keptName())
	if err != nil {
		return nil, err
	}
	if kept != nil {
		options.Name = kept.Name
	}
	started := time.Now()
	made, err := f.up(ctx, options)
	if err != nil {
		return nil, err
	}
	common.StepTimeout = options.StepTimeout
	environment, err := made.environment(ctx, authority, common)
	if err != nil {
		return nil, errors.Join(err, made.Close())
	}
	fmt.Fprintf(out, "the cluster is ready after %.1f s\n\n", time.Since(started).Seconds())
	return &turnEnvironment{Environment: environment, err: made.Err, end: made.Close}, nil
}

// options are those of a cluster for one run, whose steps are shown as they end.
func (f kindFlags) options(reportDir string, out io.Writer) (bringup.Options, error) {
	options, err := f.bringup.options()
	if err != nil {
		return bringup.Options{}, err
	}
	// Testcontainers greets at length.
	log.SetDefault(log.NewNoopLogger())
	options.Logs = filepath.Join(reportDir, "cluster-logs")
	options.Observe = stepsTo(out)
	if options.ImageArchive == "" {
		// The node gets the base of the Express apps with the pods' image.
		options.Images = nil
	}
	return options, nil
}

// stepsTo writes the steps of a bring-up as they end, and what they wait for.
func stepsTo(out io.Writer) func(bringup.StepEvent) {
	return func(event bringup.StepEvent) {
		if event.Ended || event.Detail != "" {
			fmt.Fprintln(out, event)
		}
	}
}

// up brings the cluster up, and loads the pods' image into its node. Nothing is left of it with an error.
func (f kindFlags) up(ctx context.Context, options bringup.Options) (up *kindCluster, err error) {
	program := f.podProgram
	if program == "" {
		if program, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find this program for the pods: %w", err)
		}
	}
	made := &kindCluster{}
	var image *cluster.PodImage
	group, groupContext := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		made.Cluster, err = bringup.Up(groupContext, options)
		return err
	})
	group.Go(func() (err error) {
		image, err = cluster.NewPodImage(groupContext, program)
		return interruption(ctx, err)
	})
	err = group.Wait()
	if image != nil {
		if err == nil {
			made.image, made.noExpress = image.Name(), image.NoExpress
			err = interruption(ctx, made.load(ctx, image))
		}
		err = errors.Join(err, image.Close())
	}
	if err != nil {
		return nil, errors.Join(err, made.Close())
	}
	return made, nil
}

// load loads the pods' image into the node, unless it is there.
func (c *kindCluster) load(ctx context.Context, image *cluster.PodImage) error {
	there, err := c.Node.HasImage(ctx, image.Name())
	if err != nil || there {
		return err
	}
	read, write := io.Pipe()
	group, groupContext := errgroup.WithContext(ctx)
	group.Go(func() error { return write.CloseWithError(image.Write(write)) })
	group.Go(func() error {
		err := c.Node.LoadImageArchive(groupContext, read)
		return errors.Join(err, read.CloseWithError(err))
	})
	return group.Wait()
}

// environment starts the pods in the cluster as it is now. Closing it leaves the cluster.
func (c *kindCluster) environment(ctx context.Context, authority *ca.Authority, options cluster.Options) (*cluster.Environment, error) {
	config, err := clientcmd.RESTConfigFromKubeConfig(c.KubeConfig)
	if err != nil {
		return nil, fmt.Errorf("read the cluster's kubeconfig: %w", err)
	}
	options.Name, options.Namespace, options.Image, options.NoExpress, options.Versions = "kind", kindNamespace, c.image, c.noExpress, maps.Clone(c.Versions)
	if !c.Meshed {
		options.NoMesh = "this run has no Linkerd"
	}
	options.Controller = cluster.Controller{Class: ingressnginx.Class, Namespace: ingressnginx.Name, Version: c.Versions["ingress-nginx"], HTTP: c.HTTP, HTTPS: c.HTTPS}
	environment, err := cluster.New(ctx, config, authority, options)
	return environment, interruption(ctx, err)
}
