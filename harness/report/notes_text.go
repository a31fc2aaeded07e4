package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/terminal"
)

// writeNotes lists what the environment says of deployments, each note once
// for the feature file whose scenarios it is about.
func writeNotes(text *strings.Builder, scenarios []Scenario, paint painter) {
	var files []string
	notes := map[string][]string{}
	for _, scenario := range scenarios {
		for _, note := range scenario.Notes {
			if !slices.Contains(notes[scenario.File], note) {
				notes[scenario.File] = append(notes[scenario.File], note)
			}
		}
		if len(notes[scenario.File]) > 0 && !slices.Contains(files, scenario.File) {
			files = append(files, scenario.File)
		}
	}
	if len(files) > 0 {
		fmt.Fprintf(text, "\n%s\n", paint.yellow("Notes"))
	}
	for _, file := range files {
		fmt.Fprintf(text, "  %s\n", terminal.Printable(file))
		for _, note := range notes[file] {
			fmt.Fprintf(text, "      %s\n", terminal.Printable(note))
		}
	}
}
