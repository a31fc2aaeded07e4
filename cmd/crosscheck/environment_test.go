package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyAClusterOnThisMachineLooksLocal(t *testing.T) {
	t.Parallel()
	for server, local := range map[string]bool{
		"https://127.0.0.1:6443": true, "https://localhost:6443": true, "https://[::1]:6443": true, "https://kubernetes.docker.internal:6443": true,
		"https://10.0.0.1:6443": false, "https://prod.example.com": false, "https://127.0.0.1.example.com": false, "::": false, "": false,
	} {
		require.Equal(t, local, isLocal(server), server)
	}
}

func TestFlagsOfAnEnvironmentThatMakeNoSense(t *testing.T) {
	t.Parallel()
	const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{name: prod, cluster: {server: "https://prod.example.com"}}]
contexts: [{name: prod, context: {cluster: prod, user: me}}]
users: [{name: me, user: {token: secret}}]
current-context: prod
`
	cluster := []string{"run", "good.feature", "--browser", "simulator", "--env", "cluster"}
	complete := append(cluster, "--pod-image", "x", "--ingress-version", "v1.11.0", "--ingress-http", "127.0.0.1:1", "--ingress-https", "127.0.0.1:2", "--kubeconfig", "kubeconfig")
	for name, test := range map[string]struct {
		arguments []string
		output    string
	}{
		"an environment that is none":  {[]string{"run", "--env", "moon"}, `there is no environment "moon": there are embedded, kind, cluster`},
		"nothing known of the cluster": {cluster, "is missing: --env cluster needs it"},
		"a cluster that is not local":  {complete, "the cluster at https://prod.example.com does not look local: say --yes"},
		"no real controller to record": {[]string{"run", "good.feature", "--record-golden", "golden"}, "the environment embedded has no controller of ours"},
		"a switch that is neither":     {[]string{"run", "good.feature", "--env", "kind", "--linkerd", "maybe"}, "on or off was expected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command, output := crosscheck(t, test.arguments...)
			write(t, command, "good.feature", feature("200"))
			write(t, command, "kubeconfig", kubeconfig)
			require.Equal(t, exitUsage, exitCode(t, command), output)
			require.Contains(t, output.String(), test.output)
		})
	}
}
