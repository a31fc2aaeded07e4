package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/crosscheck-dev/crosscheck/harness/compare"
)

// comparisonFlags are the flags of the commands that end with a comparison.
type comparisonFlags struct {
	allowFile string
	asJSON    bool
}

func (f *comparisonFlags) register(command *cobra.Command) {
	command.Flags().StringVar(&f.allowFile, "allow", "", "a YAML file of changes that are accepted")
	command.Flags().BoolVar(&f.asJSON, "json", false, "write one JSON object instead of text")
}

// allowed reads the allow-list, if there is one.
func (f *comparisonFlags) allowed() (compare.AllowList, error) {
	if f.allowFile == "" {
		return nil, nil
	}
	list, err := compare.ReadAllowList(f.allowFile)
	if err != nil {
		return nil, usageFailure(err)
	}
	return list, nil
}

func newCompareCommand() *cobra.Command {
	var flags comparisonFlags
	command := &cobra.Command{
		Use:   "compare BEFORE.json AFTER.json",
		Short: "Tell what changed for browsers between two reports of the same scenarios",
		Long: "Tell what changed for browsers between two reports of the same scenarios: what is broken, fixed, newly allowed (security), refused for another reason,\n" +
			"or preflighted more often; the headers before and after, hop by hop; and the change of ingress-nginx that explains it, where one is known.\n" +
			"The reports may be of different versions of crosscheck. Changes that are accepted are in a YAML file for --allow:\n\n" +
			"  - scenario: features/orders.feature:*    # a scenario's id, * for any characters\n" +
			"    change: reason-changed                 # broken, newly-allowed, reason-changed, answer-changed, more-preflights, not-run, removed\n" +
			"    because: OPS-12, the old page is gone\n\n" +
			"Exit code 0: nothing unexpected changed. 1: something did. 2: usage, or a file that is no report.",
		Example: `  crosscheck run --report-dir before && crosscheck run --report-dir after
  crosscheck compare before/report.json after/report.json --allow accepted.yaml`,
		Args: cobra.ExactArgs(2),
		RunE: func(command *cobra.Command, paths []string) error {
			allowed, err := flags.allowed()
			if err != nil {
				return err
			}
			// Most of the time goes into reading.
			var reports [2]*compare.Report
			var group errgroup.Group
			var failures [2]error
			for i, path := range paths {
				group.Go(func() error {
					reports[i], failures[i] = compare.Read(path)
					return failures[i]
				})
			}
			if group.Wait() != nil {
				return usageFailure(errors.Join(failures[:]...))
			}
			return writeComparison(command.OutOrStdout(), compare.Reports(reports[0], reports[1], allowed), flags.asJSON)
		},
	}
	flags.register(command)
	return command
}

// writeComparison writes the comparison, and turns it into the exit code's error.
func writeComparison(out io.Writer, comparison compare.Comparison, asJSON bool) error {
	write := compare.WriteText
	if asJSON {
		write = compare.WriteJSON
	}
	if err := write(out, comparison); err != nil {
		return environmentFailure(err)
	}
	if comparison.Unexpected > 0 {
		return errFailed
	}
	return nil
}
