package steps

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	networking "k8s.io/api/networking/v1"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/manifest"
	"github.com/crosscheck-dev/crosscheck/harness/service"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

const (
	annotationPrefix = "nginx.ingress.kubernetes.io/"
	controllerName   = "k8s.io/ingress-nginx"
)

func (w *world) itsIngressIsThatOf(file string) error {
	return w.itsIngressUnderVersionIsThatOf("", file)
}

// itsIngressUnderVersionIsThatOf puts the API behind the Ingresses of a manifest
// that are for its host. The path is relative to the feature file.
func (w *world) itsIngressUnderVersionIsThatOf(version, file string) error {
	declared, err := w.service()
	if err != nil {
		return err
	}
	at, err := service.ParseOrigin(declared.Origin)
	if err != nil {
		return mistake("%v", err)
	}
	if !filepath.IsAbs(file) {
		file = path.Join(path.Dir(filepath.ToSlash(w.file)), file)
	}
	read, err := manifest.LoadFrom(w.files, file)
	if err != nil {
		return mistake("%v", err)
	}
	ingress := &harness.Ingress{Version: version, Annotations: map[string]string{}, Resources: []harness.IngressResource{}}
	var others []string
	for _, found := range read.Ingresses {
		resources := resourcesFor(found, at.Host)
		if len(resources) == 0 {
			for _, rule := range found.Spec.Rules {
				others = append(others, rule.Host)
			}
			continue
		}
		if err := checkClass(found, read.Controllers); err != nil {
			return err
		}
		if err := checkAnnotations(found, resources[0].Annotations); err != nil {
			return err
		}
		ingress.Resources = append(ingress.Resources, resources...)
	}
	if len(ingress.Resources) == 0 {
		return mistake("%s has no Ingress for the host %s: it has some for %s", file, at.Host, strings.Join(slices.Compact(others), ", "))
	}
	declared.Ingress = ingress
	return nil
}

// checkClass refuses an Ingress of another controller, and one of which nothing says whose it is.
func checkClass(ingress *manifest.Ingress, controllers map[string]string) error {
	class := ingress.Class()
	controller, known := controllers[class]
	switch {
	case known && controller == controllerName, !known && (class == "" || class == "nginx"):
		return nil
	case known:
		return mistake("%s:%d: the Ingress %s is of the class %s, whose controller is %s: only ingress-nginx is modelled", ingress.File, ingress.Line, ingress.ID(), class, controller)
	}
	return mistake("%s:%d: the Ingress %s is of the class %s, and nothing says whose that is: if it is ingress-nginx's, put its IngressClass (controller: %s) into the same file or folder",
		ingress.File, ingress.Line, ingress.ID(), class, controllerName)
}

// checkAnnotations finds an annotation that no release of the controller knows, at its line.
func checkAnnotations(ingress *manifest.Ingress, annotations map[string]string) error {
	var unknown *ingressnginx.UnknownAnnotationError
	for _, version := range ingressnginx.Versions() {
		_, err := ingressnginx.New(ingressnginx.Options{Version: version}, ingressnginx.Ingress{Name: ingress.ID(), Annotations: annotations})
		if !errors.As(err, &unknown) {
			return nil
		}
	}
	line, column := ingress.Position("metadata", "annotations", annotationPrefix+unknown.Annotation)
	return mistake("%s:%d:%d: %v", ingress.File, line, column, unknown)
}

// resourcesFor are the parts of an Ingress that are for a host: its rules, and
// its default backend, which answers every host that no rule is for.
func resourcesFor(ingress *manifest.Ingress, host string) []harness.IngressResource {
	annotations, foreign := map[string]string{}, []string(nil)
	for _, name := range slices.Sorted(maps.Keys(ingress.Annotations)) {
		if short, ours := strings.CutPrefix(name, annotationPrefix); ours {
			annotations[short] = ingress.Annotations[name]
		} else if name != "kubernetes.io/ingress.class" {
			foreign = append(foreign, name)
		}
	}
	resource := func(ruleHost string, paths []harness.IngressPath) harness.IngressResource {
		return harness.IngressResource{
			Name: ingress.ID(), Source: fmt.Sprintf("%s:%d", ingress.File, ingress.Line), Host: ruleHost, Annotations: annotations, Foreign: foreign, Paths: paths,
			TLS: slices.ContainsFunc(ingress.Spec.TLS, func(tls networking.IngressTLS) bool {
				return slices.ContainsFunc(tls.Hosts, func(listed string) bool { return covers(listed, host) })
			}),
		}
	}
	var resources []harness.IngressResource
	for _, rule := range ingress.Spec.Rules {
		if !covers(rule.Host, host) {
			continue
		}
		var paths []harness.IngressPath
		if rule.HTTP != nil {
			for _, written := range rule.HTTP.Paths {
				kind := networking.PathTypeImplementationSpecific
				if written.PathType != nil {
					kind = *written.PathType
				}
				paths = append(paths, harness.IngressPath{Path: written.Path, Type: string(kind), Backend: backendName(&written.Backend)})
			}
		}
		resources = append(resources, resource(strings.ToLower(rule.Host), paths))
	}
	if len(ingress.Spec.Rules) == 0 && ingress.Spec.DefaultBackend != nil {
		everything := harness.IngressPath{Path: "/", Type: string(networking.PathTypePrefix), Backend: backendName(ingress.Spec.DefaultBackend)}
		resources = append(resources, resource("", []harness.IngressPath{everything}))
	}
	return resources
}

// covers tells whether a rule's host is for this one.
// https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards
func covers(pattern, host string) bool {
	pattern = strings.ToLower(pattern)
	if parent, wildcard := strings.CutPrefix(pattern, "*."); wildcard {
		_, rest, _ := strings.Cut(host, ".")
		return rest == parent
	}
	return pattern == "" || pattern == host
}

func backendName(backend *networking.IngressBackend) string {
	switch {
	case backend.Service != nil:
		return "the service " + backend.Service.Name
	case backend.Resource != nil:
		return "the " + backend.Resource.Kind + " " + backend.Resource.Name
	default:
		return "nothing"
	}
}
