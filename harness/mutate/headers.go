package mutate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// fieldsOf finds a list of header fields in a deployment.
type fieldsOf func(*harness.Deployment) *[]simulator.Field

// headers mutates those fields of a list by which browsers and caches decide who may read.
func (m *mutator) headers(where string, fields []simulator.Field, in fieldsOf) {
	for i, field := range fields {
		change := m.headerChanges(field.Name)
		if change == nil {
			continue
		}
		place := field.Name + " of " + where
		m.try(place, Drop, field.Value, "", func(d *harness.Deployment) {
			*in(d) = slices.Delete(slices.Clone(*in(d)), i, i+1)
		})
		m.try(place, Double, field.Value, field.Value+" twice", func(d *harness.Deployment) {
			*in(d) = slices.Insert(slices.Clone(*in(d)), i, field)
		})
		change(field.Value, func(operator Operator, to string) {
			m.try(place, operator, field.Value, to, func(d *harness.Deployment) {
				*in(d) = slices.Clone(*in(d))
				(*in(d))[i].Value = to
			})
		})
	}
}

// valueChanges gives the small changes of one setting's value.
type valueChanges func(value string, try func(operator Operator, to string))

// headerChanges are those of a header; nil for one that is not mutated.
func (m *mutator) headerChanges(name string) valueChanges {
	switch strings.ToLower(name) {
	case "access-control-allow-origin", "timing-allow-origin":
		return m.originChanges
	case "access-control-allow-credentials":
		return credentialsChanges
	case "access-control-allow-methods", "access-control-allow-headers", "access-control-expose-headers":
		return listChanges("*")
	case "access-control-max-age":
		return ageChanges
	case "vary":
		return listChanges("")
	case "cross-origin-resource-policy":
		return resourcePolicyChanges
	}
	return nil
}

func (m *mutator) originChanges(value string, try func(Operator, string)) {
	if value == "*" {
		try(Narrow, foreignOrigin)
		return
	}
	try(Widen, "*")
	try(Replace, m.foreignOrigin(split(value)))
}

func resourcePolicyChanges(_ string, try func(Operator, string)) {
	try(Widen, "cross-origin")
	try(Narrow, "same-origin")
}

// credentialsChanges turn over the one word that allows credentials.
func credentialsChanges(value string, try func(Operator, string)) {
	if value == "true" {
		try(Narrow, "false")
		return
	}
	try(Widen, "true")
}

func ageChanges(_ string, try func(Operator, string)) {
	try(Widen, "86400")
	try(Narrow, "0")
}

// listChanges leave out each element of several, and widen the list to all; "" where nothing stands for all.
func listChanges(all string) valueChanges {
	return func(value string, try func(Operator, string)) {
		elements := split(value)
		narrower(elements, func(fewer []string) { try(Narrow, strings.Join(fewer, ", ")) })
		if all != "" && !slices.Contains(elements, all) {
			try(Widen, all)
		}
	}
}

// narrower gives the list without each of its elements, as long as one is left.
func narrower(elements []string, try func(fewer []string)) {
	for i := range elements {
		if len(elements) > 1 {
			try(slices.Delete(slices.Clone(elements), i, i+1))
		}
	}
}

// split reads a list as the scenarios write it.
func split(value string) []string {
	var elements []string
	for element := range strings.SplitSeq(value, ",") {
		if element = strings.TrimSpace(element); element != "" {
			elements = append(elements, element)
		}
	}
	return elements
}

// mesh and edge mutate what these hops set on every response.
func (m *mutator) mesh(service harness.Service, at func(*harness.Deployment) *harness.Service) {
	if service.Linkerd == nil {
		return
	}
	m.headers("the mesh of "+service.Name, service.Linkerd.AddedHeaders, func(d *harness.Deployment) *[]simulator.Field {
		return &at(d).Linkerd.AddedHeaders
	})
}

func (m *mutator) edge(service harness.Service, at func(*harness.Deployment) *harness.Service) {
	if service.Edge == nil {
		return
	}
	m.headers("the proxy in front of "+service.Name, service.Edge.AppendedHeaders, func(d *harness.Deployment) *[]simulator.Field {
		return &at(d).Edge.AppendedHeaders
	})
}

// scripted mutates the answers that a scenario lists.
func (m *mutator) scripted(service harness.Service, at func(*harness.Deployment) *harness.Service) {
	for i, response := range service.App.Responses {
		where := service.Name
		if response.Method != "" {
			where += fmt.Sprintf(" (%s %s)", response.Method, response.Path)
		}
		m.headers(where, response.Headers, func(d *harness.Deployment) *[]simulator.Field { return &at(d).App.Responses[i].Headers })
		if !response.EchoOrigin {
			continue
		}
		instead := func(value string) func(*harness.Deployment) {
			return func(d *harness.Deployment) {
				changed := &at(d).App.Responses[i]
				changed.EchoOrigin = false
				if value != "" {
					changed.Headers = append(slices.Clone(changed.Headers), simulator.Field{Name: "Access-Control-Allow-Origin", Value: value})
				}
			}
		}
		const echo = "the request's own origin"
		place := "Access-Control-Allow-Origin of " + where
		m.try(place, Drop, echo, "", instead(""))
		m.try(place, Widen, echo, "*", instead("*"))
		m.try(place, Narrow, echo, foreignOrigin, instead(foreignOrigin))
	}
}
