package embedded

import (
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/crosscheck-dev/crosscheck/fixtures/sharedcache"
	"github.com/crosscheck-dev/crosscheck/harness/apps"
	"github.com/crosscheck-dev/crosscheck/harness/service"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

// chain is the hops of one service in one traffic.
type chain struct {
	service *runningService
	// outside is what browsers reach: every hop. inside is what other pods
	// reach: the mesh proxy, if any, and the app. nil where nothing listens.
	outside, inside http.Handler
	// proxy is nil when the service is not meshed.
	proxy *linkerd.Proxy
	// hops is the number of places for answers in a transit.
	hops int
}

// The names of the hops in reports.
const (
	hopApp         = "app"
	hopLinkerd     = "linkerd-proxy"
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
func newChain(s *runningService, authService http.Handler) (*chain, error) {
	c := &chain{service: s}
	listens := !s.Down()
	handler := backend(s)
	if listens {
		handler = c.wrap(hopApp, handler)
	}
	if s.Linkerd != nil {
		c.proxy = linkerd.New(linkerd.Options{Denied: s.Linkerd.Denied, SetHeaders: s.Linkerd.AddedHeaders}, handler)
		handler = c.wrap(hopLinkerd, c.proxy)
	}
	if listens || s.Linkerd != nil {
		c.inside = handler
	}
	if s.Ingress != nil {
		controller, err := s.controller(handler, authService)
		if err != nil {
			return nil, err
		}
		handler = c.wrap("ingress-nginx "+string(s.ingressVersion), controller)
	}
	if s.Edge != nil {
		handler = c.wrap(hopEdge, edge(s.Edge.AppendedHeaders, handler))
	}
	if s.SharedCache {
		handler = c.wrap(hopSharedCache, badGateway(sharedcache.New(handler)))
	}
	if listens || s.Proxied() {
		c.outside = handler
	}
	return c, nil
}

// timeScale makes the ingress's timeouts ten times as short as configured: an
// app that never answers does so just as well in a tenth of the time.
const timeScale = 0.1

// controller is the ingress-nginx of the service's Ingress, with the backend behind it.
func (s *runningService) controller(backend, authService http.Handler) (*ingressnginx.Controller, error) {
	return ingressnginx.New(
		ingressnginx.Options{
			Version:     s.ingressVersion,
			Users:       map[string]string{IngressUser: IngressPassword},
			AuthService: authService,
			TimeScale:   timeScale,
		},
		s.Ingresses(backend)...)
}

// The user and the password in every secret that an auth-secret annotation names.
const (
	IngressUser     = "user"
	IngressPassword = "password"
)

// authService is what auth-url annotations reach: the deployment's own service
// at that origin, or else one that wants to see any credentials at all.
func (t *Traffic) authService() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address := r.URL.Host
		if r.URL.Port() == "" {
			address = net.JoinHostPort(r.URL.Hostname(), strconv.Itoa(service.DefaultPort(r.URL.Scheme)))
		}
		if e := t.outside[strings.ToLower(address)]; e != nil && e.handler != nil && e.scheme == r.URL.Scheme {
			e.handler.ServeHTTP(w, t.recorder.begin(e, r))
			return
		}
		if r.Header.Get("Authorization") == "" && r.Header.Get("Cookie") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
}

// backend is the app as the hop in front of it finds it.
func backend(s *runningService) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Down() {
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
		apps.Observe(next, w, r, func(_ int, header http.Header) {
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
			case !started && brokenOff(failure):
				w.WriteHeader(http.StatusBadGateway)
			default:
				panic(failure)
			}
		}()
		apps.Observe(proxy, w, r, func(int, http.Header) { started = true })
	})
}
