package kind

import (
	"context"
	"slices"
	"strings"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// proxyEnv gives the node the proxies of this process's environment, as kind does, so that it can pull images where
// only a proxy leads out. What is within the cluster and Docker's networks goes past them.
func proxyEnv(getenv func(string) string, within []string) map[string]string {
	env := map[string]string{}
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY"} {
		if value := either(getenv, name); value != "" {
			env[name], env[strings.ToLower(name)] = value, value
		}
	}
	if len(env) == 0 {
		return env
	}
	past := slices.Concat(within, []string{nodeName, podSubnet, serviceSubnet, ".svc", ".svc.cluster", ".svc.cluster.local"})
	if value := either(getenv, "NO_PROXY"); value != "" {
		past = append([]string{value}, past...)
	}
	env["NO_PROXY"] = strings.Join(past, ",")
	env["no_proxy"] = env["NO_PROXY"]
	return env
}

// either is the variable in capitals or, where that is not set, in small letters.
func either(getenv func(string) string, name string) string {
	if value := getenv(name); value != "" {
		return value
	}
	return getenv(strings.ToLower(name))
}

// subnets are those of the networks that the request attaches the node to.
func (e *engine) subnets(ctx context.Context, req *testcontainers.GenericContainerRequest) ([]string, error) {
	networks := req.Networks
	if len(networks) == 0 {
		networks = []string{testcontainers.Bridge}
	}
	var subnets []string
	for _, name := range networks {
		found, err := e.api.NetworkInspect(ctx, name, client.NetworkInspectOptions{})
		if err != nil {
			return nil, because(err, "Docker's network %s cannot be inspected", name)
		}
		for _, config := range found.Network.IPAM.Config {
			if config.Subnet.IsValid() {
				subnets = append(subnets, config.Subnet.String())
			}
		}
	}
	return subnets, nil
}
