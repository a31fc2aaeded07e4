package kind

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The node may hold anything, a hostile image's tricks with names too.
func TestUnpackStaysInItsFolder(t *testing.T) {
	t.Parallel()
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for _, header := range []tar.Header{
		{Name: "pods/a/0.log", Typeflag: tar.TypeReg, Size: 2},
		{Name: "pods/link", Typeflag: tar.TypeSymlink, Linkname: "/etc"},
		{Name: "pods/link/passwd", Typeflag: tar.TypeReg, Size: 2},
		{Name: "../../escaped", Typeflag: tar.TypeReg, Size: 2},
		{Name: "/absolute", Typeflag: tar.TypeReg, Size: 2},
	} {
		require.NoError(t, w.WriteHeader(&header))
		if header.Size > 0 {
			_, err := w.Write([]byte("ok"))
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	parent := t.TempDir()
	folder := filepath.Join(parent, "a", "b")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	root, err := os.OpenRoot(folder)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, unpack(root, &archive))

	var files []string
	require.NoError(t, filepath.WalkDir(parent, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(parent, path)
			files = append(files, filepath.ToSlash(name))
		}
		return err
	}))
	require.Equal(t, []string{"a/b/absolute", "a/b/escaped", "a/b/pods/a/0.log", "a/b/pods/link/passwd"}, files)
}
