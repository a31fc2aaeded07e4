package simulator

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A Go team imports the simulator in a unit test and pays for nothing else:
// these are all modules that it and its sub-packages use beside the standard library.
func TestTheSimulatorImportsOnlyTheLibrariesOfItsField(t *testing.T) {
	allowed := []string{
		"github.com/nlnwa/whatwg-url/url",
		"golang.org/x/net/idna",
		"golang.org/x/net/publicsuffix",
	}
	const own = "github.com/crosscheck-dev/crosscheck/simulator"
	files := 0
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			first, _, _ := strings.Cut(imported, "/")
			standardLibrary := !strings.Contains(first, ".")
			if !standardLibrary && imported != own && !strings.HasPrefix(imported, own+"/") {
				require.Contains(t, allowed, imported, path)
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, files, 20)
}
