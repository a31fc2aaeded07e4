package kind_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"

	"github.com/crosscheck-dev/crosscheck/harness/kind"
)

// A program that makes a cluster, uses it and takes it down, also on Ctrl-C.
func ExampleRun() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	cluster, err := kind.Run(ctx, "kindest/node:v1.34.4",
		testcontainers.WithExposedPorts("80/tcp", "443/tcp"), // host ports of pods, on 127.0.0.1
		kind.WithImages("example.com/my-app:dev"),            // from the local Docker, where it is there
		kind.WithLogs("out/kind"),                            // should a step fail
		kind.WithObserver(func(e kind.StepEvent) { fmt.Fprintln(os.Stderr, e) }),
	)
	defer func() {
		if err := testcontainers.TerminateContainer(cluster); err != nil {
			fmt.Println(err)
		}
	}()
	if err != nil {
		fmt.Println(err)
		return
	}

	kubeconfig, err := cluster.KubeConfig(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("a kubeconfig for client-go or kubectl:", strings.HasPrefix(string(kubeconfig), "apiVersion: v1"))

	nodes, err := cluster.Kubectl(ctx, nil, "get", "nodes", "-o", "name")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(nodes))
	// prints:
	// a kubeconfig for client-go or kubectl: true
	// node/kind-control-plane
}

// What to do with a failure: it says which step failed and why, in words for people.
func ExampleStepError() {
	cluster, err := kind.Run(context.Background(), "registry.invalid/kindest/node:v1.34.4")
	defer func() { _ = testcontainers.TerminateContainer(cluster) }()

	var failed *kind.StepError
	if errors.As(err, &failed) && failed.Step == kind.StepImage {
		fmt.Println("the image is to blame")
	}
	// prints:
	// the image is to blame
}

// The examples cannot be skipped where there is no Docker, so this test runs them where there is one.
func TestTheExamplesPrintWhatTheySay(t *testing.T) {
	requireDocker(t)
	require.Equal(t, "a kubeconfig for client-go or kubectl: true\nnode/kind-control-plane\n", printed(t, ExampleRun))
	require.Equal(t, "the image is to blame\n", printed(t, ExampleStepError))
}

// printed is what the function writes to the standard output.
func printed(t *testing.T, f func()) string {
	t.Helper()
	read, write, err := os.Pipe()
	require.NoError(t, err)
	before := os.Stdout
	os.Stdout = write
	f()
	os.Stdout = before
	require.NoError(t, write.Close())
	text, err := io.ReadAll(read)
	require.NoError(t, err)
	return string(text)
}
