// Package manifest reads Ingresses out of Kubernetes YAML as it lies about:
// files with several documents, folders, the output of "helm template". It is as strict as an
// API server, and says where in the file something is wrong.
package manifest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	pathpkg "path"
	"slices"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"
	networking "k8s.io/api/networking/v1"
)

// Ingress is an Ingress of a file.
type Ingress struct {
	networking.Ingress
	// File is the file's path, Line the line of the document in it.
	File string
	Line int

	node *yamlnode.Node
	// above is how many lines of the file stand before the document.
	above int
}

// ID is "namespace/name", or the name alone where there is no namespace.
func (i *Ingress) ID() string {
	if i.Namespace == "" {
		return i.Name
	}
	return i.Namespace + "/" + i.Name
}

// Position is where a field is, by the names and indexes that lead to it, such
// as "metadata", "annotations", "...". Where it is not there, it is the place
// of the innermost field that is.
func (i *Ingress) Position(path ...string) (line, column int) {
	line, column = place(i.node, path)
	return line + i.above, column
}

// Class is the Ingress's class, by its field or by the annotation that was there before it; "" for none.
func (i *Ingress) Class() string {
	if name := i.Spec.IngressClassName; name != nil {
		return *name
	}
	return i.Annotations["kubernetes.io/ingress.class"]
}

// Manifests are what was read.
type Manifests struct {
	Ingresses []*Ingress
	// Controllers are those of the IngressClasses, by the class's name.
	Controllers map[string]string
}

// Error is something that an API server would not accept, or that cannot be read.
type Error struct {
	File         string
	Line, Column int
	Reason       string
}

// Error gives the place and the reason.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Reason)
}

// ErrNoIngress says that there is none in what was read.
var ErrNoIngress = errors.New("there is no Ingress")

// Stdin is the path that means the standard input.
const Stdin = "-"

// Load reads files, all *.yaml, *.yml and *.json files of folders, and the
// standard input for "-". The error has every mistake that was found: *Error,
// ErrNoIngress, and those of reading files.
func Load(stdin io.Reader, paths ...string) (*Manifests, error) {
	return loadFrom(osFiles{}, stdin, paths)
}

// LoadFrom is Load for the files of a file system, without a standard input.
func LoadFrom(files fs.FS, paths ...string) (*Manifests, error) {
	return loadFrom(files, strings.NewReader(""), paths)
}

// osFiles are the machine's files.
type osFiles struct{}

// Open opens a file or folder.
func (osFiles) Open(name string) (fs.File, error) { return os.Open(name) }

func loadFrom(system fs.FS, stdin io.Reader, paths []string) (*Manifests, error) {
	loaded := &Manifests{Controllers: map[string]string{}}
	var problems []error
	for _, path := range paths {
		names, err := filesAt(system, path)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		before := len(loaded.Ingresses)
		failures := len(problems)
		for _, name := range names {
			content, err := read(system, stdin, name)
			if err != nil {
				problems = append(problems, err)
				continue
			}
			problems = append(problems, loaded.add(name, string(content))...)
		}
		if len(loaded.Ingresses) == before && len(problems) == failures {
			problems = append(problems, fmt.Errorf("%s: %w: name a file or folder with one (kind: Ingress, apiVersion: networking.k8s.io/v1)", path, ErrNoIngress))
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return loaded, nil
}

// filesAt are those that a path names.
func filesAt(system fs.FS, path string) ([]string, error) {
	if path == Stdin {
		return []string{path}, nil
	}
	info, err := fs.Stat(system, path)
	if err != nil {
		return nil, fmt.Errorf("read manifests: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var names []string
	err = fs.WalkDir(system, path, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(pathpkg.Ext(name))) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read manifests: %w", err)
	}
	return names, nil
}

func read(system fs.FS, stdin io.Reader, name string) ([]byte, error) {
	if name == Stdin {
		content, err := io.ReadAll(stdin)
		if err != nil {
			return nil, fmt.Errorf("read manifests from the standard input: %w", err)
		}
		return content, nil
	}
	content, err := fs.ReadFile(system, name)
	if err != nil {
		return nil, fmt.Errorf("read manifests: %w", err)
	}
	return content, nil
}

// add reads the documents of one file.
func (m *Manifests) add(name, content string) []error {
	if name == Stdin {
		name = "<stdin>"
	}
	var problems []error
	for _, document := range documents(content) {
		document.file = name
		if err := m.addDocument(document); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

// documents splits a file at its "---" lines.
func documents(content string) []document {
	var found []document
	var text strings.Builder
	above, line := 0, 0
	end := func() {
		if strings.TrimSpace(text.String()) != "" {
			found = append(found, document{text: text.String(), above: above})
		}
		text.Reset()
		above = line
	}
	for written := range strings.Lines(content) {
		line++
		trimmed := strings.TrimRight(written, " \t\r\n")
		if trimmed == "---" || strings.HasPrefix(written, "--- ") {
			end()
			continue
		}
		text.WriteString(written)
	}
	end()
	return found
}
