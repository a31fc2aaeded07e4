package live

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/url"
	"slices"
	"sync"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/service"
)

// Options say how servers are reached.
type Options struct {
	// Authority signs the certificates at which the TLS of browsers ends.
	Authority *ca.Authority
	// Roots are the certificate authorities of the servers; nil means the system's.
	Roots *x509.CertPool
	// Hosts say where hosts are, in place of the system's resolver.
	Hosts Hosts
	// Proxy gives the proxy for the URL of a host, as httpproxy.Config.ProxyFunc does;
	// nil for no proxies. To the places of Hosts there is none.
	Proxy func(*url.URL) (*url.URL, error)
	// Additions are what hosts get beside what browsers send, by "host" or "host:port" in lower case.
	Additions map[string]Addition
}

// Environment reaches what is deployed. It is safe for concurrent use.
type Environment struct{ options Options }

var _ harness.Environment = (*Environment)(nil)

// New makes the environment. It starts and asks nothing.
func New(options Options) *Environment { return &Environment{options: options} }

// Name is "live".
func (e *Environment) Name() string { return "live" }

// Versions says nothing: what is deployed does not tell.
func (e *Environment) Versions() map[string]string { return map[string]string{} }

// Apply checks that there is nothing to deploy. What a scenario declares to run is *harness.Unavailable here.
func (e *Environment) Apply(_ context.Context, deployment harness.Deployment) (harness.Running, error) {
	for _, s := range deployment.Services {
		if lacking := undeployable(s); lacking != "" {
			return nil, &harness.Unavailable{Reason: fmt.Sprintf(
				`the environment live deploys nothing, and the scenario declares %s: speak of what is there by the step: Given the API at "%s" as deployed`, lacking, s.Origin)}
		}
	}
	if _, err := service.All(deployment); err != nil {
		return nil, &harness.InvalidDeployment{Reason: err.Error()}
	}
	return &running{environment: e}, nil
}

// undeployable names what of a service would have to be deployed; "" for nothing.
func undeployable(s harness.Service) string {
	switch {
	case s.App.Kind != harness.AppDeployed:
		return "what the API at " + s.Origin + " runs"
	case s.Ingress != nil:
		return "the Ingress of the API at " + s.Origin
	case s.Linkerd != nil:
		return "how the API at " + s.Origin + " is meshed"
	case s.Edge != nil, s.SharedCache:
		return "what stands in front of the API at " + s.Origin
	case len(s.Protocols) > 0:
		return "which HTTP version the API at " + s.Origin + " speaks"
	default:
		return ""
	}
}

// Close does nothing: traffics own everything.
func (e *Environment) Close() error { return nil }

// running is what was deployed by others.
type running struct {
	environment *Environment

	mutex sync.Mutex
	notes []string
}

// NewTraffic gives a session connections of its own.
func (r *running) NewTraffic(context.Context) (harness.Traffic, error) {
	return newTraffic(r.environment.options, r.note), nil
}

// note keeps what is to be said of the deployment, once.
func (r *running) note(text string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if !slices.Contains(r.notes, text) {
		r.notes = append(r.notes, text)
	}
}

// Notes say what of the servers' TLS pages do not get past.
func (r *running) Notes() []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return slices.Clone(r.notes)
}

// Release does nothing.
func (*running) Release() {}
