// Package service checks the services of a deployment, which every environment
// does in the same way, and says what follows from what they declare.
package service

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Service is a service of a deployment that was found to make sense.
type Service struct {
	harness.Service
	// At is the origin at which browsers reach it.
	At Origin
	// PodName is the host by which other pods know the service.
	PodName string
}

// All checks the services of a deployment, each and all together.
func All(deployment harness.Deployment) ([]*Service, error) {
	var services []*Service
	addresses, names := map[string]*Service{}, map[string]*Service{}
	for _, described := range deployment.Services {
		s, err := New(described)
		if err != nil {
			return nil, err
		}
		if other := addresses[s.At.Address()]; other != nil {
			return nil, fmt.Errorf("services %q and %q are both at %s: give each an origin of its own", other.Name, s.Name, s.At.Address())
		}
		if other := names[s.PodName]; other != nil {
			return nil, fmt.Errorf("services %q and %q would both be called %q inside the cluster: give each a name of its own", other.Name, s.Name, s.PodName)
		}
		addresses[s.At.Address()], names[s.PodName] = s, s
		services = append(services, s)
	}
	return services, nil
}

// New checks one service.
func New(described harness.Service) (*Service, error) {
	if described.Name == "" {
		return nil, fmt.Errorf("the service at %q has no name", described.Origin)
	}
	parsed, err := ParseOrigin(described.Origin)
	if err != nil {
		return nil, fmt.Errorf("service %q: %w", described.Name, err)
	}
	s := &Service{Service: described, At: parsed, PodName: strings.ReplaceAll(strings.ToLower(described.Name), " ", "-")}
	for _, check := range []func() error{s.checkApp, s.checkFields, s.checkProtocols} {
		if err := check(); err != nil {
			return nil, fmt.Errorf("service %q: %w", described.Name, err)
		}
	}
	return s, nil
}

// appKinds are the apps that scenarios can declare; environments run all but the last.
var appKinds = []harness.AppKind{harness.AppScripted, harness.AppGo, harness.AppExpress4, harness.AppExpress5, harness.AppDeployed}

// checkApp validates what the service runs.
func (s *Service) checkApp() error {
	if !slices.Contains(appKinds, s.App.Kind) {
		return fmt.Errorf("no app is called %q: the apps are %v", s.App.Kind, appKinds)
	}
	if s.App.Kind != harness.AppScripted && len(s.App.Responses) > 0 {
		return fmt.Errorf("the app %q answers by itself: only %q answers listed responses", s.App.Kind, harness.AppScripted)
	}
	if s.App.Kind != harness.AppGo && s.App.CORS != nil {
		return fmt.Errorf("the app %q has a CORS policy of its own: only %q can be given one", s.App.Kind, harness.AppGo)
	}
	if s.App.Kind != harness.AppExpress4 && s.App.Kind != harness.AppExpress5 && s.App.CORSOptions != nil {
		return fmt.Errorf("the app %q has no cors package of Express: only %q and %q take its options", s.App.Kind, harness.AppExpress4, harness.AppExpress5)
	}
	faults := []harness.Fault{harness.FaultNone, harness.FaultClose, harness.FaultHang, harness.FaultMalformed, harness.FaultDown}
	for _, response := range s.App.Responses {
		if !slices.Contains(faults, response.Fault) {
			return fmt.Errorf("no fault is called %q: the faults are %q", response.Fault, faults[1:])
		}
		if response.Fault == harness.FaultNone && (response.Status < 200 || response.Status > 599) {
			return fmt.Errorf("%d is no status of a final response: it is one of 200 to 599", response.Status)
		}
	}
	return nil
}

// checkFields validates all header fields that the scenario writes.
func (s *Service) checkFields() error {
	var fields []simulator.Field
	for _, response := range s.App.Responses {
		fields = append(fields, response.Headers...)
	}
	if s.Linkerd != nil {
		fields = append(fields, s.Linkerd.AddedHeaders...)
	}
	if s.Edge != nil {
		fields = append(fields, s.Edge.AppendedHeaders...)
	}
	for _, field := range fields {
		if !httpguts.ValidHeaderFieldName(field.Name) {
			return fmt.Errorf("%q is no name of a header field", field.Name)
		}
		if !httpguts.ValidHeaderFieldValue(field.Value) {
			return fmt.Errorf("%q cannot be sent as the value of the header field %s", field.Value, field.Name)
		}
	}
	return nil
}

// The ALPN protocol names of HTTP/2 and HTTP/1.1.
const (
	protocolHTTP2  = "h2"
	protocolHTTP11 = "http/1.1"
)

// checkProtocols validates the ALPN protocols.
func (s *Service) checkProtocols() error {
	for _, protocol := range s.Protocols {
		if protocol != protocolHTTP2 && protocol != protocolHTTP11 {
			return fmt.Errorf("no ALPN protocol %q is served: use %q or %q", protocol, protocolHTTP2, protocolHTTP11)
		}
	}
	return nil
}

// Proxied tells whether any other program stands between the browser and the app.
func (s *Service) Proxied() bool {
	return s.SharedCache || s.Edge != nil || s.Ingress != nil || s.Linkerd != nil
}

// Runnable reports, as a *harness.Unavailable, the first service that an
// environment cannot run because it is deployed already, somewhere else.
func Runnable(deployment harness.Deployment) error {
	for _, s := range deployment.Services {
		if s.App.Kind == harness.AppDeployed {
			return &harness.Unavailable{Reason: fmt.Sprintf("the API at %s is deployed already, and only the environment live asks what is: run with --env live", s.Origin)}
		}
	}
	return nil
}

// Has tells whether any of the app's answers is this fault.
func (s *Service) Has(fault harness.Fault) bool {
	return slices.ContainsFunc(s.App.Responses, func(response harness.Response) bool { return response.Fault == fault })
}

// Down tells whether the app does not listen.
func (s *Service) Down() bool { return s.Has(harness.FaultDown) }

// BreaksConnections tells whether some answer of the app's is not an HTTP response.
func (s *Service) BreaksConnections() bool {
	return slices.ContainsFunc(s.App.Responses, func(response harness.Response) bool { return response.Fault != harness.FaultNone })
}

// ALPN are the protocols that are offered for https.
func (s *Service) ALPN() []string {
	// Bytes that are no HTTP/1.1 response can be sent over HTTP/1.1 only, and by the app itself only.
	if s.Has(harness.FaultMalformed) && !s.Proxied() {
		return []string{protocolHTTP11}
	}
	if len(s.Protocols) > 0 {
		return s.Protocols
	}
	return []string{protocolHTTP2, protocolHTTP11}
}
