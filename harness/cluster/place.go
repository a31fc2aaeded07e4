package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
	"github.com/crosscheck-dev/crosscheck/harness/service"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// placedService is a service and where its app is.
type placedService struct {
	*service.Service
	// configuration names what the host is to be configured with; empty without an Ingress.
	configuration string
	// id and port are those of the app in its pod.
	id   string
	port int
}

// check finds out whether this cluster can do what a service asks for.
func (e *Environment) check(s *service.Service) (*placedService, error) {
	unavailable := func(format string, arguments ...any) (*placedService, error) {
		return nil, &harness.Unavailable{Reason: fmt.Sprintf(format, arguments...)}
	}
	if s.App.Kind == harness.AppExpress4 || s.App.Kind == harness.AppExpress5 {
		if e.options.NoExpress != "" {
			return unavailable("%s", e.options.NoExpress)
		}
	}
	if m := s.Linkerd; m != nil {
		switch {
		case e.options.Meshed:
			return unavailable("Linkerd is installed in this cluster, but this environment cannot run apps in its mesh yet")
		case m.Denied:
			return unavailable("Linkerd is not installed in this cluster, so no authorization policy of it denies anything")
		case len(m.AddedHeaders) > 0:
			return unavailable("Linkerd is not installed in this cluster, so the mesh sets no headers")
		case !e.options.IgnoreMeshMembership:
			return unavailable("Linkerd is not installed in this cluster, so no pods are meshed")
		}
	}
	placed := &placedService{Service: s}
	if s.Ingress == nil {
		return placed, nil
	}
	if s.Ingress.Resources != nil {
		return unavailable("the API at %s is behind the Ingresses of a manifest (%s), and only the environment embedded reads those, for its model", s.Origin, s.Ingress.Resources[0].Source)
	}
	installed := e.options.Controller.Version
	if s.Ingress.Version != "" && strings.TrimPrefix(s.Ingress.Version, "v") != strings.TrimPrefix(installed, "v") {
		return unavailable("the scenario is about ingress-nginx %s, and %s is installed in this cluster", s.Ingress.Version, installed)
	}
	// The real controller takes any annotation, and leaves those alone that it does not know: a slip of the pen would go unnoticed.
	if _, err := e.model(s, nil); err != nil {
		var unmodelled *ingressnginx.NotModelledError
		var version *ingressnginx.UnknownVersionError
		if !errors.As(err, &unmodelled) && !errors.As(err, &version) {
			return nil, &harness.InvalidDeployment{Reason: fmt.Sprintf("service %q: %v", s.Name, err)}
		}
	}
	if target := s.Ingress.Annotations["auth-url"]; target != "" {
		if parsed, err := url.Parse(target); err == nil && !strings.HasSuffix(parsed.Hostname(), ".svc.cluster.local") {
			return unavailable("auth-url names the host %s, which is not in this cluster", parsed.Hostname())
		}
	}
	content, err := json.Marshal(struct {
		App     harness.App
		Ingress *harness.Ingress
		Origin  service.Origin
	}{s.App, s.Ingress, s.At})
	if err != nil {
		return nil, fmt.Errorf("serialize the service: %w", err)
	}
	placed.configuration = short(string(content))
	return placed, nil
}

// spec describes the app to its pod, and gives it a name: that of its content.
func (e *Environment) spec(s *service.Service) (pod.Spec, string, error) {
	spec := pod.Spec{App: s.App}
	if s.Ingress == nil && s.At.Scheme == "https" {
		certificate, err := e.authority.Certificate(s.At.Name())
		if err != nil {
			return spec, "", err
		}
		if spec.Certificate, spec.Key, err = pemOf(certificate); err != nil {
			return spec, "", err
		}
		spec.Protocols = s.ALPN()
	}
	content, err := json.Marshal(spec)
	if err != nil {
		return spec, "", fmt.Errorf("serialize the app: %w", err)
	}
	// In another pod the app is another one: nothing that leads to the old one is used again.
	return spec, "app-" + short(string(content)+e.apps.uid), nil
}
