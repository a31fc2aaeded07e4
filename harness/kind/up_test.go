package kind_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/crosscheck-dev/crosscheck/harness/kind"
	"github.com/crosscheck-dev/crosscheck/harness/kind/kindtest"
)

func TestEveryStepIsShownWithItsTime(t *testing.T) {
	c := sharedCluster(t)
	require.False(t, c.Reused())
	require.Equal(t, "v1.34.4", c.KubernetesVersion())
	took := map[kind.Step]time.Duration{}
	detail := map[kind.Step]string{}
	for _, e := range shared.events {
		require.NoError(t, e.Err)
		if e.Ended {
			took[e.Step], detail[e.Step] = e.Took, e.Detail
		}
	}
	for _, step := range []kind.Step{
		kind.StepDocker, kind.StepImage, kind.StepContainer, kind.StepBoot, kind.StepKubeadm,
		kind.StepNetwork, kind.StepStorage, kind.StepNode, kind.StepPods, kind.StepImages,
	} {
		require.Positive(t, took[step], step)
		require.NotEmpty(t, detail[step], step)
	}
	require.Len(t, shared.events, 2*len(took))
	require.Contains(t, detail[kind.StepImages], "left for the node to pull: registry.invalid/nobody/has-this:1")
}

// apiClient is an HTTP client for the cluster made from its kubeconfig as any other program would read it.
func apiClient(t *testing.T, kubeconfig []byte) (server string, api *http.Client) {
	t.Helper()
	var config struct {
		Clusters []struct {
			Cluster struct {
				Server string `yaml:"server"`
				CA     string `yaml:"certificate-authority-data"`
			} `yaml:"cluster"`
		} `yaml:"clusters"`
		Users []struct {
			User struct {
				Certificate string `yaml:"client-certificate-data"`
				Key         string `yaml:"client-key-data"`
			} `yaml:"user"`
		} `yaml:"users"`
	}
	require.NoError(t, yaml.Unmarshal(kubeconfig, &config))
	plain := func(text string) []byte {
		decoded, err := base64.StdEncoding.DecodeString(text)
		require.NoError(t, err)
		return decoded
	}
	certificate, err := tls.X509KeyPair(plain(config.Users[0].User.Certificate), plain(config.Users[0].User.Key))
	require.NoError(t, err)
	authorities := x509.NewCertPool()
	require.True(t, authorities.AppendCertsFromPEM(plain(config.Clusters[0].Cluster.CA)))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authorities, Certificates: []tls.Certificate{certificate}}}
	t.Cleanup(transport.CloseIdleConnections)
	return config.Clusters[0].Cluster.Server, &http.Client{Transport: transport}
}

func TestTheKubeConfigWorksFromHere(t *testing.T) {
	c := sharedCluster(t)
	kubeconfig, err := c.KubeConfig(t.Context())
	require.NoError(t, err)
	server, api := apiClient(t, kubeconfig)
	for path, want := range map[string]string{
		"/readyz":       "ok",
		"/version":      "v1.34.4",
		"/api/v1/nodes": `"ingress-ready":"true"`,
	} {
		response, err := api.Get(server + path)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode, path)
		require.Contains(t, strings.ReplaceAll(string(body), " ", ""), want, path)
	}
}

func TestTheOneNodeTakesPods(t *testing.T) {
	c := sharedCluster(t)
	taints, err := c.Kubectl(t.Context(), nil, "get", "nodes", "-o", "jsonpath={.items[*].spec.taints}")
	require.NoError(t, err)
	require.Empty(t, string(taints))
	labels, err := c.Kubectl(t.Context(), nil, "get", "nodes", "-o", "jsonpath={.items[*].metadata.labels}")
	require.NoError(t, err)
	require.NotContains(t, string(labels), "exclude-from-external-load-balancers")
	pods, err := c.Kubectl(t.Context(), nil, "-n", "kube-system", "get", "pods", "-o", `jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}`)
	require.NoError(t, err)
	require.NotContains(t, string(pods), "False")
	require.GreaterOrEqual(t, strings.Count(string(pods), "True"), 7)
	daemons, err := c.Kubectl(t.Context(), nil, "-n", "kube-system", "get", "daemonsets", "-o", "yaml")
	require.NoError(t, err)
	require.Contains(t, string(daemons), "CONTROL_PLANE_ENDPOINT")
	class, err := c.Kubectl(t.Context(), nil, "get", "storageclass", "-o", "name")
	require.NoError(t, err)
	require.Contains(t, string(class), "standard")
}

// A pod on a host port answers at the published port, and the port listens on loopback only.
func TestAPublishedPortReachesAPod(t *testing.T) {
	c := sharedCluster(t)
	requireDocker(t, "node:20-slim")
	require.NoError(t, c.LoadImage(t.Context(), "node:20-slim"))
	const pod = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"terminationGracePeriodSeconds":0,"containers":[{"name":"web",
		"image":"node:20-slim","imagePullPolicy":"Never","command":["node","-e","require('http').createServer((_, r) => r.end('served')).listen(8080)"],
		"ports":[{"containerPort":8080,"hostPort":80}],"readinessProbe":{"tcpSocket":{"port":8080},"periodSeconds":1}}]}}`
	_, err := c.Kubectl(t.Context(), strings.NewReader(pod), "create", "-f", "-")
	require.NoError(t, err)
	defer func() {
		_, err := c.Kubectl(t.Context(), nil, "delete", "pod", "web", "--now")
		require.NoError(t, err)
	}()
	_, err = c.Kubectl(t.Context(), nil, "wait", "--for=condition=Ready", "pod/web", "--timeout=60s")
	require.NoError(t, err)
	endpoint, err := c.PortEndpoint(t.Context(), "80/tcp", "http")
	require.NoError(t, err)
	lowest, err := c.Endpoint(t.Context(), "http")
	require.NoError(t, err)
	require.Equal(t, endpoint, lowest)
	response, err := http.Get(endpoint)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, "served", string(body))

	host, err := c.Host(t.Context())
	require.NoError(t, err)
	inspect, err := c.Inspect(t.Context())
	require.NoError(t, err)
	for _, port := range []string{"80/tcp", "6443/tcp", "30080/tcp"} {
		bindings := inspect.NetworkSettings.Ports[network.MustParsePort(port)]
		require.NotEmpty(t, bindings, port)
		for _, binding := range bindings {
			require.Equal(t, host == "127.0.0.1", binding.HostIP.IsLoopback(), port)
		}
	}
}

func TestImages(t *testing.T) {
	c := sharedCluster(t)
	requireDocker(t, otherImage)
	has, err := c.HasImage(t.Context(), otherImage)
	require.NoError(t, err)
	require.True(t, has, "WithImages loads what Docker has")
	has, err = c.HasImage(t.Context(), "registry.invalid/nobody/has-this:1")
	require.NoError(t, err)
	require.False(t, has)

	var missing *kind.MissingImagesError
	require.ErrorAs(t, c.LoadImage(t.Context(), otherImage, "registry.invalid/nobody/has-this:1"), &missing)
	require.Equal(t, []string{"registry.invalid/nobody/has-this:1"}, missing.Refs)
	require.ErrorContains(t, c.LoadImageArchive(t.Context(), strings.NewReader("this is no archive")), "the node cannot import the images")
	require.ErrorContains(t, c.LoadImageFile(t.Context(), filepath.Join(t.TempDir(), "none.tar")), "cannot be read")
}

func TestAnArchiveOnDisk(t *testing.T) {
	c := sharedCluster(t)
	docker := requireDocker(t, "node:20-slim")
	const name = "crosscheck.test/archive:1"
	_, err := docker.ImageTag(t.Context(), client.ImageTagOptions{Source: "node:20-slim", Target: name})
	require.NoError(t, err)
	defer func() {
		_, err := docker.ImageRemove(t.Context(), name, client.ImageRemoveOptions{})
		require.NoError(t, err)
	}()
	saved, err := docker.ImageSave(t.Context(), []string{name})
	require.NoError(t, err)
	defer saved.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "images.tar"))
	require.NoError(t, err)
	_, err = io.Copy(file, saved)
	require.NoError(t, err)
	require.NoError(t, file.Close())

	require.NoError(t, c.LoadImageFile(t.Context(), file.Name()))
	has, err := c.HasImage(t.Context(), name)
	require.NoError(t, err)
	require.True(t, has)
}

func TestANodeOutOfDiskSaysSo(t *testing.T) {
	c := sharedCluster(t)
	requireDocker(t, "node:20-slim")
	const content = "/var/lib/containerd/io.containerd.content.v1.content"
	shell(t, c, "ctr -n k8s.io images rm --sync docker.io/library/node:20-slim") // what is there is not written again
	shell(t, c, "mount -t tmpfs -o size=64k tmpfs "+content+" && mkdir "+content+"/ingest "+content+"/blobs")
	defer shell(t, c, "umount "+content)
	err := c.LoadImage(t.Context(), "node:20-slim")
	require.ErrorContains(t, err, "the node is out of disk: the images do not fit")
}

func shell(t *testing.T, c *kind.Container, script string) {
	t.Helper()
	code, output, err := c.Exec(t.Context(), []string{"sh", "-c", script})
	require.NoError(t, err)
	said, err := io.ReadAll(output)
	require.NoError(t, err)
	require.Zero(t, code, "%s: %s", script, said)
}

func TestLogsExplainTheNode(t *testing.T) {
	c := sharedCluster(t)
	folder := filepath.Join(t.TempDir(), "deep", "logs")
	require.NoError(t, c.CollectLogs(t.Context(), folder))
	for name, want := range map[string]string{
		"inspect.json":              `"Privileged": true`,
		"serial.log":                "starting init",
		"journal.log":               "systemd",
		"kubelet.log":               "Started kubelet",
		"containerd.log":            "containerd",
		"kubeadm.log":               "[addons] Applied essential addon: CoreDNS",
		"images.log":                "coredns",
		"kubernetes-version.txt":    "v1.34.4",
		"disk.txt":                  "/var",
		"kubectl/pods.txt":          "coredns",
		"kubectl/pods-describe.txt": "coredns",
		"kubectl/nodes.txt":         "kind-control-plane",
		"kubectl/events.txt":        "NodeReady",
	} {
		text, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		require.NoError(t, err)
		require.Contains(t, string(text), want, name)
	}
	pods, err := filepath.Glob(filepath.Join(folder, "pods", "kube-system_etcd-*", "etcd", "*.log"))
	require.NoError(t, err)
	require.NotEmpty(t, pods)
}

// A kept cluster is found again by its name, in seconds, and is not made anew.
func TestAClusterIsFoundAgain(t *testing.T) {
	c := sharedCluster(t)
	inspect, err := c.Inspect(t.Context())
	require.NoError(t, err)
	var steps []kind.Step
	again, err := kind.Run(t.Context(), nodeImage, testcontainers.WithReuseByName(strings.TrimPrefix(inspect.Name, "/")),
		testcontainers.WithWaitStrategy(wait.ForExec([]string{"kubectl", "-n", "kube-system", "get", "deployment/coredns"})),
		kind.WithObserver(func(e kind.StepEvent) {
			if e.Ended {
				steps = append(steps, e.Step)
			}
		}))
	require.NoError(t, err)
	require.True(t, again.Reused())
	require.Equal(t, c.GetContainerID(), again.GetContainerID())
	require.Equal(t, []kind.Step{kind.StepDocker, kind.StepImage, kind.StepContainer, kind.StepBoot, kind.StepNode, kind.StepPods, kind.StepWait}, steps)
	first, err := c.KubeConfig(t.Context())
	require.NoError(t, err)
	second, err := again.KubeConfig(t.Context())
	require.NoError(t, err)
	require.Equal(t, string(first), string(second))
}

// The kernel's parameters of the whole machine are as they were while the cluster runs, and pods may have user namespaces.
func TestTheMachineIsNotChanged(t *testing.T) {
	c := sharedCluster(t)
	require.Equal(t, shared.before, kindtest.HostSysctls())
	shell(t, c, "unshare --user --map-root-user --mount --pid --fork --mount-proc true")
}
