package steps

import (
	"fmt"

	"github.com/cucumber/godog"

	"github.com/crosscheck-dev/crosscheck/harness"
)

// theAPIAsDeployed speaks of an API that others have deployed.
func (w *world) theAPIAsDeployed(origin string) error {
	return w.declare(origin, harness.App{Kind: harness.AppDeployed})
}

// needsHops skips the scenario where an API runs elsewhere, since what is asked
// about it is seen only by whoever runs it.
func (w *world) needsHops(what string) error {
	for _, service := range w.deployment.Services {
		if service.App.Kind == harness.AppDeployed {
			return fmt.Errorf("%w: %w", godog.ErrSkip, &harness.Unavailable{Reason: fmt.Sprintf(
				"%s cannot be known of the API at %s as deployed: only its answers are seen from outside; --env embedded, kind and cluster see every hop", what, service.Origin)})
		}
	}
	return nil
}
