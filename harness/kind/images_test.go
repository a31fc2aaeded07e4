package kind

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCanonicalRef(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]string{
		"node":                 "docker.io/library/node:latest",
		"node:20-slim":         "docker.io/library/node:20-slim",
		"docker.io/a/b:1":      "docker.io/a/b:1",
		"registry.k8s.io/etcd": "registry.k8s.io/etcd:latest",
		"localhost:5000/x:1":   "localhost:5000/x:1",
		"a/b:1@sha256:0000000000000000000000000000000000000000000000000000000000000000": "docker.io/a/b@sha256:0000000000000000000000000000000000000000000000000000000000000000",
	} {
		got, err := canonicalRef(ref)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := canonicalRef("Not An Image")
	require.ErrorContains(t, err, `the name of an image was expected, found "Not An Image"`)
}

func TestImageNames(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"a:1", "b:1"}, imageNames([]byte("b:1\n\nsha256:0123\na:1\nb:1\n")))
	require.Empty(t, imageNames(nil))
}

func TestSnapshotterOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ config, want string }{
		"containerd 1": {"version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd]\nsnapshotter = \"overlayfs\"\n", "overlayfs"},
		"containerd 2": {"version = 3\n[plugins.'io.containerd.cri.v1.images']\nsnapshotter = 'fuse-overlayfs'\n", "fuse-overlayfs"},
	} {
		got, err := snapshotterOf(test.config)
		require.NoError(t, err, name)
		require.Equal(t, test.want, got, name)
	}
	_, err := snapshotterOf("version = 2\n")
	require.ErrorContains(t, err, "names no snapshotter")
	_, err = snapshotterOf("not = = toml")
	require.ErrorContains(t, err, "the configuration of containerd")
}
