package report

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The files of a report's folder.
const (
	JSONFile  = "report.json"
	JUnitFile = "junit.xml"
	HTMLFile  = "report.html"
)

// WriteFolder writes report.json, junit.xml and report.html to dir, which it
// makes when it is not there. Each file is either written whole or left as it
// was; an error names the file.
func WriteFolder(dir string, r Report) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("report: make the folder %s: %w", dir, err)
	}
	writers := []struct {
		name  string
		write func(io.Writer, Report) error
	}{
		{JSONFile, WriteJSON},
		{JUnitFile, WriteJUnit},
		{HTMLFile, WriteHTML},
	}
	for _, writer := range writers {
		path := filepath.Join(dir, writer.name)
		// Rendered in memory first: a template that fails or panics touches no file.
		var content bytes.Buffer
		if err := writer.write(&content, r); err != nil {
			return fmt.Errorf("report: render %s: %w", path, err)
		}
		if err := replaceFile(path, content.Bytes()); err != nil {
			return fmt.Errorf("report: write %s: %w", path, err)
		}
	}
	return nil
}

// replaceFile puts content at path in one step, by way of a temporary file in
// the same folder: who reads path sees the old content or the new, never a part.
func replaceFile(path string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	replaced := false
	defer func() {
		if !replaced {
			_ = temporary.Close() // closed already unless writing failed
			_ = os.Remove(temporary.Name())
		}
	}()
	if _, err = temporary.Write(content); err != nil {
		return err
	}
	// CreateTemp's 0600 would keep a CI server's other users from the report.
	if err = temporary.Chmod(0o644); err != nil {
		return err
	}
	if err = temporary.Close(); err != nil {
		return err
	}
	if err = os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	replaced = true
	return nil
}
