package docs_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var notRun = flag.String("not-run", "", "file for the commands that were not run, and why")

// leftOut are blocks of commands that were not run here.
type leftOut struct {
	mutex sync.Mutex
	// lacking are the blocks by what they lack, elsewhere those that another file runs, by the file.
	lacking, elsewhere map[string][]string
}

var left = leftOut{lacking: map[string][]string{}, elsewhere: map[string][]string{}}

// add notes a block, for what it lacks or by which file it is run.
func (l *leftOut) add(p page, b block, lacking, file string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	place := fmt.Sprintf("%s:%d", p.name, b.line)
	if file != "" {
		l.elsewhere[file] = append(l.elsewhere[file], place)
		return
	}
	l.lacking[lacking] = append(l.lacking[lacking], place)
}

// lines are one for each reason.
func (l *leftOut) lines() []string {
	var lines []string
	for _, lacking := range slices.Sorted(maps.Keys(l.lacking)) {
		lines = append(lines, fmt.Sprintf("not run: %s: %s", strings.Join(l.lacking[lacking], ", "), lacking))
	}
	for _, file := range slices.Sorted(maps.Keys(l.elsewhere)) {
		lines = append(lines, fmt.Sprintf("run by %s instead: %s", file, strings.Join(l.elsewhere[file], ", ")))
	}
	return lines
}

// write writes the lines into a file, unless its name is empty.
func (l *leftOut) write(name string) error {
	if name == "" {
		return nil
	}
	return os.WriteFile(name, []byte(strings.Join(append(l.lines(), ""), "\n")), 0o644)
}

func TestWhatWasNotRunIsSaidOnceForEachReason(t *testing.T) {
	l := leftOut{lacking: map[string][]string{}, elsewhere: map[string][]string{}}
	l.add(page{name: "docs/a.md"}, block{line: 7}, "no helm", "")
	l.add(page{name: "docs/a.md"}, block{line: 9}, "", ".ci/run")
	l.add(page{name: "docs/b.md"}, block{line: 1}, "no helm", "")
	require.Equal(t, []string{"not run: docs/a.md:7, docs/b.md:1: no helm", "run by .ci/run instead: docs/a.md:9"}, l.lines())
	name := t.TempDir() + "/not-run"
	require.NoError(t, l.write(name))
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, strings.Join(l.lines(), "\n")+"\n", string(content))
}
