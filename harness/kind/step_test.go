package kind

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAStepIsShownWhenItBeginsAndWhenItEnds(t *testing.T) {
	t.Parallel()
	var seen []StepEvent
	todo := &steps{observe: func(e StepEvent) { seen = append(seen, e) }}
	require.NoError(t, todo.do(t.Context(), StepBoot, func(context.Context) (string, error) { return "up", nil }))
	require.Len(t, seen, 2)
	require.Equal(t, StepEvent{Step: StepBoot}, seen[0])
	require.True(t, seen[1].Ended)
	require.Equal(t, "up", seen[1].Detail)
	require.Positive(t, seen[1].Took)
	require.NoError(t, seen[1].Err)
}

func TestAFailedStepNamesItselfTheCauseAndTheLogs(t *testing.T) {
	t.Parallel()
	var last StepEvent
	todo := &steps{observe: func(e StepEvent) { last = e }}
	err := todo.do(t.Context(), StepKubeadm, func(context.Context) (string, error) {
		return "", because(io.ErrUnexpectedEOF, "kubeadm init failed")
	})
	var failed *StepError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, StepKubeadm, failed.Step)
	require.Equal(t, "kubeadm init failed", failed.Cause)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.EqualError(t, err, `kind: step "kubeadm" failed: kubeadm init failed`)
	failed.Logs = "out/kind"
	require.EqualError(t, err, `kind: step "kubeadm" failed: kubeadm init failed; the logs are in out/kind`)
	last.Took = 1500 * time.Millisecond
	require.Equal(t, "kubeadm          1.5 s  failed: kubeadm init failed", last.String())
}

func TestAStepAfterTheEndDoesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := (&steps{}).do(ctx, StepImage, func(context.Context) (string, error) {
		t.Error("the step ran")
		return "", nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.EqualError(t, err, `kind: step "image" failed: it was interrupted`)
}

// What a cancelled context breaks may fail with any error: the caller still asks whether it was cancelled.
func TestAnErrorAfterCancellationIsTheCancellation(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	err := (&steps{}).do(ctx, StepBoot, func(context.Context) (string, error) {
		cancel()
		return "", errors.New("use of closed network connection")
	})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "it was interrupted")
	require.ErrorContains(t, errors.Unwrap(err), "use of closed network connection")
}

func TestAStepThatTakesTooLongSaysWhatItWaitedFor(t *testing.T) {
	t.Parallel()
	within := func(limit error) error {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Millisecond, limit)
		defer cancel()
		return (&steps{}).do(ctx, StepPods, func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", because(ctx.Err(), "coredns-1 is not Ready: ImagePullBackOff")
		})
	}
	err := within(&lateError{5 * time.Minute})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "it was not done within 5m0s: coredns-1 is not Ready: ImagePullBackOff")
	// A bound of the caller's is not ours to name.
	err = within(nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "it was not done in time: coredns-1 is not Ready: ImagePullBackOff")
}

func TestOutliveGivesCallsInFlightTheirTime(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	longer, release := outlive(ctx, 30*time.Millisecond)
	defer release()
	cancel()
	require.NoError(t, longer.Err())
	select {
	case <-longer.Done():
	case <-time.After(5 * time.Second):
		t.Fatal("the grace has no end")
	}
	require.Error(t, longer.Err())
}
