package steps_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheREADMEShowsEveryStepAndNoOther holds the README's vocabulary to the
// registered patterns: each has an example there, and each example matches one.
func TestTheREADMEShowsEveryStepAndNoOther(t *testing.T) {
	patterns := registeredPatterns(t)
	examples := readmeExamples(t)
	shown := map[string]bool{}
	for _, example := range examples {
		var matching []string
		for _, pattern := range patterns {
			if pattern.MatchString(example) {
				matching = append(matching, pattern.String())
				shown[pattern.String()] = true
			}
		}
		require.Len(t, matching, 1, "the README's example %q", example)
	}
	for _, pattern := range patterns {
		require.True(t, shown[pattern.String()], "the README has no example of the step %s", pattern)
	}
}

// registeredPatterns reads the literal first arguments of sc.Step in register.go.
func registeredPatterns(t *testing.T) []*regexp.Regexp {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "register.go", nil, 0)
	require.NoError(t, err)
	var patterns []*regexp.Regexp
	ast.Inspect(file, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return true
		}
		if selector, ok := call.Fun.(*ast.SelectorExpr); !ok || selector.Sel.Name != "Step" {
			return true
		}
		literal, ok := call.Args[0].(*ast.BasicLit)
		require.True(t, ok, "editors find only literal patterns")
		pattern, err := strconv.Unquote(literal.Value)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(pattern, "^") && strings.HasSuffix(pattern, "$"), "%s is not anchored", pattern)
		patterns = append(patterns, regexp.MustCompile(pattern))
		return true
	})
	require.NotEmpty(t, patterns)
	return patterns
}

// readmeExamples are the steps in the README's section "The vocabulary".
func readmeExamples(t *testing.T) []string {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(readme), "## The vocabulary\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	var examples []string
	keyword := regexp.MustCompile(`^(?:Given|When|Then|And|But) `)
	for line := range strings.Lines(section) {
		line = strings.TrimSpace(line)
		if words := keyword.FindString(line); words != "" {
			examples = append(examples, strings.TrimPrefix(line, words))
		}
	}
	return examples
}
