package cluster

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/service"
)

// elsewhere are annotations that name a Secret, a ConfigMap or a Service of the team's own cluster.
var elsewhere = []string{"auth-proxy-set-headers", "auth-tls-secret", "custom-headers", "default-backend", "fastcgi-params-configmap", "proxy-ssl-secret"}

// adapt makes of a team's own Ingresses what this cluster can have: the annotations and the paths
// as they are, and the app of the scenario behind them. It notes every change.
func (e *Environment) adapt(s *service.Service) (*service.Service, []string, error) {
	adapted := *s
	ingress := *s.Ingress
	adapted.Ingress = &ingress
	var notes []string
	ingress.Resources, notes = decisiveResources(s)
	secured := slices.ContainsFunc(ingress.Resources, func(r harness.IngressResource) bool { return r.TLS })
	if s.At.Scheme == "https" && !secured {
		ingress.Resources[0].TLS = true
		notes = append(notes, fmt.Sprintf("Ingress %q: spec.tls is added for %s, since no Ingress of it has any and browsers do not trust the controller's own certificate: for that reason plain http is redirected here",
			described(ingress.Resources[0]), s.At.Host))
	}
	for i := range ingress.Resources {
		resource := &ingress.Resources[i]
		for _, name := range elsewhere {
			if value, set := resource.Annotations[name]; set {
				return nil, nil, &harness.Unavailable{Reason: fmt.Sprintf("%s of the Ingress %s names %s, which is not in this cluster", name, described(*resource), value)}
			}
		}
		notes = append(notes, e.adaptResource(s, resource))
	}
	return &adapted, notes, nil
}

// decisiveResources are those of a manifest's resources that the controller asks for the service's host, copied: the rules
// for the host itself, else those for a wildcard, else those for any host.
func decisiveResources(s *service.Service) (kept []harness.IngressResource, notes []string) {
	rank := func(host string) int {
		switch {
		case host == s.At.Host:
			return 2
		case host != "":
			return 1
		}
		return 0
	}
	best := 0
	for _, resource := range s.Ingress.Resources {
		best = max(best, rank(resource.Host))
	}
	for _, resource := range s.Ingress.Resources {
		if rank(resource.Host) < best {
			notes = append(notes, fmt.Sprintf("Ingress %q is not applied: its rule is for %s, and another one is nearer to %s", described(resource), anyHost(resource.Host), s.At.Host))
			continue
		}
		kept = append(kept, resource)
	}
	return kept, notes
}

// adaptResource puts one Ingress into this cluster, and says what was changed for that.
func (e *Environment) adaptResource(s *service.Service, resource *harness.IngressResource) string {
	changes := []string{fmt.Sprintf("the namespace %s", e.options.Namespace), fmt.Sprintf("the class %s", e.options.Controller.Class)}
	if resource.Host != s.At.Host {
		changes = append(changes, fmt.Sprintf("the host %s in the place of %s", s.At.Host, anyHost(resource.Host)))
		resource.Host = s.At.Host
	}
	var backends []string
	for _, led := range resource.Paths {
		if !slices.Contains(backends, led.Backend) {
			backends = append(backends, led.Backend)
		}
	}
	if len(backends) > 0 {
		changes = append(changes, fmt.Sprintf("%s in the place of %s", s.Name, strings.Join(backends, " and ")))
	}
	if resource.TLS {
		changes = append(changes, "a certificate of this run")
	}
	if secret, set := resource.Annotations["auth-secret"]; set {
		annotations := maps.Clone(resource.Annotations)
		annotations["auth-secret"] = path.Base(secret) // "namespace/name", or the name alone
		resource.Annotations = annotations
		changes = append(changes, fmt.Sprintf("the users of this run in the Secret %s", annotations["auth-secret"]))
	}
	note := fmt.Sprintf("Ingress %q is applied with its paths and annotations, and with %s", described(*resource), strings.Join(changes, ", "))
	if len(resource.Foreign) > 0 {
		note += "; without " + strings.Join(resource.Foreign, ", ")
	}
	return note
}

// described names a resource and where it stands.
func described(resource harness.IngressResource) string {
	return resource.Name + " (" + resource.Source + ")"
}

func anyHost(host string) string {
	if host == "" {
		return "any host"
	}
	return host
}
