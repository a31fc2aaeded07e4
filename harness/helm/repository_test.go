package helm_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v4/pkg/repo/v1"

	"github.com/crosscheck-dev/crosscheck/harness/helm"
)

// repository serves the probe chart, and counts what was asked for. The user's cache is a folder of the test's own.
func repository(t *testing.T) (address, folder string, asked *atomic.Int32) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	folder = t.TempDir()
	packed(t, folder)
	index, err := repo.IndexDirectory(folder, "")
	require.NoError(t, err)
	require.NoError(t, index.WriteFile(filepath.Join(folder, "index.yaml"), 0o600))
	asked = new(atomic.Int32)
	files := http.FileServer(http.Dir(folder))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, folder, asked
}

func TestAChartIsReadFromARepository(t *testing.T) {
	address, _, asked := repository(t)
	for name, version := range map[string]string{"the newest": "", "the chart's version": "1.2.3", "the application's version": "4.5.6"} {
		t.Run(name, func(t *testing.T) {
			before := asked.Load()
			chart := helm.Chart{Name: "probe", Source: address + "/", Version: version}
			loaded, err := helm.Load(t.Context(), chart)
			require.NoError(t, err)
			require.Equal(t, "1.2.3", loaded.Metadata.Version)
			require.Equal(t, int32(2), asked.Load()-before)

			// A version is kept; which one is the newest has to be asked.
			_, err = helm.Load(t.Context(), chart)
			require.NoError(t, err)
			want := int32(2)
			if version == "" {
				want = 4
			}
			require.Equal(t, want, asked.Load()-before)
		})
	}
}

func TestARepositoryWithoutTheChartSaysWhatItHas(t *testing.T) {
	address, folder, _ := repository(t)
	_, err := helm.Load(t.Context(), helm.Chart{Name: "probe", Source: address, Version: "9.9.9"})
	require.ErrorContains(t, err, "its index has 1 versions from 1.2.3 to 1.2.3 (application v4.5.6)")
	_, err = helm.Load(t.Context(), helm.Chart{Name: "none", Source: address})
	require.ErrorIs(t, err, repo.ErrNoChartName)
	_, err = helm.Load(t.Context(), helm.Chart{Name: "probe", Source: address + "/elsewhere"})
	require.ErrorContains(t, err, "404 Not Found")

	// An archive that is not what its index says is refused.
	index, err := os.ReadFile(filepath.Join(folder, "index.yaml"))
	require.NoError(t, err)
	at := strings.Index(string(index), "digest: ") + len("digest: ")
	changed := string(index[:at]) + strings.Repeat("0", 64) + string(index[at+64:])
	require.NoError(t, os.WriteFile(filepath.Join(folder, "index.yaml"), []byte(changed), 0o600))
	_, err = helm.Load(t.Context(), helm.Chart{Name: "probe", Source: address, Version: "1.2.3"})
	require.ErrorContains(t, err, "is not what its index says: SHA-256 ")

	require.NoError(t, os.WriteFile(filepath.Join(folder, "index.yaml"), []byte("<html>"), 0o600))
	_, err = helm.Load(t.Context(), helm.Chart{Name: "probe", Source: address})
	require.ErrorContains(t, err, "what answers there is no repository")
}

func TestARepositoryThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := helm.Load(t.Context(), helm.Chart{Name: "probe", Source: server.URL})
	var missing *helm.ChartNotFoundError
	require.ErrorAs(t, err, &missing)
	require.ErrorContains(t, err, "connection refused")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = helm.Load(ctx, helm.Chart{Name: "probe", Source: server.URL})
	require.ErrorIs(t, err, context.Canceled)
}
