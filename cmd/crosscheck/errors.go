package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/crosscheck-dev/crosscheck/harness/errormatrix"
	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// errorsFlags are the flags of "crosscheck errors".
type errorsFlags struct {
	tags, feature string
	asJSON        bool
}

func newErrorsCommand() *cobra.Command {
	var flags errorsFlags
	command := &cobra.Command{
		Use:   "errors [FILE.feature or folder ...]",
		Short: "Tell which errors of each route a page could read, by who answers them (default: the embedded features)",
		Long: "Make 401, 403, 404, 405, 413, 429, 5xx and redirects on every route that the scenarios ask for with success, once by the app (with its own CORS headers,\n" +
			"where it has any, and without) and once by each hop in front of it, and tell in the simulator which of them a page can read.\n" +
			"--feature writes them as scenarios that expect what was predicted: crosscheck run shows whether Chrome agrees.\n" +
			"Exit code 0: the matrix was made, whatever is in it. 1: scenarios do not pass as they are. 2: usage. 3: the run could not be carried out.",
		Example: `  crosscheck errors features/orders.feature
  crosscheck errors features/orders.feature:12 --feature errors.feature && crosscheck run errors.feature`,
		RunE: func(command *cobra.Command, paths []string) error {
			return runErrors(command.Context(), flags, paths, command.OutOrStdout())
		},
	}
	set := command.Flags()
	set.StringVar(&flags.tags, "tags", "", `which scenarios: "@a", "~@a", "@a,@b" (either), "@a && ~@b" (both)`)
	set.StringVar(&flags.feature, "feature", "", "write the errors as scenarios to this file, which must not be there yet")
	set.BoolVar(&flags.asJSON, "json", false, "write one JSON object instead of text")
	return command
}

func runErrors(ctx context.Context, flags errorsFlags, paths []string, out io.Writer) (err error) {
	declared, err := declarations(paths, flags.tags, 8*runtime.NumCPU())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, declared.environment.Close()) }()
	matrix, err := errormatrix.Of(ctx, errormatrix.Options{
		Run: func(ctx context.Context, adapt errormatrix.Adapt) []report.Scenario {
			return declared.run(ctx, adaptation(adapt))
		},
		Environment: declared.environment, Browser: declared.browser,
	})
	switch {
	case ctx.Err() != nil:
		return environmentFailure(errors.New("interrupted: not all errors were made"))
	case err != nil:
		return environmentFailure(err)
	}
	if err := declared.nothing(); err != nil {
		return err
	}
	if flags.feature != "" {
		if err := writeNew(flags.feature, func(out io.Writer) error { return errormatrix.WriteFeature(out, matrix) }); err != nil {
			return err
		}
	}
	if flags.asJSON {
		err = writeIndented(out, matrix)
	} else {
		err = errormatrix.WriteText(out, matrix)
	}
	switch {
	case err != nil:
		return environmentFailure(err)
	case len(matrix.Failed) > 0:
		return errFailed
	}
	return nil
}

// writeNew writes a file that is not there yet: what somebody wrote is not ours to replace.
func writeNew(name string, write func(io.Writer) error) (err error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return usageFailure(fmt.Errorf("%s is there already: remove it, or name another file", name))
	}
	if err != nil {
		return environmentFailure(err)
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			// Half of a feature is none.
			err = environmentFailure(errors.Join(err, os.Remove(name)))
		}
	}()
	return write(file)
}
