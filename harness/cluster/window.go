package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
	"github.com/crosscheck-dev/crosscheck/harness/linkerd/metrics"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

// window is the time between Begin and Observe, in which a session has the apps in the mesh to itself: their
// proxy counts requests by app, and does not know of sessions.
type window struct {
	releases []func()
	// before is what was counted when the window opened, counted what the session's requests added, by the name of the
	// service; again is how many requests were sent once more after that.
	before, counted map[string]metrics.Inbound
	again           map[string]int
}

// againTimeout is how long an answer is waited for that the client had already.
const againTimeout = time.Second

// Begin waits until no other session asks the same apps in the mesh, and forgets what was seen before.
func (t *traffic) Begin(ctx context.Context) error {
	if _, err := t.Observe(ctx, nil); err != nil {
		return err
	}
	opened := &window{before: map[string]metrics.Inbound{}, counted: map[string]metrics.Inbound{}, again: map[string]int{}}
	t.window = opened
	meshed := map[string]*placedService{}
	for _, s := range t.services {
		if s.meshed() {
			meshed[s.id] = s
			t.proxies[s.Name] = linkerd.New(linkerd.Options{Denied: s.Linkerd.Denied, SetHeaders: s.Linkerd.AddedHeaders}, modelBackend(s.Service))
		}
	}
	// In one order, so that no two wait for each other.
	for _, id := range slices.Sorted(maps.Keys(meshed)) {
		release, err := t.environment.mesh.take(ctx, id)
		if err != nil {
			return err
		}
		opened.releases = append(opened.releases, release)
	}
	for _, s := range meshed {
		counted, err := t.environment.mesh.counted(ctx, s.port)
		if err != nil {
			return err
		}
		opened.before[s.Name] = counted
	}
	return nil
}

// closeWindow lets others ask.
func (t *traffic) closeWindow() {
	if t.window == nil {
		return
	}
	for _, release := range t.window.releases {
		release()
	}
	t.window = nil
}

// count adds what Linkerd's proxies counted of the session to what was seen of it.
func (t *traffic) count(ctx context.Context, arrived []pod.Request, seen *harness.Observation) error {
	if t.window == nil {
		return nil
	}
	for _, s := range t.services {
		if !s.meshed() {
			continue
		}
		reached := 0
		for _, request := range arrived {
			if request.App == s.id {
				reached++
			}
		}
		gained, err := t.environment.mesh.gained(ctx, s, t.window.before[s.Name], reached)
		if err != nil {
			return err
		}
		if err := t.environment.mesh.requireMutualTLS(s, gained); err != nil {
			return err
		}
		t.window.counted[s.Name] = gained
		if seen.ResponseTotal == nil {
			seen.ResponseTotal = map[string][]linkerd.ResponseTotal{}
		}
		seen.ResponseTotal[s.Name] = gained.Responses
	}
	return nil
}

// settle adds what the model counts, and waits until the proxies have counted what was sent again: it is no business of the next session.
func (t *traffic) settle(ctx context.Context, seen *harness.Observation) error {
	if t.window == nil {
		return nil
	}
	seen.PredictedTotal = map[string][]linkerd.ResponseTotal{}
	for _, s := range t.services {
		if !s.meshed() {
			continue
		}
		seen.PredictedTotal[s.Name] = t.proxies[s.Name].ResponseTotal()
		if err := t.environment.options.Golden.noteMesh(s, *seen); err != nil {
			return err
		}
		if t.window.again[s.Name] == 0 {
			continue
		}
		counted := t.window.counted[s.Name]
		all := counted.Count() + counted.Denied + t.window.again[s.Name]
		if _, err := t.environment.mesh.gained(ctx, s, t.window.before[s.Name], all); err != nil {
			return err
		}
	}
	return nil
}

// throughMeshOnly sends a request once more, past the ingress controller: that is how the answer of the mesh looks before the controller makes its own of it.
func (t *traffic) throughMeshOnly(ctx context.Context, s *placedService, exchange simulator.Exchange) (harness.HopResponse, error) {
	hop := harness.HopResponse{Hop: hopLinkerd}
	target, err := url.Parse(exchange.URL)
	if err != nil {
		return hop, fmt.Errorf("send %s to the mesh only: %w", exchange.URL, err)
	}
	request, err := http.NewRequestWithContext(ctx, exchange.Method, "http://"+s.address+target.RequestURI(), nil)
	if err != nil {
		return hop, fmt.Errorf("send %s to the mesh only: %w", exchange.URL, err)
	}
	for name, values := range exchange.RequestHeader {
		// Bodies are not kept: the request is made without.
		if name = http.CanonicalHeaderKey(name); name != "Content-Length" && !strings.HasPrefix(name, ":") {
			request.Header[name] = values
		}
	}
	request.Host = target.Host
	// Nobody's session: what an app notes of it is not told.
	introduceRequest(request.Header, t.environment.newSession(), target.Scheme)
	ctx, cancel := context.WithTimeout(ctx, againTimeout)
	defer cancel()
	response, err := t.environment.mesh.transport.RoundTrip(request.WithContext(ctx))
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return hop, nil // the app that let the controller wait
	case err != nil:
		return hop, fmt.Errorf("send %s %s to the mesh only: %w", exchange.Method, exchange.URL, err)
	}
	t.window.again[s.Name]++
	hop.Status, hop.Header = response.StatusCode, response.Header
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	return hop, errors.Join(err, response.Body.Close())
}
