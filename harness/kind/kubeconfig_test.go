package kind

import (
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

func TestWithServerChangesTheServerOnly(t *testing.T) {
	t.Parallel()
	const admin = `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority-data: QUJD
    server: https://172.17.0.2:6443
  name: kind
contexts:
- context: {cluster: kind, user: kubernetes-admin}
  name: kubernetes-admin@kind
current-context: kubernetes-admin@kind
preferences: {}
users:
- name: kubernetes-admin
  user: {client-certificate-data: REVG, client-key-data: R0hJ}
`
	changed, err := withServer([]byte(admin), "https://127.0.0.1:32768")
	require.NoError(t, err)
	var before, after map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(admin), &before))
	require.NoError(t, yaml.Unmarshal(changed, &after))
	cluster := before["clusters"].([]any)[0].(map[string]any)["cluster"].(map[string]any)
	cluster["server"] = "https://127.0.0.1:32768"
	require.Equal(t, before, after)
}

func TestWithServerRefusesWhatIsNoKubeconfig(t *testing.T) {
	t.Parallel()
	for kubeconfig, want := range map[string]string{
		"":                           "found 0",
		"clusters: []":               "found 0",
		"clusters: [{name: a}]":      "a cluster that is no mapping",
		"clusters: [{}, {}]":         "found 2",
		"clusters: [":                "a kubeconfig was expected",
		"just words about a cluster": "a kubeconfig was expected",
	} {
		_, err := withServer([]byte(kubeconfig), "https://127.0.0.1:1")
		require.ErrorContains(t, err, want, kubeconfig)
	}
}
