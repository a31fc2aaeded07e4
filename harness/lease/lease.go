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
	// Since is when it got the lease, by its own clock.
	Since time.Time
}

// String is the holder in words.
func (h Holder) String() string {
	return fmt.Sprintf("%s, since %s", h.Identity, h.Since.Local().Format(time.DateTime))
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

// Options say what is held, and how.
type Options struct {
	// Namespace and Name are those of the Lease.
	Namespace, Name string
	// Identity names the holder. No two holders have the same.
	Identity string
	// Patience is how long to wait for another holder; zero does not wait.
	Patience time.Duration
	// Waiting is called when a wait for another holder begins; nil tells nobody.
	Waiting func(Holder)
	// Times are [DefaultTimes] where they are zero.
	Times Times
}

// A Lease is one that this process holds.
type Lease struct {
	cancel   context.CancelFunc
	ended    chan struct{} // closed when it is renewed no more
	released atomic.Bool
}

// Acquire gets the lease, and renews it until Release. An error is a *[HeldError] where another holder does not let go in time.
func Acquire(ctx context.Context, client coordination.LeasesGetter, o Options) (*Lease, error) {
	if o.Times == (Times{}) {
		o.Times = DefaultTimes
	}
	holder, err := o.holder(ctx, client)
	if err != nil {
		return nil, err
	}
	patience := o.Times.Deadline // for the cluster, where there is nobody to wait for
	if holder != nil {
		if o.Patience <= 0 {
			return nil, &HeldError{Holder: *holder}
		}
		if o.Waiting != nil {
			o.Waiting(*holder)
		}
		patience = o.Patience
	}

	held := make(chan struct{})
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta: metav1.ObjectMeta{Namespace: o.Namespace, Name: o.Name}, Client: client,
			LockConfig: resourcelock.ResourceLockConfig{Identity: o.Identity},
		},
		Name: o.Name, ReleaseOnCancel: true,
		LeaseDuration: o.Times.Duration, RenewDeadline: o.Times.Deadline, RetryPeriod: o.Times.Retry,
		Callbacks: leaderelection.LeaderCallbacks{OnStartedLeading: func(context.Context) { close(held) }, OnStoppedLeading: func() {}},
	})
	if err != nil {
		return nil, fmt.Errorf("hold the Lease %s/%s: %w", o.Namespace, o.Name, err)
	}
	// The lease outlives ctx: what is done under it is to be over when it goes. Of what the elector logs, the errors here tell what matters.
	running, cancel := context.WithCancel(klog.NewContext(context.WithoutCancel(ctx), logr.Discard()))
	l := &Lease{cancel: cancel, ended: make(chan struct{})}
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
		if holder, err = o.holder(ctx, client); err == nil && holder != nil && holder.Identity != o.Identity {
			err = &HeldError{Holder: *holder, Waited: time.Since(began)}
		} else if err == nil {
			err = fmt.Errorf("hold the Lease %s/%s: the cluster did not grant it within %s", o.Namespace, o.Name, patience)
		}
	}
	l.Release()
	return nil, err
}

// holder is who has the lease; nil where nobody does.
func (o Options) holder(ctx context.Context, client coordination.LeasesGetter) (*Holder, error) {
	found, err := client.Leases(o.Namespace).Get(ctx, o.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look at the Lease %s/%s: %w", o.Namespace, o.Name, err)
	}
	record := resourcelock.LeaseSpecToLeaderElectionRecord(&found.Spec)
	if record.HolderIdentity == "" {
		return nil, nil
	}
	return &Holder{Identity: record.HolderIdentity, Since: record.AcquireTime.Time}, nil
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
}
