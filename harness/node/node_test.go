package node_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/fixtures"
	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/node"
)

// find returns this machine's Node.js, or skips the test.
func find(t *testing.T) *node.Runtime {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " was not found on PATH")
		}
	}
	runtime, err := node.Find(t.Context())
	require.NoError(t, err)
	return runtime
}

// bare is an app without dependencies.
func bare(script string) fixtures.NodeApp {
	return fixtures.NodeApp{Name: "bare", Files: map[string][]byte{
		"package.json":      []byte(`{"name":"bare","version":"1.0.0","type":"module"}`),
		"package-lock.json": []byte(`{"name":"bare","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{"":{"name":"bare","version":"1.0.0"}}}`),
		"server.js":         []byte(script),
	}}
}

const listening = `import http from "node:http";
const server = http.createServer((q, s) => s.end("hello")).listen(process.env.PORT, "127.0.0.1", () => console.log(server.address().port));`

// isUnavailable requires a reason to skip a scenario.
func isUnavailable(t *testing.T, err error) {
	t.Helper()
	var unavailable *harness.Unavailable
	require.True(t, errors.As(err, &unavailable), "%v", err)
}

func TestAnAppRunsUntilItIsStopped(t *testing.T) {
	runtime := find(t)
	folder, err := runtime.Install(t.Context(), t.TempDir(), bare(listening))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	process, err := runtime.Start(ctx, folder)
	require.NoError(t, err)
	t.Cleanup(process.Stop)
	// The context was for the start only.
	cancel()
	response, err := http.Get("http://" + process.Address)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())

	process.Stop()
	process.Stop()
	_, err = net.Dial("tcp", process.Address)
	require.Error(t, err)
}

func TestAnAppIsInstalledOnceHoweverManyAsk(t *testing.T) {
	runtime := find(t)
	dir := t.TempDir()
	folders := make([]string, 3)
	failures := make([]error, 3)
	var asking sync.WaitGroup
	for i := range folders {
		asking.Go(func() { folders[i], failures[i] = runtime.Install(t.Context(), dir, bare(listening)) })
	}
	asking.Wait()
	for i := range folders {
		require.NoError(t, failures[i])
		require.Equal(t, folders[0], folders[i])
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)

	changed, err := runtime.Install(t.Context(), dir, bare(listening+" // changed"))
	require.NoError(t, err)
	require.NotEqual(t, folders[0], changed)
}

func TestAFailedInstallSaysWhatNpmSaidAndLeavesNothing(t *testing.T) {
	runtime := find(t)
	dir := t.TempDir()
	app := bare(listening)
	app.Files["package-lock.json"] = []byte("no JSON")
	_, err := runtime.Install(t.Context(), dir, app)
	isUnavailable(t, err)
	require.ErrorContains(t, err, "install bare: npm ci")
	entries, readErr := os.ReadDir(dir)
	require.NoError(t, readErr)
	require.Empty(t, entries)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = runtime.Install(ctx, dir, bare(listening))
	require.ErrorIs(t, err, context.Canceled)
}

func TestAnAppThatDoesNotStartSaysWhy(t *testing.T) {
	runtime := find(t)
	for script, message := range map[string]string{
		`throw new Error("the moon is full")`: "the moon is full",
		`console.log("hello")`:                `it printed "hello" instead of its port`,
	} {
		folder, err := runtime.Install(t.Context(), t.TempDir(), bare(script))
		require.NoError(t, err)
		_, err = runtime.Start(t.Context(), folder)
		isUnavailable(t, err)
		require.ErrorContains(t, err, message)
	}
	folder, err := runtime.Install(t.Context(), t.TempDir(), bare("setTimeout(() => {}, 1e6)"))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan error, 1)
	go func() {
		_, err := runtime.Start(ctx, folder)
		started <- err
	}()
	cancel()
	require.ErrorIs(t, <-started, context.Canceled)
}

func TestTheExpress4FormOfTheArticleThrowsOnExpress5(t *testing.T) {
	runtime := find(t)
	four, err := fixtures.Express4()
	require.NoError(t, err)
	five, err := fixtures.Express5()
	require.NoError(t, err)
	require.Contains(t, string(four.Files["server.js"]), `app.options("*", cors());`)
	five.Name = "express-5-with-the-code-for-4"
	five.Files["server.js"] = four.Files["server.js"]
	folder, err := runtime.Install(t.Context(), t.TempDir(), five)
	require.NoError(t, err)
	_, err = runtime.Start(t.Context(), folder)
	isUnavailable(t, err)
	require.ErrorContains(t, err, "Missing parameter name")
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	empty := t.TempDir()
	t.Setenv("PATH", empty)
	_, err := node.Find(t.Context())
	isUnavailable(t, err)
	require.ErrorContains(t, err, "Node.js was not found on PATH")
	write := func(name, script string) {
		require.NoError(t, os.WriteFile(filepath.Join(empty, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
	}
	write("node", "exit 3")
	_, err = node.Find(t.Context())
	isUnavailable(t, err)
	require.ErrorContains(t, err, "node --version: exit status 3")
	write("node", "echo v22.0.0")
	_, err = node.Find(t.Context())
	isUnavailable(t, err)
	require.ErrorContains(t, err, "npm was not found on PATH")
}

func TestTheLockFilesNameNoRegistry(t *testing.T) {
	for _, c := range []struct {
		read     func() (fixtures.NodeApp, error)
		packages []string
	}{
		{fixtures.Express4, []string{"express", "cors"}},
		{fixtures.Express5, []string{"express", "cors"}},
		{fixtures.JSDOM, []string{"jsdom", "undici"}},
	} {
		app, err := c.read()
		require.NoError(t, err)
		require.NotContains(t, string(app.Files["package-lock.json"]), `"resolved"`)
		for _, name := range c.packages {
			version, err := app.Version(name)
			require.NoError(t, err)
			require.NotEmpty(t, version)
		}
		_, err = app.Version("left-pad")
		require.ErrorContains(t, err, `no package "left-pad"`)
	}
}
