package main

import (
	"context"
	"errors"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/cluster"
)

// turnEnvironment is an environment in a cluster in which one run at a time is at work.
type turnEnvironment struct {
	*cluster.Environment
	err func() error // nil as long as it is this run's turn
	end func() error // of its turn, or of the cluster
}

// Apply makes the deployment run, as long as the cluster is this run's alone.
func (e *turnEnvironment) Apply(ctx context.Context, deployment harness.Deployment) (harness.Running, error) {
	if err := e.err(); err != nil {
		return nil, err
	}
	return e.Environment.Apply(ctx, deployment)
}

// Close ends the environment, and lets others have the cluster, or takes it down.
func (e *turnEnvironment) Close() error {
	return errors.Join(e.Environment.Close(), e.end())
}
