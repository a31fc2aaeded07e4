package main

import (
	"github.com/spf13/cobra"

	"github.com/crosscheck-dev/crosscheck/harness/cluster"
	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
)

// newPodCommand is what the pods of a cluster run: nobody types it.
func newPodCommand() *cobra.Command {
	var express string
	command := &cobra.Command{
		Use:    cluster.Command,
		Short:  "Serve the scenarios' apps inside a cluster",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := pod.Run(command.Context(), express); err != nil {
				return environmentFailure(err)
			}
			return nil
		},
	}
	command.Flags().StringVar(&express, "express", "/express", "folder with the installed Express apps")
	return command
}
