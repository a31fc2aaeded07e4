package kind

import (
	"net/netip"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/api/types/system"
	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"
)

var loopback = netip.MustParseAddr("127.0.0.1")

func TestOptions(t *testing.T) {
	t.Parallel()
	s, err := settingsOf(nil)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"ingress-ready": "true"}, s.nodeLabels)
	require.Equal(t, 5*time.Minute, s.startupTimeout)

	s, err = settingsOf([]testcontainers.ContainerCustomizer{
		WithImages("a:1"), WithImages("b:1", "c"), WithImageArchive("x.tar"), WithLogs("out"), WithStartupTimeout(time.Second),
		WithNodeLabels(map[string]string{"example.com/zone": "a"}), testcontainers.WithEnv(map[string]string{"A": "1"}),
	})
	require.NoError(t, err)
	require.Equal(t, []string{"a:1", "b:1", "c"}, s.images)
	require.Equal(t, []string{"x.tar"}, s.archives)
	require.Equal(t, "out", s.logs)
	require.Equal(t, time.Second, s.startupTimeout)
	require.Equal(t, map[string]string{"ingress-ready": "true", "example.com/zone": "a"}, s.nodeLabels)
}

// A wrong option fails before Docker is asked for anything.
func TestWrongOptions(t *testing.T) {
	t.Parallel()
	for want, opt := range map[string]testcontainers.ContainerCustomizer{
		`WithLogs: a folder was expected, found an empty name`:                WithLogs(""),
		`WithImages: the name of an image was expected, found "No Image"`:     WithImages("No Image"),
		`WithNodeLabels: a label of Kubernetes was expected, found "a,b"="c"`: WithNodeLabels(map[string]string{"a,b": "c"}),
		`WithStartupTimeout: more than zero was expected, found 0s`:           WithStartupTimeout(0),
		`WithHostPort: a port such as "80/tcp" was expected, found "http"`:    WithHostPort("http", 80),
	} {
		c, err := Run(t.Context(), "kindest/node:v1.34.4", opt)
		require.Nil(t, c)
		var failed *StepError
		require.ErrorAs(t, err, &failed, want)
		require.Equal(t, StepOptions, failed.Step)
		require.Contains(t, failed.Cause, want)
	}
}

func TestPortsArePublishedOnLoopback(t *testing.T) {
	t.Parallel()
	host := &container.HostConfig{PortBindings: network.PortMap{
		network.MustParsePort("443/tcp"): {{HostPort: "8443"}},
		network.MustParsePort("80/tcp"):  {{HostPort: "8080", HostIP: netip.MustParseAddr("192.0.2.1")}},
	}}
	require.NoError(t, publish(host, []string{"6443/tcp", "443/tcp", "80", "30000-30001/udp"}, loopback))
	require.Equal(t, network.PortMap{
		network.MustParsePort("6443/tcp"):  {{HostPort: "0", HostIP: loopback}},
		network.MustParsePort("443/tcp"):   {{HostPort: "8443", HostIP: loopback}},
		network.MustParsePort("80/tcp"):    {{HostPort: "8080", HostIP: netip.MustParseAddr("192.0.2.1")}},
		network.MustParsePort("30000/udp"): {{HostPort: "0", HostIP: loopback}},
		network.MustParsePort("30001/udp"): {{HostPort: "0", HostIP: loopback}},
	}, host.PortBindings)
	require.ErrorContains(t, publish(host, []string{"http"}, loopback), `a port such as "80/tcp" was expected, found "http"`)
}

func TestAddressesToPublishAt(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"localhost": "127.0.0.1", "127.0.0.1": "127.0.0.1", "::1": "127.0.0.1",
		"172.17.0.1": "0.0.0.0", "docker.example.com": "0.0.0.0",
	} {
		require.Equal(t, want, (&engine{hostName: host}).publishAt().String(), host)
	}
}

func TestTheNodesContainer(t *testing.T) {
	t.Parallel()
	req, err := nodeRequest("kindest/node:v1.34.4", []testcontainers.ContainerCustomizer{
		WithHostPort("80/tcp", 8080), testcontainers.WithEnv(map[string]string{"HTTP_PROXY": "http://proxy"}),
	})
	require.NoError(t, err)
	e := &engine{hostName: "localhost", info: system.Info{
		Driver: "overlay2", DriverStatus: [][2]string{{"Backing Filesystem", "xfs"}}, SecurityOptions: []string{"name=seccomp,profile=default", "name=userns"},
	}}
	require.NoError(t, e.adapt(req, []string{"/entrypoint", "/sbin/init"}, map[string]string{"HTTP_PROXY": "http://other", "NO_PROXY": "x"}))
	require.False(t, req.Started)
	require.Equal(t, map[string]string{"KUBECONFIG": adminConf, "HTTP_PROXY": "http://proxy", "NO_PROXY": "x"}, req.Env)
	require.Equal(t, []string{"/bin/sh", "-c", guardScript, "guard", "/entrypoint", "/sbin/init"}, req.Entrypoint)

	var config container.Config
	req.ConfigModifier(&config)
	require.Equal(t, nodeName, config.Hostname)
	require.Contains(t, config.Volumes, "/var")

	var host container.HostConfig
	req.HostConfigModifier(&host)
	require.True(t, host.Privileged)
	require.True(t, host.CgroupnsMode.IsPrivate())
	require.True(t, host.UsernsMode.IsHost())
	require.False(t, *host.Init)
	require.Contains(t, host.Binds, "/dev/mapper:/dev/mapper")
	require.Equal(t, []network.PortBinding{{HostPort: "8080", HostIP: loopback}}, host.PortBindings[network.MustParsePort("80/tcp")])
	require.Equal(t, []network.PortBinding{{HostPort: "0", HostIP: loopback}}, host.PortBindings[network.MustParsePort("6443/tcp")])
}

func TestEnginesThatDoNotSuit(t *testing.T) {
	t.Parallel()
	good := func() *engine {
		e := &engine{}
		e.version.Version, e.version.APIVersion, e.version.Os = "20.10.24", "1.41", "linux"
		return e
	}
	require.NoError(t, good().suits())
	e := good()
	e.version.Version, e.version.APIVersion = "19.03.15", "1.40"
	require.EqualError(t, e.suits(), "Docker 19.03.15 (API 1.40) is too old: version 20.10 (API 1.41) or newer is needed")
	e = good()
	e.version.APIVersion = "1.100"
	require.NoError(t, e.suits(), "versions are numbers")
	e = good()
	e.version.Os = "windows"
	require.ErrorContains(t, e.suits(), "a kind node is a Linux container")
	e = good()
	e.info.SecurityOptions = []string{"name=rootless"}
	require.ErrorContains(t, e.suits(), "Docker runs rootless")
}
