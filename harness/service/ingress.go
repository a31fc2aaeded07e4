package service

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// Ingresses are what the model of the service's controller is configured with, the backend behind every path.
func (s *Service) Ingresses(backend http.Handler) []ingressnginx.Ingress {
	if s.Ingress.Resources == nil {
		return []ingressnginx.Ingress{{
			Name: s.Name, Host: s.At.Host, TLS: s.At.Scheme == "https", Annotations: s.Ingress.Annotations,
			Paths: []ingressnginx.Path{{Path: "/", Backend: backend}},
		}}
	}
	var ingresses []ingressnginx.Ingress
	for _, resource := range s.Ingress.Resources {
		annotations := maps.Clone(resource.Annotations)
		maps.DeleteFunc(annotations, func(name, _ string) bool { return ingressnginx.ChangesNoAnswer(name) })
		ingress := ingressnginx.Ingress{
			Name: resource.Name + " (" + resource.Source + ")", Host: resource.Host, TLS: resource.TLS, Annotations: annotations,
		}
		for _, path := range resource.Paths {
			ingress.Paths = append(ingress.Paths, ingressnginx.Path{Path: path.Path, Type: ingressnginx.PathType(path.Type), Backend: backend})
		}
		ingresses = append(ingresses, ingress)
	}
	return ingresses
}

// NoteIngresses says what of a manifest does not do what it says, and what of it
// is not predicted. Of annotations in a scenario it says nothing: its author has them in view.
func (s *Service) NoteIngresses(controller *ingressnginx.Controller) []string {
	if s.Ingress.Resources == nil {
		return nil
	}
	var notes []string
	for _, finding := range controller.Findings() {
		notes = append(notes, finding.String())
	}
	backends := map[string]bool{}
	for _, resource := range s.Ingress.Resources {
		for _, name := range slices.Sorted(maps.Keys(resource.Annotations)) {
			if ingressnginx.ChangesNoAnswer(name) {
				notes = append(notes, fmt.Sprintf("Ingress %q: %s is not predicted: it is between the controller and the application", resource.Name+" ("+resource.Source+")", name))
			}
		}
		for _, path := range resource.Paths {
			backends[path.Backend] = true
		}
	}
	if len(backends) > 1 {
		notes = append(notes, fmt.Sprintf("the manifest leads to %s, and %s stands for all of them", strings.Join(slices.Sorted(maps.Keys(backends)), ", "), s.Name))
	}
	return notes
}
