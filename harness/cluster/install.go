package cluster

import (
	"context"
	"time"
)

// installTimeout bounds how long the controller may take to serve a configuration.
const installTimeout = 30 * time.Second

// installation is what something in the cluster is configured with.
type installation struct {
	// turn is held while it is applied.
	turn          chan struct{}
	configuration string
}

// configure has the work done, unless what it configures has this configuration already. One at a time does.
func (e *Environment) configure(ctx context.Context, what, configuration string, work func(ctx context.Context) error) error {
	e.mutex.Lock()
	if e.installed[what] == nil {
		e.installed[what] = &installation{turn: make(chan struct{}, 1)}
	}
	i := e.installed[what]
	e.mutex.Unlock()
	select {
	case i.turn <- struct{}{}:
		defer func() { <-i.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if i.configuration == configuration {
		return nil
	}
	i.configuration = ""
	if err := work(ctx); err != nil {
		return err
	}
	i.configuration = configuration
	return nil
}

// install configures the service's host, unless it is. The caller holds the host.
func (e *Environment) install(ctx context.Context, s *placedService) error {
	return e.configure(ctx, "host "+s.At.Host, s.configuration, func(ctx context.Context) error {
		session := e.newSession()
		canary := e.newCanary(ctx, s, session)
		defer canary.close()
		if err := e.applyIngress(ctx, s); err != nil {
			return err
		}
		if err := e.awaitController(ctx, s, session, canary); err != nil {
			return err
		}
		if !s.meshed() {
			return nil
		}
		_, err := e.awaitQuiet(ctx, s)
		return err
	})
}

// applyIngress applies all that the service's Ingress needs, and it.
func (e *Environment) applyIngress(ctx context.Context, s *placedService) error {
	if err := e.applyService(ctx, s.id, s.pod, s.port); err != nil {
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
	for _, annotations := range annotationsOf(s.Ingress) {
		if name := annotations["auth-secret"]; name != "" {
			if err := e.objects.apply(ctx, authSecret(name, Users())); err != nil {
				return err
			}
		}
	}
	class := e.options.Controller.Class
	ingresses, probe := scenarioIngresses(s.Service, class, s.id), probeIngress(s.Service, class, s.id, s.configuration)
	if s.meshed() {
		throughService(append(ingresses, probe)...)
	}
	if err := e.objects.prune(ctx, s.At.Host, ingresses); err != nil {
		return err
	}
	var heard []string
	for _, ingress := range ingresses {
		if err := e.objects.apply(listen(ctx, &heard), ingress); err != nil {
			return err
		}
	}
	e.keepWarnings(s, heard)
	return e.objects.apply(ctx, probe)
}

// applyService makes a Service that leads to a port of a pod.
func (e *Environment) applyService(ctx context.Context, name string, p *appsPod, port int) error {
	front, slice := appService(name, port, p)
	if err := e.objects.apply(ctx, front); err != nil {
		return err
	}
	return e.objects.apply(ctx, slice)
}

// Users are the passwords by user in every secret that an auth-secret annotation names.
func Users() map[string]string { return map[string]string{"user": "password"} }
