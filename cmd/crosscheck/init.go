package main

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/module"

	"github.com/crosscheck-dev/crosscheck/harness/project"
	"github.com/crosscheck-dev/crosscheck/harness/service"
)

func newInitCommand() *cobra.Command {
	var resource, origin string
	command := &cobra.Command{
		Use:   "init [FOLDER]",
		Short: "Write scenarios for a deployed API into your repository: crosscheck.yaml, a feature, a CI workflow, a README",
		Long: "Write scenarios for a deployed API into your repository: crosscheck.yaml, a feature file, a README, and a workflow for GitHub Actions.\n" +
			"What is there is never overwritten. Without a FOLDER it is crosscheck.",
		Example: `  crosscheck init --url https://api.example.com/orders --origin https://app.example.com
  cd crosscheck && crosscheck run`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			scaffold, err := newScaffold(resource, origin)
			if err != nil {
				return usageFailure(err)
			}
			folder := "crosscheck"
			if len(arguments) > 0 {
				folder = arguments[0]
			}
			written, err := scaffold.Write(folder)
			var exists *project.Exists
			if errors.As(err, &exists) {
				return usageFailure(err)
			}
			if err != nil {
				return environmentFailure(err)
			}
			out := command.OutOrStdout()
			slices.Sort(written)
			for _, file := range written {
				fmt.Fprintln(out, "wrote "+file)
			}
			if !command.Flags().Changed("url") {
				fmt.Fprintf(out, "Put your API's URL into %s.\n", filepath.Join(folder, "features", "api.feature"))
			}
			fmt.Fprintf(out, "Next: cd %s && crosscheck run\n", folder)
			return nil
		},
	}
	command.Flags().StringVar(&resource, "url", "https://api.example.com/", "a URL of the API that answers GET")
	command.Flags().StringVar(&origin, "origin", "https://app.example.com", "the origin of the page that may call it")
	return command
}

// newScaffold checks what was typed.
func newScaffold(resource, origin string) (project.Scaffold, error) {
	parsed, err := url.Parse(resource)
	switch {
	case err != nil:
		return project.Scaffold{}, fmt.Errorf("--url: %w", err)
	case parsed.Host == "" || parsed.User != nil || parsed.Fragment != "" || strings.ContainsAny(resource, "\"' \t\n"):
		return project.Scaffold{}, fmt.Errorf("--url: %q is no URL of an API: write it like https://api.example.com/orders", resource)
	}
	api, err := service.ParseOrigin(parsed.Scheme + "://" + parsed.Host)
	if err != nil {
		return project.Scaffold{}, fmt.Errorf("--url: %w", err)
	}
	page, err := service.ParseOrigin(origin)
	if err != nil {
		return project.Scaffold{}, fmt.Errorf("--origin: %w", err)
	}
	if parsed.Path == "" {
		parsed.Path = "/"
	}
	return project.Scaffold{URL: parsed.String(), API: api.String(), Host: api.Host, Origin: page.String(), Version: release()}, nil
}

// release is the version of this program that others can install.
func release() string {
	built := version()
	if !strings.HasPrefix(built, "v") || module.IsPseudoVersion(built) || strings.Contains(built, "+") {
		return "latest"
	}
	return built
}
