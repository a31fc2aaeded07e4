//go:build unix

package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnInterruptEndsAnExplanation(t *testing.T) {
	arrived := make(chan struct{}, 1)
	api := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(api.Close)
	command, output := crosscheck(t, "explain", "GET", api.URL, "--origin", "http://app.example.com", "--timeout", "10m")
	require.NoError(t, command.Start())
	<-arrived
	require.NoError(t, command.Process.Signal(os.Interrupt))
	require.Error(t, command.Wait())
	require.Equal(t, exitEnvironment, command.ProcessState.ExitCode(), output)
	require.Contains(t, output.String(), "interrupted")
}
