package kind

import (
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whoever needs a cluster imports this package alone: nothing of the project comes with it, and no client of Kubernetes.
func TestThePackageStandsAlone(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	files := 0
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		files++
		parsed, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range parsed.Imports {
			require.NotContains(t, spec.Path.Value, "crosscheck-dev/crosscheck", entry.Name())
			require.NotContains(t, spec.Path.Value, "k8s.io/", entry.Name())
		}
	}
	require.Greater(t, files, 10)
}
