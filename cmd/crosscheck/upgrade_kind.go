package main

import (
	"context"
	"fmt"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/bringup"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/cluster"
)

// kindVersions are the versions that Helm installs into a cluster one after the other.
type kindVersions struct {
	flags     kindFlags
	authority *ca.Authority
	options   bringup.Options
	common    cluster.Options
	made      *kindCluster
}

// At makes the cluster the first time, and upgrades its controller from then on.
func (k *kindVersions) At(ctx context.Context, controller controllerChoice) (harness.Environment, error) {
	options := k.options
	options.IngressNginx = controller.of(options.IngressNginx)
	var err error
	if k.made == nil {
		k.made, err = k.flags.up(ctx, options)
	} else {
		err = k.made.UpgradeIngress(ctx, options)
	}
	if err != nil {
		return nil, err
	}
	if err := controller.confirm(k.made.Versions["ingress-nginx"]); err != nil {
		return nil, err
	}
	environment, err := k.made.environment(ctx, k.authority, k.common)
	if err != nil {
		return nil, err
	}
	return &upgradedEnvironment{environment}, nil
}

// Close takes the cluster down.
func (k *kindVersions) Close() error { return k.made.Close() }

// upgradedEnvironment is a cluster before or after its upgrade.
type upgradedEnvironment struct{ harness.Environment }

// Apply leaves scenarios out that name their version: they could run on one side only, which says nothing of the upgrade.
func (e *upgradedEnvironment) Apply(ctx context.Context, deployment harness.Deployment) (harness.Running, error) {
	for _, service := range deployment.Services {
		if service.Ingress != nil && service.Ingress.Version != "" {
			return nil, &harness.Unavailable{Reason: fmt.Sprintf("the scenario is about ingress-nginx %s, whichever version the cluster is upgraded to", service.Ingress.Version)}
		}
	}
	return e.Environment.Apply(ctx, deployment)
}
