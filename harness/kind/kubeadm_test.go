package kind

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKubeadmConfig(t *testing.T) {
	t.Parallel()
	config := kubeadmConfig{
		Version: "v1.34.4", NodeIP: netip.MustParseAddr("172.17.0.2"),
		CertSANs: []string{"localhost", "127.0.0.1"}, Labels: map[string]string{"zone": "a", "ingress-ready": "true"},
	}
	for version, want := range map[string]struct{ api, arguments string }{
		"v1.34.4": {
			"kubeadm.k8s.io/v1beta4",
			`[{"name":"node-ip","value":"172.17.0.2"},{"name":"node-labels","value":"ingress-ready=true,zone=a"},{"name":"provider-id","value":"kind://docker/kind/kind-control-plane"}]`,
		},
		"v1.30.13": {
			"kubeadm.k8s.io/v1beta3",
			`{"node-ip":"172.17.0.2","node-labels":"ingress-ready=true,zone=a","provider-id":"kind://docker/kind/kind-control-plane"}`,
		},
	} {
		config.Version = version
		text, err := config.YAML()
		require.NoError(t, err)
		objects, err := decodeObjects(text)
		require.NoError(t, err)
		require.Len(t, objects, 4)
		cluster, init := objects[0], objects[1]
		require.Equal(t, want.api, cluster["apiVersion"])
		require.Equal(t, want.api, init["apiVersion"])
		require.Equal(t, version, cluster["kubernetesVersion"])
		require.Equal(t, "172.17.0.2:6443", cluster["controlPlaneEndpoint"])
		require.Equal(t, []any{"localhost", "127.0.0.1"}, cluster["apiServer"].(map[string]any)["certSANs"])
		require.Empty(t, init["nodeRegistration"].(map[string]any)["taints"])
		require.Contains(t, text, "kubeletExtraArgs: "+want.arguments+"\n")
		require.Equal(t, "KubeletConfiguration", objects[2]["kind"])
		require.Equal(t, "KubeProxyConfiguration", objects[3]["kind"])
	}
}

func TestKubeadmConfigRefusesVersionsItDoesNotFit(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"v1.23.17": "has Kubernetes v1.23.17: v1.24.0 or newer is needed",
		"latest":   `says that it is Kubernetes "latest", which is no version`,
		"":         "which is no version",
	} {
		_, err := kubeadmConfig{Version: version, NodeIP: netip.MustParseAddr("172.17.0.2")}.YAML()
		require.ErrorContains(t, err, want)
	}
}
