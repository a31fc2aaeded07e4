package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/crosscheck-dev/crosscheck/harness/chrome"
)

func newChromeCommand() *cobra.Command {
	install := false
	command := &cobra.Command{
		Use:   "chrome",
		Short: "Print the path of the Chrome that scenarios run in, installing one where asked",
		Long: "Print the path of the Chrome that scenarios run in: the CHROME variable's, else the first on PATH.\n" +
			"With --install, one that is missing is installed with the system's package manager.",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			path, err := chrome.Find(command.Context(), os.Getenv("CHROME"))
			var missing *chrome.NotFound
			if errors.As(err, &missing) && install {
				path, err = chrome.Install(command.Context(), command.ErrOrStderr())
			}
			if err != nil {
				return environmentFailure(err)
			}
			fmt.Fprintln(command.OutOrStdout(), path)
			return nil
		},
	}
	command.Flags().BoolVar(&install, "install", false, "install a Chrome with the system's package manager when there is none")
	return command
}
