package kind

import (
	"context"
	"net"
	"net/netip"
	"os"
	"strings"
)

// reachedAt corrects the host that testcontainers found for published ports. Where there is a file /.dockerenv it
// takes this process to be in a container, and the machine's gateway for the engine's machine. Some virtual machines have the
// file too. They give themselves away: the engine behind their socket calls its machine by their own name.
func (e *engine) reachedAt(host string) string {
	if _, given := os.LookupEnv("TESTCONTAINERS_HOST_OVERRIDE"); given || isLoopback(host) {
		return host
	}
	name, err := os.Hostname()
	if err == nil && name == e.info.Name && strings.HasPrefix(e.api.DaemonHost(), "unix://") {
		return "localhost"
	}
	return host
}

// publishAt is the address of the engine's machine that published ports listen on: loopback where that is reached
// from here, every address where the engine is on another machine or this process is in a container.
func (e *engine) publishAt() netip.Addr {
	if isLoopback(e.hostName) {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return netip.IPv4Unspecified()
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// server is the host by which published ports are reached. The name localhost may mean ::1, where nothing is published.
func (c *Container) server() string {
	if c.engine.hostName == "localhost" {
		return "127.0.0.1"
	}
	return c.engine.hostName
}

// Host is where the published ports are reached.
func (c *Container) Host(context.Context) (string, error) { return c.server(), nil }

// PortEndpoint is where the node's port, such as "80/tcp", is reached: "proto://host:port", or "host:port" without a proto.
func (c *Container) PortEndpoint(ctx context.Context, port, proto string) (string, error) {
	mapped, err := c.MappedPort(ctx, port)
	if err != nil {
		return "", err
	}
	endpoint := net.JoinHostPort(c.server(), mapped.Port())
	if proto != "" {
		endpoint = proto + "://" + endpoint
	}
	return endpoint, nil
}

// Endpoint is where the lowest published port of the node is reached.
func (c *Container) Endpoint(ctx context.Context, proto string) (string, error) {
	inspect, err := c.Inspect(ctx)
	if err != nil {
		return "", err
	}
	lowest := ""
	least := uint16(0)
	for port := range inspect.NetworkSettings.Ports {
		if lowest == "" || port.Num() < least {
			lowest, least = port.String(), port.Num()
		}
	}
	return c.PortEndpoint(ctx, lowest, proto)
}
