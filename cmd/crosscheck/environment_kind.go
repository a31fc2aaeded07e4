package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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

func (f *kindFlags) add(set *pflag.FlagSet) {
	f.bringup = addBringupFlags(set)
	set.StringVar(&f.podProgram, "pod-program", "", "--env kind: a static crosscheck for Linux that the pods run (default: this program)")
}

// kindNamespace is where scenarios run in a cluster that is nobody else's.
const kindNamespace = "crosscheck"

// takeDownTimeout bounds how long a cluster may take to go.
const takeDownTimeout = 30 * time.Second

// kindEnvironment is an environment and the cluster that was made for it.
type kindEnvironment struct {
	*cluster.Environment
	made *bringup.Cluster
}

// Close ends the environment, and takes the cluster down unless it is kept.
func (e *kindEnvironment) Close() error {
	return errors.Join(e.Environment.Close(), takeDown(e.made))
}

func takeDown(made *bringup.Cluster) error {
	ctx, cancel := context.WithTimeout(context.Background(), takeDownTimeout)
	defer cancel()
	if err := made.Close(ctx); err != nil {
		return fmt.Errorf("take the cluster down: %w", err)
	}
	return nil
}

// start finds the cluster that is kept, or makes one for this run, and shows each step.
func (f kindFlags) start(ctx context.Context, authority *ca.Authority, common cluster.Options, reportDir string, out io.Writer) (harness.Environment, error) {
	options, err := f.bringup.options()
	if err != nil {
		return nil, err
	}
	// Testcontainers greets at length.
	log.SetDefault(log.NewNoopLogger())
	kept, err := bringup.Find(ctx, bringup.KeptName)
	if err != nil {
		return nil, err
	}
	if kept != nil {
		withoutReaper()
		options.Name = bringup.KeptName
	}
	options.Logs = filepath.Join(reportDir, "cluster-logs")
	options.Observe = func(event bringup.StepEvent) {
		if event.Ended {
			fmt.Fprintln(out, event)
		}
	}
	if options.ImageArchive == "" {
		// The node gets the base of the Express apps with the pods' image.
		options.Images = nil
	}
	program := f.podProgram
	if program == "" {
		if program, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find this program for the pods: %w", err)
		}
	}
	started := time.Now()
	var made *bringup.Cluster
	var image *cluster.PodImage
	group, groupContext := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		made, err = bringup.Up(groupContext, options)
		return err
	})
	group.Go(func() (err error) {
		image, err = cluster.NewPodImage(groupContext, program)
		return err
	})
	err = group.Wait()
	defer func() {
		if image != nil {
			err = errors.Join(err, image.Close())
		}
	}()
	if err != nil {
		if made != nil {
			err = errors.Join(err, takeDown(made))
		}
		return nil, err
	}
	environment, err := f.prepare(ctx, authority, made, image, common)
	if err != nil {
		return nil, errors.Join(err, takeDown(made))
	}
	fmt.Fprintf(out, "the cluster is ready after %.1f s\n\n", time.Since(started).Seconds())
	return environment, nil
}

// prepare loads the pods' image into the node and starts the pods.
func (f kindFlags) prepare(ctx context.Context, authority *ca.Authority, made *bringup.Cluster, image *cluster.PodImage, options cluster.Options) (harness.Environment, error) {
	there, err := made.Node.HasImage(ctx, image.Name())
	if err != nil {
		return nil, err
	}
	if !there {
		read, write := io.Pipe()
		group, groupContext := errgroup.WithContext(ctx)
		group.Go(func() error { return write.CloseWithError(image.Write(write)) })
		group.Go(func() error {
			err := made.Node.LoadImageArchive(groupContext, read)
			return errors.Join(err, read.CloseWithError(err))
		})
		if err := group.Wait(); err != nil {
			return nil, err
		}
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(made.KubeConfig)
	if err != nil {
		return nil, fmt.Errorf("read the cluster's kubeconfig: %w", err)
	}
	options.Name, options.Namespace, options.Image, options.NoExpress, options.Versions = "kind", kindNamespace, image.Name(), image.NoExpress, made.Versions
	options.Meshed = made.Meshed
	options.Controller = cluster.Controller{Class: ingressnginx.Class, Namespace: ingressnginx.Name, Version: made.Versions["ingress-nginx"], HTTP: made.HTTP, HTTPS: made.HTTPS}
	environment, err := cluster.New(ctx, config, authority, options)
	if err != nil {
		return nil, err
	}
	return &kindEnvironment{Environment: environment, made: made}, nil
}
