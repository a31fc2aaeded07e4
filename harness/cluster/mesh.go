package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

// mesh is the part of the environment that is in Linkerd's mesh: a pod with the apps of meshed
// services, and one from which they are asked as by any member of the mesh.
type mesh struct {
	// apps is reached from inside its own pod, and so past its proxy. It tells what that counted, too.
	apps *appsPod
	// client connects by way of its own proxy.
	client    network
	transport *http.Transport
	// controller and member are the identities that the proxy of the apps sees: of the ingress controller, and of the client.
	controller, member string

	mutex     sync.Mutex
	addresses map[string]string
	turns     map[string]chan struct{}
}

// network is what a pod can connect to.
type network interface {
	harness.Network
	close()
}

// meshed has Linkerd's proxy injected into a pod.
func meshed(p *corev1.Pod) *corev1.Pod {
	p.Annotations = map[string]string{linkerd.InjectAnnotation: linkerd.Inject}
	return p
}

func isMeshed(p *corev1.Pod) bool { return p.Annotations[linkerd.InjectAnnotation] == linkerd.Inject }

// requireProxy refuses a pod that runs outside of the mesh although it is to be in it.
func requireProxy(p *corev1.Pod) error {
	if linkerd.HasProxy(p) {
		return nil
	}
	return fmt.Errorf("the pod %s in %s is to be in the mesh, and runs without a container %s: Linkerd's injector did not see it being made; is it installed, and was it before the pod?",
		p.Name, p.Namespace, linkerd.ProxyContainer)
}

// newMesh finds out who is who in the mesh. The ingress controller has to be in it.
func (e *Environment) newMesh(ctx context.Context, config *rest.Config, pods map[string]*corev1.Pod) (*mesh, error) {
	controllers, err := controllerPods(ctx, e.clientset, e.options.Controller.Namespace)
	if err != nil {
		return nil, err
	}
	for i := range controllers {
		if err := requireProxy(&controllers[i]); err != nil {
			return nil, err
		}
	}
	relayOf := func(name string) *relay { return newRelay(config, e.clientset, e.options.Namespace, name) }
	m := meshOf(newAppsPod(relayOf(meshedAppsPodName), "127.0.0.1", pods[meshedAppsPodName]), relayOf(meshedClientPodName))
	m.controller, m.member = identityOf(&controllers[0]), identityOf(pods[meshedClientPodName])
	return m, nil
}

func meshOf(apps *appsPod, client network) *mesh {
	return &mesh{
		apps: apps, client: client, transport: &http.Transport{DialContext: client.DialContext, DisableKeepAlives: true},
		addresses: map[string]string{}, turns: map[string]chan struct{}{},
	}
}

func identityOf(p *corev1.Pod) string {
	return linkerd.ServiceAccountIdentity(p.Spec.ServiceAccountName, p.Namespace)
}

// joinMesh gives a service its place in the mesh: a Service, and what the scenario has the mesh do with it.
// It returns when the proxies do that, and speak mutual TLS with each other.
func (e *Environment) joinMesh(ctx context.Context, s *placedService) error {
	err := e.configure(ctx, "mesh "+s.id, s.id, func(ctx context.Context) error {
		if err := e.applyService(ctx, s.id, s.pod, s.port); err != nil {
			return err
		}
		for _, object := range meshObjects(s) {
			if err := e.objects.apply(ctx, object); err != nil {
				return err
			}
		}
		made, err := e.clientset.CoreV1().Services(e.options.Namespace).Get(ctx, s.id, metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("look for the address of the Service %s: %w", s.id, err)
		}
		e.mesh.mutex.Lock()
		e.mesh.addresses[s.id] = net.JoinHostPort(made.Spec.ClusterIP, strconv.Itoa(port))
		e.mesh.mutex.Unlock()
		return e.awaitMesh(ctx, s)
	})
	s.address = e.mesh.addressOf(s.id)
	return err
}

func (m *mesh) addressOf(id string) string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.addresses[id]
}

// A proxy keeps what it learned of an address for as long as the address is asked for, and five seconds more. What it
// learned before the control plane knew the Service, it forgets only when it is left alone for that long: so the pauses between
// probes grow beyond it.
const (
	meshTimeout   = time.Minute
	longestPause  = 6 * time.Second
	growthOfPause = 2
)

// awaitMesh asks the app's own path through the mesh until the mesh does with it what the scenario says.
func (e *Environment) awaitMesh(ctx context.Context, s *placedService) error {
	bounded, cancel := context.WithTimeout(ctx, e.options.within(meshTimeout))
	defer cancel()
	var last error
	for pause := probeInterval; ; pause = min(pause*growthOfPause, longestPause) {
		err := e.probeMesh(bounded, s)
		if err == nil {
			return nil
		}
		if bounded.Err() == nil || last == nil {
			last = err
		}
		select {
		case <-time.After(pause):
		case <-bounded.Done():
			err := fmt.Errorf("wait until Linkerd serves the app of %q: %w: %w", s.Name, bounded.Err(), last)
			if ctx.Err() != nil {
				return err
			}
			return e.explainMesh(ctx, s, err)
		}
	}
}

// probeMesh asks, until the mesh answers what it should; then once more, for the proxy's own words on it.
func (e *Environment) probeMesh(ctx context.Context, s *placedService) error {
	ask := func() error {
		ctx, cancel := context.WithTimeout(ctx, probeTimeout)
		defer cancel()
		answer, err := getProbe(ctx, e.mesh.transport, "http://"+e.mesh.addressOf(s.id)+appProbe(s.id))
		if err != nil {
			return err
		}
		if !s.answers(answer) {
			return unfit(answer)
		}
		return nil
	}
	if err := ask(); err != nil {
		return err
	}
	before, err := e.awaitQuiet(ctx, s)
	if err != nil {
		return err
	}
	if err := ask(); err != nil {
		return err
	}
	gained, err := e.mesh.gained(ctx, s, before, 1)
	switch {
	case err != nil:
		return err
	case gained.Count()+gained.Denied != 1:
		return fmt.Errorf("one request was answered, and Linkerd's proxy counts %+v", gained)
	case s.Linkerd.Denied && gained.Denied == 0:
		return errors.New("the app answers 403, and Linkerd's proxy says that it denied nothing")
	}
	return e.mesh.requireMutualTLS(s, gained)
}

// take waits until nobody else asks an app, and gives the way to let others.
func (m *mesh) take(ctx context.Context, id string) (release func(), err error) {
	m.mutex.Lock()
	if m.turns[id] == nil {
		m.turns[id] = make(chan struct{}, 1)
	}
	turn := m.turns[id]
	m.mutex.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for others that ask the same app: %w", ctx.Err())
	}
}

func (m *mesh) close() {
	if m == nil {
		return
	}
	m.transport.CloseIdleConnections()
	m.apps.close()
	m.apps.relay.close()
	m.client.close()
}
