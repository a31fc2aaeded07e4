package bringup

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness/kind"
)

// Steps, their events and their errors are those of the kind module: the two together are one list.
type (
	// A Step is one of the named parts of a bring-up.
	Step = kind.Step
	// A StepEvent tells that a step began, or that it ended.
	StepEvent = kind.StepEvent
	// A StepError is why [Up] failed: the step, the cause in one sentence, and where the logs are.
	StepError = kind.StepError
)

// The steps of [Up] beside those of kind.Run, which come after StepArchive.
const (
	StepCharts     Step = "charts"  // the charts are read, and tell which images are needed
	StepArchive    Step = "archive" // what Docker lacks is loaded from the archive of images
	StepFind       Step = "find"    // a cluster that was kept is looked for
	StepLoad       Step = "load"    // a kept cluster gets the images that it lacks
	StepAccess     Step = "access"  // the cluster's kubeconfig is read
	StepTurn       Step = "turn"    // no other run is at work in the kept cluster
	StepGatewayAPI Step = "gateway-api"
	StepLinkerd    Step = "linkerd"
	StepIngress    Step = "ingress-nginx"
	StepServing    Step = "serving" // the controller answers at the published port
)

// steps runs steps, and shows each to the observer.
type steps struct {
	observe func(StepEvent)
	mu      sync.Mutex // one event at a time reaches the observer
}

func (s *steps) do(ctx context.Context, step Step, work func(context.Context) (detail string, err error)) error {
	s.tell(StepEvent{Step: step})
	started := time.Now()
	err := ctx.Err()
	var detail string
	if err == nil {
		detail, err = work(ctx)
	}
	if err != nil {
		if gone := ctx.Err(); gone != nil && !errors.Is(err, gone) {
			err = errors.Join(gone, err)
		}
		err = &StepError{Step: step, Cause: cause(err), Err: err}
	}
	s.tell(StepEvent{Step: step, Ended: true, Took: time.Since(started), Detail: detail, Err: err})
	return err
}

func (s *steps) tell(event StepEvent) {
	if s.observe == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observe(event)
}

// cause says in one sentence why err came about.
func cause(err error) string {
	var failed *StepError
	switch {
	case errors.As(err, &failed):
		return failed.Cause
	case errors.Is(err, context.Canceled):
		return "it was interrupted"
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}
