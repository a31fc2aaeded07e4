package kind_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/kind"
)

// Kubeadm itself finds nothing wrong with the configuration, in either of the formats that it reads.
func TestKubeadmAcceptsItsConfiguration(t *testing.T) {
	c := sharedCluster(t)
	for _, version := range []string{"v1.34.4", "v1.30.0"} {
		config, err := kind.KubeadmYAML(version, map[string]string{"ingress-ready": "true", "example.com/zone": "a"})
		require.NoError(t, err)
		config = strings.Replace(config, version, c.KubernetesVersion(), 1) // kubeadm refuses to set up another version than its own
		require.NoError(t, c.CopyToContainer(t.Context(), []byte(config), "/kind/kubeadm-"+version, 0o644))
		shell(t, c, "kubeadm config validate --config=/kind/kubeadm-"+version)
	}
}
