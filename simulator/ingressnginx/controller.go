package ingressnginx

import (
	"cmp"
	"net/http"
	"time"
)

// Controller is an ingress-nginx controller with its Ingresses. It is safe for
// concurrent use; the counters of rate limits are its only state.
type Controller struct {
	options  Options
	version  Version
	servers  map[string]*server
	findings []Finding
}

// New configures a controller. The Ingresses are in the order of their
// creation, which decides between equal paths and on a host's first Ingress.
//
// Values that the controller accepts in its own way are no errors: see Findings.
// Errors are *UnknownVersionError, *UnknownAnnotationError, *NotModelledError,
// and paths that no API server would accept.
func New(options Options, ingresses ...Ingress) (*Controller, error) {
	version, err := options.version()
	if err != nil {
		return nil, err
	}
	c := &Controller{options: options, version: version, servers: make(map[string]*server)}
	defaults, _, err := parsePolicy(options, Ingress{})
	if err != nil {
		return nil, err
	}
	c.addServer(Ingress{}, &defaults)
	for _, ingress := range ingresses {
		ingress.Name = cmp.Or(ingress.Name, ingress.Host)
		rules, findings, err := parsePolicy(options, ingress)
		if err != nil {
			return nil, err
		}
		c.findings = append(c.findings, findings...)
		if rules.rejected != "" {
			continue
		}
		here := c.addServer(ingress, &rules)
		for _, added := range ingress.Paths {
			if err := here.addPath(ingress.Name, added, &rules); err != nil {
				return nil, err
			}
		}
	}
	for _, here := range c.servers {
		if err := here.finish(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Version returns the release that is modelled.
func (c *Controller) Version() Version { return c.version }

// Findings are what the authors of the Ingresses would want to know, in the order of the Ingresses.
func (c *Controller) Findings() []Finding { return c.findings }

// ServeHTTP answers as the controller does. The request's scheme is https when request.TLS is set.
func (c *Controller) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	c.Answer(request).write(w)
}

// Answer gives the controller's answer with its headers in order. It returns
// when the backend has, and passes on a backend's panic unless it stands for a
// failure, see Path.
func (c *Controller) Answer(request *http.Request) Answer {
	here := c.server(hostname(request))
	exchange := &exchange{
		controller: c,
		request:    request,
		server:     here,
		location:   here.match(normalize(request.URL.Path)),
		now:        time.Now(),
	}
	if request.Method == http.MethodTrace || request.Method == http.MethodConnect {
		// nginx refuses these before it looks for a location.
		exchange.elsewhere = true
		return exchange.errorPage(http.StatusMethodNotAllowed, nil)
	}
	return exchange.answer()
}
