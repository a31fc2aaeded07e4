package cluster

import (
	"context"
	"time"
)

// installTimeout bounds how long the controller may take to serve a configuration.
const installTimeout = 30 * time.Second

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
	session := e.newSession()
	canary := e.newCanary(ctx, s, session)
	defer canary.close()
	if err := e.applyIngress(ctx, s); err != nil {
		return err
	}
	if err := e.awaitController(ctx, s, session, canary); err != nil {
		return err
	}
	i.configuration = s.configuration
	return nil
}

// applyIngress applies all that the service's Ingress needs, and it.
func (e *Environment) applyIngress(ctx context.Context, s *placedService) error {
	if err := e.applyService(ctx, s.id, s.port); err != nil {
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

// applyService makes a Service that leads to a port of the pod with the apps.
func (e *Environment) applyService(ctx context.Context, name string, port int) error {
	front, slice := appService(name, port, e.apps.ip)
	if err := e.objects.apply(ctx, front); err != nil {
		return err
	}
	return e.objects.apply(ctx, slice)
}

// Users are the passwords by user in every secret that an auth-secret annotation names.
func Users() map[string]string { return map[string]string{"user": "password"} }
