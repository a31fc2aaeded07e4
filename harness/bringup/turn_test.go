package bringup_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/bringup"
	"github.com/crosscheck-dev/crosscheck/harness/lease"
)

// Whoever works in a kept cluster has it alone until Close.
func TestOneRunAtATimeInAKeptCluster(t *testing.T) {
	_, options := kept(t)
	first, err := bringup.Up(t.Context(), options)
	require.NoError(t, err)
	require.NoError(t, first.Err())

	var events recorder
	options.Observe = events.observe
	_, err = bringup.Up(t.Context(), options)
	var failed *bringup.StepError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, bringup.StepTurn, failed.Step)
	var held *lease.HeldError
	require.ErrorAs(t, err, &held)
	require.Contains(t, held.Holder.Identity, "process ")
	_, installed := events.ended(bringup.StepIngress)
	require.False(t, installed, "nothing was changed")

	waiting := make(chan struct{})
	options.Patience = time.Minute
	options.Observe = func(e bringup.StepEvent) {
		if e.Step == bringup.StepTurn && !e.Ended && strings.Contains(e.Detail, held.Holder.String()) {
			close(waiting)
		}
	}
	go func() {
		<-waiting
		_ = first.Close(context.Background())
	}()
	second, err := bringup.Up(t.Context(), options)
	require.NoError(t, err)
	require.NoError(t, second.Close(t.Context()))
}

func TestAKeptClusterIsNotUpgraded(t *testing.T) {
	shared, options := kept(t)
	require.ErrorContains(t, shared.UpgradeIngress(t.Context(), options), "the cluster is kept for other runs, and would be left with another controller")
}

func TestTheReleaseIsWhatTheControllerSays(t *testing.T) {
	t.Parallel()
	said, err := os.ReadFile("testdata/controller-version.txt")
	require.NoError(t, err)
	release, err := bringup.ReleaseOf(string(said))
	require.NoError(t, err)
	require.Equal(t, "v1.11.0", release)
	for _, nothing := range []string{"", "nginx version: nginx/1.25.5\n", "  Release:      \n"} {
		_, err = bringup.ReleaseOf(nothing)
		require.ErrorContains(t, err, `a line with "Release:" was expected`)
	}
}
