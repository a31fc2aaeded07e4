package kind_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"

	"github.com/crosscheck-dev/crosscheck/harness/kind"
	"github.com/crosscheck-dev/crosscheck/harness/kind/kindtest"
)

// The tests that make clusters need a Docker engine with this image. Where either is missing they are
// skipped, and say so; with CROSSCHECK_KIND=require in the environment they fail instead, for machines
// that are meant to have both. go test -short leaves them out.
const nodeImage = "kindest/node:v1.34.4"

// Taking down takes a second, and at most five are promised; on a busy machine it takes longer. What must not happen
// is that the node shuts down in good order, for which systemd takes ten seconds and more.
const downMost = 9 * time.Second

// A second image that these tests load into the node; any would do.
const otherImage = "registry.k8s.io/ingress-nginx/controller:v1.11.0"

func TestMain(m *testing.M) {
	if os.Getenv(helperVariable) != "" {
		os.Exit(helperMain())
	}
	code := m.Run()
	if shared.container != nil {
		started := time.Now()
		err := testcontainers.TerminateContainer(shared.container)
		took := time.Since(started)
		fmt.Printf("the shared cluster was down after %.1f s\n", took.Seconds())
		if err != nil || took > downMost {
			fmt.Fprintln(os.Stderr, "the shared cluster was not taken down in time:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// requireDocker returns a client of an engine that has the node image and the others, or skips.
func requireDocker(t *testing.T, images ...string) *client.Client {
	t.Helper()
	return kindtest.Docker(t, append(images, nodeImage)...)
}

// shared is the one cluster of the tests that leave it as they find it.
var shared struct {
	sync.Mutex
	container *kind.Container
	err       error
	events    []kind.StepEvent
	before    map[string]string // the machine's sysctls
}

const sharedName = "crosscheck-kind-test"

func sharedCluster(t *testing.T) *kind.Container {
	t.Helper()
	requireDocker(t)
	shared.Lock()
	defer shared.Unlock()
	if shared.container == nil && shared.err == nil {
		shared.before = kindtest.HostSysctls()
		started := time.Now()
		shared.container, shared.err = kind.Run(context.Background(), nodeImage,
			testcontainers.WithName(fmt.Sprintf("%s-%d", sharedName, os.Getpid())),
			testcontainers.WithExposedPorts("80/tcp", "30080/tcp"),
			kind.WithImages(otherImage, "registry.invalid/nobody/has-this:1"),
			kind.WithLogs(filepath.Join(os.TempDir(), "crosscheck-kind-test-logs")),
			kind.WithObserver(func(e kind.StepEvent) {
				shared.events = append(shared.events, e)
				if e.Ended {
					fmt.Println(e)
				}
			}))
		fmt.Printf("the shared cluster was up after %.1f s\n", time.Since(started).Seconds())
	}
	require.NoError(t, shared.err)
	return shared.container
}

// A mark is a label that finds what one test made.
type mark string

func (m mark) option() testcontainers.CustomizeRequestOption {
	return testcontainers.WithLabels(map[string]string{"crosscheck.test": string(m)})
}

// containers are the containers with the mark, those that stopped too.
func (m mark) containers(t *testing.T, docker *client.Client) []string {
	t.Helper()
	listed, err := docker.ContainerList(t.Context(), client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", "crosscheck.test="+string(m)),
	})
	require.NoError(t, err)
	var ids []string
	for _, item := range listed.Items {
		ids = append(ids, item.ID)
	}
	return ids
}

// leftovers are what a container leaves if something went wrong.
type leftovers struct {
	id      string
	volumes []string
}

// belongings notes what a container has, while it is there.
func belongings(t *testing.T, c *kind.Container) leftovers {
	t.Helper()
	if c == nil {
		return leftovers{}
	}
	inspect, err := c.Inspect(context.Background())
	require.NoError(t, err)
	found := leftovers{id: c.GetContainerID()}
	for _, mount := range inspect.Mounts {
		if mount.Name != "" {
			found.volumes = append(found.volumes, mount.Name)
		}
	}
	return found
}

// requireNothingLeft proves that no container with the mark, and no volume or process of the container is left.
func requireNothingLeft(t *testing.T, docker *client.Client, m mark, had leftovers) {
	t.Helper()
	require.Empty(t, m.containers(t, docker), "containers are left")
	for _, volume := range had.volumes {
		_, err := docker.VolumeInspect(t.Context(), volume, client.VolumeInspectOptions{})
		require.True(t, errdefs.IsNotFound(err), "the volume %s is left: %v", volume, err)
	}
	networks, err := docker.NetworkList(t.Context(), client.NetworkListOptions{
		Filters: make(client.Filters).Add("label", "org.testcontainers.sessionId="+testcontainers.SessionID()),
	})
	require.NoError(t, err)
	require.Empty(t, networks.Items, "networks are left")
	if had.id != "" {
		// The engine ends its shim just after it has answered.
		require.Eventually(t, func() bool { return len(kindtest.ProcessesOf(had.id, "cgroup", "cmdline")) == 0 }, 5*time.Second, 20*time.Millisecond,
			"processes of the container are left")
	}
}
