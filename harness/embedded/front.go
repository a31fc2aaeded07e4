package embedded

import (
	"net/http"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/service"
)

// NewFront puts a service's own edge and shared cache, which any environment can
// run in this process, before a handler that stands for all that is behind them. In its
// transits, that is the hop of HopBehind.
func NewFront(authority *ca.Authority, s *service.Service, behind http.Handler) (*Traffic, error) {
	front := *s
	front.Ingress, front.Linkerd, front.App = nil, nil, harness.App{Kind: harness.AppScripted}
	return newTraffic(authority, []*runningService{{Service: &front, app: behind}})
}

// HopBehind is the name of the innermost hop of a front.
const HopBehind = hopApp
