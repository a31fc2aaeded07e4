package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The files of a report's folder.
const (
	JSONFile        = "report.json"
	JUnitFile       = "junit.xml"
	HTMLFile        = "report.html"
	ConformanceFile = "conformance.yaml"
)

// folderFiles are what a report's folder holds. report.json comes last: where it is, the others are.
var folderFiles = []struct {
	name  string
	write func(io.Writer, Report) error
}{
	{HTMLFile, WriteHTML},
	{JUnitFile, WriteJUnit},
	{ConformanceFile, WriteConformance},
	{JSONFile, WriteJSON},
}

// WriteFolder writes the report in every form to dir, which it makes when it is not there. The
// files take their places only when all of them are written in full, under other names;
// an error names the file, and leaves none of these behind.
func WriteFolder(dir string, r Report) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("report: make the folder %s: %w", dir, err)
	}
	staged := map[string]string{}
	defer func() {
		for _, temporary := range staged {
			err = errors.Join(err, os.Remove(temporary))
		}
	}()
	for _, file := range folderFiles {
		path := filepath.Join(dir, file.name)
		// Rendered in memory first: a template that fails or panics touches no file.
		var content bytes.Buffer
		if err := file.write(&content, r); err != nil {
			return fmt.Errorf("report: render %s: %w", path, err)
		}
		temporary, err := stage(path, content.Bytes())
		if temporary != "" {
			staged[path] = temporary
		}
		if err != nil {
			return fmt.Errorf("report: write %s: %w", path, err)
		}
	}
	for _, file := range folderFiles {
		path := filepath.Join(dir, file.name)
		if err := os.Rename(staged[path], path); err != nil {
			return fmt.Errorf("report: write %s: %w", path, err)
		}
		delete(staged, path)
	}
	return nil
}

// stage writes content to a temporary file beside path, and gives its name.
func stage(path string, content []byte) (name string, err error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return "", err
	}
	_, err = temporary.Write(content)
	// CreateTemp's 0600 would keep a CI server's other users from the report.
	return temporary.Name(), errors.Join(err, temporary.Chmod(0o644), temporary.Close())
}
