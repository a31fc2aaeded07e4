package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/fuzz"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// fuzzFlags are the flags of "crosscheck fuzz", as they were typed.
type fuzzFlags struct {
	cases        int
	seed         uint64
	resume       bool
	reportFolder string
	sessions     int
}

func newFuzzCommand() *cobra.Command {
	var flags fuzzFlags
	command := &cobra.Command{
		Use:   "fuzz",
		Short: "Hold the simulator against Chrome with made-up cases, and print every disagreement",
		Long: "Make up pages, requests and servers, run them in the simulator and in Chrome, and print every disagreement, shrunk to a vector.\n" +
			"The same seed gives the same cases. A run that was stopped goes on with --resume.\n" +
			"Exit code 0: both agree. 1: they disagree. 2: usage. 3: no Chrome, or the run was stopped.",
		Example: "  crosscheck fuzz --cases 2000 --seed 7",
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if flags.cases < 1 || flags.sessions < 1 {
				return usageFailure(errors.New("--cases and --sessions must be at least 1"))
			}
			state, err := flags.begin(command.Flags().Changed("seed"))
			if err != nil {
				return err
			}
			return runFuzz(command.Context(), flags, state, command.OutOrStdout())
		},
	}
	set := command.Flags()
	set.IntVar(&flags.cases, "cases", 2000, "how many cases to run")
	set.Uint64Var(&flags.seed, "seed", 0, "what the cases depend on; a new one each time when not given")
	set.BoolVar(&flags.resume, "resume", false, "go on with the run in the report's folder; --cases may be more than before")
	set.StringVar(&flags.reportFolder, "report-dir", filepath.Join("out", "fuzz"), "where the disagreements are written to")
	set.IntVar(&flags.sessions, "sessions", runtime.NumCPU(), "how many of Chrome's tabs work at a time")
	return command
}

// begin is where the run begins: at the state of one that was stopped, or anew.
func (f *fuzzFlags) begin(seeded bool) (fuzz.State, error) {
	if f.resume {
		state, found, err := fuzz.LoadState(f.reportFolder)
		switch {
		case err != nil:
			return state, usageFailure(err)
		case !found:
			return state, usageFailure(fmt.Errorf("--resume: %s holds no run", f.reportFolder))
		case seeded && f.seed != state.Seed:
			return state, usageFailure(fmt.Errorf("--resume: the run in %s has the seed %d, not %d", f.reportFolder, state.Seed, f.seed))
		}
		return state, nil
	}
	if !seeded {
		// The time will do: a seed has to be new, not secret.
		f.seed = uint64(time.Now().Unix())
	}
	return fuzz.State{Seed: f.seed}, nil
}

// runFuzz runs the cases and ends with the line that others read.
func runFuzz(ctx context.Context, flags fuzzFlags, state fuzz.State, out io.Writer) (err error) {
	authority, err := ca.New()
	if err != nil {
		return environmentFailure(err)
	}
	browser, err := launchChrome(ctx, authority, remoteFlags{}, flags.sessions)
	if err != nil {
		return environmentFailure(err)
	}
	defer func() {
		if closeErr := browser.Close(); closeErr != nil && err == nil {
			err = environmentFailure(closeErr)
		}
	}()
	judge := fuzz.NewBrowser(browser, authority)
	defer func() {
		if closeErr := judge.Close(); closeErr != nil && err == nil {
			err = environmentFailure(closeErr)
		}
	}()
	progress := newFuzzProgress(os.Stderr, flags.cases, state.Cases())
	fmt.Fprintf(out, "seed %d, simulator against %s\n", state.Seed, browser.Version())
	// The browser needs the processor more than this process its memory.
	debug.SetGCPercent(fuzz.GCPercent)
	end, err := fuzz.Run(ctx, fuzz.Options{
		Cases: flags.cases, Sessions: flags.sessions, ReportFolder: flags.reportFolder, Browser: browser.Version(), State: state,
		Progress: progress.show,
		Found: func(found fuzz.Disagreement) {
			progress.clear()
			fmt.Fprintf(out, "DISAGREEMENT %s\n", found.Vector.ID)
			for _, difference := range found.Differences {
				fmt.Fprintf(out, "  %s\n", difference)
			}
		},
	}, fuzz.Simulator{Profile: simulator.Chromium}, judge)
	progress.close()
	if end.Unconfirmed > 0 {
		fmt.Fprintf(out, "%d cases disagreed in a batch and not alone: they were made again and do not count\n", end.Unconfirmed)
	}
	if end.Disagreements > 0 {
		fmt.Fprintf(out, "as vectors: %s\n", filepath.Join(flags.reportFolder, fuzz.VectorsFile))
	}
	fmt.Fprintf(out, "cases=%d disagreements=%d\n", end.Cases(), end.Disagreements)
	switch {
	case err != nil:
		return environmentFailure(err)
	case ctx.Err() != nil:
		return environmentFailure(fmt.Errorf("interrupted: go on with crosscheck fuzz --resume --cases %d --report-dir %s", flags.cases, flags.reportFolder))
	case end.Disagreements > 0:
		return errFailed
	}
	return nil
}
