package project

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

//go:embed template
var templates embed.FS

// Scaffold says what to write into a repository.
type Scaffold struct {
	// URL is a resource of the API, such as "https://api.example.com/orders".
	URL string
	// API is the URL's origin, Host its host; Origin that of the page which may call it.
	API, Host, Origin string
	// Version is the release of crosscheck that the workflow installs, or "latest".
	Version string
}

// Exists says that files are there already, so that nothing was written.
type Exists struct{ Files []string }

// Error names the files.
func (e *Exists) Error() string {
	return fmt.Sprintf("nothing was written, because it would overwrite %s: name another folder, or remove what is there", strings.Join(e.Files, ", "))
}

// Write writes a project into the folder, and its workflow to where the folder's
// repository has them. It gives the files, by their paths from here. It writes all of them
// or, with an error such as *Exists, none.
func (s Scaffold) Write(folder string) ([]string, error) {
	files, err := s.render(folder)
	if err != nil {
		return nil, err
	}
	var exists Exists
	for _, file := range files {
		if _, err := os.Lstat(file.path); err == nil {
			exists.Files = append(exists.Files, file.path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("look for %s: %w", file.path, err)
		}
	}
	if len(exists.Files) > 0 {
		slices.Sort(exists.Files)
		return nil, &exists
	}
	var written []string
	for _, file := range files {
		if err := file.write(); err != nil {
			for _, path := range written {
				err = errors.Join(err, os.Remove(path))
			}
			return nil, err
		}
		written = append(written, file.path)
	}
	return written, nil
}

// scaffolded is a file to write.
type scaffolded struct {
	path    string
	content []byte
}

// write makes the file; one that came to be there meanwhile is an error.
func (f scaffolded) write() (err error) {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	if _, err = file.Write(f.content); err != nil {
		err = errors.Join(err, os.Remove(f.path))
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return nil
}

// render makes the files' contents.
func (s Scaffold) render(folder string) ([]scaffolded, error) {
	root, inside, err := repositoryOf(folder)
	if err != nil {
		return nil, err
	}
	scheme, _, _ := strings.Cut(s.Origin, "://")
	data := struct {
		Scaffold
		Stranger, Folder, Out string
	}{s, scheme + "://stranger.example", inside, path.Join(inside, "out")}
	files := []scaffolded{{path: filepath.Join(folder, ".gitignore"), content: []byte("/out/\n")}}
	for name, target := range map[string]string{
		FileName: folder, "api.feature": filepath.Join(folder, "features"), "README.md": folder,
		"workflow.yml": filepath.Join(root, ".github", "workflows"),
	} {
		parsed, err := template.ParseFS(templates, "template/"+name)
		if err != nil {
			return nil, fmt.Errorf("read the template of %s: %w", name, err)
		}
		var content bytes.Buffer
		if err := parsed.Execute(&content, data); err != nil {
			return nil, fmt.Errorf("fill in %s: %w", name, err)
		}
		if name == "workflow.yml" {
			name = "crosscheck.yml"
		}
		files = append(files, scaffolded{filepath.Join(target, name), content.Bytes()})
	}
	return files, nil
}

// repositoryOf finds the root of the Git repository that a folder is or will be
// in, and the folder's place inside; without one, the folder is the root.
func repositoryOf(folder string) (root, inside string, err error) {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return "", "", fmt.Errorf("find %s: %w", folder, err)
	}
	for parent := absolute; ; parent = filepath.Dir(parent) {
		if _, err := os.Lstat(filepath.Join(parent, ".git")); err == nil {
			inside, err := filepath.Rel(parent, absolute)
			if err != nil {
				return "", "", fmt.Errorf("find %s: %w", folder, err)
			}
			up, err := filepath.Rel(absolute, parent)
			return filepath.Join(folder, up), filepath.ToSlash(inside), err
		}
		if parent == filepath.Dir(parent) {
			return folder, ".", nil
		}
	}
}
