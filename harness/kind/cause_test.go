package kind

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCauses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"no Docker": {
			dockerCause(fmt.Errorf("docker info: %w", &net.OpError{Op: "dial", Err: os.ErrNotExist})),
			"no Docker engine answers",
		},
		"no rights": {
			dockerCause(errors.New("permission denied while trying to connect to the docker API at unix:///var/run/docker.sock")),
			"Docker refuses this user",
		},
		"too old for the client": {
			dockerCause(errors.New("API version 1.39 is not supported by this client: the minimum supported API version is 1.40")),
			"Docker is too old: version 20.10 (API 1.41) or newer is needed",
		},
		"another error of Docker": {dockerCause(errors.New("500 Internal\nServer Error")), "Docker does not answer as it should: 500 Internal Server Error"},
		"no network": {
			imageCause(errors.New("Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host"), "kindest/node:v1"),
			"its registry cannot be reached",
		},
		"no such image": {imageCause(errors.New("manifest for kindest/node:v0 not found: manifest unknown"), "kindest/node:v0"), "its registry does not have it"},
		"a full disk":   {imageCause(errors.New("write /var/lib/docker/tmp/x: no space left on device"), "kindest/node:v1"), "Docker's disk is full"},
		"port taken by a container": {
			containerCause(errors.New("driver failed programming external connectivity on endpoint x: Bind for 127.0.0.1:8080 failed: port is already allocated")),
			"a port of this machine is taken: 127.0.0.1:8080;",
		},
		"port taken by a process": {
			containerCause(errors.New("Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use")),
			"a port of this machine is taken: 127.0.0.1:8080;",
		},
		"name taken": {containerCause(errors.New(`Conflict. The container name "/x" is already in use by container "y"`)), "another container has the name already"},
		"no Ryuk":    {containerCause(errors.New("reaper: new reaper: run container: create container: pull access denied")), "TESTCONTAINERS_RYUK_DISABLED=true"},
		"no rights for a privileged container": {
			containerCause(errors.New("OCI runtime create failed: unable to apply caps: operation not permitted")),
			"Docker does not start privileged containers here",
		},
		"anything": {errors.New("line one\nline two"), "line one line two"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, cause(test.err), test.want)
			require.NotContains(t, cause(test.err), "\n")
		})
	}
}

func TestACauseFitsOnAScreen(t *testing.T) {
	t.Parallel()
	require.Less(t, len(cause(errors.New(strings.Repeat("word ", 1000)))), 500)
}

func TestTroubleIsFoundInTheNode(t *testing.T) {
	t.Parallel()
	const header = "Filesystem 1024-blocks Used Available Capacity Mounted on\n"
	require.Empty(t, fullDisk(header+"/dev/vda 263174212 13000000 82000000 14% /var\ntmpfs 0 0 0 - /run\n"))
	require.Empty(t, fullDisk(header+"tmpfs 100 100 0 100% /run\n"), "not the node's data")
	require.Equal(t, "the node is out of disk: /var/lib/etcd has 12 kB left of 4096 kB",
		fullDisk(header+"overlay 263174212 13000000 82000000 14% /\ntmpfs 4096 4084 12 100% /var/lib/etcd\n"))
}

func TestKubeadmCause(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"[init] x\nerror execution phase wait-control-plane: could not\nTo see the stack trace of this error\n": "wait-control-plane: could not",
		"error: error execution phase etcd/local: no folder\n":                                                  "etcd/local: no folder",
		"I1126 x\nerror: this version is too new\n":                                                             "this version is too new",
		"sh: kubeadm: not found\n":                                                                              "sh: kubeadm: not found",
		"":                                                                                                      "",
	} {
		require.Equal(t, want, kubeadmCause(said))
	}
}

func TestWhatIsNotReadyIsNamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ listed, want string }{
		"a node": {
			`{"kind":"Node","metadata":{"name":"n"},"status":{"conditions":[{"type":"MemoryPressure","status":"False"},
			  {"type":"Ready","status":"False","reason":"KubeletNotReady","message":"cni plugin not initialized"}]}}`,
			"n is not Ready: KubeletNotReady cni plugin not initialized",
		},
		"a pod whose image is missing": {
			`{"items":[{"metadata":{"name":"a"},"status":{"conditions":[{"type":"Ready","status":"True"}]}},
			  {"metadata":{"name":"b"},"status":{"conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady"}],
			   "containerStatuses":[{"name":"c","state":{"waiting":{"reason":"ImagePullBackOff","message":"Back-off pulling x"}}}]}}]}`,
			"b is not Ready: ImagePullBackOff Back-off pulling x",
		},
		"a pod that has no node": {
			`{"items":[{"metadata":{"name":"b"},"status":{"conditions":[{"type":"PodScheduled","status":"False","message":"0/1 nodes are available"}]}}]}`,
			"b is not Ready: 0/1 nodes are available",
		},
		"all is well": {`{"items":[{"metadata":{"name":"a"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}]}`, ""},
		"no JSON":     {`the server is gone`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, unready([]byte(test.listed)))
		})
	}
}
