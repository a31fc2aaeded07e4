package embedded

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rs/cors"
	"golang.org/x/net/http/httpguts"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// service is a service of a deployment that was found to make sense.
type service struct {
	harness.Service
	origin origin
	// podName is the host by which other pods know the service.
	podName string
	// ingressVersion is the controller's, the default filled in.
	ingressVersion ingressnginx.Version
	// app is set when the deployment is applied.
	app http.Handler
}

// newService validates one service.
func newService(described harness.Service, defaultVersion ingressnginx.Version) (*service, error) {
	if described.Name == "" {
		return nil, fmt.Errorf("the service at %q has no name", described.Origin)
	}
	parsed, err := parseOrigin(described.Origin)
	if err != nil {
		return nil, fmt.Errorf("service %q: %w", described.Name, err)
	}
	s := &service{Service: described, origin: parsed, podName: strings.ReplaceAll(strings.ToLower(described.Name), " ", "-")}
	for _, check := range []func() error{s.checkApp, s.checkFields, s.checkProtocols} {
		if err := check(); err != nil {
			return nil, fmt.Errorf("service %q: %w", described.Name, err)
		}
	}
	if s.Ingress != nil {
		s.ingressVersion = defaultVersion
		if s.Ingress.Version != "" {
			if s.ingressVersion, err = ingressnginx.ParseVersion(s.Ingress.Version); err != nil {
				return nil, fmt.Errorf("service %q: %w", described.Name, err)
			}
		}
		if _, err := s.controller(nil, nil); err != nil {
			return nil, fmt.Errorf("service %q: %w", described.Name, err)
		}
	}
	return s, nil
}

// appKinds are the apps that this environment runs.
var appKinds = []harness.AppKind{harness.AppScripted, harness.AppGo, harness.AppExpress4, harness.AppExpress5}

// checkApp validates what the service runs.
func (s *service) checkApp() error {
	if !slices.Contains(appKinds, s.App.Kind) {
		return fmt.Errorf("no app is called %q: the apps are %v", s.App.Kind, appKinds)
	}
	if s.App.Kind != harness.AppScripted && len(s.App.Responses) > 0 {
		return fmt.Errorf("the app %q answers by itself: only %q answers listed responses", s.App.Kind, harness.AppScripted)
	}
	if s.App.Kind != harness.AppGo && s.App.CORS != nil {
		return fmt.Errorf("the app %q has a CORS policy of its own: only %q can be given one", s.App.Kind, harness.AppGo)
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
func (s *service) checkFields() error {
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
func (s *service) checkProtocols() error {
	for _, protocol := range s.Protocols {
		if protocol != protocolHTTP2 && protocol != protocolHTTP11 {
			return fmt.Errorf("no ALPN protocol %q is served: use %q or %q", protocol, protocolHTTP2, protocolHTTP11)
		}
	}
	return nil
}

// proxied tells whether any other program stands between the browser and the app.
func (s *service) proxied() bool {
	return s.SharedCache || s.Edge != nil || s.Ingress != nil || s.Linkerd != nil
}

// script is the app's list of responses; nil for the other apps.
func (s *service) script() scripted { return scripted(s.App.Responses) }

// protocols are the ALPN protocols that are offered for https.
func (s *service) protocols() []string {
	// Bytes that are no HTTP/1.1 response can be sent over HTTP/1.1 only, and by the app itself only.
	if s.script().has(harness.FaultMalformed) && !s.proxied() {
		return []string{protocolHTTP11}
	}
	if len(s.Protocols) > 0 {
		return s.Protocols
	}
	return []string{protocolHTTP2, protocolHTTP11}
}

// breaksConnections reports whether some answer of the app's is not an HTTP response.
func (s *service) breaksConnections() bool {
	return slices.ContainsFunc(s.script(), func(response harness.Response) bool { return response.Fault != harness.FaultNone })
}

// corsOptions is the policy of an AppGo for rs/cors; nil for none.
func (s *service) corsOptions() *cors.Options {
	policy := s.App.CORS
	if policy == nil {
		return nil
	}
	return &cors.Options{
		AllowedOrigins:   policy.AllowedOrigins,
		AllowedMethods:   policy.AllowedMethods,
		AllowedHeaders:   policy.AllowedHeaders,
		ExposedHeaders:   policy.ExposedHeaders,
		AllowCredentials: policy.AllowCredentials,
		MaxAge:           int(policy.MaxAge / time.Second),
	}
}
