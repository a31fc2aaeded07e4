package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
	"github.com/crosscheck-dev/crosscheck/harness/service"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// placedService is a service and where its app is.
type placedService struct {
	*service.Service
	// mesh is nil where the app runs outside of it.
	mesh *mesh
	// pod is where its app runs.
	pod *appsPod
	// configuration names what the host is to be configured with; empty without an Ingress.
	configuration string
	// id and port are those of the app in its pod.
	id   string
	port int
	// notes are what is to be said of its Ingresses.
	notes []string
	// address is that of its Service, at which it is reached through the mesh; empty outside of it.
	address string
}

// meshed tells whether the app runs in the mesh.
func (s *placedService) meshed() bool { return s.mesh != nil }

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
	if s.App.CORSOptions != nil {
		return unavailable("the Express apps of a cluster have the options of their own code only")
	}
	if m := s.Linkerd; m != nil && e.mesh == nil {
		switch {
		case m.Denied:
			return unavailable("%s, so no authorization policy of the mesh denies anything", e.options.NoMesh)
		case len(m.AddedHeaders) > 0:
			return unavailable("%s, so the mesh sets no headers", e.options.NoMesh)
		case !e.options.IgnoreMeshMembership:
			return unavailable("%s, so no pods are meshed", e.options.NoMesh)
		}
	}
	if release := e.options.Versions["linkerd"]; s.Linkerd != nil && len(s.Linkerd.AddedHeaders) > 0 && !linkerd.SetsHeaders(release) {
		return unavailable("Linkerd %s is installed in this cluster, and %s was the first whose mesh sets response headers", release, linkerd.FirstToSetHeaders)
	}
	placed := &placedService{Service: s, pod: e.apps}
	if s.Linkerd != nil && e.mesh != nil {
		placed.mesh, placed.pod = e.mesh, e.mesh.apps
	}
	if s.Ingress == nil {
		return placed, nil
	}
	if s.Ingress.Resources != nil {
		var err error
		if s, placed.notes, err = e.adapt(s); err != nil {
			return nil, err
		}
		placed.Service = s
	}
	installed := e.options.Controller.Version
	if s.Ingress.Version != "" && strings.TrimPrefix(s.Ingress.Version, "v") != strings.TrimPrefix(installed, "v") {
		return unavailable("the scenario is about ingress-nginx %s, and %s is installed in this cluster", s.Ingress.Version, installed)
	}
	// The real controller takes any annotation, and leaves those alone that it does not know: a slip of the pen would go unnoticed.
	model, err := e.model(s, nil)
	if err == nil {
		placed.notes = append(placed.notes, s.NoteIngresses(model)...)
	} else {
		var unmodelled *ingressnginx.NotModelledError
		var version *ingressnginx.UnknownVersionError
		if !errors.As(err, &unmodelled) && !errors.As(err, &version) {
			return nil, &harness.InvalidDeployment{Reason: fmt.Sprintf("service %q: %v", s.Name, err)}
		}
		if s.Ingress.Resources != nil {
			placed.notes = append(placed.notes, fmt.Sprintf("what the controller answers is not predicted: %v", err))
		}
	}
	for _, annotations := range annotationsOf(s.Ingress) {
		target := annotations["auth-url"]
		if parsed, err := url.Parse(target); err == nil && target != "" && !strings.HasSuffix(parsed.Hostname(), ".svc.cluster.local") {
			return unavailable("auth-url names the host %s, which is not in this cluster", parsed.Hostname())
		}
	}
	content, err := json.Marshal(struct {
		App     harness.App
		Linkerd *harness.Linkerd
		Ingress *harness.Ingress
		Origin  service.Origin
	}{s.App, placed.membership(), s.Ingress, s.At})
	if err != nil {
		return nil, fmt.Errorf("serialize the service: %w", err)
	}
	placed.configuration = short(string(content))
	return placed, nil
}

// annotationsOf are those of each Ingress.
func annotationsOf(ingress *harness.Ingress) []map[string]string {
	if ingress.Resources == nil {
		return []map[string]string{ingress.Annotations}
	}
	var all []map[string]string
	for _, resource := range ingress.Resources {
		all = append(all, resource.Annotations)
	}
	return all
}

// membership is what the mesh does with the service; nil outside of it.
func (s *placedService) membership() *harness.Linkerd {
	if !s.meshed() {
		return nil
	}
	return s.Linkerd
}

// spec describes the app to its pod, and gives it a name: that of its content, and of what is done with it in the mesh.
func (e *Environment) spec(s *placedService) (pod.Spec, string, error) {
	spec := pod.Spec{App: s.App}
	// In the mesh, TLS ends in front of the proxies: what they cannot read is not HTTP to them.
	if s.Ingress == nil && s.At.Scheme == "https" && !s.meshed() {
		certificate, err := e.authority.Certificate(s.At.Name())
		if err != nil {
			return spec, "", err
		}
		if spec.Certificate, spec.Key, err = pemOf(certificate); err != nil {
			return spec, "", err
		}
		spec.Protocols = s.ALPN()
	}
	mesh := ""
	if s.meshed() {
		// Its proxy counts by app: an app of each host's own is asked by nobody but its own scenarios and probes.
		mesh = s.configuration
	}
	content, err := json.Marshal(struct {
		pod.Spec
		Linkerd *harness.Linkerd
		Mesh    string
	}{spec, s.membership(), mesh})
	if err != nil {
		return spec, "", fmt.Errorf("serialize the app: %w", err)
	}
	// In another pod the app is another one: nothing that leads to the old one is used again.
	return spec, "app-" + short(string(content)+s.pod.uid), nil
}
