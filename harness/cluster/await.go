package cluster

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// When nginx reloads, new processes begin to accept connections while the old
// ones still do: whoever is asked by then may answer by the old rules or by the new ones. The old
// ones end in two steps: they stop accepting, and close the connections that are idle. So the
// end of a connection from before the reload says that it is over, in the process that held it. How many
// processes a controller has is not to be seen from here; therefore the new answer has to come many times in a row as well.
const (
	probeInterval = 10 * time.Millisecond
	probeTimeout  = 2 * time.Second
	// probesInARow are enough where the canary fell silent, probesWithoutCanary where there is none, or where it does not.
	probesInARow        = 10
	probesWithoutCanary = 60
)

// awaitController asks for the probe's path, each time on a new connection, until
// every answer comes from the new configuration.
func (e *Environment) awaitController(ctx context.Context, s *placedService, session netip.Addr, c *canary) error {
	ctx, cancel := context.WithTimeout(ctx, e.options.within(installTimeout))
	defer cancel()
	inARow := 0
	for {
		err := e.probe(ctx, s, session)
		if inARow++; err != nil {
			inARow = 0
		}
		if inARow >= probesWithoutCanary || inARow >= probesInARow && c.silent() {
			return nil
		}
		select {
		case <-time.After(probeInterval):
		case <-ctx.Done():
			return fmt.Errorf("wait until ingress-nginx serves the Ingress for %s: %w", s.At.Host, errors.Join(err, ctx.Err()))
		}
	}
}

// controllerAddress is where the controller serves the service's own scheme.
func (e *Environment) controllerAddress(s *placedService) string {
	if s.At.Scheme == "https" {
		return e.options.Controller.HTTPS
	}
	return e.options.Controller.HTTP
}

// probe asks, on one connection, for the paths that only the new configuration has.
func (e *Environment) probe(ctx context.Context, s *placedService, session netip.Addr) error {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialProxied(ctx, network, e.controllerAddress(s), s.At.Scheme, session)
		},
		TLSClientConfig: &tls.Config{RootCAs: e.authority.Pool(), CurvePreferences: []tls.CurveID{tls.X25519}},
	}
	defer transport.CloseIdleConnections()
	answer, err := e.ask(ctx, transport, s, configurationProbe(s.configuration))
	if err != nil || answer.Header.Get(pod.ProbeHeader) != pod.Admin {
		return errors.Join(err, unfit(answer))
	}
	answer, err = e.ask(ctx, transport, s, appProbe(s.configuration))
	if err != nil || !s.answers(answer) {
		return errors.Join(err, unfit(answer))
	}
	return nil
}

// answers tells whether the service's app, or the mesh in its place, gave an answer to a probe.
func (s *placedService) answers(answer *http.Response) bool {
	name := answer.Header.Get(pod.ProbeHeader)
	switch {
	case s.meshed() && slices.ContainsFunc(s.Linkerd.AddedHeaders, func(field simulator.Field) bool { return answer.Header.Get(field.Name) != field.Value }):
		return false
	case s.meshed() && s.Linkerd.Denied:
		return answer.StatusCode == http.StatusForbidden && name == ""
	case s.Down():
		// The path leads to the port at which nothing listens.
		return answer.StatusCode == http.StatusBadGateway
	}
	return name == s.id
}

// unfit says what is wrong with an answer to a probe.
func unfit(answer *http.Response) error {
	if answer == nil {
		return nil
	}
	return fmt.Errorf("it still answers %d for the path %s", answer.StatusCode, answer.Request.URL.Path)
}

// ask makes a request of a probe. Nobody reads the body.
func (e *Environment) ask(ctx context.Context, transport http.RoundTripper, s *placedService, path string) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return getProbe(ctx, transport, s.At.String()+path)
}

func getProbe(ctx context.Context, transport http.RoundTripper, target string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	return response, errors.Join(err, response.Body.Close())
}

// canary is an idle connection to the process that serves before a change.
type canary struct {
	connection net.Conn
	ended      chan struct{}
}

// newCanary opens the connection; nil where there is none to be had.
func (e *Environment) newCanary(ctx context.Context, s *placedService, session netip.Addr) *canary {
	connection, err := dialProxied(ctx, "tcp", e.controllerAddress(s), s.At.Scheme, session)
	if err != nil {
		return nil
	}
	if s.At.Scheme == "https" {
		// The host may have no certificate yet, or one of an earlier run: nothing of worth is sent.
		connection = tls.Client(connection, &tls.Config{ServerName: s.At.Name(), InsecureSkipVerify: true})
	}
	if err := idle(connection, s.At.Host); err != nil {
		_ = connection.Close()
		return nil
	}
	c := &canary{connection: connection, ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		_, _ = io.Copy(io.Discard, connection)
	}()
	return c
}

// idle makes a request on the connection, after which the server keeps it.
func idle(connection net.Conn, host string) error {
	if err := connection.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(connection, "HEAD %sno-such-configuration HTTP/1.1\r\nHost: %s\r\n\r\n", pod.ProbePath, host); err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: http.MethodHead})
	if err != nil {
		return err
	}
	if response.Close {
		return errors.New("the connection is not kept")
	}
	return connection.SetDeadline(time.Time{})
}

// silent tells whether the process has closed the connection.
func (c *canary) silent() bool {
	if c == nil {
		return false
	}
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// close ends the connection, and waits for its reader.
func (c *canary) close() {
	if c != nil {
		_ = c.connection.Close()
		<-c.ended
	}
}
