package embedded

import (
	"net/http"

	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// chain is the hops of one service in one traffic.
type chain struct {
	service *service
	// outside is what browsers reach: every hop. inside is what other pods
	// reach: the mesh proxy, if any, and the app. nil where nothing listens.
	outside, inside http.Handler
	// hops is the number of places for answers in a transit.
	hops int
}

// The names of the hops in reports.
const (
	hopApp         = "app"
	hopEdge        = "edge"
	hopSharedCache = "shared cache"
)

// wrap puts a hop in front of next.
func (c *chain) wrap(name string, hop http.Handler) http.Handler {
	place := c.hops
	c.hops++
	return recorded(place, name, hop)
}

// newChain puts the hops of a service in front of its app, from the inside to the outside.
func newChain(s *service) (*chain, error) {
	c := &chain{service: s}
	down := s.script().down()
	handler := backend(s)
	if !down {
		handler = c.wrap(hopApp, handler)
		c.inside = handler
	}
	if s.Ingress != nil {
		controller, err := s.controller(handler, nil)
		if err != nil {
			return nil, err
		}
		handler = c.wrap("ingress-nginx "+string(s.ingressVersion), controller)
	}
	if s.Edge != nil {
		handler = c.wrap(hopEdge, edge(s.Edge.AppendedHeaders, handler))
	}
	if s.proxied() || !down {
		c.outside = handler
	}
	return c, nil
}

// controller is the ingress-nginx of the service's Ingress, with the backend behind it.
func (s *service) controller(backend, authService http.Handler) (http.Handler, error) {
	return ingressnginx.New(
		ingressnginx.Options{Version: s.ingressVersion, AuthService: authService},
		ingressnginx.Ingress{
			Name:        s.Name,
			Host:        s.origin.host,
			TLS:         s.origin.scheme == "https",
			Annotations: s.Ingress.Annotations,
			Paths:       []ingressnginx.Path{{Path: "/", Backend: backend}},
		})
}

// backend is the app as the hop in front of it finds it.
func backend(s *service) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.script().down() {
			panic(ingressnginx.ErrUpstreamRefused)
		}
		if t, ok := transitOf(r); ok {
			t.reached()
		}
		s.app.ServeHTTP(w, r)
	})
}

// edge is a proxy that appends header fields to every response.
func edge(fields []simulator.Field, next http.Handler) http.Handler {
	return badGateway(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serveHooked(next, w, r, func(_ int, header http.Header) {
			for _, field := range fields {
				header.Add(field.Name, field.Value)
			}
		})
	}))
}

// badGateway makes a proxy answer 502 when what is behind it closes the
// connection before an answer, or refuses it.
func badGateway(proxy http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := false
		defer func() {
			switch failure := recover(); {
			case failure == nil:
			case !started && (failure == http.ErrAbortHandler || failure == ingressnginx.ErrUpstreamRefused):
				w.WriteHeader(http.StatusBadGateway)
			default:
				panic(failure)
			}
		}()
		serveHooked(proxy, w, r, func(int, http.Header) { started = true })
	})
}
