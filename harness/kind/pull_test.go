package kind_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/kind"
)

// registry serves one image without layers under every name, or all of it but the configuration.
// Docker takes a registry on loopback without TLS.
func registry(t *testing.T, whole bool) (name string) {
	t.Helper()
	marshal := func(value any) []byte {
		text, err := json.Marshal(value)
		require.NoError(t, err)
		return text
	}
	type object = map[string]any
	config := marshal(object{"os": "linux", "architecture": runtime.GOARCH, "config": object{}, "rootfs": object{"type": "layers", "diff_ids": []any{}}})
	const manifestType = "application/vnd.docker.distribution.manifest.v2+json"
	manifest := marshal(object{"schemaVersion": 2, "mediaType": manifestType, "layers": []any{}, "config": object{
		"mediaType": "application/vnd.docker.container.image.v1+json", "size": len(config), "digest": fmt.Sprintf("sha256:%x", sha256.Sum256(config)),
	}})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/v2/":
		case strings.Contains(r.URL.Path, "/manifests/"):
			w.Header().Set("Content-Type", manifestType)
			w.Header().Set("Docker-Content-Digest", fmt.Sprintf("sha256:%x", sha256.Sum256(manifest)))
			_, _ = w.Write(manifest)
		case strings.Contains(r.URL.Path, "/blobs/") && whole:
			_, _ = w.Write(config)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://") + "/some/image:1"
}

func TestAnImageThatIsPulled(t *testing.T) {
	docker := requireDocker(t)
	name := registry(t, true)
	c, err := kind.Run(t.Context(), name)
	require.Nil(t, c)
	var failed *kind.StepError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, kind.StepImage, failed.Step)
	require.Contains(t, failed.Cause, name+" is not a node image: it has no entrypoint")
	_, err = docker.ImageRemove(t.Context(), name, client.ImageRemoveOptions{})
	require.NoError(t, err, "it was pulled")
}

// Errors that come after the registry's first answer come in the middle of Docker's report on progress.
func TestAPullThatBreaksOff(t *testing.T) {
	requireDocker(t)
	name := registry(t, false)
	c, err := kind.Run(t.Context(), name)
	require.Nil(t, c)
	var failed *kind.StepError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, kind.StepImage, failed.Step)
	require.Contains(t, failed.Cause, "the image "+name+" is not in Docker and cannot be pulled")
}

// Ctrl-C works in the middle of a pull, too.
func TestAPullIsInterrupted(t *testing.T) {
	docker := requireDocker(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	asked := make(chan struct{}, 16)
	over := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		cancel()
		<-over // as a registry that takes its time
	}))
	defer server.Close()
	defer close(over)
	name := strings.TrimPrefix(server.URL, "http://") + "/some/image:1"
	c, err := kind.Run(ctx, name)
	require.Nil(t, c)
	require.ErrorIs(t, err, context.Canceled)
	require.EqualError(t, err, `kind: step "image" failed: it was interrupted`)
	require.NotEmpty(t, asked)
	_, err = docker.ImageInspect(t.Context(), name)
	require.True(t, errdefs.IsNotFound(err))
}
