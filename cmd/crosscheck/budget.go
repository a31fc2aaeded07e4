package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/crosscheck-dev/crosscheck/harness/budget"
	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// budgetFlags are the flags of "crosscheck budget".
type budgetFlags struct {
	tags      string
	perHour   float64
	maxAge    int64
	roundTrip time.Duration
	asJSON    bool
}

func newBudgetCommand() *cobra.Command {
	var flags budgetFlags
	command := &cobra.Command{
		Use:   "budget [FILE.feature or folder ...]",
		Short: "Tell how many preflights a user causes in an hour, and what another max-age saves (default: the embedded features)",
		Long: "Run the scenarios in the simulator, take every request that is sent after a preflight, and tell how often an hour of a user would repeat the preflight in\n" +
			"Chromium, Firefox and WebKit, which remember an answer for 7200, 86400 and 600 seconds at most, whatever Access-Control-Max-Age says; and for 5 where it says nothing.\n" +
			"Exit code 0: told. 1: scenarios do not pass as they are. 2: usage. 3: the run could not be carried out.",
		Example: `  crosscheck budget features/orders.feature
  crosscheck budget --per-hour 600 --max-age 86400 --round-trip 120ms features/orders.feature`,
		RunE: func(command *cobra.Command, paths []string) error {
			return runBudget(command.Context(), flags, paths, command.OutOrStdout())
		},
	}
	set := command.Flags()
	set.StringVar(&flags.tags, "tags", "", `which scenarios: "@a", "~@a", "@a,@b" (either), "@a && ~@b" (both)`)
	set.Float64Var(&flags.perHour, "per-hour", 60, "how often a user makes each request in an hour, evenly spaced")
	set.Int64Var(&flags.maxAge, "max-age", 7200, "the Access-Control-Max-Age to compare with, in seconds")
	set.DurationVar(&flags.roundTrip, "round-trip", 50*time.Millisecond, "how long a preflight takes")
	set.BoolVar(&flags.asJSON, "json", false, "write one JSON object instead of text")
	return command
}

// maximumAge is longer than any engine remembers, in seconds.
const maximumAge = 1 << 31

func runBudget(ctx context.Context, flags budgetFlags, paths []string, out io.Writer) (err error) {
	switch {
	case !(flags.perHour > 0) || math.IsInf(flags.perHour, 0):
		return usageFailure(fmt.Errorf("--per-hour is %v: a user makes some requests: write a number above 0", flags.perHour))
	case flags.maxAge < 0 || flags.maxAge > maximumAge:
		return usageFailure(fmt.Errorf("--max-age is %d: write seconds, from 0 to %d", flags.maxAge, maximumAge))
	case flags.roundTrip < 0:
		return usageFailure(fmt.Errorf("--round-trip is %s: no preflight takes less than no time", flags.roundTrip))
	}
	declared, err := declarations(paths, flags.tags, 8*runtime.NumCPU())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, declared.environment.Close()) }()
	made, err := budget.Of(ctx, budget.Options{
		Run:     func(ctx context.Context) []report.Scenario { return declared.run(ctx, nil) },
		PerHour: flags.perHour, MaxAge: time.Duration(flags.maxAge) * time.Second, RoundTrip: flags.roundTrip,
	})
	switch {
	case ctx.Err() != nil:
		return environmentFailure(errors.New("interrupted: not all scenarios were run"))
	case err != nil:
		return environmentFailure(err)
	}
	if err := declared.nothing(); err != nil {
		return err
	}
	if flags.asJSON {
		err = writeIndented(out, made)
	} else {
		err = budget.WriteText(out, made)
	}
	switch {
	case err != nil:
		return environmentFailure(err)
	case len(made.Failed) > 0:
		return errFailed
	}
	return nil
}
