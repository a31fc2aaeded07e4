package kind_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"

	"github.com/crosscheck-dev/crosscheck/harness/kind"
	"github.com/crosscheck-dev/crosscheck/harness/kind/kindtest"
)

// inNode runs a script in the node just after its container has started, to break what comes next.
func inNode(script string) testcontainers.CustomizeRequestOption {
	return testcontainers.WithAdditionalLifecycleHooks(testcontainers.ContainerLifecycleHooks{
		PostStarts: []testcontainers.ContainerHook{func(ctx context.Context, c testcontainers.Container) error {
			code, _, err := c.Exec(ctx, []string{"sh", "-c", script})
			if err == nil && code != 0 {
				err = fmt.Errorf("the script ended with code %d", code)
			}
			return err
		}},
	})
}

// Everything that can be wrong ends at its step, with the cause in one sentence, and leaves nothing once the container is terminated.
func TestFailuresNameTheStepAndTheCause(t *testing.T) {
	docker := requireDocker(t, "node:20-slim")
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for name, test := range map[string]struct {
		image   string
		options []testcontainers.ContainerCustomizer
		step    kind.Step
		cause   string
		logs    string // a file that must be there
	}{
		"no such image": {
			image: "registry.invalid/kindest/node:v1",
			step:  kind.StepImage, cause: "registry.invalid/kindest/node:v1 is not in Docker",
		},
		"not an image's name": {
			image: "Not An Image",
			step:  kind.StepImage, cause: `the image name "Not An Image" cannot be used`,
		},
		"not a node image": {
			image: "node:20-slim",
			step:  kind.StepBoot, cause: "the node's container ended by itself with code", logs: "serial.log",
		},
		"port taken": {
			options: []testcontainers.ContainerCustomizer{kind.WithHostPort("80/tcp", uint16(taken.Addr().(*net.TCPAddr).Port))},
			step:    kind.StepContainer, cause: "a port of this machine is taken: " + taken.Addr().String(), logs: "inspect.json",
		},
		"name taken": {
			options: []testcontainers.ContainerCustomizer{testcontainers.WithName(fmt.Sprintf("%s-%d", sharedName, os.Getpid()))},
			step:    kind.StepContainer, cause: "another container has the name already",
		},
		"not a version": {
			options: []testcontainers.ContainerCustomizer{inNode("echo latest > /kind/version")},
			step:    kind.StepKubeadm, cause: `it is Kubernetes "latest", which is no version`, logs: "kubelet.log",
		},
		"kubeadm fails": {
			options: []testcontainers.ContainerCustomizer{inNode("rm -rf /etc/kubernetes/manifests && mkdir -p /etc/kubernetes && echo a file > /etc/kubernetes/manifests")},
			step:    kind.StepKubeadm, cause: "kubeadm init failed: ", logs: "kubeadm.log",
		},
		"the node dies": {
			options: []testcontainers.ContainerCustomizer{
				inNode("(until [ -e /etc/kubernetes/manifests/etcd.yaml ]; do sleep 0.1; done; systemctl --force --force poweroff) >/dev/null 2>&1 &"),
			},
			step: kind.StepKubeadm, cause: "the node's container ended by itself with code", logs: "serial.log",
		},
		"the disk is full": {
			options: []testcontainers.ContainerCustomizer{
				inNode("mkdir -p /var/lib/etcd && mount -t tmpfs -o size=1m tmpfs /var/lib/etcd"), kind.WithStartupTimeout(15 * time.Second),
			},
			step: kind.StepKubeadm, cause: "the node is out of disk: /var/lib/etcd has", logs: "kubelet.log",
		},
		"no time": {
			options: []testcontainers.ContainerCustomizer{
				inNode(`printf '#!/bin/sh\necho waiting for the others\nexec sleep 60\n' > /usr/local/bin/kubeadm && chmod +x /usr/local/bin/kubeadm`),
				kind.WithStartupTimeout(8 * time.Second),
			},
			step: kind.StepKubeadm, cause: "it was not done within 8s: kubeadm init had come to: waiting for the others", logs: "inspect.json",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "name taken" {
				sharedCluster(t)
			}
			if test.image == "" {
				test.image = nodeImage
			}
			logs := filepath.Join(t.TempDir(), "logs")
			before := kindtest.HostSysctls()
			marked := mark(fmt.Sprintf("%s-%d", t.Name(), os.Getpid()))
			c, err := kind.Run(t.Context(), test.image, append(test.options, marked.option(), kind.WithLogs(logs))...)
			had := belongings(t, c)
			require.NoError(t, testcontainers.TerminateContainer(c))
			var failed *kind.StepError
			require.ErrorAs(t, err, &failed)
			t.Log(err)
			require.Equal(t, test.step, failed.Step, err)
			require.Contains(t, failed.Cause, test.cause)
			requireNothingLeft(t, docker, marked, had)
			require.Equal(t, before, kindtest.HostSysctls())
			if test.logs != "" {
				require.Equal(t, logs, failed.Logs)
				require.FileExists(t, filepath.Join(logs, test.logs))
			}
		})
	}
}

// A pod that never gets Ready is named, with the reason that the kubelet gives.
func TestAPodThatIsNeverReadyIsNamed(t *testing.T) {
	c := sharedCluster(t)
	inspect, err := c.Inspect(t.Context())
	require.NoError(t, err)
	_, err = c.Kubectl(t.Context(), nil, "-n", "kube-system", "run", "stuck", "--image=crosscheck.invalid/none:1", "--image-pull-policy=Never")
	require.NoError(t, err)
	defer func() {
		_, err := c.Kubectl(t.Context(), nil, "-n", "kube-system", "delete", "pod", "stuck", "--now")
		require.NoError(t, err)
	}()
	again, err := kind.Run(t.Context(), nodeImage, testcontainers.WithReuseByName(inspect.Name[1:]), kind.WithStartupTimeout(10*time.Second))
	require.NotNil(t, again)
	var failed *kind.StepError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, kind.StepPods, failed.Step)
	require.Contains(t, failed.Cause, "it was not done within 10s: stuck is not Ready: ErrImageNeverPull")
}
