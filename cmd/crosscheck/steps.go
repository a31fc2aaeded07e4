package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/crosscheck-dev/crosscheck/steps"
)

// nearestSteps is how many steps answer a question.
const nearestSteps = 5

func newStepsCommand() *cobra.Command {
	asJSON := false
	command := &cobra.Command{
		Use:   "steps [WORDS ...]",
		Short: "List the steps that scenarios can use, with examples; or those nearest to some words",
		Example: `  crosscheck steps
  crosscheck steps the page cannot read a header
  crosscheck steps --json`,
		RunE: func(command *cobra.Command, arguments []string) error {
			definitions := steps.Vocabulary()
			if len(arguments) > 0 {
				definitions = steps.Nearest(strings.Join(arguments, " "), nearestSteps)
			}
			if err := writeSteps(command.OutOrStdout(), definitions, asJSON); err != nil {
				return environmentFailure(fmt.Errorf("list the steps: %w", err))
			}
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "write a JSON list: of each step the keyword, the pattern and the examples")
	return command
}

func writeSteps(out io.Writer, definitions []steps.Definition, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(definitions)
	}
	for _, definition := range definitions {
		for _, example := range definition.Examples {
			if _, err := fmt.Fprintln(out, example); err != nil {
				return err
			}
		}
	}
	return nil
}
