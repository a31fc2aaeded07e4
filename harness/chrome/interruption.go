package chrome

import (
	"context"
	"errors"
	"slices"
	"time"
)

// interrupted reports whether a request ended because this machine's network
// changed: Chrome then drops all connections, those to loopback too. It happens
// whenever a container starts or ends, and says nothing about the deployment.
func (r *recording) interrupted() bool {
	return slices.ContainsFunc(r.requests, func(q *recordedRequest) bool {
		return q.failed != nil && q.failed.ErrorText == networkChanged
	})
}

// networkChanged is Chromium's name for it.
const networkChanged = "net::ERR_NETWORK_CHANGED"

// errInterrupted says that what was done has to be done again.
var errInterrupted = errors.New("the machine's network changed meanwhile, which ends all of Chrome's connections")

// calmAfter is how long the addresses of a new interface take to be settled
// (duplicate address detection, RFC 4862, section 5.4).
const calmAfter = 2 * time.Second

// calm lets a change of the machine's network come to its end: an interface that appears brings several.
func calm(ctx context.Context) error {
	timer := time.NewTimer(calmAfter)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
