package ingressnginx

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatChangesNoAnswerIsKnownToSomeControllerAndNotModelled(t *testing.T) {
	t.Parallel()
	for _, name := range tuning {
		known := slices.ContainsFunc(Versions(), func(version Version) bool { return slices.Contains(unmodelledAnnotations(version), name) })
		require.True(t, known, name)
		require.True(t, ChangesNoAnswer(annotationPrefix+name))
	}
	for _, name := range []string{"configuration-snippet", "server-snippet", "custom-headers", "canary", "enable-cors", "auth-tls-secret", "affinity", "ssl-passthrough"} {
		require.False(t, ChangesNoAnswer(name), name)
	}
}
