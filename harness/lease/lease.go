// Package lease lets one program at a time work in a cluster. Who works there holds a Lease of Kubernetes, which names the holder and
// since when, and which is renewed while the work goes on: that of a program that was killed runs out by itself. It is the lock that
// controllers choose their leader with.
package lease

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordination "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/klog/v2"
)

// Times says how a lease is kept. All of it is measured by the clock of this machine alone.
type Times struct {
	// Duration is how long others wait after the last renewal that they saw before they take the lease of a holder that is gone.
	Duration time.Duration
	// Deadline is how long a holder tries to renew before it gives the lease up for lost. It is shorter than Duration.
	Deadline time.Duration
	// Retry is how long lies between two renewals, and between two looks at a lease that another has.
	Retry time.Duration
}

// DefaultTimes suit a cluster on a machine that is busy with it.
var DefaultTimes = Times{Duration: 20 * time.Second, Deadline: 15 * time.Second, Retry: time.Second}

// A Holder is who has a lease.
type Holder struct {
	// Identity is its name, as in [Identity].
	Identity string
	// Since is when it got the lease, and Renewed when it renewed it last, by its own clock.
	Since, Renewed time.Time
	// Gone tells that it has not renewed the lease for longer than that lasts, as far as its clock and this machine's agree: it was killed.
	Gone bool
}

// String is the holder in words.
func (h Holder) String() string {
	text := fmt.Sprintf("%s, since %s", h.Identity, h.Since.Local().Format(time.DateTime))
	if h.Gone {
		text += ", not heard of since " + h.Renewed.Local().Format(time.DateTime)
	}
	return text
}

// Wait says that somebody waits for the holder, for as long as patience.
func (h Holder) Wait(patience time.Duration) string {
	if h.Gone {
		return fmt.Sprintf("a run that was at work in the cluster seems to have been killed: %s; waiting until its lease runs out", h)
	}
	return fmt.Sprintf("another run is at work in the cluster: %s; waiting for it, at most %s", h, patience)
}

// Identity names a new holder: this process, and what tells it from other holders of the same process.
func Identity() string {
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	return fmt.Sprintf("process %d on %s (%s)", os.Getpid(), host, rand.Text()[:6])
}

// A HeldError says that another holder did not let go of the lease in time.
type HeldError struct {
	// Holder has it.
	Holder Holder
	// Waited is how long it was waited for; zero is not at all.
	Waited time.Duration
}

// Error says who has it, and what to do.
func (e *HeldError) Error() string {
	waited := ""
	if e.Waited > 0 {
		waited = fmt.Sprintf("; it was waited for %s", e.Waited.Round(time.Second))
	}
	return fmt.Sprintf("another run is at work in the cluster: %s%s: wait for its end, or end it", e.Holder, waited)
}

// ErrLost is that a holder could not renew its lease in time: another may have it by now.
var ErrLost = errors.New("the lease on the cluster could not be renewed in time, so another run may be at work in it")

// The Lease by which runs take turns in a cluster.
const (
	namespace = "default" // it is there in every cluster
	name      = "crosscheck-run"
)

// Options say how the lease is held.
type Options struct {
	// Identity names the holder. No two holders have the same.
	Identity string
	// Patience is how long to wait for another holder; zero does not wait, but for one that is gone.
	Patience time.Duration
	// Remove has Release delete the Lease, so that nothing is left in a cluster of somebody else.
	Remove bool
	// Waiting is called when a wait for another holder begins; nil tells nobody.
	Waiting func(Holder)
	// Times are [DefaultTimes] where they are zero.
	Times Times
}

// A Lease is one that this process holds.
type Lease struct {
	remove   func() // nil where it stays
	cancel   context.CancelFunc
	ended    chan struct{} // closed when it is renewed no more
	released atomic.Bool
}

// Acquire gets the lease, and renews it until Release. An error is a *[HeldError] where another holder does not let go in time.
func Acquire(ctx context.Context, client coordination.LeasesGetter, o Options) (*Lease, error) {
	if o.Times == (Times{}) {
		o.Times = DefaultTimes
	}
	holder, err := Look(ctx, client)
	if err != nil {
		return nil, err
	}
	patience := o.Times.Deadline // for the cluster, where there is nobody to wait for
	if holder != nil {
		patience = o.Patience
		if holder.Gone {
			// No clock is trusted: the lease is taken when it was not renewed for its time from now on.
			patience = max(patience, o.Times.Duration+o.Times.Deadline)
		}
		if patience <= 0 {
			return nil, &HeldError{Holder: *holder}
		}
		if o.Waiting != nil {
			o.Waiting(*holder)
		}
	}

	held := make(chan struct{})
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Client: client,
			LockConfig: resourcelock.ResourceLockConfig{Identity: o.Identity},
		},
		Name: name, ReleaseOnCancel: true,
		LeaseDuration: o.Times.Duration, RenewDeadline: o.Times.Deadline, RetryPeriod: o.Times.Retry,
		Callbacks: leaderelection.LeaderCallbacks{OnStartedLeading: func(context.Context) { close(held) }, OnStoppedLeading: func() {}},
	})
	if err != nil {
		return nil, fmt.Errorf("hold the Lease %s/%s: %w", namespace, name, err)
	}
	// The lease outlives ctx: what is done under it is to be over when it goes. Of what the elector logs, the errors here tell what matters.
	running, cancel := context.WithCancel(klog.NewContext(context.WithoutCancel(ctx), logr.Discard()))
	l := &Lease{cancel: cancel, ended: make(chan struct{})}
	if o.Remove {
		l.remove = func() { remove(context.WithoutCancel(ctx), client, o.Times.Deadline) }
	}
	go func() {
		defer close(l.ended)
		elector.Run(running)
	}()
	began := time.Now()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-held:
		return l, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		if holder, err = Look(ctx, client); err == nil && holder != nil && holder.Identity != o.Identity {
			err = &HeldError{Holder: *holder, Waited: time.Since(began)}
		} else if err == nil {
			err = fmt.Errorf("hold the Lease %s/%s: the cluster did not grant it within %s", namespace, name, patience)
		}
	}
	l.Release()
	return nil, err
}

// Look tells who has the lease; nil where nobody does.
func Look(ctx context.Context, client coordination.LeasesGetter) (*Holder, error) {
	found, err := client.Leases(namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look at the Lease %s/%s: %w", namespace, name, err)
	}
	record := resourcelock.LeaseSpecToLeaderElectionRecord(&found.Spec)
	if record.HolderIdentity == "" {
		return nil, nil
	}
	return &Holder{
		Identity: record.HolderIdentity, Since: record.AcquireTime.Time, Renewed: record.RenewTime.Time,
		Gone: time.Since(record.RenewTime.Time) > time.Duration(record.LeaseDurationSeconds)*time.Second,
	}, nil
}

// remove deletes the Lease, unless another holder has it by now. One that stays is in nobody's way.
func remove(ctx context.Context, client coordination.LeasesGetter, timeout time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	found, err := client.Leases(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil || found.Spec.HolderIdentity != nil && *found.Spec.HolderIdentity != "" {
		return
	}
	as := metav1.Preconditions{UID: &found.UID, ResourceVersion: &found.ResourceVersion} // one that somebody takes now stays
	_ = client.Leases(namespace).Delete(ctx, name, metav1.DeleteOptions{Preconditions: &as})
}

// Err is nil as long as the lease is held, or was until Release, and [ErrLost] after it was lost.
func (l *Lease) Err() error {
	select {
	case <-l.ended:
		if !l.released.Load() {
			return ErrLost
		}
	default:
	}
	return nil
}

// Release lets go of the lease: what was done under it is to be over. It returns when others can have it; where the
// cluster does not answer any more, that is when it runs out. A nil one is fine.
func (l *Lease) Release() {
	if l == nil {
		return
	}
	l.released.Store(l.Err() == nil)
	l.cancel()
	<-l.ended
	if l.remove != nil && l.Err() == nil {
		l.remove()
	}
}
