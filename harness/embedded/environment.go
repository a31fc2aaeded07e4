// Package embedded is the default environment: apps, edge models and TLS in
// this process, on loopback, in milliseconds. Only the Express apps are processes
// of their own.
//
// What the annotations of an Ingress refer to by name is there: every
// auth-secret holds IngressUser with IngressPassword; an auth-url reaches the service of the
// deployment at its origin, and at any other one a service that answers 401 to
// requests without Authorization and Cookie.
package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/apps"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/node"
	"github.com/crosscheck-dev/crosscheck/harness/service"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// Environment runs deployments in this process. It is safe for concurrent use.
type Environment struct {
	authority      *ca.Authority
	ingressVersion ingressnginx.Version
	express        map[harness.AppKind]*expressApp
	// changeable are the same apps in processes that take other options of the cors package.
	changeable map[harness.AppKind]*expressApp

	mutex       sync.Mutex
	deployments map[string]*running
	closed      bool
}

var _ harness.Environment = (*Environment)(nil)

// Option changes an Environment.
type Option func(*Environment)

// WithIngressVersion sets the ingress-nginx version of Ingresses that name
// none; ingressnginx.V1_15_1 without this option.
func WithIngressVersion(version ingressnginx.Version) Option {
	return func(e *Environment) { e.ingressVersion = version }
}

// WithNodeDir sets the folder in which the Express apps are installed, once for
// all runs; a folder of the user's cache without this option.
func WithNodeDir(dir string) Option {
	return func(e *Environment) {
		for _, app := range e.expressApps() {
			app.dir = dir
		}
	}
}

// New makes an environment whose hosts have certificates of the authority.
func New(authority *ca.Authority, options ...Option) *Environment {
	e := &Environment{authority: authority, ingressVersion: ingressnginx.V1_15_1, express: newExpressApps(), changeable: newExpressApps(node.CORSOptionsModule()), deployments: map[string]*running{}}
	for _, option := range options {
		option(e)
	}
	return e
}

// Name is "embedded".
func (e *Environment) Name() string { return "embedded" }

// errClosed is returned to those who come too late.
var errClosed = errors.New("apply a deployment: the embedded environment is closed")

// Apply validates the deployment and starts what it needs and does not run yet.
func (e *Environment) Apply(ctx context.Context, deployment harness.Deployment) (harness.Running, error) {
	key, err := json.Marshal(deployment)
	if err != nil {
		return nil, fmt.Errorf("serialize the deployment: %w", err)
	}
	e.mutex.Lock()
	known, closed := e.deployments[string(key)], e.closed
	e.mutex.Unlock()
	switch {
	case closed:
		return nil, errClosed
	case known != nil:
		return known, nil
	}
	r, err := e.build(ctx, deployment)
	if err != nil {
		return nil, err
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	// Another scenario may have built an equal one meanwhile.
	if known := e.deployments[string(key)]; known != nil {
		return known, nil
	}
	e.deployments[string(key)] = r
	return r, nil
}

// build validates the deployment and gives its services their apps.
func (e *Environment) build(ctx context.Context, deployment harness.Deployment) (*running, error) {
	if err := service.Runnable(deployment); err != nil {
		return nil, err
	}
	services, err := newServices(deployment, e.ingressVersion)
	if unmodelled := (*ingressnginx.NotModelledError)(nil); errors.As(err, &unmodelled) {
		// The scenario is right: it takes an environment with the real controller.
		return nil, &harness.Unavailable{Reason: err.Error()}
	}
	if err != nil {
		return nil, &harness.InvalidDeployment{Reason: err.Error()}
	}
	for _, s := range services {
		if s.app, err = e.app(ctx, s); err != nil {
			return nil, err
		}
	}
	return &running{authority: e.authority, services: services}, nil
}

// expressApps are all of them, with and without changeable options.
func (e *Environment) expressApps() []*expressApp {
	return slices.Concat(slices.Collect(maps.Values(e.express)), slices.Collect(maps.Values(e.changeable)))
}

// app is the program that a service runs.
func (e *Environment) app(ctx context.Context, s *runningService) (http.Handler, error) {
	switch s.App.Kind {
	case harness.AppExpress4, harness.AppExpress5:
		if s.App.CORSOptions == nil {
			return e.express[s.App.Kind].handler(ctx)
		}
		handler, err := e.changeable[s.App.Kind].handler(ctx)
		if err != nil {
			return nil, err
		}
		return node.WithCORSOptions(handler, s.App.CORSOptions)
	default:
		return apps.New(s.App)
	}
}

// running is a deployment whose apps are there. Everything else belongs to a traffic.
type running struct {
	authority *ca.Authority
	services  []*runningService
}

// NewTraffic gives a session its own hops in front of the shared apps.
func (r *running) NewTraffic(context.Context) (harness.Traffic, error) {
	return newTraffic(r.authority, r.services)
}

// Notes are those of the services' Ingresses.
func (r *running) Notes() []string {
	var notes []string
	for _, s := range r.services {
		notes = append(notes, s.notes...)
	}
	return notes
}

// Release does nothing: scenarios share no hosts here.
func (r *running) Release() {}

// Close stops the apps. Traffics are closed by those who asked for them.
func (e *Environment) Close() error {
	e.mutex.Lock()
	e.closed = true
	e.mutex.Unlock()
	for _, app := range e.expressApps() {
		app.close()
	}
	return nil
}
