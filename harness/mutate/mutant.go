package mutate

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
)

// Operator is a way to break a setting.
type Operator string

// The operators.
const (
	// Drop leaves a setting out; Double says it twice.
	Drop   Operator = "drop"
	Double Operator = "double"
	// Widen makes it allow more, Narrow less.
	Widen  Operator = "widen"
	Narrow Operator = "narrow"
	// Replace lets another origin in instead.
	Replace Operator = "replace"
)

// Mutation is one change of a policy.
type Mutation struct {
	// Place says which setting: "cors-allow-origin of the Ingress of API".
	Place    string   `json:"place"`
	Operator Operator `json:"operator"`
	// From and To are the setting's values; To is empty where it was dropped.
	From string `json:"from"`
	To   string `json:"to"`

	deployment harness.Deployment
}

// String gives the mutation in one line.
func (m Mutation) String() string {
	switch m.Operator {
	case Drop:
		return fmt.Sprintf("drop %s (%s)", m.Place, m.From)
	case Double:
		return fmt.Sprintf("double %s (%s)", m.Place, m.From)
	default:
		return fmt.Sprintf("%s %s: %s → %s", m.Operator, m.Place, m.From, m.To)
	}
}

// The values that mutations bring in where the scenarios have none that fits:
// an origin that no policy lists (RFC 2606 keeps its name), and a name that no list has.
const (
	foreignOrigin = "https://crosscheck-mutant.example"
	foreignHeader = "X-Crosscheck-Mutant"
)

// vocabulary is what the scenarios of a policy ask for: a list is best widened by
// a name that somebody asks for, since that is what a scenario can see refused.
type vocabulary struct{ origins, methods, headers []string }

// foreign is a name that a list does not have, of those asked for if possible.
func foreign(list, asked []string, otherwise ...string) string {
	for _, name := range slices.Concat(asked, otherwise) {
		if !slices.ContainsFunc(list, func(listed string) bool { return strings.EqualFold(listed, name) }) {
			return name
		}
	}
	return otherwise[len(otherwise)-1]
}

func (v vocabulary) foreignOrigin(list []string) string {
	return foreign(list, v.origins, foreignOrigin)
}

func (v vocabulary) foreignMethod(list []string) string {
	return foreign(append([]string{"GET", "HEAD", "POST", "OPTIONS"}, list...), v.methods, "PATCH", "PURGE")
}

func (v vocabulary) foreignHeader(list []string) string {
	return foreign(append([]string{"Accept", "Accept-Language", "Content-Language"}, list...), v.headers, foreignHeader)
}

// mutator collects the mutations of one deployment.
type mutator struct {
	vocabulary
	original harness.Deployment
	seen     map[string]bool
	found    []Mutation
}

// mutations are all of a deployment's that differ from it and from each other.
func mutations(deployment harness.Deployment, asked vocabulary) []Mutation {
	m := &mutator{vocabulary: asked, original: deployment, seen: map[string]bool{key(deployment): true}}
	for i, service := range deployment.Services {
		at := func(d *harness.Deployment) *harness.Service { return &d.Services[i] }
		m.app(service, at)
		m.mesh(service, at)
		m.ingress(service, at)
		m.edge(service, at)
	}
	return m.found
}

// key is a deployment's identity: environments share deployments of equal JSON form, too.
func key(deployment harness.Deployment) string {
	// Deployments are plain data, which always has a JSON form.
	content, _ := json.Marshal(deployment)
	return string(content)
}

// try adds a mutation, unless the deployment is one that is there already.
func (m *mutator) try(place string, operator Operator, from, to string, change func(*harness.Deployment)) {
	mutated := clone(m.original)
	change(&mutated)
	if identity := key(mutated); !m.seen[identity] {
		m.seen[identity] = true
		m.found = append(m.found, Mutation{Place: place, Operator: operator, From: from, To: to, deployment: mutated})
	}
}

// clone copies everything that mutations write to.
func clone(deployment harness.Deployment) harness.Deployment {
	deployment.Services = slices.Clone(deployment.Services)
	for i := range deployment.Services {
		service := &deployment.Services[i]
		service.App.Responses = slices.Clone(service.App.Responses)
		service.App.CORS = copied(service.App.CORS)
		service.App.CORSOptions = maps.Clone(service.App.CORSOptions)
		service.Linkerd = copied(service.Linkerd)
		service.Edge = copied(service.Edge)
		if service.Ingress = copied(service.Ingress); service.Ingress != nil {
			service.Ingress.Annotations = maps.Clone(service.Ingress.Annotations)
			service.Ingress.Resources = slices.Clone(service.Ingress.Resources)
			for j := range service.Ingress.Resources {
				resource := &service.Ingress.Resources[j]
				resource.Annotations = maps.Clone(resource.Annotations)
			}
		}
	}
	return deployment
}

func copied[T any](value *T) *T {
	if value == nil {
		return nil
	}
	fresh := *value
	return &fresh
}
