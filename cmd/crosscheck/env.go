package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/moby/moby/client"
	"github.com/spf13/cobra"
	"github.com/testcontainers/testcontainers-go/log"

	"github.com/crosscheck-dev/crosscheck/harness/bringup"
	"github.com/crosscheck-dev/crosscheck/harness/lease"
)

func newEnvCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "env",
		Short: "Keep a kind cluster with Linkerd and ingress-nginx for local work",
		Long: "Keep a kind cluster with Linkerd and ingress-nginx for local work: the scenarios find it, and begin in seconds.\n" +
			"It is a container named " + bringup.KeptName + ", or what " + variableCluster + " says, so that several can be kept. One run at a time works in it.",
		Args: cobra.NoArgs,
	}
	command.AddCommand(newEnvUpCommand(), newEnvDownCommand(), newEnvStatusCommand(), newEnvImagesCommand(), newEnvKubeconfigCommand())
	return command
}

func newEnvUpCommand() *cobra.Command {
	var flags bringupFlags
	logs := ""
	command := &cobra.Command{
		Use:   "up",
		Short: "Bring the cluster up, or add what is missing in the one that is there",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			options, err := flags.options()
			if err != nil {
				return err
			}
			out := command.OutOrStdout()
			options.Name, options.Logs = keptName(), logs
			options.Observe = stepsTo(out)
			withoutReaper()
			started := time.Now()
			cluster, err := bringup.Up(command.Context(), options)
			if err != nil {
				return environmentFailure(err)
			}
			if err := cluster.Close(command.Context()); err != nil { // it is kept, and others may work in it
				return environmentFailure(err)
			}
			fmt.Fprintf(out, "\n%s is up after %.1f s\n", options.Name, time.Since(started).Seconds())
			writeCluster(out, cluster.Versions, cluster.HTTP, cluster.HTTPS)
			return nil
		},
	}
	flags = addBringupFlags(command.Flags())
	command.Flags().StringVar(&logs, "logs", filepath.Join("out", "env-logs"), "folder for the cluster's logs when a step fails")
	return command
}

func newEnvDownCommand() *cobra.Command {
	force := false
	command := &cobra.Command{
		Use:   "down",
		Short: "Take the cluster down, unless a run is at work in it",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			kept, err := findKept(command.Context())
			if err != nil {
				return err
			}
			out := command.OutOrStdout()
			if kept == nil {
				fmt.Fprintln(out, "there is no cluster to take down")
				return nil
			}
			if holder := kept.Holder(command.Context()); holder != nil && !force {
				return environmentFailure(fmt.Errorf("%w; crosscheck env down --force takes %s from it", &lease.HeldError{Holder: *holder}, kept.Name))
			}
			started := time.Now()
			if err := kept.Down(command.Context()); err != nil {
				return environmentFailure(fmt.Errorf("take %s down: %w", kept.Name, err))
			}
			fmt.Fprintf(out, "%s is down after %.1f s\n", kept.Name, time.Since(started).Seconds())
			return nil
		},
	}
	command.Flags().BoolVar(&force, "force", false, "take it down although a run is at work in it")
	return command
}

func newEnvStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say how old the cluster is, what is in it and where it is reached (exit code 3 where there is none, or a broken one)",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			kept, err := needKept(command.Context())
			if err != nil {
				return err
			}
			if err := kept.Look(command.Context()); err != nil {
				return environmentFailure(err)
			}
			out := command.OutOrStdout()
			fmt.Fprintf(out, "%s is %s old\n", kept.Name, age(time.Since(kept.Created)))
			writeCluster(out, kept.Versions, kept.HTTP, kept.HTTPS)
			if holder := kept.Holder(command.Context()); holder != nil {
				fmt.Fprintf(out, "  a run is at work in it: %s\n", holder)
			}
			if len(kept.Troubles) > 0 {
				return environmentFailure(fmt.Errorf("%s: %s; crosscheck env up mends it, or crosscheck env down takes it away", kept.Name, strings.Join(kept.Troubles, "; ")))
			}
			return nil
		},
	}
}

func newEnvImagesCommand() *cobra.Command {
	var flags bringupFlags
	command := &cobra.Command{
		Use:     "images",
		Short:   "Print the names of all images that the cluster and the apps under test need",
		Example: "  docker save $(crosscheck env images) -o images.tar\n  crosscheck env up --images images.tar",
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			options, err := flags.options()
			if err != nil {
				return err
			}
			images, err := bringup.Images(command.Context(), options)
			if err != nil {
				return environmentFailure(err)
			}
			for _, image := range images {
				fmt.Fprintln(command.OutOrStdout(), image)
			}
			return nil
		},
	}
	flags = addBringupFlags(command.Flags(), "wait")
	return command
}

func newEnvKubeconfigCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "kubeconfig",
		Short:   "Print the kubeconfig of the cluster's administrator",
		Example: "  crosscheck env kubeconfig > kubeconfig && kubectl --kubeconfig kubeconfig get pods -A",
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			kept, err := needKept(command.Context())
			if err != nil {
				return err
			}
			kubeconfig, err := kept.KubeConfig(command.Context())
			if err != nil {
				return environmentFailure(err)
			}
			_, err = command.OutOrStdout().Write(kubeconfig)
			return err
		},
	}
}

// variableCluster is the environment variable with the name of the cluster that is kept.
const variableCluster = "CROSSCHECK_CLUSTER"

func keptName() string { return cmp.Or(os.Getenv(variableCluster), bringup.KeptName) }

// findKept finds the cluster that is kept; nil where there is none.
func findKept(ctx context.Context) (*bringup.Kept, error) {
	withoutReaper()
	kept, err := bringup.Find(ctx, keptName())
	if err != nil {
		return nil, environmentFailure(err)
	}
	return kept, nil
}

func needKept(ctx context.Context) (*bringup.Kept, error) {
	kept, err := findKept(ctx)
	if err == nil && kept == nil {
		err = environmentFailure(errors.New("there is no cluster: crosscheck env up makes one"))
	}
	return kept, err
}

// mayBeKept tells whether a container has the name of the kept cluster. It asks Docker past testcontainers, which decides with its first
// question whether it starts a reaper. Where testcontainers is told of another Docker than this, it starts one, and that leaves a kept cluster alone.
func mayBeKept(ctx context.Context) bool {
	docker, err := client.New(client.FromEnv)
	if err != nil {
		return false
	}
	defer docker.Close()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err = docker.ContainerInspect(ctx, keptName(), client.ContainerInspectOptions{})
	return err == nil
}

// withoutReaper has testcontainers start no reaper, whose image a machine without a network may lack, and not greet.
func withoutReaper() {
	_ = os.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
	log.SetDefault(log.NewNoopLogger())
}

func writeCluster(out io.Writer, versions map[string]string, http, https string) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, component := range slices.Sorted(maps.Keys(versions)) {
		fmt.Fprintf(table, "  %s\t%s\n", component, versions[component])
	}
	if http != "" {
		fmt.Fprintf(table, "  http\t%s (with the PROXY protocol: curl --haproxy-protocol)\n  https\t%s\n", http, https)
	}
	_ = table.Flush()
}

// age is a duration as people say it.
func age(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return fmt.Sprintf("%d seconds", d/time.Second)
}
