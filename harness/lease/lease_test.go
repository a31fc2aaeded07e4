package lease_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/crosscheck-dev/crosscheck/harness/lease"
)

// quick has everything happen within seconds, of which a busy machine may take three from a holder.
var quick = lease.Times{Duration: 4 * time.Second, Deadline: 3 * time.Second, Retry: 50 * time.Millisecond}

func options(identity string, patience time.Duration) lease.Options {
	return lease.Options{Identity: identity, Patience: patience, Times: quick}
}

// found is the Lease as the cluster has it.
func found(t *testing.T, cluster *fake.Clientset) coordinationv1.LeaseSpec {
	t.Helper()
	got, err := cluster.CoordinationV1().Leases("default").Get(t.Context(), "crosscheck-run", metav1.GetOptions{})
	require.NoError(t, err)
	return got.Spec
}

func TestTheSecondWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	cluster := fake.NewClientset()
	began := time.Now()
	first, err := lease.Acquire(t.Context(), cluster.CoordinationV1(), options("first", 0))
	require.NoError(t, err)
	require.Equal(t, "first", *found(t, cluster).HolderIdentity)
	require.Equal(t, int32(4), *found(t, cluster).LeaseDurationSeconds)

	told := make(chan lease.Holder, 2)
	wanted := options("second", time.Minute)
	wanted.Waiting = func(h lease.Holder) { told <- h }
	type result struct {
		lease *lease.Lease
		err   error
	}
	got := make(chan result)
	go func() {
		second, err := lease.Acquire(t.Context(), cluster.CoordinationV1(), wanted)
		got <- result{second, err}
	}()
	holder := <-told
	require.Equal(t, "first", holder.Identity)
	require.WithinDuration(t, began, holder.Since, 5*time.Second)

	// Longer than the lease lasts without renewal.
	select {
	case early := <-got:
		require.Fail(t, "the second did not wait", "%v", early)
	case <-time.After(2 * quick.Duration):
	}
	require.NoError(t, first.Err())
	first.Release()
	require.NoError(t, first.Err(), "a lease that was let go of is not lost")
	second := <-got
	require.NoError(t, second.err)
	require.Equal(t, "second", *found(t, cluster).HolderIdentity)
	second.lease.Release()
	require.Empty(t, *found(t, cluster).HolderIdentity)
	require.Empty(t, told, "it is said once")
}

func TestTheSecondDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		patience time.Duration
		message  string
	}{
		"not at all": {0, ": wait for its end, or end it"},
		"bounded":    {2 * time.Second, "; it was waited for 2s: wait for its end, or end it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cluster := fake.NewClientset()
			first, err := lease.Acquire(t.Context(), cluster.CoordinationV1(), options("first", 0))
			require.NoError(t, err)
			defer first.Release()
			_, err = lease.Acquire(t.Context(), cluster.CoordinationV1(), options("second", test.patience))
			var held *lease.HeldError
			require.ErrorAs(t, err, &held)
			require.Equal(t, "first", held.Holder.Identity)
			require.ErrorContains(t, err, test.message)
			require.Equal(t, "first", *found(t, cluster).HolderIdentity)
			require.NoError(t, first.Err())
		})
	}
}

// A holder that was killed renews no more, and says nothing. Who does not want to wait for others waits for this one.
func TestTheLeaseOfTheDeadRunsOut(t *testing.T) {
	t.Parallel()
	for _, patience := range []time.Duration{0, 10 * time.Second} {
		dead, seconds, long := "dead", int32(1), metav1.NewMicroTime(time.Now().Add(-time.Hour))
		cluster := fake.NewClientset(&coordinationv1.Lease{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "crosscheck-run"},
			Spec:       coordinationv1.LeaseSpec{HolderIdentity: &dead, LeaseDurationSeconds: &seconds, AcquireTime: &long, RenewTime: &long},
		})
		wanted := options("next", patience)
		told := make(chan lease.Holder, 1)
		wanted.Waiting = func(h lease.Holder) { told <- h }
		held, err := lease.Acquire(t.Context(), cluster.CoordinationV1(), wanted)
		require.NoError(t, err)
		holder := <-told
		require.True(t, holder.Gone)
		require.Contains(t, holder.Wait(patience), ", not heard of since "+long.Local().Format(time.DateTime)+"; waiting until its lease runs out")
		require.Equal(t, "next", *found(t, cluster).HolderIdentity)
		held.Release()
	}
}

func TestWhoHasTheLease(t *testing.T) {
	t.Parallel()
	cluster := fake.NewClientset()
	nobody, err := lease.Look(t.Context(), cluster.CoordinationV1())
	require.NoError(t, err)
	require.Nil(t, nobody)
	first, err := lease.Acquire(t.Context(), cluster.CoordinationV1(), options("first", 0))
	require.NoError(t, err)
	holder, err := lease.Look(t.Context(), cluster.CoordinationV1())
	require.NoError(t, err)
	require.Equal(t, "first", holder.Identity)
	require.False(t, holder.Gone)
	require.Contains(t, holder.Wait(time.Minute), "another run is at work in the cluster: first, since ")
	first.Release()
	nobody, err = lease.Look(t.Context(), cluster.CoordinationV1())
	require.NoError(t, err)
	require.Nil(t, nobody)
}

func TestALeaseInAClusterOfSomebodyElseIsRemoved(t *testing.T) {
	t.Parallel()
	cluster := fake.NewClientset()
	wanted := options("first", 0)
	wanted.Remove = true
	first, err := lease.Acquire(t.Context(), cluster.CoordinationV1(), wanted)
	require.NoError(t, err)
	first.Release()
	_, err = cluster.CoordinationV1().Leases("default").Get(t.Context(), "crosscheck-run", metav1.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "%v", err)
}

// Between the end of one run's turn and its removal of the Lease, the next one may have got it.
func TestALeaseThatAnotherHasIsNotRemoved(t *testing.T) {
	t.Parallel()
	cluster := fake.NewClientset()
	resource := coordinationv1.SchemeGroupVersion.WithResource("leases")
	cluster.PrependReactor("get", "leases", func(clienttesting.Action) (bool, runtime.Object, error) {
		there, err := cluster.Tracker().Get(resource, "default", "crosscheck-run")
		if err != nil {
			return true, nil, err
		}
		if free, next := there.(*coordinationv1.Lease), "second"; *free.Spec.HolderIdentity == "" {
			free.Spec.HolderIdentity = &next
			if err := cluster.Tracker().Update(resource, free, "default"); err != nil {
				return true, nil, err
			}
		}
		return false, nil, nil
	})
	wanted := options("first", 0)
	wanted.Remove = true
	first, err := lease.Acquire(t.Context(), cluster.CoordinationV1(), wanted)
	require.NoError(t, err)
	first.Release()
	require.Equal(t, "second", *found(t, cluster).HolderIdentity)
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	cluster := fake.NewClientset()
	first, err := lease.Acquire(t.Context(), cluster.CoordinationV1(), options("first", 0))
	require.NoError(t, err)
	defer first.Release()
	ctx, cancel := context.WithCancel(t.Context())
	wanted := options("second", time.Hour)
	wanted.Waiting = func(lease.Holder) { cancel() }
	_, err = lease.Acquire(ctx, cluster.CoordinationV1(), wanted)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, "first", *found(t, cluster).HolderIdentity)
}

// The lease outlives the context that it was got with: Ctrl-C comes before the clean-up.
func TestALeaseIsHeldUntilItIsLetGoOf(t *testing.T) {
	t.Parallel()
	cluster := fake.NewClientset()
	ctx, cancel := context.WithCancel(t.Context())
	held, err := lease.Acquire(ctx, cluster.CoordinationV1(), options("first", 0))
	require.NoError(t, err)
	cancel()
	_, err = lease.Acquire(t.Context(), cluster.CoordinationV1(), options("second", 2*quick.Duration))
	var other *lease.HeldError
	require.ErrorAs(t, err, &other)
	held.Release()
	require.Empty(t, *found(t, cluster).HolderIdentity)
}

func TestALeaseThatCannotBeRenewedIsLost(t *testing.T) {
	t.Parallel()
	cluster := fake.NewClientset()
	var gone atomic.Bool
	unreachable := errors.New("connection refused")
	cluster.PrependReactor("*", "leases", func(clienttesting.Action) (bool, runtime.Object, error) {
		return gone.Load(), nil, unreachable
	})
	held, err := lease.Acquire(t.Context(), cluster.CoordinationV1(), options("first", 0))
	require.NoError(t, err)
	gone.Store(true)
	require.Eventually(t, func() bool { return errors.Is(held.Err(), lease.ErrLost) }, time.Minute, 10*time.Millisecond)
	held.Release()
	require.ErrorIs(t, held.Err(), lease.ErrLost)

	_, err = lease.Acquire(t.Context(), cluster.CoordinationV1(), options("second", time.Minute))
	require.ErrorIs(t, err, unreachable)
	require.ErrorContains(t, err, "look at the Lease default/crosscheck-run")
}

// A cluster that lets nobody write is not waited for as another run would be.
func TestAClusterThatGrantsNothing(t *testing.T) {
	t.Parallel()
	cluster := fake.NewClientset()
	cluster.PrependReactor("create", "leases", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, errors.New("forbidden")
	})
	_, err := lease.Acquire(t.Context(), cluster.CoordinationV1(), options("first", time.Hour))
	require.ErrorContains(t, err, "the cluster did not grant it within 3s")
}

func TestHoldersAreToldApart(t *testing.T) {
	t.Parallel()
	require.NotEqual(t, lease.Identity(), lease.Identity())
	require.Regexp(t, `^process \d+ on \S+ \(\w{6}\)$`, lease.Identity())
	var none *lease.Lease
	none.Release()
}
