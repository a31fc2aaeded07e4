package linkerd_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

func TestWhichReleasesSetResponseHeaders(t *testing.T) {
	t.Parallel()
	for release, does := range map[string]bool{
		linkerd.DefaultVersion: true, linkerd.FirstToSetHeaders: true, "edge-24.1.1": true, "stable-2.14.10": true, "": true,
		"edge-23.7.2": false, "edge-23.6.4": false, "edge-22.12.1": false,
	} {
		require.Equal(t, does, linkerd.SetsHeaders(release), release)
	}
}
