package embedded

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/service"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

// headerTimeout bounds how long a connection may take to send a request's header.
const headerTimeout = 30 * time.Second

// Traffic is one session's way through a deployment: one server whose
// listeners come up when their address is first connected to.
type Traffic struct {
	authority *ca.Authority
	recorder  recorder
	server    *http.Server
	chains    []*chain
	// outside and inside hold the entrances by "host:port" as browsers and as pods see them.
	outside, inside map[string]*entrance

	// ctx ends with the traffic, and with it every request on its way.
	ctx    context.Context
	cancel context.CancelFunc
	// work counts accepting loops, connections and requests.
	work sync.WaitGroup

	mutex  sync.Mutex
	closed bool
	// told is what Observe has told of already.
	told observed
}

// observed is a state of the traffic's records.
type observed struct {
	transits int
	counted  map[string][]linkerd.ResponseTotal
}

// entrance is one address of the deployment. Its listener tells the connections
// of different addresses apart, even where no Host header or server name does.
type entrance struct {
	service *runningService
	// handler is nil when nothing listens: connections are refused.
	handler http.Handler
	// hops is the number of hops of the whole service.
	hops   int
	scheme string
	// name is the host for the certificate.
	name string
	// listener is nil before the first connection; guarded by the traffic's mutex.
	listener net.Listener
}

// entrance makes an address at which a handler of the chain answers.
func (c *chain) entrance(handler http.Handler, scheme, name string) *entrance {
	return &entrance{service: c.service, handler: handler, hops: c.hops, scheme: scheme, name: name}
}

// entranceListener tells a server which entrance its connections come from.
type entranceListener struct {
	net.Listener
	entrance *entrance
}

// entranceKey and connectionKey are context keys of a connection.
type (
	entranceKey   struct{}
	connectionKey struct{}
)

// newTraffic builds fresh chains for the services.
func newTraffic(authority *ca.Authority, services []*runningService) (*Traffic, error) {
	t := &Traffic{authority: authority, outside: map[string]*entrance{}, inside: map[string]*entrance{}}
	for _, s := range services {
		c, err := newChain(s, t.authService())
		if err != nil {
			return nil, fmt.Errorf("service %q: %w", s.Name, err)
		}
		t.chains = append(t.chains, c)
		t.outside[s.At.Address()] = c.entrance(c.outside, s.At.Scheme, s.At.Name())
		t.inside[net.JoinHostPort(s.PodName, "80")] = c.entrance(c.inside, "http", s.PodName)
	}
	for _, c := range t.chains {
		// An ingress controller listens on both ports: on the plain one it redirects, or answers too.
		o := c.service.At
		plain := service.Origin{Scheme: "http", Host: o.Host, Port: 80}
		if c.service.Ingress != nil && o.Scheme == "https" && o.Port == 443 && t.outside[plain.Address()] == nil {
			t.outside[plain.Address()] = c.entrance(c.outside, "http", o.Name())
		}
	}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	t.server = &http.Server{
		Handler:           http.HandlerFunc(t.serve),
		ReadHeaderTimeout: headerTimeout,
		// Failed handshakes and the like are the client's to report.
		ErrorLog: log.New(io.Discard, "", 0),
		BaseContext: func(listener net.Listener) context.Context {
			return context.WithValue(t.ctx, entranceKey{}, listener.(entranceListener).entrance)
		},
		ConnContext: func(ctx context.Context, connection net.Conn) context.Context {
			return context.WithValue(ctx, connectionKey{}, connection)
		},
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				t.work.Add(1)
			case http.StateClosed, http.StateHijacked:
				t.work.Done()
			}
		},
	}
	return t, nil
}

// DialContext connects to an origin of the deployment.
func (t *Traffic) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return t.dial(ctx, t.outside, network, address)
}

// Inside is the network as another pod sees it.
func (t *Traffic) Inside() harness.Network { return insideNetwork{t} }

// insideNetwork is the pods' view of a traffic.
type insideNetwork struct{ traffic *Traffic }

// DialContext connects to a service by its name.
func (n insideNetwork) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return n.traffic.dial(ctx, n.traffic.inside, network, address)
}

// dial connects to the entrance at an address.
func (t *Traffic) dial(ctx context.Context, entrances map[string]*entrance, network, address string) (net.Conn, error) {
	e := entrances[strings.ToLower(address)]
	if e == nil {
		return nil, fmt.Errorf("connect to %s: the deployment does not serve this address; it serves %s", address, served(entrances))
	}
	if e.handler == nil {
		refused := os.NewSyscallError("connect", syscall.ECONNREFUSED)
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("%s: the app of %q does not listen: %w", address, e.service.Name, refused)}
	}
	listener, err := t.listen(e)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", listener.String())
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	return connection, nil
}

// Entrance is what answers at an origin of the deployment, where that is all of
// it: an app that breaks its connections, or has none, is reached by DialContext.
func (t *Traffic) Entrance(address string) (harness.Entrance, bool) {
	e := t.outside[strings.ToLower(address)]
	if e == nil || e.handler == nil || e.service.BreaksConnections() {
		return harness.Entrance{}, false
	}
	var protocols []string
	if e.scheme == "https" {
		protocols = e.service.ALPN()
	}
	return harness.Entrance{Protocols: protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(context.WithValue(r.Context(), entranceKey{}, e))
		defer cancel()
		// The request ends with the traffic, as it would with a connection of the traffic's own.
		defer context.AfterFunc(t.ctx, cancel)()
		t.serve(w, r.WithContext(ctx))
	})}, true
}

// served lists the origins that entrances are for.
func served(entrances map[string]*entrance) string {
	var origins []string
	for address, e := range entrances {
		origins = append(origins, e.scheme+"://"+strings.TrimSuffix(address, fmt.Sprintf(":%d", service.DefaultPort(e.scheme))))
	}
	if len(origins) == 0 {
		return "nothing"
	}
	slices.Sort(origins)
	return strings.Join(origins, ", ")
}

// listen brings the entrance's listener up, unless it is, and returns its address.
func (t *Traffic) listen(e *entrance) (net.Addr, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.closed {
		return nil, fmt.Errorf("the session's traffic has ended: %w", net.ErrClosed)
	}
	if e.listener != nil {
		return e.listener.Addr(), nil
	}
	var config net.ListenConfig
	listener, err := config.Listen(t.ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on loopback: %w", err)
	}
	accepting := listener
	if e.scheme == "https" {
		secure, err := t.authority.HostConfig(e.name, e.service.ALPN()...)
		if err != nil {
			return nil, errors.Join(err, listener.Close())
		}
		accepting = tls.NewListener(listener, secure)
	}
	e.listener = listener
	t.work.Go(func() { _ = t.server.Serve(entranceListener{accepting, e}) })
	return listener.Addr(), nil
}

// Transits are the requests that arrived, in order.
func (t *Traffic) Transits() []harness.Transit { return t.recorder.list() }

// ResponseTotal is what the mesh proxy of the service counted.
func (t *Traffic) ResponseTotal(service string) []linkerd.ResponseTotal {
	for _, c := range t.chains {
		if c.service.Name == service && c.proxy != nil {
			return c.proxy.ResponseTotal()
		}
	}
	return nil
}

// Begin forgets what was seen. Nothing is shared with other sessions.
func (t *Traffic) Begin(ctx context.Context) error {
	_, err := t.Observe(ctx, nil)
	return err
}

// Observe tells what is new in the records. All hops are in this process, and
// the exchanges say nothing that they do not know.
func (t *Traffic) Observe(context.Context, []simulator.Exchange) (harness.Observation, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	now := t.Transits()
	observation := harness.Observation{Transits: now[t.told.transits:], ResponseTotal: map[string][]linkerd.ResponseTotal{}}
	counted := map[string][]linkerd.ResponseTotal{}
	for _, c := range t.chains {
		if c.proxy == nil {
			continue
		}
		name := c.service.Name
		counted[name] = c.proxy.ResponseTotal()
		observation.ResponseTotal[name] = gained(t.told.counted[name], counted[name])
	}
	t.told = observed{transits: len(now), counted: counted}
	return observation, nil
}

// gained is what counters gained: they only grow.
func gained(before, after []linkerd.ResponseTotal) []linkerd.ResponseTotal {
	gained := []linkerd.ResponseTotal{}
	for _, total := range after {
		for _, earlier := range before {
			if earlier.Classification == total.Classification && earlier.StatusCode == total.StatusCode {
				total.Value -= earlier.Value
			}
		}
		if total.Value > 0 {
			gained = append(gained, total)
		}
	}
	return gained
}

// Close ends listeners, connections and requests, and waits for them.
func (t *Traffic) Close() error {
	t.mutex.Lock()
	t.closed = true
	t.mutex.Unlock()
	t.cancel()
	err := t.server.Close()
	t.work.Wait()
	if err != nil {
		return fmt.Errorf("close the session's traffic: %w", err)
	}
	return nil
}
