package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// row is a line of a table; its first cell is code.
var row = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")

// TestEveryReasonIsExplained holds the tables of reasons to the simulator's list.
func TestEveryReasonIsExplained(t *testing.T) {
	_, section, found := strings.Cut(read(t, "docs/troubleshooting.md").text, "\n## Reasons\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	var explained, all []string
	for _, cells := range row.FindAllStringSubmatch(section, -1) {
		explained = append(explained, cells[1])
	}
	for _, code := range simulator.ReasonCodes() {
		all = append(all, string(code))
	}
	require.ElementsMatch(t, all, explained)
}

// TestEveryMessageIsOneOfTheProgram holds the tables of messages to the code: what
// is between two … has to be written there.
func TestEveryMessageIsOneOfTheProgram(t *testing.T) {
	source := programSource(t)
	_, section, found := strings.Cut(read(t, "docs/troubleshooting.md").text, "\n## The run ends with 3\n")
	require.True(t, found)
	messages := row.FindAllStringSubmatch(section, -1)
	require.NotEmpty(t, messages)
	for _, cells := range messages {
		for part := range strings.SplitSeq(cells[1], "…") {
			if part = strings.Trim(part, " (),:?"); part != "" {
				require.True(t, strings.Contains(source, part), "no program says %q", cells[1])
			}
		}
	}
}

// programSource is the text of the program, without its tests, as messages are written in it.
func programSource(t *testing.T) string {
	t.Helper()
	var source strings.Builder
	for _, folder := range []string{"cmd", "harness", "simulator", "steps"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			content, err := os.ReadFile(path)
			source.Write(content)
			return err
		}))
	}
	return strings.ReplaceAll(source.String(), `\"`, `"`)
}
