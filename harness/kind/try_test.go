package kind_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness/kind"
	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"
)

func TestTry(t *testing.T) {
	ctx := context.Background()
	start := time.Now()
	c, err := kind.Run(ctx, "kindest/node:v1.34.4", kind.WithObserver(func(e kind.StepEvent) {
		if e.Ended {
			fmt.Println(e)
		}
	}), kind.WithImages("node:20-slim", "registry.k8s.io/ingress-nginx/controller:v1.11.0", "nowhere/such:1"), kind.WithLogs("/tmp/kindlogs"),
		testcontainers.WithExposedPorts("80/tcp", "443/tcp"))
	defer func() {
		start := time.Now()
		require.NoError(t, testcontainers.TerminateContainer(c))
		fmt.Println("down", time.Since(start))
	}()
	require.NoError(t, err)
	fmt.Println("up", time.Since(start))
	k, err := c.KubeConfig(ctx)
	require.NoError(t, err)
	os.WriteFile("/tmp/kubeconfig", k, 0o600)
	fmt.Println(string(k[:300]))
	im, err := c.Images(ctx)
	require.NoError(t, err)
	fmt.Println(im)
	out, err := c.Kubectl(ctx, nil, "get", "pods", "-A")
	fmt.Println(string(out))
	start = time.Now()
	require.NoError(t, c.CollectLogs(ctx, "/tmp/kindlogs2"))
	fmt.Println("logs", time.Since(start))
}
