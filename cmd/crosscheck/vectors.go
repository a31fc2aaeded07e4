package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync/atomic"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/steps"
)

func newVectorsCommand() *cobra.Command {
	group := &cobra.Command{Use: "vectors", Short: "Score a browser with CORS test vectors"}
	var browser, profile, jsonFile string
	run := &cobra.Command{
		Use:     "run FILE or folder ...",
		Short:   "Run vectors and print what fails",
		Example: "  crosscheck vectors run fixtures/vectors --profile chromium",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, paths []string) error {
			profiles := map[string]simulator.Profile{"standard": simulator.Standard, "chromium": simulator.Chromium}
			chosen, known := profiles[profile]
			if !known {
				return usageFailure(fmt.Errorf("there is no profile %q: there are standard and chromium", profile))
			}
			if browser != steps.Simulator && browser != "chrome" {
				return usageFailure(fmt.Errorf("there is no browser %q: there are simulator and chrome", browser))
			}
			list, err := vectors.Load(paths...)
			if err != nil {
				return usageFailure(err)
			}
			if browser == steps.Simulator {
				return runVectors(command.Context(), list, jsonFile, command.OutOrStdout(), 1, func(ctx context.Context, vector vectors.Vector) (vectors.Result, error) {
					return vectors.Simulate(ctx, chosen, vector), nil
				})
			}
			return runVectorsInChrome(command.Context(), list, jsonFile, command.OutOrStdout())
		},
	}
	run.Flags().StringVar(&browser, "browser", steps.Simulator, "what to score: simulator or chrome")
	run.Flags().StringVar(&profile, "profile", "standard", "what the simulator follows: standard or chromium")
	run.Flags().StringVar(&jsonFile, "json", "", "write one object a vector to this file")
	group.AddCommand(run)
	return group
}

// runVectorsInChrome scores the Chrome of this machine.
func runVectorsInChrome(ctx context.Context, list []vectors.Vector, jsonFile string, out io.Writer) (err error) {
	authority, err := ca.New()
	if err != nil {
		return environmentFailure(err)
	}
	tabs := tabsPerCPU * runtime.NumCPU()
	browser, err := launchChrome(ctx, authority, remoteFlags{}, tabs)
	if err != nil {
		return environmentFailure(err)
	}
	defer func() { err = errors.Join(err, browser.Close()) }()
	return runVectors(ctx, list, jsonFile, out, tabs, func(ctx context.Context, vector vectors.Vector) (vectors.Result, error) {
		return vectors.RunIn(ctx, browser, authority, vector)
	})
}

// runVectors runs the vectors, so many at a time, and ends with the line that others read.
func runVectors(ctx context.Context, list []vectors.Vector, jsonFile string, out io.Writer, atATime int,
	run func(ctx context.Context, vector vectors.Vector) (vectors.Result, error),
) error {
	results := make([]vectors.Result, len(list))
	group, groupContext := errgroup.WithContext(ctx)
	group.SetLimit(atATime)
	var done atomic.Int64
	interactive := isTerminal(os.Stderr)
	for i, vector := range list {
		group.Go(func() (err error) {
			results[i], err = run(groupContext, vector)
			if ran := done.Add(1); interactive {
				fmt.Fprintf(os.Stderr, "\r%d of %d vectors", ran, len(list))
			}
			return errors.Join(err, groupContext.Err())
		})
	}
	err := group.Wait()
	if interactive {
		// The line makes room for the results.
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	if err != nil {
		return environmentFailure(err)
	}
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	encoder.SetEscapeHTML(false)
	passed, failed, skipped := 0, 0, 0
	for i, result := range results {
		if err := encoder.Encode(result); err != nil {
			return environmentFailure(fmt.Errorf("write the result of the vector %s: %w", result.ID, err))
		}
		switch {
		case result.Skipped != "":
			skipped++
			fmt.Fprintf(out, "SKIP %s: %s\n", result.ID, result.Skipped)
		case result.Pass:
			passed++
		default:
			failed++
			fmt.Fprintf(out, "FAIL %s (%s:%d)\n", result.ID, list[i].File, list[i].Line)
			for _, mismatch := range result.Mismatches {
				fmt.Fprintf(out, "  %s: want %s, got %s\n", mismatch.Field, mismatch.Want, mismatch.Got)
			}
		}
	}
	if jsonFile != "" {
		if err := os.WriteFile(jsonFile, lines.Bytes(), 0o600); err != nil {
			return environmentFailure(fmt.Errorf("write the results: %w", err))
		}
	}
	fmt.Fprintf(out, "%d vectors: %d passed, %d failed, %d skipped\n", len(list), passed, failed, skipped)
	if failed > 0 {
		return errFailed
	}
	return nil
}
