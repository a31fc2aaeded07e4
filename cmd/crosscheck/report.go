package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/crosscheck-dev/crosscheck/harness/report"
)

func newReportCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "report",
		Short: "Work with the reports of runs",
	}
	command.AddCommand(newMergeCommand(), newCostsCommand())
	return command
}

func newCostsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "costs REPORT.json or folder",
		Short: "Print a report of the times only, for --shard-costs",
		Long: "Print a report of the times only: all that --shard-costs needs, and small enough for a ConfigMap (1 MiB is some 8,000 scenarios).\n\n" +
			"Exit code 0, or 2: usage, or a file that is no report.",
		Example: `  crosscheck report costs out > costs.json
  crosscheck run --shard 1/4 --shard-costs costs.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, paths []string) error {
			read, err := report.Read(reportAt(paths[0]))
			if err != nil {
				return usageFailure(err)
			}
			return read.WriteCosts(command.OutOrStdout())
		},
	}
}

// reportAt is the report.json of a path, which may be its folder.
func reportAt(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Join(path, report.JSONFile)
	}
	return path
}

func newMergeCommand() *cobra.Command {
	var flags publishFlags
	command := &cobra.Command{
		Use:   "merge REPORT.json or folder ...",
		Short: "Make one report of those of the shards of a run",
		Long: "Make one report of those of the shards of a run, or of runs that have no scenario in common. Of a folder its report.json is read.\n" +
			"Refused are reports of different environments or versions, shards that are missing or there twice, and scenarios that are in two reports or in none.\n\n" +
			"Exit code 0: all scenarios passed or were skipped. 1: some failed. 2: usage, or reports that are not of one run. 3: some could not be carried out.",
		Example: `  crosscheck run --shard 1/2 --report-dir shards/1    # on one machine
  crosscheck run --shard 2/2 --report-dir shards/2    # on another
  crosscheck report merge shards/1 shards/2 --report-dir out`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, paths []string) error {
			var parts []report.Part
			var failures []error
			for _, path := range paths {
				path = reportAt(path)
				read, err := report.Read(path)
				failures = append(failures, err)
				parts = append(parts, report.Part{Path: path, Report: read})
			}
			if err := errors.Join(failures...); err != nil {
				return usageFailure(err)
			}
			merged, err := report.Merge(parts)
			if err != nil {
				return usageFailure(err)
			}
			out := command.OutOrStdout()
			return flags.publish(command.Context(), merged, out, flags.withoutCommands(out))
		},
	}
	flags.add(command.Flags())
	return command
}
