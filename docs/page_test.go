// Package docs_test holds the documentation to what it says: its commands are
// run, its links lead somewhere, and its references are those of the code.
package docs_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the generated parts of the pages anew")

// root is the repository.
const root = ".."

// page is a file of the documentation.
type page struct {
	// name is its path from the repository's root.
	name string
	text string
}

// pages are the README and all of this folder.
func pages(t *testing.T) []page {
	t.Helper()
	names, err := filepath.Glob("*.md")
	require.NoError(t, err)
	all := []page{read(t, "README.md")}
	for _, name := range names {
		all = append(all, read(t, "docs/"+name))
	}
	return all
}

func read(t *testing.T, name string) page {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return page{name, string(content)}
}

// block is a fenced block of a page.
type block struct {
	line     int
	language string
	// says are the words after the language, which are not shown: see TestEveryCommandDoesWhatThePageSays.
	says map[string]string
	text string
}

var fence = regexp.MustCompile("^```(.*)$")

// blocks are the page's fenced blocks, in order; prose is all else, line by line.
func (p page) blocks() (blocks []block, prose []string) {
	var open *block
	for i, line := range strings.Split(p.text, "\n") {
		at := fence.FindStringSubmatch(line)
		switch {
		case open != nil && at != nil:
			blocks = append(blocks, *open)
			open = nil
			prose = append(prose, "")
		case open != nil:
			open.text += line + "\n"
			prose = append(prose, "")
		case at != nil:
			open = &block{line: i + 1, says: map[string]string{}}
			for j, word := range strings.Fields(at[1]) {
				if j == 0 {
					open.language = word
					continue
				}
				name, value, _ := strings.Cut(word, "=")
				open.says[name] = value
			}
			prose = append(prose, "")
		default:
			prose = append(prose, line)
		}
	}
	return blocks, prose
}

// link is an inline link; what is before the first group is no image.
var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	for _, p := range pages(t) {
		_, prose := p.blocks()
		for i, line := range prose {
			for _, found := range link.FindAllStringSubmatch(line, -1) {
				path, anchor, _ := strings.Cut(found[1], "#")
				if strings.Contains(path, "://") {
					continue
				}
				target := p.name
				if path != "" {
					target = filepath.Join(filepath.Dir(p.name), path)
				}
				_, err := os.Stat(filepath.Join(root, target))
				require.NoError(t, err, "%s:%d", p.name, i+1)
				if anchor != "" {
					require.Contains(t, anchors(read(t, target)), anchor, "%s:%d: %s", p.name, i+1, found[1])
				}
			}
		}
	}
}

// anchors are those of a page's headings, as GitHub makes them.
func anchors(p page) []string {
	_, prose := p.blocks()
	var all []string
	for _, found := range heading.FindAllStringSubmatch(strings.Join(prose, "\n"), -1) {
		all = append(all, strings.ReplaceAll(notSlug.ReplaceAllString(strings.ToLower(found[1]), ""), " ", "-"))
	}
	return all
}

// TestEveryPageIsReachedFromTheREADME holds the front page to leading to all others.
func TestEveryPageIsReachedFromTheREADME(t *testing.T) {
	front := read(t, "README.md").text
	for _, p := range pages(t)[1:] {
		require.Contains(t, front, "]("+p.name, "the README has no link to it")
	}
}

// TestCommandsAreInFencedBlocks keeps commands where they are run.
func TestCommandsAreInFencedBlocks(t *testing.T) {
	for _, p := range pages(t) {
		_, prose := p.blocks()
		for i, line := range prose {
			require.False(t, strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t"),
				"%s:%d: an indented block is not run: write a fenced one, or prose", p.name, i+1)
		}
	}
}
