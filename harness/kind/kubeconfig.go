package kind

import (
	"context"
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
)

// apiServerPort is the port of the Kubernetes API in the node.
const apiServerPort = "6443/tcp"

// KubeConfig returns the kubeconfig of the cluster's administrator, with the server at the published port.
// It is read anew at each call: the port changes when the container is started again.
func (c *Container) KubeConfig(ctx context.Context) ([]byte, error) {
	admin, err := c.output(ctx, "cat", adminConf)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig: read %s in the node: %w", adminConf, err)
	}
	server, err := c.PortEndpoint(ctx, apiServerPort, "https")
	if err != nil {
		return nil, fmt.Errorf("kubeconfig: find the published port of the API server: %w", err)
	}
	config, err := withServer(admin, server)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig: %w", err)
	}
	return config, nil
}

// withServer replaces the server of the kubeconfig's one cluster, and leaves everything else as it is.
func withServer(kubeconfig []byte, server string) ([]byte, error) {
	var config map[string]any
	if err := yaml.Unmarshal(kubeconfig, &config); err != nil {
		return nil, fmt.Errorf("a kubeconfig was expected: %w", err)
	}
	clusters, _ := config["clusters"].([]any)
	if len(clusters) != 1 {
		return nil, fmt.Errorf("a kubeconfig with one cluster was expected, found %d", len(clusters))
	}
	named, _ := clusters[0].(map[string]any)
	cluster, ok := named["cluster"].(map[string]any)
	if !ok {
		return nil, errors.New("a kubeconfig was expected, found a cluster that is no mapping")
	}
	cluster["server"] = server
	return yaml.Marshal(config)
}
