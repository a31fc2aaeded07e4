package docs_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// commandTimeout is how long the commands of one block may take.
const commandTimeout = 5 * time.Minute

// TestEveryCommandDoesWhatThePageSays runs the blocks of each page in their
// order, in a copy of the repository, as a reader does in one terminal. What a block
// is beside a command is said after its language, where readers of the page do not see it:
//
//	sh                   commands that end with exit code 0; a block "text" that follows is in their output
//	sh exit=1            they end with this exit code
//	sh background=ADDR   they run until the page ends, and listen at the address
//	sh needs=cluster     they are run where CROSSCHECK_KIND=require is set, which says that Docker has the images
//	sh needs=helm        they are run where the Go module proxy has what helm is built of
//	sh needs=PROGRAM     they are run where the program is
//	sh by=FILE           they are not run here: the file, which CI runs, has each line of them
//	LANGUAGE file=PATH   the file that the reader writes
//
// What was not run is listed at the end, with the reason, in the file that -not-run names: make test-docs prints it.
//
// In a block "text", … stands for anything: in a line for some of it, alone on a line for any lines.
func TestEveryCommandDoesWhatThePageSays(t *testing.T) {
	if testing.Short() {
		t.Skip("the commands of the documentation take a minute: make test-docs runs them")
	}
	program := build(t)
	t.Cleanup(func() { require.NoError(t, left.write(*notRun)) })
	t.Run("flags", func(t *testing.T) { requireFlagsThatAre(t, program) })
	for _, p := range pages(t) {
		t.Run(p.name, func(t *testing.T) {
			s := newShell(t, program)
			blocks, _ := p.blocks()
			for i, b := range blocks {
				var output *block
				if i+1 < len(blocks) && blocks[i+1].language == "text" {
					output = &blocks[i+1]
				}
				t.Run("line "+strconv.Itoa(b.line), func(t *testing.T) { s.do(t, p, b, output) })
			}
		})
	}
}

// build makes the program that the pages call, in a folder of its own.
func build(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	command := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", filepath.Join(folder, "crosscheck"), "./cmd/crosscheck")
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	return folder
}

// shell is the terminal of one reader.
type shell struct {
	// home is a copy of the repository, state the file with the folder and the variables that a block leaves to the next.
	home, state string
	// programs is a folder of the PATH.
	programs    string
	environment []string
	background  func(*exec.Cmd)
}

func newShell(t *testing.T, program string) *shell {
	t.Helper()
	folder := t.TempDir()
	s := &shell{home: filepath.Join(folder, "crosscheck"), state: filepath.Join(folder, "state"), programs: program}
	copyRepository(t, s.home)
	output, err := exec.CommandContext(t.Context(), "git", "init", "--quiet", s.home).CombinedOutput()
	require.NoError(t, err, string(output))
	require.NoError(t, os.Mkdir(filepath.Join(s.home, "bin"), 0o755))
	require.NoError(t, os.Symlink(filepath.Join(program, "crosscheck"), filepath.Join(s.home, "bin", "crosscheck")))
	s.environment = append(os.Environ(), "PATH="+program+string(os.PathListSeparator)+os.Getenv("PATH"), "GITHUB_ACTIONS=", "GOFLAGS=-buildvcs=false")
	s.background = func(command *exec.Cmd) {
		t.Cleanup(func() {
			// The whole group: "go run" has a child.
			_ = syscall.Kill(-command.Process.Pid, syscall.SIGTERM)
			_ = command.Wait()
		})
	}
	return s
}

func copyRepository(t *testing.T, to string) {
	t.Helper()
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(to, 0o755))
	for _, entry := range entries {
		from := filepath.Join(root, entry.Name())
		switch name := entry.Name(); {
		case name == ".git", name == "bin", name == "out":
		case entry.IsDir():
			require.NoError(t, os.CopyFS(filepath.Join(to, name), os.DirFS(from)))
		default:
			content, err := os.ReadFile(from)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(to, name), content, 0o644))
		}
	}
}

// do is what the reader does with one block.
func (s *shell) do(t *testing.T, p page, b block, output *block) {
	if path, written := b.says["file"]; written {
		path = filepath.Join(s.home, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(b.text), 0o644))
		return
	}
	if b.language != "sh" {
		return
	}
	if file, elsewhere := b.says["by"]; elsewhere {
		left.add(p, b, "", file)
		content, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		for line := range strings.Lines(b.text) {
			require.Contains(t, string(content), strings.TrimSpace(line), "%s is to run it", file)
		}
		return
	}
	if needed, needs := b.says["needs"]; needs {
		if lacking := s.lacks(t, needed); lacking != "" {
			left.add(p, b, lacking, "")
			t.Skip("not run: " + lacking)
		}
	}
	if address, runsOn := b.says["background"]; runsOn {
		s.start(t, b, address)
		return
	}
	want := 0
	if exit, says := b.says["exit"]; says {
		var err error
		want, err = strconv.Atoi(exit)
		require.NoError(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	defer cancel()
	said, err := s.command(ctx, b.text).CombinedOutput()
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		require.NoError(t, err)
	}
	require.Equal(t, want, code, "the exit code of %s:%d\n%s\n%s", p.name, b.line, b.text, said)
	if output != nil {
		require.Regexp(t, shown(output.text), string(said), "%s:%d shows what is not in the output of\n%s", p.name, output.line, b.text)
	}
}

// lacks says why something that a block needs is not here; "" when it is.
func (s *shell) lacks(t *testing.T, needed string) string {
	t.Helper()
	if needed == "cluster" {
		if os.Getenv("CROSSCHECK_KIND") != "require" {
			return "it needs a Docker with the images of the cluster, and CROSSCHECK_KIND=require, which says that there is one"
		}
		return ""
	}
	_, err := exec.LookPath(needed)
	if err != nil && needed == "helm" {
		err = installHelm(t, s.programs)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// installHelm makes the helm whose SDK the program is built with, unless it is in the folder.
func installHelm(t *testing.T, folder string) error {
	t.Helper()
	if _, err := os.Stat(filepath.Join(folder, "helm")); err == nil {
		return nil
	}
	version := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Version}}", "helm.sh/helm/v4")
	version.Dir = root
	said, err := version.Output()
	require.NoError(t, err)
	// In a module of its own: the program needs only a part of what the command does.
	command := exec.CommandContext(t.Context(), "go", "install", "-ldflags=-s -w", "helm.sh/helm/v4/cmd/helm@"+strings.TrimSpace(string(said)))
	command.Dir = folder
	command.Env = append(os.Environ(), "GOBIN="+folder, "GOFLAGS=")
	if output, err := command.CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(output)), "\n")
		return fmt.Errorf("helm is not on PATH, and cannot be built: %s", lines[len(lines)-1])
	}
	return nil
}

// command runs the text in bash, with the folder and the variables of the block before.
func (s *shell) command(ctx context.Context, text string) *exec.Cmd {
	command := exec.CommandContext(ctx, "bash", "-c", `if [ -e "$DOCS_STATE" ]; then . "$DOCS_STATE"; fi
trap '{ export -p; printf "cd %q\n" "$PWD"; } > "$DOCS_STATE"' EXIT
set -e
`+text)
	command.Dir = s.home
	command.Env = append(s.environment, "DOCS_STATE="+s.state)
	return command
}

// start runs the text until the page ends, and waits until something listens at the address.
func (s *shell) start(t *testing.T, b block, address string) {
	t.Helper()
	listens := func() bool {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		return err == nil && connection.Close() == nil
	}
	require.False(t, listens(), "something listens at %s already", address)
	command := s.command(context.WithoutCancel(t.Context()), b.text)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, command.Start())
	s.background(command)
	require.Eventually(t, listens, time.Minute, 50*time.Millisecond, "nothing listens at %s", address)
}

// shown is the pattern of the output that a block shows.
func shown(text string) *regexp.Regexp {
	var pattern strings.Builder
	pattern.WriteString("(?m)")
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) == "…" {
			pattern.WriteString(`(?:.*\n)*?`)
			continue
		}
		parts := strings.Split(strings.TrimRight(line, " "), "…")
		for j, part := range parts {
			parts[j] = regexp.QuoteMeta(part)
		}
		pattern.WriteString("^" + strings.Join(parts, ".*") + `[ \t]*$`)
		if i < len(lines)-1 {
			pattern.WriteString(`\n?`)
		}
	}
	return regexp.MustCompile(pattern.String())
}

func TestShownOutputIsInOrderAndWhole(t *testing.T) {
	said := "one\ntwo words\nthree\nfour\n"
	for text, want := range map[string]bool{
		"one\ntwo words": true, "two …": true, "one\n…\nfour": true, "…\nthree": true, "three\n…": true,
		"one\nthree": false, "two": false, "four\n…\none": false, "five": false, "t… words": true,
	} {
		require.Equal(t, want, shown(text).MatchString(said), text)
	}
}
