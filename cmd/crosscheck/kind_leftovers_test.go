package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"

	"github.com/crosscheck-dev/crosscheck/harness/kind/kindtest"
)

// sessionVariable makes the test binary print the label's value of the containers that a program gets which this test starts.
const sessionVariable = "CROSSCHECK_TEST_PRINT_SESSION"

// machine is what the machine was like before a command ran that makes a cluster.
type machine struct {
	docker  *client.Client
	session string // of all containers that the command makes
	mark    string // in the environment of all its processes
	temp    string // its folder for temporary files

	volumes, networks []string
	sysctls           map[string]string
}

// leftovers notes what the machine is like, and prepares the command so that all it makes can be told from what others make.
func leftovers(t *testing.T, command *exec.Cmd) *machine {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	ask := exec.CommandContext(t.Context(), self)
	ask.Env = append(os.Environ(), sessionVariable+"=1")
	session, err := ask.Output()
	require.NoError(t, err)
	m := &machine{
		docker: kindtest.Docker(t), session: string(session), mark: fmt.Sprintf("CROSSCHECK_TEST_MARK=%s-%d", t.Name(), time.Now().UnixNano()),
		temp: t.TempDir(), sysctls: kindtest.HostSysctls(),
	}
	require.Empty(t, m.containers(t))
	m.volumes, m.networks = m.dangling(t), m.allNetworks(t)
	command.Env = append(command.Environ(), m.mark, "TMPDIR="+m.temp)
	return m
}

// requireGone requires that all is as before.
func (m *machine) requireGone(t *testing.T, said string) {
	t.Helper()
	// The engine ends what belongs to a container just after it has answered; the reaper ends ten seconds after its process.
	patience := 5 * time.Second
	if !testcontainers.ReadConfig().RyukDisabled {
		patience = time.Minute
	}
	for what, left := range map[string]func() []string{
		"containers": func() []string { return m.containers(t) },
		"volumes":    func() []string { return added(m.volumes, m.dangling(t)) },
		"networks":   func() []string { return added(m.networks, m.allNetworks(t)) },
		"processes":  func() []string { return kindtest.ProcessesOf(m.mark, "environ") },
		"processes of the container": func() []string {
			match := containerID.FindStringSubmatch(said)
			if match == nil {
				return nil
			}
			return kindtest.ProcessesOf(match[1], "cgroup", "cmdline")
		},
		"temporary files": func() []string {
			entries, err := os.ReadDir(m.temp)
			require.NoError(t, err)
			var names []string
			for _, entry := range entries {
				names = append(names, entry.Name())
			}
			return names
		},
		"parameters of the kernel": func() []string {
			if now := kindtest.HostSysctls(); !maps.Equal(m.sysctls, now) {
				return []string{fmt.Sprintf("%v became %v", m.sysctls, now)}
			}
			return nil
		},
	} {
		var last []string
		for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
			if last = left(); len(last) == 0 || time.Now().After(end) {
				break
			}
		}
		require.Empty(t, last, "%s are left after\n%s", what, said)
	}
}

// containers are those of the session, stopped ones too.
func (m *machine) containers(t *testing.T) []string {
	t.Helper()
	listed, err := m.docker.ContainerList(context.Background(), client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", "org.testcontainers.sessionId="+m.session),
	})
	require.NoError(t, err)
	var found []string
	for _, item := range listed.Items {
		found = append(found, strings.Join(item.Names, ",")+" "+item.Image)
	}
	return found
}

// dangling are the volumes that no container uses: testcontainers gives those of a container no label.
func (m *machine) dangling(t *testing.T) []string {
	t.Helper()
	listed, err := m.docker.VolumeList(context.Background(), client.VolumeListOptions{Filters: make(client.Filters).Add("dangling", "true")})
	require.NoError(t, err)
	var found []string
	for _, item := range listed.Items {
		found = append(found, item.Name)
	}
	return found
}

func (m *machine) allNetworks(t *testing.T) []string {
	t.Helper()
	listed, err := m.docker.NetworkList(context.Background(), client.NetworkListOptions{})
	require.NoError(t, err)
	var found []string
	for _, item := range listed.Items {
		found = append(found, item.Name+" "+item.ID)
	}
	return found
}

// added is what of now was not there before.
func added(before, now []string) []string {
	return slices.DeleteFunc(now, func(name string) bool { return slices.Contains(before, name) })
}
