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
			write := func() error { return writeSteps(command.OutOrStdout(), definitions, len(arguments) == 0) }
			if asJSON {
				write = func() error { return writeJSONSteps(command.OutOrStdout(), definitions) }
			}
			if err := write(); err != nil {
				return environmentFailure(fmt.Errorf("list the steps: %w", err))
			}
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "write a JSON list: of each step the topic, the keyword, the pattern and the examples")
	return command
}

func writeJSONSteps(out io.Writer, definitions []steps.Definition) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(definitions)
}

// writeSteps writes the examples of each step; under headings, unless the steps are an answer in an order of its own.
func writeSteps(out io.Writer, definitions []steps.Definition, headings bool) error {
	var text strings.Builder
	topic := ""
	for _, definition := range definitions {
		if headings && definition.Topic != topic {
			topic = definition.Topic
			fmt.Fprintf(&text, "\n# %s\n", topic)
		}
		for _, example := range definition.Examples {
			fmt.Fprintln(&text, example)
		}
	}
	_, err := io.WriteString(out, strings.TrimPrefix(text.String(), "\n"))
	return err
}
