package mutate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

type outcome = simulator.Outcome

// patience is how long a probe waits for an answer. Nearly everything is in memory:
// what has not answered by then never will, however busy the machine.
const patience = 10 * time.Second

// sessions is how many are held at a time for one mutant: some wait for the
// timeouts of a deployment, and cost nothing meanwhile.
const sessions = 32

// ask holds the sessions, each with a deployment that remembers nothing, and gives their outcomes.
func (r *run) ask(ctx context.Context, deployment harness.Deployment, probes []probe) ([][]outcome, error) {
	running, err := r.Environment.Apply(ctx, deployment)
	if err != nil {
		return nil, fmt.Errorf("apply the deployment: %w", err)
	}
	defer running.Release()
	outcomes := make([][]outcome, len(probes))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(sessions)
	for i, probe := range probes {
		group.Go(func() (err error) {
			outcomes[i], err = r.hold(ctx, running, probe)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return outcomes, nil
}

// hold holds one session.
func (r *run) hold(ctx context.Context, running harness.Running, probe probe) (outcomes []outcome, err error) {
	traffic, err := running.NewTraffic(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, traffic.Close()) }()
	session, err := r.Browser.NewSession(ctx, traffic)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	for _, act := range probe {
		if act.wait > 0 {
			if err := session.Wait(ctx, act.wait); err != nil {
				return nil, err
			}
		}
		outcome, err := fetch(ctx, session, act)
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, outcome)
	}
	return outcomes, nil
}

func fetch(ctx context.Context, session harness.Session, act act) (outcome, error) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return session.Fetch(limited, act.page, act.request)
}
