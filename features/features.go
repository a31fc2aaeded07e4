// Package features embeds the scenarios that come with Crosscheck, one folder a layer.
package features

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed */*.feature ingress/k8s/*.yaml
var embedded embed.FS

// Root is the folder under which FS shows the embedded files, so that a report
// names them by their path in the repository.
const Root = "features"

// FS holds the embedded scenarios under Root.
func FS() fs.FS { return rooted{} }

type rooted struct{}

// Open opens "features/app/x.feature" as the embedded "app/x.feature".
func (rooted) Open(name string) (fs.File, error) {
	inside, found := strings.CutPrefix(name, Root+"/")
	if !found {
		if name != Root {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		inside = "."
	}
	return embedded.Open(inside)
}
