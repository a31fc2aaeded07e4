package kind

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// A Step is one of the named parts of bringing a cluster up.
type Step string

// The steps of [Run], in their order. StepImages runs beside the steps from StepKubeadm on.
const (
	StepOptions   Step = "options"   // the options are applied to the container request
	StepDocker    Step = "docker"    // the engine answers, and is new enough
	StepImage     Step = "image"     // the node image is at hand, or is pulled
	StepContainer Step = "container" // the node's container runs and its ports are published
	StepBoot      Step = "boot"      // systemd and containerd are up in the node
	StepKubeadm   Step = "kubeadm"   // kubeadm init: the control plane answers
	StepNetwork   Step = "network"   // the image's CNI manifest is applied
	StepStorage   Step = "storage"   // the image's storage manifest is applied
	StepNode      Step = "node"      // the node is Ready
	StepPods      Step = "pods"      // every pod of kube-system is Ready
	StepWait      Step = "wait"      // the caller's own wait strategy, if there is one
	StepImages    Step = "images"    // the images of WithImages and WithImageArchive are in the node
)

// A StepEvent tells that a step began, or that it ended.
type StepEvent struct {
	Step Step
	// Ended is false when the step begins and true when it ends.
	Ended bool
	// Took is how long the step took; zero when it begins.
	Took time.Duration
	// Detail says in a few words what the step found or made. It is empty when the step begins; a step that has to wait for
	// others may tell in between what it waits for.
	Detail string
	// Err is why the step failed; nil when it begins or succeeded.
	Err error
}

// String is the event as a line for people.
func (e StepEvent) String() string {
	if !e.Ended {
		return strings.TrimRight(fmt.Sprintf("%-13s … %s", e.Step, e.Detail), " ")
	}
	took := e.Took.Seconds()
	if e.Err != nil {
		return fmt.Sprintf("%-13s %6.1f s  failed: %s", e.Step, took, cause(e.Err))
	}
	return fmt.Sprintf("%-13s %6.1f s  %s", e.Step, took, e.Detail)
}

// A StepError is why [Run] failed: every error that it returns is one.
type StepError struct {
	// Step is the step that failed.
	Step Step
	// Cause is why, in one sentence for people, without its full stop.
	Cause string
	// Logs is the folder that [Container.CollectLogs] filled; empty where no logs were asked for
	// (see [WithLogs]), nothing ran yet, or the caller cancelled.
	Logs string
	// Err is the error as it came, with all its detail.
	Err error
}

// Error names the step, the cause and the folder of the logs.
func (e *StepError) Error() string {
	text := fmt.Sprintf("kind: step %q failed: %s", e.Step, e.Cause)
	if e.Logs != "" {
		text += "; the logs are in " + e.Logs
	}
	return text
}

// Unwrap returns the error as it came.
func (e *StepError) Unwrap() error { return e.Err }

// A causeError carries the sentence that a [StepError] shows, where the place that failed knows it best.
type causeError struct {
	cause string
	err   error
}

func (e *causeError) Error() string {
	if e.err == nil {
		return e.cause
	}
	return e.cause + ": " + e.err.Error()
}

func (e *causeError) Unwrap() error { return e.err }

// because names the cause of err.
func because(err error, format string, args ...any) error {
	return &causeError{cause: fmt.Sprintf(format, args...), err: err}
}

// steps runs steps, and shows each to the observer. It may be used by several goroutines.
type steps struct {
	observe func(StepEvent)
	mu      sync.Mutex // one event at a time reaches the observer
}

// do runs work as the step and returns a *StepError when it fails.
func (s *steps) do(ctx context.Context, step Step, work func(context.Context) (detail string, err error)) error {
	s.tell(StepEvent{Step: step})
	started := time.Now()
	// A step that begins after the end was asked for does nothing.
	err := ctx.Err()
	var detail string
	if err == nil {
		detail, err = work(ctx)
	}
	if err != nil {
		// What a cancelled context breaks fails in many ways; the caller asks with errors.Is(err, context.Canceled).
		if gone := context.Cause(ctx); gone != nil && !errors.Is(err, gone) {
			err = fmt.Errorf("%w: %w", gone, err)
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
