package steps

import (
	"io/fs"
	"os"
)

// OSFiles are the machine's files, under the paths that a user types.
type OSFiles struct{}

// Open opens a file or folder.
func (OSFiles) Open(name string) (fs.File, error) { return os.Open(name) }
