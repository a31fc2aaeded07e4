package vectors

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Load reads vector files, and all *.jsonl in folders, in the order given. An id
// may stand in one file only.
func Load(paths ...string) ([]Vector, error) {
	var list []Vector
	seen := map[string]string{}
	for _, path := range paths {
		files, err := filesOf(path)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("read the vectors: %w", err)
			}
			vectors, err := Parse(file, content)
			if err != nil {
				return nil, err
			}
			for _, vector := range vectors {
				if first, twice := seen[vector.ID]; twice {
					return nil, &ParseError{File: file, Line: vector.Line, Column: 1, Cause: fmt.Errorf("the id %q is in %s too", vector.ID, first)}
				}
				seen[vector.ID] = file
			}
			list = append(list, vectors...)
		}
	}
	return list, nil
}

// filesOf is the file itself, or the vector files in a folder.
func filesOf(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("find the vectors: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(name, ".jsonl") {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for vectors in %s: %w", path, err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there is no *.jsonl file in %s", path)
	}
	return files, nil
}
