package cluster

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Command is the hidden command of crosscheck by which its pods run it.
const Command = "pod"

// Where things are in the image.
const (
	imageProgram = "/crosscheck"
	imageExpress = "/express"
)

// Image is the image of the pods, made in this process: no registry, no build by Docker.
type Image struct {
	image v1.Image
	tag   name.Tag
}

// ImageParts are what an image is made of.
type ImageParts struct {
	// Program is the path of a crosscheck that runs on the nodes: a static one for Linux.
	Program string
	// Base has a Node.js for the Express apps, Express are the folders with the apps by kind. Without a base, there
	// is nothing but the program in the image.
	Base    v1.Image
	Express map[string]string
}

// BuildImage makes the image. Its name says what is in it, so a node that has it need not get it again.
func BuildImage(parts ImageParts) (*Image, error) {
	program, err := os.ReadFile(parts.Program)
	if err != nil {
		return nil, fmt.Errorf("read the program for the pods: %w", err)
	}
	if err := checkProgram(parts.Program, program, parts.Base != nil); err != nil {
		return nil, err
	}
	content := sha256.New()
	base := empty.Image
	if parts.Base != nil {
		base = parts.Base
		digest, err := base.ConfigName()
		if err != nil {
			return nil, fmt.Errorf("read the base image: %w", err)
		}
		fmt.Fprintln(content, digest)
	}
	var layers []v1.Layer
	for _, kind := range sorted(parts.Express) {
		layer, err := folderLayer(parts.Express[kind], path.Join(imageExpress, kind))
		if err != nil {
			return nil, fmt.Errorf("put the app %s into the image: %w", kind, err)
		}
		layers = append(layers, layer)
	}
	layer, err := fileLayer(imageProgram, program)
	if err != nil {
		return nil, fmt.Errorf("put the program into the image: %w", err)
	}
	layers = append(layers, layer)
	for _, layer := range layers {
		digest, err := layer.DiffID()
		if err != nil {
			return nil, err
		}
		fmt.Fprintln(content, digest)
	}
	image, err := mutate.AppendLayers(base, layers...)
	if err != nil {
		return nil, fmt.Errorf("make the image of the pods: %w", err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("make the image of the pods: %w", err)
	}
	config := file.DeepCopy()
	machine, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return nil, err
	}
	config.OS, config.Architecture = "linux", architectures[machine.Machine]
	config.Config.Entrypoint, config.Config.Cmd = []string{imageProgram, Command, "--express", imageExpress}, nil
	if image, err = mutate.ConfigFile(image, config); err != nil {
		return nil, fmt.Errorf("make the image of the pods: %w", err)
	}
	tag, err := name.NewTag("crosscheck.invalid/pod:" + hex.EncodeToString(content.Sum(nil)[:8]))
	if err != nil {
		return nil, err
	}
	return &Image{image: image, tag: tag}, nil
}

// architectures are Go's names of machines.
var architectures = map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64"}

// checkProgram refuses a program that cannot run in the image.
func checkProgram(file string, program []byte, hasLibraries bool) error {
	const remedy = "build one with CGO_ENABLED=0 GOOS=linux go build ./cmd/crosscheck, and name it with --pod-program"
	parsed, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return fmt.Errorf("the pods run crosscheck itself, and %s is no program for Linux: %s", file, remedy)
	}
	dynamic := slices.ContainsFunc(parsed.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
	if dynamic && !hasLibraries {
		return fmt.Errorf("the pods run crosscheck itself, and %s needs shared libraries, which are not in their image: %s", file, remedy)
	}
	return nil
}

// Name is the image's name.
func (i *Image) Name() string { return i.tag.String() }

// Write writes the image as an archive that docker load and containerd take.
func (i *Image) Write(w io.Writer) error {
	if err := tarball.Write(i.tag, i.image, w); err != nil {
		return fmt.Errorf("write the image of the pods: %w", err)
	}
	return nil
}

// fileLayer is a layer of one program.
func fileLayer(target string, content []byte) (v1.Layer, error) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: strings.TrimPrefix(target, "/"), Mode: 0o755, Size: int64(len(content))}); err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return static.NewLayer(archive.Bytes(), types.DockerUncompressedLayer), nil
}

// folderLayer is a layer with the files of a folder. The times of files are left out: equal files are equal layers.
func folderLayer(folder, target string) (v1.Layer, error) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			// npm's links to programs are not needed to run an app.
			return err
		}
		relative, err := filepath.Rel(folder, file)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		header := &tar.Header{Name: strings.TrimPrefix(path.Join(target, filepath.ToSlash(relative)), "/"), Mode: 0o644, Size: int64(len(content))}
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		_, err = w.Write(content)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return static.NewLayer(archive.Bytes(), types.DockerUncompressedLayer), nil
}

func sorted(m map[string]string) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
