package helm

import (
	"context"
	"fmt"
	"time"

	"helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
)

// stuckAfter is the age at which a release that is still being installed is taken for that of a process
// that was killed. A process at work is done before, or says so by failing, if it has the same Timeout.
func (r Release) stuckAfter() time.Duration { return r.Timeout + time.Minute }

// defaultClaimWait is how long Install waits for somebody else who is at work on the release.
const defaultClaimWait = 30 * time.Second

// A StuckError says that a release is in the middle of a change that somebody else began.
type StuckError struct {
	Name, Namespace string
	// Status is Helm's, as in "pending-install".
	Status string
	// Since is how long ago the change began, After how old it has to be to be taken for that of a process that was killed.
	Since, After time.Duration
}

// Error says what was found and what to do.
func (e *StuckError) Error() string {
	return fmt.Sprintf("the release %s in the namespace %s is %s since %s: another process is at work on it, or was killed; "+
		"wait until %s from its beginning have passed, or helm uninstall -n %s %s",
		e.Name, e.Namespace, e.Status, e.Since.Round(time.Second), e.After, e.Namespace, e.Name)
}

// claim finds what there is of the release. A change that somebody else began is waited for; one that a killed process
// left is ended as failed, from where Helm goes on.
func (c *Client) claim(ctx context.Context, r Release) (*release.Release, error) {
	config, err := c.action(ctx, r.Namespace)
	if err != nil {
		return nil, err
	}
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for begun := time.Now(); ; {
		last, err := lastOf(config.Releases, r.Name)
		if err != nil || last == nil || !last.Info.Status.IsPending() {
			return last, err
		}
		since := time.Since(last.Info.LastDeployed)
		if since > r.stuckAfter() {
			last.SetStatus(common.StatusFailed, fmt.Sprintf("ended after %s: its process was killed", since.Round(time.Second)))
			return last, config.Releases.Update(last)
		}
		if time.Since(begun) > c.claimWait {
			return nil, &StuckError{Name: r.Name, Namespace: r.Namespace, Status: last.Info.Status.String(), Since: since, After: r.stuckAfter()}
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-again.C: // the record is a Secret with its state packed into it: a watch would tell no more
		}
	}
}

// settle ends a change of ours that broke off before Helm could note so.
func (c *Client) settle(ctx context.Context, r Release, failure error) error {
	config, err := c.action(ctx, r.Namespace)
	if err != nil {
		return err
	}
	last, err := lastOf(config.Releases, r.Name)
	if err != nil || last == nil || !last.Info.Status.IsPending() {
		return nil // nothing was begun, or the cluster is gone: the failure itself says more
	}
	last.SetStatus(common.StatusFailed, failure.Error())
	if err := config.Releases.Update(last); err != nil {
		return fmt.Errorf("note that the release %s failed: %w", r.Name, err)
	}
	return nil
}
