package cluster

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/client-go/rest"
)

// warnings hears what the API and its admission webhooks warn about, for whoever has asked with the context; the rest is dropped.
type warnings struct{}

var _ rest.WarningHandlerWithContext = warnings{}

// warningsKey is the context key of the list that warnings go to.
type warningsKey struct{}

// HandleWarningHeaderWithContext takes a Warning header. 299 is the only code that Kubernetes uses.
func (warnings) HandleWarningHeaderWithContext(ctx context.Context, code int, _, text string) {
	list, listening := ctx.Value(warningsKey{}).(*[]string)
	if listening && code == 299 && text != "" && !slices.Contains(*list, text) {
		*list = append(*list, text)
	}
}

// listen has the warnings about what is done with the context added to the list. One call at a time uses it.
func listen(ctx context.Context, list *[]string) context.Context {
	return context.WithValue(ctx, warningsKey{}, list)
}

// keepWarnings keeps what was warned about when the service's configuration was applied, for all scenarios that have it.
func (e *Environment) keepWarnings(s *placedService, heard []string) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.warningsOf[s.configuration] = heard
}

// noteWarnings notes them.
func (e *Environment) noteWarnings(s *placedService) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	for _, text := range e.warningsOf[s.configuration] {
		s.notes = append(s.notes, fmt.Sprintf("the cluster warns about the Ingress of %q: %s", s.Name, text))
	}
}
