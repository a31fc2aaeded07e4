package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

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
			if browser != steps.Simulator {
				return usageFailure(fmt.Errorf("vectors do not run in %q: they run in the simulator", browser))
			}
			profiles := map[string]simulator.Profile{"standard": simulator.Standard, "chromium": simulator.Chromium}
			chosen, known := profiles[profile]
			if !known {
				return usageFailure(fmt.Errorf("there is no profile %q: there are standard and chromium", profile))
			}
			list, err := vectors.Load(paths...)
			if err != nil {
				return usageFailure(err)
			}
			return runVectors(command.Context(), chosen, list, jsonFile, command.OutOrStdout())
		},
	}
	run.Flags().StringVar(&browser, "browser", steps.Simulator, "what to score: simulator")
	run.Flags().StringVar(&profile, "profile", "standard", "what the simulator follows: standard or chromium")
	run.Flags().StringVar(&jsonFile, "json", "", "write one object a vector to this file")
	group.AddCommand(run)
	return group
}

// runVectors scores the simulator and ends with the line that others read.
func runVectors(ctx context.Context, profile simulator.Profile, list []vectors.Vector, jsonFile string, out io.Writer) error {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	encoder.SetEscapeHTML(false)
	passed, failed, skipped := 0, 0, 0
	for _, vector := range list {
		result := vectors.Simulate(ctx, profile, vector)
		if err := ctx.Err(); err != nil {
			return environmentFailure(fmt.Errorf("interrupted at the vector %s: %w", vector.ID, err))
		}
		if err := encoder.Encode(result); err != nil {
			return environmentFailure(fmt.Errorf("write the result of the vector %s: %w", vector.ID, err))
		}
		switch {
		case result.Skipped != "":
			skipped++
			fmt.Fprintf(out, "SKIP %s: %s\n", result.ID, result.Skipped)
		case result.Pass:
			passed++
		default:
			failed++
			fmt.Fprintf(out, "FAIL %s (%s:%d)\n", result.ID, vector.File, vector.Line)
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
