package kind_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/kind"
	"github.com/crosscheck-dev/crosscheck/harness/kind/kindtest"
)

// With Ryuk, not even a process that is killed leaves its cluster. The other tests run with or without it, as the environment says.
func TestRyukTakesDownWhatAKilledProcessLeft(t *testing.T) {
	docker := requireDocker(t)
	if _, err := docker.ImageInspect(t.Context(), kindtest.ReaperImage); err != nil {
		t.Skipf("Docker has no image %s: docker pull it", kindtest.ReaperImage)
	}
	before := kindtest.HostSysctls()
	marked := mark(fmt.Sprintf("%s-%d", t.Name(), os.Getpid()))
	command := exec.Command(os.Args[0])
	command.Env = []string{"TESTCONTAINERS_RYUK_DISABLED=false"}
	var had leftovers
	code, output := runHelper(t, command, marked, func(line string) {
		if strings.HasPrefix(line, string(kind.StepKubeadm)) {
			for _, id := range marked.containers(t, docker) {
				inspect, err := docker.ContainerInspect(t.Context(), id, client.ContainerInspectOptions{})
				require.NoError(t, err)
				had.id = id
				for _, mount := range inspect.Container.Mounts {
					if mount.Name != "" {
						had.volumes = append(had.volumes, mount.Name)
					}
				}
			}
			require.NoError(t, command.Process.Kill())
		}
	})
	require.Equal(t, -1, code, output)
	require.NotEmpty(t, had.volumes)
	require.Eventually(t, func() bool { return len(marked.containers(t, docker)) == 0 }, time.Minute, 200*time.Millisecond)
	requireNothingLeft(t, docker, marked, had)
	require.Equal(t, before, kindtest.HostSysctls())
}
