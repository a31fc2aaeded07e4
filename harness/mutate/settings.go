package mutate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
)

// app mutates what the app itself says of CORS.
func (m *mutator) app(service harness.Service, at func(*harness.Deployment) *harness.Service) {
	switch {
	case service.App.Kind == harness.AppScripted:
		m.scripted(service, at)
	case service.App.CORS != nil:
		m.policy(service, at)
	default:
		if code, express := expressCode(service.App.Kind); express {
			m.express(service, code, at)
		}
	}
}

// policy mutates the configuration of an app's CORS middleware.
func (m *mutator) policy(service harness.Service, at func(*harness.Deployment) *harness.Service) {
	declared := *service.App.CORS
	of := " of the policy of " + service.Name
	m.try("the CORS policy of "+service.Name, Drop, strings.Join(declared.AllowedOrigins, ", "), "", func(d *harness.Deployment) { at(d).App.CORS = nil })
	list := func(name string, values []string, wider string, in func(*harness.CORSPolicy) *[]string) {
		if len(values) == 0 {
			return
		}
		set := func(operator Operator, to []string) {
			m.try(name+of, operator, strings.Join(values, ", "), strings.Join(to, ", "), func(d *harness.Deployment) { *in(at(d).App.CORS) = to })
		}
		set(Drop, nil)
		set(Double, slices.Concat(values, values))
		narrower(values, func(fewer []string) { set(Narrow, fewer) })
		set(Widen, append(slices.Clone(values), wider))
	}
	list("allowed origins", declared.AllowedOrigins, "*", func(p *harness.CORSPolicy) *[]string { return &p.AllowedOrigins })
	if another := m.foreignOrigin(declared.AllowedOrigins); len(declared.AllowedOrigins) > 0 {
		m.try("allowed origins"+of, Replace, strings.Join(declared.AllowedOrigins, ", "), another, func(d *harness.Deployment) { at(d).App.CORS.AllowedOrigins = []string{another} })
	}
	list("allowed methods", declared.AllowedMethods, m.foreignMethod(declared.AllowedMethods), func(p *harness.CORSPolicy) *[]string { return &p.AllowedMethods })
	list("allowed headers", declared.AllowedHeaders, "*", func(p *harness.CORSPolicy) *[]string { return &p.AllowedHeaders })
	list("exposed headers", declared.ExposedHeaders, "*", func(p *harness.CORSPolicy) *[]string { return &p.ExposedHeaders })
	if declared.AllowCredentials {
		m.try("credentials"+of, Drop, "true", "", func(d *harness.Deployment) { at(d).App.CORS.AllowCredentials = false })
	}
	if declared.MaxAge != 0 {
		age := func(operator Operator, to time.Duration, words string) {
			m.try("max age"+of, operator, declared.MaxAge.String(), words, func(d *harness.Deployment) { at(d).App.CORS.MaxAge = to })
		}
		age(Drop, 0, "")
		age(Widen, 24*time.Hour, "24h0m0s")
		// rs/cors sends 0 for what is negative, and nothing for 0.
		age(Narrow, -time.Second, "0s")
	}
}

// ingress mutates what the Ingresses say of CORS: the scenario's own, or those of a manifest.
func (m *mutator) ingress(service harness.Service, at func(*harness.Deployment) *harness.Service) {
	if service.Ingress == nil {
		return
	}
	m.annotations("the Ingress of "+service.Name, service.Ingress.Annotations, func(d *harness.Deployment) []map[string]string {
		return []map[string]string{at(d).Ingress.Annotations}
	})
	var seen []string
	for _, resource := range service.Ingress.Resources {
		// An Ingress with several rules for the host is several resources, and has its annotations once.
		if slices.Contains(seen, resource.Name) {
			continue
		}
		seen = append(seen, resource.Name)
		m.annotations(fmt.Sprintf("the Ingress %s (%s)", resource.Name, resource.Source), resource.Annotations, func(d *harness.Deployment) []map[string]string {
			var found []map[string]string
			for _, other := range at(d).Ingress.Resources {
				if other.Name == resource.Name {
					found = append(found, other.Annotations)
				}
			}
			return found
		})
	}
}

// annotations mutates those of one Ingress, which a deployment has in several places.
func (m *mutator) annotations(where string, annotations map[string]string, in func(*harness.Deployment) []map[string]string) {
	for _, name := range corsAnnotations {
		value, declared := annotations[name]
		if !declared {
			continue
		}
		place := name + " of " + where
		m.try(place, Drop, value, "", func(d *harness.Deployment) {
			for _, annotations := range in(d) {
				delete(annotations, name)
			}
		})
		set := func(operator Operator, to string) {
			m.try(place, operator, value, to, func(d *harness.Deployment) {
				for _, annotations := range in(d) {
					annotations[name] = to
				}
			})
		}
		switch name {
		case "enable-cors":
			// What is not "true" is no CORS at all.
			if value != "true" {
				set(Widen, "true")
			}
		case "cors-allow-origin":
			set(Double, value+", "+value)
			narrower(split(value), func(fewer []string) { set(Narrow, strings.Join(fewer, ", ")) })
			m.originChanges(value, set)
		case "cors-allow-credentials":
			if value == "false" {
				set(Widen, "true")
			} else {
				set(Narrow, "false")
			}
		case "cors-max-age":
			ageChanges(value, set)
		default:
			set(Double, value+", "+value)
			narrower(split(value), func(fewer []string) { set(Narrow, strings.Join(fewer, ", ")) })
			set(Widen, value+", "+m.wider(name, split(value)))
		}
	}
}

// corsAnnotations are those that make the policy, without their prefix.
var corsAnnotations = []string{
	"enable-cors", "cors-allow-origin", "cors-allow-credentials", "cors-allow-methods", "cors-allow-headers", "cors-expose-headers", "cors-max-age",
}

// wider is what a list of an annotation has not: the controller takes "*" for exposed headers only.
func (m *mutator) wider(annotation string, elements []string) string {
	switch annotation {
	case "cors-allow-methods":
		return m.foreignMethod(elements)
	case "cors-allow-headers":
		return m.foreignHeader(elements)
	default:
		return "*"
	}
}
