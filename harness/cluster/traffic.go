package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/service"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

// traffic is a session's way into the cluster.
type traffic struct {
	environment *Environment
	session     netip.Addr
	services    []*placedService
	// outside and inside are the addresses that are served, as browsers and as pods see them.
	outside, inside map[string]entrance
	// models predict what the controller answers this session, proxies what Linkerd's do and count, by the name of the service.
	models  map[string]*ingressnginx.Controller
	proxies map[string]*linkerd.Proxy
	fronts  []*front
	// window is open between Begin and Observe; nil otherwise.
	window *window
	// told is how many requests Observe has told of already, by their pod.
	told map[*appsPod]int

	mutex       sync.Mutex
	connections map[net.Conn]struct{}
	closed      bool
}

// entrance is one address of the deployment.
type entrance struct {
	service *placedService
	// controller tells that the ingress controller is in the way, mesh that it is not and Linkerd's proxies are.
	controller, mesh bool
	// front is nil where nothing stands before the cluster.
	front *front
	dial  func(ctx context.Context, network string) (net.Conn, error)
}

// observeTimeout bounds how long the apps may take to tell what reached them.
const observeTimeout = 10 * time.Second

func newTraffic(e *Environment, services []*placedService) (*traffic, error) {
	t := &traffic{
		environment: e, session: e.newSession(), services: services, outside: map[string]entrance{}, inside: map[string]entrance{},
		models: map[string]*ingressnginx.Controller{}, proxies: map[string]*linkerd.Proxy{}, told: map[*appsPod]int{}, connections: map[net.Conn]struct{}{},
	}
	for _, s := range services {
		if err := t.enter(s); err != nil {
			return nil, fmt.Errorf("put a front before the service %q: %w", s.Name, errors.Join(err, t.closeFronts()))
		}
	}
	for _, s := range services {
		// The controller listens on both ports.
		plain := service.Origin{Scheme: "http", Host: s.At.Host, Port: 80}
		if _, taken := t.outside[plain.Address()]; s.Ingress != nil && s.Edge == nil && !s.SharedCache && s.At.Scheme == "https" && s.At.Port == 443 && !taken {
			t.outside[plain.Address()] = t.toController(s, "http")
		}
	}
	return t, nil
}

// enter makes the ways that lead to a service.
func (t *traffic) enter(s *placedService) error {
	direct := t.toApp(s)
	if s.meshed() {
		direct = t.toMesh(s)
	}
	outer := direct
	if s.Ingress != nil {
		outer = t.toController(s, s.At.Scheme)
		if model, err := t.environment.model(s.Service, t.modelled(s)); err == nil {
			t.models[s.Name] = model
		}
	}
	outside, inside := outer, direct
	if s.Edge != nil || s.SharedCache || outer.mesh {
		if err := t.putFront(&outside, s.Service, outer); err != nil {
			return err
		}
		f := outside.front
		outside.dial = func(ctx context.Context, network string) (net.Conn, error) {
			return f.DialContext(ctx, network, s.At.Address())
		}
	}
	address := net.JoinHostPort(s.PodName, "80")
	if direct.mesh {
		bare := *s.Service
		bare.Edge, bare.SharedCache = nil, false
		if err := t.putFront(&inside, &bare, direct); err != nil {
			return err
		}
		f := inside.front
		inside.dial = func(ctx context.Context, network string) (net.Conn, error) {
			return f.Inside().DialContext(ctx, network, address)
		}
	}
	t.outside[s.At.Address()], t.inside[address] = outside, inside
	return nil
}

// putFront puts a front into a way.
func (t *traffic) putFront(way *entrance, s *service.Service, behind entrance) error {
	f, err := t.newFront(s, behind)
	if err != nil {
		return err
	}
	t.fronts = append(t.fronts, f)
	way.front = f
	return nil
}

// toMesh leads to the app's Service, as a member of the mesh reaches it.
func (t *traffic) toMesh(s *placedService) entrance {
	return entrance{service: s, mesh: true, dial: func(ctx context.Context, network string) (net.Conn, error) {
		return t.environment.mesh.client.DialContext(ctx, network, s.address)
	}}
}

// toController leads to the controller's port for a scheme.
func (t *traffic) toController(s *placedService, scheme string) entrance {
	address := t.environment.options.Controller.HTTP
	if scheme == "https" {
		address = t.environment.options.Controller.HTTPS
	}
	return entrance{service: s, controller: true, dial: func(ctx context.Context, network string) (net.Conn, error) {
		return dialProxied(ctx, network, address, scheme, t.session)
	}}
}

// toApp leads to the app's own port.
func (t *traffic) toApp(s *placedService) entrance {
	address := net.JoinHostPort(s.pod.ip, strconv.Itoa(s.port))
	return entrance{service: s, dial: func(ctx context.Context, network string) (net.Conn, error) {
		if s.Down() {
			refused := os.NewSyscallError("connect", syscall.ECONNREFUSED)
			return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("%s: the app of %q does not listen: %w", address, s.Name, refused)}
		}
		connection, err := s.pod.dial(ctx, network, s.port)
		if err != nil {
			return nil, err
		}
		return introduce(connection, s.At.Scheme, t.session)
	}}
}

// dialProxied connects to an address, in the name of a session.
func dialProxied(ctx context.Context, network, address, scheme string, session netip.Addr) (net.Conn, error) {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return introduce(connection, scheme, session)
}

// introduce sends the PROXY protocol header, version 1, that tells a session's
// address. From the port in it, ingress-nginx takes the scheme that the client used.
func introduce(connection net.Conn, scheme string, session netip.Addr) (net.Conn, error) {
	destination := map[string]int{"http": 80, "https": 443}[scheme]
	if _, err := fmt.Fprintf(connection, "PROXY TCP4 %s 127.0.0.1 50000 %d\r\n", session, destination); err != nil {
		_ = connection.Close()
		return nil, fmt.Errorf("introduce a connection: %w", err)
	}
	return connection, nil
}

// DialContext connects to an origin of the deployment.
func (t *traffic) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return t.dial(ctx, t.outside, network, address)
}

// Inside is the network as another pod sees it.
func (t *traffic) Inside() harness.Network { return insideNetwork{t} }

// insideNetwork is the pods' view of a traffic.
type insideNetwork struct{ traffic *traffic }

// DialContext connects to a service by its name.
func (n insideNetwork) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return n.traffic.dial(ctx, n.traffic.inside, network, address)
}

func (t *traffic) dial(ctx context.Context, entrances map[string]entrance, network, address string) (net.Conn, error) {
	e, served := entrances[strings.ToLower(address)]
	if !served {
		return nil, fmt.Errorf("connect to %s: the deployment does not serve this address; it serves %s", address, addresses(entrances))
	}
	connection, err := e.dial(ctx, network)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.closed {
		_ = connection.Close()
		return nil, fmt.Errorf("connect to %s: the session's traffic has ended: %w", address, net.ErrClosed)
	}
	t.connections[connection] = struct{}{}
	return &tracked{connection, t}, nil
}

// tracked is a connection that ends with its traffic.
type tracked struct {
	net.Conn
	traffic *traffic
}

// Close ends the connection.
func (c *tracked) Close() error {
	c.traffic.mutex.Lock()
	delete(c.traffic.connections, c.Conn)
	c.traffic.mutex.Unlock()
	return c.Conn.Close()
}

func addresses(entrances map[string]entrance) string {
	var list []string
	for address := range entrances {
		list = append(list, address)
	}
	if len(list) == 0 {
		return "nothing"
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// Close ends the session's connections.
func (t *traffic) Close() error {
	t.closeWindow()
	t.mutex.Lock()
	t.closed = true
	for connection := range t.connections {
		// Whoever uses it notices.
		_ = connection.Close()
	}
	t.mutex.Unlock()
	problems := []error{t.closeFronts()}
	ctx, cancel := context.WithTimeout(context.Background(), observeTimeout)
	defer cancel()
	for _, p := range t.pods() {
		problems = append(problems, p.forget(ctx, t.session))
	}
	return errors.Join(problems...)
}

func (t *traffic) closeFronts() error {
	var problems []error
	for _, f := range t.fronts {
		problems = append(problems, f.close())
	}
	return errors.Join(problems...)
}

// pods are those in which the session's apps are.
func (t *traffic) pods() []*appsPod {
	var list []*appsPod
	for _, s := range t.services {
		if !slices.Contains(list, s.pod) {
			list = append(list, s.pod)
		}
	}
	return list
}
