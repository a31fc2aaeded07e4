package docs_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	inlineCode = regexp.MustCompile("`([^`]+)`")
	flagName   = regexp.MustCompile(`--[a-z][a-z-]*`)
	subcommand = regexp.MustCompile(`(?m)^  ([a-z-]+) {2,}\S`)
)

// requireFlagsThatAre holds the commands and flags that pages name within a
// sentence or a table to those of the program's help.
func requireFlagsThatAre(t *testing.T, program string) {
	help := map[string]string{}
	readHelp(t, filepath.Join(program, "crosscheck"), nil, help)
	all := ""
	for _, text := range help {
		all += text
	}
	for _, p := range pages(t) {
		_, prose := p.blocks()
		for i, line := range prose {
			for _, code := range inlineCode.FindAllStringSubmatch(line, -1) {
				of := all
				words := strings.Fields(strings.TrimPrefix(code[1], "bin/"))
				switch {
				case len(words) > 0 && strings.HasPrefix(words[0], "--"):
				case len(words) > 1 && words[0] == "crosscheck":
					command := words[1]
					if !strings.HasPrefix(command, "-") {
						require.NotEmpty(t, help[command], "%s:%d: there is no such command: %s", p.name, i+1, code[1])
						of = help[command]
					}
				default:
					continue
				}
				for _, name := range flagName.FindAllString(code[1], -1) {
					require.True(t, regexp.MustCompile(regexp.QuoteMeta(name)+`[^a-z-]`).MatchString(of), "%s:%d: there is no such flag: %s", p.name, i+1, code[1])
				}
			}
		}
	}
}

// readHelp reads the help of a command and of those under it, each of which has the text of those under it too.
func readHelp(t *testing.T, program string, path []string, help map[string]string) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), program, append(path[:len(path):len(path)], "--help")...).CombinedOutput()
	require.NoError(t, err, string(output))
	text := string(output)
	if _, commands, has := strings.Cut(text, "Available Commands:\n"); has {
		commands, _, _ = strings.Cut(commands, "\n\n")
		for _, found := range subcommand.FindAllStringSubmatch(commands, -1) {
			text += readHelp(t, program, append(path[:len(path):len(path)], found[1]), help)
		}
	}
	help[strings.Join(path, " ")] = text
	return text
}
