package kind

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheNodeGetsTheProxies(t *testing.T) {
	t.Parallel()
	env := func(values map[string]string) func(string) string {
		return func(name string) string { return values[name] }
	}
	require.Empty(t, proxyEnv(env(nil), []string{"172.17.0.0/16"}))
	require.Empty(t, proxyEnv(env(map[string]string{"NO_PROXY": "a"}), nil), "without a proxy there is nothing to go past")

	got := proxyEnv(env(map[string]string{"https_proxy": "http://proxy:3128", "NO_PROXY": ".example.com"}), []string{"172.17.0.0/16"})
	const past = ".example.com,172.17.0.0/16,kind-control-plane,10.244.0.0/16,10.96.0.0/16,.svc,.svc.cluster,.svc.cluster.local"
	require.Equal(t, map[string]string{
		"HTTPS_PROXY": "http://proxy:3128", "https_proxy": "http://proxy:3128", "NO_PROXY": past, "no_proxy": past,
	}, got)
}
