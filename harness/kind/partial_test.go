package kind_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// Docker with containerd's image store saves the index of all platforms with the content of one.
// The node takes the platform that is its own.
func TestAnArchiveWithOnePlatformOfMany(t *testing.T) {
	c := sharedCluster(t)
	const name = "crosscheck.test/partial:1"
	require.NoError(t, c.LoadImageArchive(t.Context(), bytes.NewReader(partialArchive(t, name))))
	has, err := c.HasImage(t.Context(), name)
	require.NoError(t, err)
	require.True(t, has)
}

// partialArchive is an OCI archive of an empty image. Its index names a second platform whose content is not there.
func partialArchive(t *testing.T, name string) []byte {
	t.Helper()
	type object = map[string]any
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	write := func(path string, content []byte) {
		require.NoError(t, w.WriteHeader(&tar.Header{Name: path, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content))}))
		_, err := w.Write(content)
		require.NoError(t, err)
	}
	add := func(mediaType string, content []byte) object {
		sum := fmt.Sprintf("%x", sha256.Sum256(content))
		write("blobs/sha256/"+sum, content)
		return object{"mediaType": "application/vnd.oci.image." + mediaType, "digest": "sha256:" + sum, "size": len(content)}
	}
	marshal := func(value any) []byte {
		text, err := json.Marshal(value)
		require.NoError(t, err)
		return text
	}
	var empty bytes.Buffer
	require.NoError(t, tar.NewWriter(&empty).Close())
	layer := add("layer.v1.tar", empty.Bytes())
	config := add("config.v1+json", marshal(object{
		"os": "linux", "architecture": runtime.GOARCH, "rootfs": object{"type": "layers", "diff_ids": []any{layer["digest"]}},
	}))
	own := add("manifest.v1+json", marshal(object{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": []any{layer}}))
	own["platform"] = object{"os": "linux", "architecture": runtime.GOARCH}
	absent := object{
		"mediaType": own["mediaType"], "size": 7, "digest": fmt.Sprintf("sha256:%064d", 7),
		"platform": object{"os": "linux", "architecture": "s390x"},
	}
	all := add("index.v1+json", marshal(object{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []any{own, absent}}))
	all["annotations"] = object{"io.containerd.image.name": name}
	write("index.json", marshal(object{"schemaVersion": 2, "manifests": []any{all}}))
	write("oci-layout", marshal(object{"imageLayoutVersion": "1.0.0"}))
	require.NoError(t, w.Close())
	return archive.Bytes()
}
