package kind_test

import (
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
		require.NoError(t, c.CopyToContainer(t.Context(), []byte(config), "/tmp/kubeadm-"+version, 0o644))
		shell(t, c, "kubeadm config validate --config=/tmp/kubeadm-"+version)
	}
}
