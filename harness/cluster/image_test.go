package cluster

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/stretchr/testify/require"
)

// program is this test, which is a program for Linux where it runs there.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return self
}

// base stands for an image with shared libraries.
func base() v1.Image { return empty.Image }

func expressFolder(t *testing.T, source string) string {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "node_modules", "cors"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "server.js"), []byte(source), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "node_modules", "cors", "index.js"), []byte("cors"), 0o600))
	return folder
}

// filesOf are the contents of an image's files, with its configuration, after the image was an archive.
func filesOf(t *testing.T, image *Image) (map[string][]byte, *v1.ConfigFile) {
	t.Helper()
	var archive bytes.Buffer
	require.NoError(t, image.Write(&archive))
	read, err := tarball.Image(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive.Bytes())), nil }, &image.tag)
	require.NoError(t, err)
	layers, err := read.Layers()
	require.NoError(t, err)
	files := map[string][]byte{}
	for _, layer := range layers {
		content, err := layer.Uncompressed()
		require.NoError(t, err)
		entries := tar.NewReader(content)
		for {
			header, err := entries.Next()
			if err == io.EOF {
				break
			}
			require.NoError(t, err)
			files[header.Name], err = io.ReadAll(entries)
			require.NoError(t, err)
		}
	}
	config, err := read.ConfigFile()
	require.NoError(t, err)
	return files, config
}

func TestAnImageHasTheProgramAndTheApps(t *testing.T) {
	t.Parallel()
	image, err := BuildImage(ImageParts{Program: program(t), Base: base(), Express: map[string]string{"express-4": expressFolder(t, "four")}})
	require.NoError(t, err)
	files, config := filesOf(t, image)
	self, err := os.ReadFile(program(t))
	require.NoError(t, err)
	require.True(t, bytes.Equal(self, files["crosscheck"]))
	require.Equal(t, "four", string(files["express/express-4/server.js"]))
	require.Equal(t, "cors", string(files["express/express-4/node_modules/cors/index.js"]))
	require.Equal(t, []string{"/crosscheck", "pod", "--express", "/express"}, config.Config.Entrypoint)
	require.Equal(t, "linux", config.OS)
	require.NotEmpty(t, config.Architecture)
}

func TestAnImagesNameSaysWhatIsInIt(t *testing.T) {
	t.Parallel()
	named := func(source string) string {
		image, err := BuildImage(ImageParts{Program: program(t), Base: base(), Express: map[string]string{"express-4": expressFolder(t, source)}})
		require.NoError(t, err)
		return image.Name()
	}
	require.Equal(t, named("one"), named("one"), "neither times nor places of files count")
	require.NotEqual(t, named("one"), named("two"))
	require.Regexp(t, `^crosscheck\.invalid/pod:[0-9a-f]{16}$`, named("one"))
}

func TestAProgramThatPodsCannotRunIsRefused(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "script")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\n"), 0o600))
	_, err := BuildImage(ImageParts{Program: script})
	require.ErrorContains(t, err, "is no program for Linux: build one with CGO_ENABLED=0")
	_, err = BuildImage(ImageParts{Program: filepath.Join(t.TempDir(), "none")})
	require.ErrorIs(t, err, os.ErrNotExist)
	if shell, err := os.Readlink("/bin/sh"); err == nil && shell != "" {
		// Every distribution's shell needs the C library.
		_, err = BuildImage(ImageParts{Program: "/bin/sh"})
		require.ErrorContains(t, err, "needs shared libraries")
	}
}
