package cluster

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
)

// How long the controller has to take a configuration over, how often it is asked
// meanwhile, and for how long it has to give the new answer until it is believed: for a tenth of a
// second after a reload nginx's old processes go on accepting connections.
const (
	installTimeout = 30 * time.Second
	probeInterval  = 20 * time.Millisecond
	settled        = 200 * time.Millisecond
)

// installation is the configuration of a host as it was applied last.
type installation struct {
	// turn is held while it is applied.
	turn          chan struct{}
	configuration string
}

// install configures the service's host, unless it is. The caller holds the host.
func (e *Environment) install(ctx context.Context, s *placedService) error {
	e.mutex.Lock()
	if e.installed[s.At.Host] == nil {
		e.installed[s.At.Host] = &installation{turn: make(chan struct{}, 1)}
	}
	i := e.installed[s.At.Host]
	e.mutex.Unlock()
	select {
	case i.turn <- struct{}{}:
		defer func() { <-i.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if i.configuration == s.configuration {
		return nil
	}
	i.configuration = ""
	if err := e.applyIngress(ctx, s); err != nil {
		return err
	}
	if err := e.awaitController(ctx, s); err != nil {
		return err
	}
	i.configuration = s.configuration
	return nil
}

// applyIngress applies all that the service's Ingress needs, and it.
func (e *Environment) applyIngress(ctx context.Context, s *placedService) error {
	front, slice := appService(s.id, pod.Placed{Port: s.port}, e.apps.ip)
	if err := e.objects.apply(ctx, front); err != nil {
		return err
	}
	if err := e.objects.apply(ctx, slice); err != nil {
		return err
	}
	if s.At.Scheme == "https" {
		certificate, err := e.authority.Certificate(s.At.Name())
		if err != nil {
			return err
		}
		secret, err := tlsSecret(s.Service, certificate)
		if err != nil {
			return err
		}
		if err := e.objects.apply(ctx, secret); err != nil {
			return err
		}
	}
	if name := s.Ingress.Annotations["auth-secret"]; name != "" {
		if err := e.objects.apply(ctx, authSecret(name, Users())); err != nil {
			return err
		}
	}
	class := e.options.Controller.Class
	if err := e.objects.apply(ctx, scenarioIngress(s.Service, class, s.id)); err != nil {
		return err
	}
	return e.objects.apply(ctx, probeIngress(s.Service, class, s.id, s.configuration))
}

// awaitController asks for the probe's path, each time on a new connection, until
// every answer comes from the new configuration.
func (e *Environment) awaitController(ctx context.Context, s *placedService) error {
	ctx, cancel := context.WithTimeout(ctx, installTimeout)
	defer cancel()
	session := e.newSession()
	var since time.Time
	var last error
	for {
		last = e.probe(ctx, s, session)
		switch {
		case last != nil:
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
		case time.Since(since) >= settled:
			return nil
		}
		select {
		case <-time.After(probeInterval):
		case <-ctx.Done():
			if last == nil {
				last = ctx.Err()
			}
			return fmt.Errorf("wait until ingress-nginx serves the Ingress for %s: %w", s.At.Host, last)
		}
	}
}

// probe makes one request to the path that only the new configuration has.
func (e *Environment) probe(ctx context.Context, s *placedService, session netip.Addr) error {
	address := e.options.Controller.HTTP
	if s.At.Scheme == "https" {
		address = e.options.Controller.HTTPS
	}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialProxied(ctx, network, address, session)
		},
		TLSClientConfig:   &tls.Config{RootCAs: e.authority.Pool(), CurvePreferences: []tls.CurveID{tls.X25519}},
		DisableKeepAlives: true,
	}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.At.String()+pod.ProbePath+s.configuration, nil)
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch {
	case response.Header.Get(pod.ProbeHeader) == s.id:
		return nil
	case s.Down() && response.StatusCode == http.StatusBadGateway:
		// The path is there, and leads to the port at which nothing listens.
		return nil
	default:
		return fmt.Errorf("it still answers %d for its path %s", response.StatusCode, request.URL.Path)
	}
}

// Users are the passwords by user in every secret that an auth-secret annotation names.
func Users() map[string]string { return map[string]string{"user": "password"} }
