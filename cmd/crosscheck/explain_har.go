package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/crosscheck-dev/crosscheck/harness/explain"
	"github.com/crosscheck-dev/crosscheck/harness/har"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// explainRecording explains a recording. Of the flags only those count that a
// recording leaves open.
func (f *explainFlags) explainRecording(command *cobra.Command) error {
	var wrong error
	command.Flags().Visit(func(flag *pflag.Flag) {
		if !slices.Contains([]string{"har", "json", "origin", "profile"}, flag.Name) {
			wrong = fmt.Errorf("--%s: with --har the requests are those of the recording: leave it out", flag.Name)
		}
	})
	if wrong != nil {
		return usageFailure(wrong)
	}
	options := explain.RecordingOptions{Origin: f.origin}
	if f.origin != "" {
		if err := explain.CheckOrigin(f.origin); err != nil {
			return usageFailure(err)
		}
	}
	if command.Flags().Changed("profile") {
		profiles := map[string]simulator.Profile{simulator.Chromium.Name: simulator.Chromium, simulator.Standard.Name: simulator.Standard}
		profile, known := profiles[f.profile]
		if !known {
			return usageFailure(fmt.Errorf("--profile: there is no %q: there are %s, %s", f.profile, simulator.Chromium.Name, simulator.Standard.Name))
		}
		options.Profile = profile
	}
	recording, err := har.Load(f.har)
	if err != nil {
		return usageFailure(fmt.Errorf("--har: %w", err))
	}
	result, err := explain.Recording(command.Context(), recording, options)
	switch {
	case errors.Is(err, context.Canceled):
		return environmentFailure(errors.New("interrupted: not all requests of the recording were looked at"))
	case err != nil:
		return environmentFailure(err)
	}
	if f.asJSON {
		err = writeIndented(command.OutOrStdout(), result)
	} else {
		err = explain.WriteRecordingText(command.OutOrStdout(), result)
	}
	switch {
	case err != nil:
		return environmentFailure(err)
	case len(result.Blocked) > 0:
		return errFailed
	}
	return nil
}
