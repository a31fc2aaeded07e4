package cluster

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness/linkerd/metrics"
)

// counted is what the proxy of the apps counted for the app at a port.
func (m *mesh) counted(ctx context.Context, port int) (metrics.Inbound, error) {
	var counted metrics.Inbound
	if err := m.apps.do(ctx, http.MethodGet, "/proxy/"+strconv.Itoa(port), nil, &counted); err != nil {
		return counted, fmt.Errorf("ask the pod %s: %w", m.apps.name, err)
	}
	return counted, nil
}

// settleTimeout bounds the wait for the count of a request that was answered, settleInterval is how often it is looked for.
// The proxy counts a response when its last byte has left.
const (
	settleTimeout  = 2 * time.Second
	settleInterval = 5 * time.Millisecond
)

// gained is what the proxy of an app counted since an earlier reading, after it had the time to count this many responses.
func (m *mesh) gained(ctx context.Context, s *placedService, before metrics.Inbound, responses int) (metrics.Inbound, error) {
	deadline := time.Now().Add(settleTimeout)
	for {
		counted, err := m.counted(ctx, s.port)
		if err != nil {
			return counted, err
		}
		gained := counted.Since(before)
		if gained.Count()+gained.Denied >= responses || time.Now().After(deadline) {
			return gained, nil
		}
		select {
		case <-time.After(settleInterval):
		case <-ctx.Done():
			return gained, fmt.Errorf("wait for what Linkerd's proxy counts: %w", ctx.Err())
		}
	}
}

// quietInterval is how long nothing is counted when everything is.
const quietInterval = 50 * time.Millisecond

// awaitQuiet waits until the proxy has counted all probes of an app, and gives what it counted.
func (e *Environment) awaitQuiet(ctx context.Context, s *placedService) (metrics.Inbound, error) {
	last, err := e.mesh.counted(ctx, s.port)
	for err == nil {
		select {
		case <-time.After(quietInterval):
		case <-ctx.Done():
			return last, fmt.Errorf("wait until Linkerd's proxy has counted the probes of %q: %w", s.Name, ctx.Err())
		}
		before := last.Count() + last.Denied
		if last, err = e.mesh.counted(ctx, s.port); err == nil && last.Count()+last.Denied == before {
			return last, nil
		}
	}
	return last, err
}

// requireMutualTLS refuses responses to a client that did not prove to be one of the mesh's two.
func (m *mesh) requireMutualTLS(s *placedService, counted metrics.Inbound) error {
	for _, total := range counted.Responses {
		switch total.ClientID {
		case m.controller, m.member:
		case "":
			return fmt.Errorf("the proxy of %q got requests without mutual TLS: response_total counts %d with status %d", s.Name, total.Value, total.StatusCode)
		default:
			return fmt.Errorf("the proxy of %q got requests of %s: of %s or %s they should have been", s.Name, total.ClientID, m.controller, m.member)
		}
	}
	return nil
}
