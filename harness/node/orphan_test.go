package node

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
)

// When this program is killed, nobody calls Stop: the kernel closes the pipe, as here.
func TestAnAppEndsWithTheProgramThatStartedIt(t *testing.T) {
	runtime, err := Find(t.Context())
	if missing := (*harness.Unavailable)(nil); errors.As(err, &missing) {
		t.Skip(missing.Reason)
	}
	require.NoError(t, err)
	dir := t.TempDir()
	script := `import http from "node:http";
const server = http.createServer().listen(0, "127.0.0.1", () => console.log(server.address().port));`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"type":"module"}`), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "server.js"), []byte(script), 0o600))
	process, err := runtime.Start(t.Context(), dir)
	require.NoError(t, err)
	t.Cleanup(process.Stop)

	require.NoError(t, process.stdin.Close())
	process.work.Wait()
}
