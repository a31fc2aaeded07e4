package kind_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/kind"
)

func TestFind(t *testing.T) {
	c := sharedCluster(t)
	inspect, err := c.Inspect(t.Context())
	require.NoError(t, err)
	name := strings.TrimPrefix(inspect.Name, "/")
	found, err := kind.Find(t.Context(), name)
	require.NoError(t, err)
	require.Equal(t, c.GetContainerID(), found.GetContainerID())
	require.Equal(t, c.KubernetesVersion(), found.KubernetesVersion())
	want, err := c.KubeConfig(t.Context())
	require.NoError(t, err)
	got, err := found.KubeConfig(t.Context())
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))

	_, err = kind.Find(t.Context(), name[1:])
	require.ErrorIs(t, err, kind.ErrNotFound)
	require.EqualError(t, err, `kind: find "`+name[1:]+`": there is no container of this name`)
}
