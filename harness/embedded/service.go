package embedded

import (
	"fmt"
	"net/http"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/service"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// runningService is a service with what this environment gives it.
type runningService struct {
	*service.Service
	// ingressVersion is the controller's, the default filled in.
	ingressVersion ingressnginx.Version
	app            http.Handler
	// notes are for whoever wrote the Ingresses.
	notes []string
}

// newServices checks the services, and that the model knows their Ingresses. They have no apps yet.
func newServices(deployment harness.Deployment, defaultVersion ingressnginx.Version) ([]*runningService, error) {
	checked, err := service.All(deployment)
	if err != nil {
		return nil, err
	}
	var services []*runningService
	for _, described := range checked {
		s := &runningService{Service: described, ingressVersion: defaultVersion}
		services = append(services, s)
		if s.Ingress == nil {
			continue
		}
		if s.Ingress.Version != "" {
			if s.ingressVersion, err = ingressnginx.ParseVersion(s.Ingress.Version); err != nil {
				return nil, fmt.Errorf("service %q: %w", s.Name, err)
			}
		}
		controller, err := s.controller(nil, nil)
		if err != nil {
			return nil, fmt.Errorf("service %q: %w", s.Name, err)
		}
		s.notes = s.NoteIngresses(controller)
	}
	return services, nil
}
