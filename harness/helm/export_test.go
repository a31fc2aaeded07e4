package helm

import (
	"context"
	"time"

	"helm.sh/helm/v4/pkg/release/common"
)

// Hurry makes the client less patient: the tests wait for what never comes.
func (c *Client) Hurry(pull, claim time.Duration) { c.pullPatience, c.claimWait = pull, claim }

// LeavePending makes the release look as a process leaves it that was killed so long ago.
func (c *Client) LeavePending(ctx context.Context, namespace, name string, ago time.Duration) error {
	config, err := c.action(ctx, namespace)
	if err != nil {
		return err
	}
	last, err := lastOf(config.Releases, name)
	if err != nil {
		return err
	}
	last.Info.Status = common.StatusPendingUpgrade
	last.Info.LastDeployed = time.Now().Add(-ago)
	return config.Releases.Update(last)
}

// StuckAfter is the age at which a release is taken for that of a killed process.
var StuckAfter = Release{Timeout: defaultTimeout}.stuckAfter()
