package steps

import (
	"io/fs"
	"os"
)

// osFiles are the machine's files, under the paths that a user types.
type osFiles struct{}

// Open opens a file or folder.
func (osFiles) Open(name string) (fs.File, error) { return os.Open(name) }
