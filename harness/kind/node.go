package kind

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// nodeRequest is the request for the node's container: what every node has, and then what the caller's options say.
func nodeRequest(image string, opts []testcontainers.ContainerCustomizer) (*testcontainers.GenericContainerRequest, error) {
	req := &testcontainers.GenericContainerRequest{
		ContainerRequest: testcontainers.ContainerRequest{Image: image},
		Logger:           log.NewNoopLogger(), // the steps say more, and the observer decides where
	}
	own := []testcontainers.ContainerCustomizer{
		testcontainers.WithExposedPorts(apiServerPort),
		testcontainers.WithEnv(map[string]string{"KUBECONFIG": adminConf}),
		testcontainers.WithTmpfs(map[string]string{"/run": "", "/tmp": ""}), // systemd wants /run, and others /tmp
		testcontainers.WithConfigModifier(func(config *container.Config) {
			config.Hostname = nodeName
			// An anonymous volume: no overlay below containerd's own, and gone with the container.
			config.Volumes = map[string]struct{}{"/var": {}}
		}),
		testcontainers.WithHostConfigModifier(func(host *container.HostConfig) {
			host.Privileged = true
			host.CgroupnsMode = container.CgroupnsModePrivate
			host.SecurityOpt = []string{"seccomp=unconfined", "apparmor=unconfined", "label=disable"}
			host.Init = new(bool) // systemd is the init, whatever the engine's default
		}),
	}
	for _, opt := range slices.Concat(own, opts) {
		if err := opt.Customize(req); err != nil {
			return nil, err
		}
	}
	req.Started = false
	return req, nil
}

// complete adds to the request what depends on the engine and the image.
func (e *engine) complete(ctx context.Context, req *testcontainers.GenericContainerRequest, command []string) error {
	subnets, err := e.subnets(ctx, req)
	if err != nil {
		return err
	}
	return e.adapt(req, command, proxyEnv(os.Getenv, subnets))
}

// adapt gives the request the command that the image starts with, the proxies, and what the engine needs.
func (e *engine) adapt(req *testcontainers.GenericContainerRequest, command []string, proxies map[string]string) error {
	if len(req.Entrypoint) > 0 {
		command = append(slices.Clone(req.Entrypoint), req.Cmd...)
	}
	req.Entrypoint, req.Cmd = guarded(command), nil
	req.AlwaysPullImage = false // it was pulled by now
	maps.Copy(proxies, req.Env) // what the caller says counts more
	req.Env = proxies
	// testcontainers runs modifiers where an error has no way out, so the ports are read once before.
	if err := publish(&container.HostConfig{}, req.ExposedPorts, e.publishAt()); err != nil {
		return err
	}
	return testcontainers.WithHostConfigModifier(func(host *container.HostConfig) {
		_ = publish(host, req.ExposedPorts, e.publishAt())
		host.Binds = append(host.Binds, e.binds()...)
		if e.secures("userns") {
			host.UsernsMode = "host"
		}
	})(req)
}

// binds are the folders of the engine's machine that the node reads.
func (e *engine) binds() []string {
	var binds []string
	// Docker would make the folder where it is not there, so look first where this machine is the engine's.
	_, err := os.Stat("/lib/modules")
	if err == nil || runtime.GOOS != "linux" || !isLoopback(e.hostName) {
		binds = append(binds, "/lib/modules:/lib/modules:ro")
	}
	// On these file systems the kubelet looks for the device of a disk, which has only a link there.
	systems := []string{e.info.Driver}
	for _, pair := range e.info.DriverStatus {
		if pair[0] == "Backing Filesystem" {
			systems = append(systems, pair[1])
		}
	}
	for _, system := range systems {
		if slices.Contains([]string{"btrfs", "devicemapper", "xfs", "zfs"}, strings.ToLower(system)) {
			return append(binds, "/dev/mapper:/dev/mapper")
		}
	}
	return binds
}

// nodeIP is the node's address in its first network, by name.
func nodeIP(inspect *container.InspectResponse) (netip.Addr, error) {
	if inspect.NetworkSettings != nil {
		for _, name := range slices.Sorted(maps.Keys(inspect.NetworkSettings.Networks)) {
			if ip := inspect.NetworkSettings.Networks[name].IPAddress; ip.IsValid() {
				return ip, nil
			}
		}
	}
	return netip.Addr{}, errors.New("the node has no address in any of Docker's networks")
}
