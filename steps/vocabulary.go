package steps

import (
	"regexp"
	"strings"
	"sync"

	"github.com/crosscheck-dev/crosscheck/harness/nearest"
)

// Definition is one step of the vocabulary.
type Definition struct {
	// Topic is what the step is about: a heading of the vocabulary.
	Topic string `json:"topic"`
	// Keyword is Given, When or Then.
	Keyword string `json:"keyword"`
	// Pattern is the regular expression that the step's words match, without the keyword.
	Pattern string `json:"pattern"`
	// Examples are the step as scenarios write it, with the table under it where it has one.
	Examples []string `json:"examples"`
}

func newDefinition(topic, pattern string, examples []string) Definition {
	keyword, _, _ := strings.Cut(examples[0], " ")
	return Definition{Topic: topic, Keyword: keyword, Pattern: pattern, Examples: examples}
}

// words are those of an example's step, without keyword and table.
func words(example string) string {
	step, _, _ := strings.Cut(example, "\n")
	_, step, _ = strings.Cut(step, " ")
	return step
}

// Vocabulary is every step that scenarios can use, as it is registered.
func Vocabulary() []Definition {
	var definitions []Definition
	register(registry{defined: func(definition Definition) { definitions = append(definitions, definition) }}, &world{})
	return definitions
}

// vocabulary is made once: an undefined step asks for it.
var vocabulary = sync.OnceValue(Vocabulary)

// quoted is what stands for something else in each scenario.
var quoted = regexp.MustCompile(`"[^"]*"|'[^']*'|\d+`)

// example is one way to write a step.
type example struct {
	definition int
	text       string
}

// Nearest are the steps whose examples are most like the words of a step that
// nobody knows, the most alike first. Each comes with that example alone.
func Nearest(step string, count int) []Definition {
	definitions := vocabulary()
	var examples []example
	var plain []string
	for i, definition := range definitions {
		for _, text := range definition.Examples {
			examples = append(examples, example{i, text})
			plain = append(plain, quoted.ReplaceAllString(words(text), "_"))
		}
	}
	var found []Definition
	seen := map[int]bool{}
	for _, i := range nearest.Rank(quoted.ReplaceAllString(step, "_"), plain) {
		if at := examples[i].definition; len(found) < count && !seen[at] {
			seen[at] = true
			definition := definitions[at]
			definition.Examples = []string{examples[i].text}
			found = append(found, definition)
		}
	}
	return found
}

// undefined says what to write in the place of a step that nobody knows.
func undefined(step string) string {
	lines := []string{"no step is defined by these words (crosscheck steps lists all that are). The nearest are:"}
	for _, definition := range Nearest(step, 3) {
		lines = append(lines, "  "+strings.ReplaceAll(definition.Examples[0], "\n", "\n  "))
	}
	return strings.Join(lines, "\n")
}
