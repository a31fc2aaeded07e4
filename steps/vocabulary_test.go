package steps_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/features"
	"github.com/crosscheck-dev/crosscheck/steps"
)

// defining gives the definitions whose pattern the words match.
func defining(words string) []steps.Definition {
	var matching []steps.Definition
	for _, definition := range steps.Vocabulary() {
		if compiled(definition.Pattern).MatchString(words) {
			matching = append(matching, definition)
		}
	}
	return matching
}

var patterns = map[string]*regexp.Regexp{}

func compiled(pattern string) *regexp.Regexp {
	if patterns[pattern] == nil {
		patterns[pattern] = regexp.MustCompile(pattern)
	}
	return patterns[pattern]
}

func TestEveryStepHasExamplesThatAreItsOwn(t *testing.T) {
	for _, definition := range steps.Vocabulary() {
		require.Regexp(t, `^\^.*\$$`, definition.Pattern, "anchored")
		require.Contains(t, []string{"Given", "When", "Then"}, definition.Keyword)
		require.NotEmpty(t, definition.Topic)
		require.NotEmpty(t, definition.Examples)
		for _, example := range definition.Examples {
			step, table, _ := strings.Cut(example, "\n")
			words := strings.TrimPrefix(step, definition.Keyword+" ")
			matching := defining(words)
			require.Len(t, matching, 1, "the example %q is of one step alone", example)
			require.Equal(t, definition.Pattern, matching[0].Pattern, example)
			for row := range strings.Lines(table) {
				require.Regexp(t, `^  \| .* \|\n?$`, row, "a table's row in %q", example)
			}
		}
	}
}

// TestEveryStepIsUsedByAScenarioOfOurs holds the features to the vocabulary: a
// step that no scenario uses was never seen to work in a real browser. What only
// the environment live can do is tested with it.
func TestEveryStepIsUsedByAScenarioOfOurs(t *testing.T) {
	plan, err := steps.Read(steps.Selection{Files: features.FS(), Paths: []string{features.Root}})
	require.NoError(t, err)
	used := map[string]bool{`^the API at "([^"]*)" as deployed$`: true}
	for _, step := range plan.Steps() {
		matching := defining(step.Text)
		require.Len(t, matching, 1, step.Text)
		used[matching[0].Pattern] = true
	}
	for _, definition := range steps.Vocabulary() {
		require.True(t, used[definition.Pattern], "no scenario uses %s", definition.Pattern)
	}
}

func TestTheNearestStepsAreThoseThatWereMeant(t *testing.T) {
	for words, want := range map[string]string{
		`the page can raed the response`:                                 `Then the page can read the response`,
		`the page fetch "GET https://shop.example.net/x" in nocors mode`: `When the page fetches "GET https://api.example.com/api/user" in no-cors mode`,
		`the browser sent a preflight`:                                   `Then the browser sends a preflight`,
		`its ingress has annotations`:                                    "Given its Ingress has the annotations\n  | enable-cors | true |",
		`an iframe "https://x.example" inside "https://y.example"`:       `Given a page at "https://widget.example.net" in a frame of a page at "https://app.example.com"`,
	} {
		nearest := steps.Nearest(words, 3)
		require.Len(t, nearest, 3)
		var examples []string
		for _, definition := range nearest {
			require.Len(t, definition.Examples, 1)
			examples = append(examples, definition.Examples[0])
		}
		require.Contains(t, examples, want, words)
	}
}
