package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/crosscheck-dev/crosscheck/harness/mutate"
)

// mutateFlags are the flags of "crosscheck mutate".
type mutateFlags struct {
	tags        string
	concurrency int
	minimum     float64
	asJSON      bool
}

func newMutateCommand() *cobra.Command {
	var flags mutateFlags
	command := &cobra.Command{
		Use:   "mutate [FILE.feature or folder ...]",
		Short: "Tell which mistakes in a CORS policy the scenarios would not notice (default: the embedded features)",
		Long: "Break the CORS policy of each scenario in every small way (drop, double, widen and narrow each header, annotation and setting), run the\n" +
			"scenarios in the simulator, and tell which mutants none of them notices, with what each would change for a browser.\n" +
			"A policy is what the Given steps declare; all scenarios that declare the same are its tests. What the code of an Express app says is not mutated.\n" +
			"A mutant that nobody notices is asked more than the scenarios ask: other pages, methods, headers, credentials, later and behind caches. It has survived if\n" +
			"a browser would do anything else, and is equivalent, which is counted apart, if no request that was tried has another outcome.\n" +
			"Exit code 0: the score is --min-score or better. 1: it is not, or scenarios fail as they are. 2: usage. 3: the run could not be carried out.",
		Example: `  crosscheck mutate
  crosscheck mutate features/orders.feature
  crosscheck mutate --min-score 90 --json features > mutants.json`,
		RunE: func(command *cobra.Command, paths []string) error {
			return runMutate(command.Context(), flags, paths, command.OutOrStdout())
		},
	}
	set := command.Flags()
	set.StringVar(&flags.tags, "tags", "", `which scenarios: "@a", "~@a", "@a,@b" (either), "@a && ~@b" (both)`)
	set.IntVar(&flags.concurrency, "concurrency", 8*runtime.NumCPU(), "how many scenarios run at a time")
	set.Float64Var(&flags.minimum, "min-score", 100, "the score, in percent, below which the exit code is 1")
	set.BoolVar(&flags.asJSON, "json", false, "write one JSON object instead of text")
	return command
}

func runMutate(ctx context.Context, flags mutateFlags, paths []string, out io.Writer) (err error) {
	switch {
	case flags.minimum < 0 || flags.minimum > 100:
		return usageFailure(fmt.Errorf("--min-score is %v: a score is 0 to 100 percent", flags.minimum))
	case flags.concurrency < 1:
		return usageFailure(fmt.Errorf("--concurrency is %d: at least one scenario has to run at a time", flags.concurrency))
	}
	declared, err := declarations(paths, flags.tags, flags.concurrency)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, declared.environment.Close()) }()
	progress, end := mutationProgress()
	result, err := mutate.Run(ctx, mutate.Options{
		Run: func(ctx context.Context, adapt mutate.Adapt) []mutate.Scenario {
			return declared.run(ctx, adaptation(adapt))
		},
		Environment: declared.environment, Browser: declared.browser, Progress: progress,
	})
	end()
	var failed *mutate.BaselineFailed
	switch {
	case errors.As(err, &failed):
		return &exitError{code: exitFailed, cause: err}
	case ctx.Err() != nil:
		return environmentFailure(errors.New("interrupted: not all mutants were tried, so there is no score"))
	case err != nil:
		return environmentFailure(err)
	}
	if err := declared.nothing(); err != nil {
		return err
	}
	if flags.asJSON {
		err = writeIndented(out, result)
	} else {
		err = mutate.WriteText(out, result)
	}
	switch {
	case err != nil:
		return environmentFailure(err)
	case result.Score < flags.minimum:
		return errFailed
	}
	return nil
}

// mutationProgress shows how many mutants are decided, where somebody watches.
func mutationProgress() (show func(done, all int), end func()) {
	if !isTerminal(os.Stderr) {
		return nil, func() {}
	}
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionShowCount(),
		progressbar.OptionSetDescription("mutants"), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
	show = func(done, all int) {
		bar.ChangeMax(all)
		_ = bar.Set(done)
	}
	return show, func() { _ = bar.Finish() }
}
