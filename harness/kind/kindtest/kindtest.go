// Package kindtest helps tests that make clusters with the kind module: what they need, and what is to be as before when they end.
package kindtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"
)

// RequireVariable is the environment variable that makes [Missing] a failure: CROSSCHECK_KIND=require.
const RequireVariable = "CROSSCHECK_KIND"

// ReaperImage is the image of the reaper that this version of testcontainers starts.
const ReaperImage = "testcontainers/ryuk:0.14.0"

// Missing skips a test that lacks something of the machine, and says what. Where the environment requires clusters, the test fails instead.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv(RequireVariable) == "require" {
		t.Fatalf(RequireVariable+"=require: "+format, args...)
	}
	t.Skipf(format, args...)
}

// Docker is a client of a Docker that has the images, and that of testcontainers' reaper where it is not disabled. Where there is none, the
// test is skipped as by [Missing]; go test -short always skips it.
func Docker(t testing.TB, images ...string) *client.Client {
	t.Helper()
	if testing.Short() {
		t.Skip("a cluster takes half a minute: not with -short")
	}
	docker, err := client.New(client.FromEnv)
	require.NoError(t, err)
	t.Cleanup(func() { _ = docker.Close() })
	if _, err := docker.Ping(t.Context(), client.PingOptions{}); err != nil {
		Missing(t, "there is no Docker: %v", err)
	}
	if !testcontainers.ReadConfig().RyukDisabled {
		images = append([]string{ReaperImage}, images...)
	}
	for _, image := range images {
		if _, err := docker.ImageInspect(t.Context(), image); errdefs.IsNotFound(err) {
			Missing(t, "Docker has no image %s: docker pull it, or for the reaper's set TESTCONTAINERS_RYUK_DISABLED=true", image)
		} else {
			require.NoError(t, err)
		}
	}
	return docker
}

// HostSysctls are the machine's parameters that systemd and the kubelet would change, by their path below /proc/sys.
func HostSysctls() map[string]string {
	found := map[string]string{}
	for _, name := range []string{
		"fs/file-max", "fs/nr_open", "kernel/panic", "kernel/panic_on_oops", "kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes",
		"vm/overcommit_memory", "vm/panic_on_oom",
	} {
		if value, err := os.ReadFile("/proc/sys/" + name); err == nil {
			found[name] = strings.TrimSpace(string(value))
		}
	}
	return found
}

// ProcessesOf are the folders in /proc of this machine's processes that have the mark in one of these files there, such as
// "cgroup" and "cmdline" for the id of a container.
func ProcessesOf(mark string, files ...string) []string {
	var found []string
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range all {
		for _, file := range files {
			if text, err := os.ReadFile(filepath.Join(process, file)); err == nil && strings.Contains(string(text), mark) {
				found = append(found, process)
				break
			}
		}
	}
	return found
}
