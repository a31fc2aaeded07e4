package helm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"helm.sh/helm/v4/pkg/action"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/kube"
	"helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/storage"
	"helm.sh/helm/v4/pkg/storage/driver"
)

// defaultTimeout is how long a release may take to become ready.
const defaultTimeout = 5 * time.Minute

// A Release is a chart with values under a name: what is to be in the cluster.
type Release struct {
	Name string
	// Namespace is made where it is not there. Its pods are taken for the release's own when one of them cannot
	// become ready, so a release has its namespace for itself.
	Namespace string
	Chart     *chart.Chart
	// Values are laid over the chart's own.
	Values map[string]any
	// Timeout bounds the time until everything is ready; zero is five minutes.
	Timeout time.Duration
}

// Installed is a release that is in a cluster.
type Installed struct {
	Name, Namespace string
	// Chart is the chart's version, App that of the application in it; both as the chart writes them.
	Chart, App string
	// Status is Helm's, as in "deployed" or "failed".
	Status string
	// Revision counts the changes of the release, from 1.
	Revision int
	// Values are those that the release was given.
	Values map[string]any
	// Unchanged tells that [Client.Install] found the release as it was wanted.
	Unchanged bool
}

// Install installs the release, or upgrades the one of its name, and returns when everything in it is rolled out.
// Where the same chart is deployed with the same values, it only waits.
//
// An error is a *[NotReadyError] where the API took everything and pods do not become ready, and a
// *[StuckError] where somebody else is at work on the release. When ctx is cancelled, the release is left as failed, which the next
// Install mends.
func (c *Client) Install(ctx context.Context, r Release) (Installed, error) {
	if r.Chart == nil {
		return Installed{}, fmt.Errorf("install %s: a chart was expected, found none", r.Name)
	}
	if r.Timeout <= 0 {
		r.Timeout = defaultTimeout
	}
	began := time.Now()
	bounded, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	last, err := c.claim(bounded, r)
	if err != nil {
		return Installed{}, fmt.Errorf("install %s: %w", r.Name, err)
	}
	made, err := c.withPodsWatched(bounded, r.Namespace, func(ctx context.Context) (*release.Release, error) {
		return c.apply(ctx, r, last)
	})
	if err == nil {
		installed := describe(made)
		installed.Unchanged = last != nil && installed.Revision == last.Version
		return installed, nil
	}
	grace, cancelGrace := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancelGrace()
	if gone := ctx.Err(); gone != nil {
		err = fmt.Errorf("%w: %w", gone, err)
	} else if notReady := c.explain(grace, r, began, err); notReady != nil {
		err = notReady
	}
	if settled := c.settle(grace, r, err); settled != nil {
		err = errors.Join(err, settled)
	}
	return Installed{}, fmt.Errorf("install %s: %w", r.Name, err)
}

// apply has Helm do it.
func (c *Client) apply(ctx context.Context, r Release, last *release.Release) (*release.Release, error) {
	config, err := c.action(ctx, r.Namespace)
	if err != nil {
		return nil, err
	}
	values := copyValues(r.Values)
	wait := []kube.WaitOption{kube.WithWaitContext(ctx)}
	// Helm's watcher looks at every replica. Its older way of waiting takes a Deployment for ready that may do
	// without its one pod for a while, as ingress-nginx's may.
	const strategy = kube.StatusWatcherStrategy
	switch {
	case last == nil || last.Info.Status == common.StatusUninstalled:
		install := action.NewInstall(config)
		install.ReleaseName, install.Namespace, install.CreateNamespace = r.Name, r.Namespace, true
		install.Replace = last != nil
		install.WaitStrategy, install.WaitOptions, install.Timeout = strategy, wait, r.Timeout
		// The context is not for this call, which would return and go on behind our back: every request is bound to it already.
		return asRelease(install.Run(r.Chart, values))
	case last.Info.Status == common.StatusDeployed && sameContent(last.Chart, r.Chart) && sameValues(last.Config, values):
		return last, waitAgain(ctx, config, last, strategy, wait, r.Timeout)
	}
	upgrade := action.NewUpgrade(config)
	upgrade.Namespace = r.Namespace
	upgrade.ResetValues = true
	upgrade.MaxHistory = 3
	upgrade.ServerSideApply, upgrade.ForceConflicts = "true", true // what somebody changed by hand is put back
	upgrade.WaitStrategy, upgrade.WaitOptions, upgrade.Timeout = strategy, wait, r.Timeout
	return asRelease(upgrade.Run(r.Name, r.Chart, values))
}

// waitAgain waits for what is deployed already: its pods may just have been started again.
func waitAgain(ctx context.Context, config *action.Configuration, last *release.Release, strategy kube.WaitStrategy, options []kube.WaitOption, timeout time.Duration) error {
	client, ok := config.KubeClient.(kube.InterfaceWaitOptions)
	if !ok {
		return fmt.Errorf("helm's client %T cannot wait with a context", config.KubeClient)
	}
	resources, err := config.KubeClient.Build(strings.NewReader(last.Manifest), false)
	if err != nil {
		return fmt.Errorf("read the manifests of what is deployed: %w", err)
	}
	waiter, err := client.GetWaiterWithOptions(strategy, options...)
	if err != nil {
		return err
	}
	return waiter.Wait(resources, timeout)
}

// Releases are the releases of all namespaces, by name.
func (c *Client) Releases(ctx context.Context) ([]Installed, error) {
	config, err := c.action(ctx, "")
	if err != nil {
		return nil, err
	}
	list := action.NewList(config)
	list.AllNamespaces, list.All = true, true
	found, err := list.Run()
	if err != nil {
		return nil, fmt.Errorf("list the releases: %w", err)
	}
	var all []Installed
	for _, one := range found {
		made, err := asRelease(one, nil)
		if err != nil {
			return nil, fmt.Errorf("list the releases: %w", err)
		}
		all = append(all, describe(made))
	}
	return all, nil
}

// Release is the release of this name, whatever its status; nil where there is none.
func (c *Client) Release(ctx context.Context, namespace, name string) (*Installed, error) {
	config, err := c.action(ctx, namespace)
	if err != nil {
		return nil, err
	}
	last, err := lastOf(config.Releases, name)
	if err != nil || last == nil {
		return nil, err
	}
	found := describe(last)
	return &found, nil
}

func describe(r *release.Release) Installed {
	return Installed{
		Name: r.Name, Namespace: r.Namespace, Chart: r.Chart.Metadata.Version, App: r.Chart.AppVersion(),
		Status: r.Info.Status.String(), Revision: r.Version, Values: r.Config,
	}
}

// lastOf is the newest revision of the release; nil where there is none.
func lastOf(releases *storage.Storage, name string) (*release.Release, error) {
	last, err := releases.Last(name)
	if errors.Is(err, driver.ErrReleaseNotFound) {
		return nil, nil
	}
	made, err := asRelease(last, err)
	if err != nil {
		return nil, fmt.Errorf("look for the release %s: %w", name, err)
	}
	return made, nil
}

// asRelease gives Helm's results the one type that they have.
func asRelease(made any, err error) (*release.Release, error) {
	if err != nil {
		return nil, err
	}
	r, ok := made.(*release.Release)
	if !ok {
		return nil, fmt.Errorf("a release of Helm's version 1 format was expected, found %T", made)
	}
	return r, nil
}
