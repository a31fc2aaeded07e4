package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
	"github.com/crosscheck-dev/crosscheck/harness/service"
)

// Controller is an ingress-nginx that is installed in the cluster.
type Controller struct {
	// Class is the name of its IngressClass.
	Class string
	// Version is its release, such as "v1.15.1".
	Version string
	// HTTP and HTTPS are where its ports are reached from here, "host:port". Both want a
	// PROXY protocol header: its ConfigMap has use-proxy-protocol "true". The flag
	// --sync-rate-limit decides how long a new configuration takes: with the default of 0.3 a second,
	// up to three seconds, with 20 some tenths of one.
	HTTP, HTTPS string
	// Namespace is where its pods are. Only a cluster with Linkerd needs it, to find their proxies; these let all outbound
	// ports pass but 80 and 443: see package ingressnginx.
	Namespace string
}

// Options describe the cluster, and what to do with it.
type Options struct {
	// Name is the environment's name, such as "kind".
	Name string
	// Namespace is where everything is that this environment makes.
	Namespace string
	// Temporary has Close delete the namespace.
	Temporary bool
	// Image is the name of the image of the pods, which the nodes have or can pull; see BuildImage.
	Image string
	// Express tells that the image can run the Express apps; NoExpress is why not.
	NoExpress string
	// Controller is the ingress controller.
	Controller Controller
	// NoMesh is why nothing can be in Linkerd's mesh; empty where it is there, with the controller in it.
	NoMesh string
	// IgnoreMeshMembership runs deployments outside of the mesh whose pods are merely its
	// members: nobody sees a difference but Linkerd, which is not there.
	IgnoreMeshMembership bool
	// Golden collects the controller's answers; nil for not.
	Golden *Golden
	// Versions are versions to report, by component.
	Versions map[string]string
	// StepTimeout is how long the longest steps may take here; the bounds of all others, such as that of a pod, are in
	// proportion. It is five minutes where it is less.
	StepTimeout time.Duration
}

// within is a bound of time on this machine, of one that goes with a StepTimeout of five minutes.
func (o Options) within(bound time.Duration) time.Duration {
	return time.Duration(max(o.StepTimeout.Minutes()/5, 1) * float64(bound))
}

// Environment runs deployments in a cluster. It is safe for concurrent use.
type Environment struct {
	options   Options
	authority *ca.Authority
	clientset kubernetes.Interface
	objects   *objects
	relay     *relay
	apps      *appsPod
	// mesh is nil without Linkerd.
	mesh     *mesh
	hosts    *hosts
	sessions atomic.Uint32

	mutex     sync.Mutex
	installed map[string]*installation
	// warningsOf are those about Ingresses, by configuration.
	warningsOf map[string][]string
}

var _ harness.Environment = (*Environment)(nil)

// New prepares the cluster: the namespace, the two pods. It returns when they are
// ready. The hosts of deployments have certificates of the authority.
func New(ctx context.Context, config *rest.Config, authority *ca.Authority, options Options) (*Environment, error) {
	config = rest.CopyConfig(config)
	// The scenarios are many, and the API server is not shared with anybody that we would have to spare.
	config.QPS, config.Burst = 500, 1000
	config.WarningHandlerWithContext = warnings{}
	clientset, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster at %s: %w", config.Host, err)
	}
	dynamicClient, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster at %s: %w", config.Host, err)
	}
	e := &Environment{
		options: options, authority: authority, clientset: clientset, hosts: newHosts(), installed: map[string]*installation{}, warningsOf: map[string][]string{},
		objects: &objects{dynamic: dynamicClient, namespace: options.Namespace},
		relay:   newRelay(config, clientset, options.Namespace, clientPodName),
	}
	// A cluster that is kept has connections and counters by address of an earlier run.
	e.sessions.Store(rand.Uint32())
	if err := e.claimNamespace(ctx); err != nil {
		return nil, err
	}
	pods, err := e.startPods(ctx)
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	e.apps = newAppsPod(e.relay, pods[appsPodName].Status.PodIP, pods[appsPodName])
	if options.NoMesh == "" {
		if e.mesh, err = e.newMesh(ctx, config, pods); err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	if err := e.applyService(ctx, adminServiceName, e.apps, pod.AdminPort); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// Name is what Options say.
func (e *Environment) Name() string { return e.options.Name }

// Versions are those of the controller, of what Options list, and of the Go API's CORS middleware.
func (e *Environment) Versions() map[string]string {
	versions := map[string]string{"ingress-nginx": e.options.Controller.Version}
	if e.options.IgnoreMeshMembership && e.options.NoMesh != "" {
		versions["Linkerd"] = "none: membership in the mesh is ignored"
	}
	for name, version := range e.options.Versions {
		versions[name] = version
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, module := range build.Deps {
			if module.Path == "github.com/rs/cors" {
				versions["rs/cors"] = module.Version
			}
		}
	}
	return versions
}

// newSession gives a session an address that no other one of this run has: in
// 127.0.0.0/8, like that of any client on this machine.
func (e *Environment) newSession() netip.Addr {
	n := e.sessions.Add(1)
	return netip.AddrFrom4([4]byte{127, 1 + byte(n>>16)%254, byte(n >> 8), byte(n)})
}

// Apply makes the deployment run. It waits while other scenarios use its hosts
// with another configuration, until the context ends.
func (e *Environment) Apply(ctx context.Context, deployment harness.Deployment) (harness.Running, error) {
	if err := service.Runnable(deployment); err != nil {
		return nil, err
	}
	services, err := service.All(deployment)
	if err != nil {
		return nil, &harness.InvalidDeployment{Reason: err.Error()}
	}
	r := &running{environment: e, wanted: map[string]string{}}
	for _, s := range services {
		placed, err := e.check(s)
		if err != nil {
			return nil, err
		}
		r.services = append(r.services, placed)
		if s.Ingress != nil {
			if r.wanted[s.At.Host] != "" {
				return nil, &harness.Unavailable{Reason: fmt.Sprintf("two services have an Ingress for the host %s, at different ports: ingress-nginx listens on 80 and 443 only", s.At.Host)}
			}
			r.wanted[s.At.Host] = placed.configuration
		}
	}
	for _, s := range r.services {
		if err := e.place(ctx, s); err != nil {
			return nil, err
		}
	}
	key, err := json.Marshal(r.wanted)
	if err != nil {
		return nil, fmt.Errorf("serialize the deployment's hosts: %w", err)
	}
	if err := e.hosts.acquire(ctx, string(key), r.wanted); err != nil {
		return nil, fmt.Errorf("wait for the hosts of the deployment: %w", err)
	}
	for _, s := range r.services {
		if s.Ingress == nil {
			continue
		}
		if err := e.install(ctx, s); err != nil {
			e.hosts.forget(s.At.Host)
			r.Release()
			return nil, err
		}
		e.noteWarnings(s)
	}
	return r, nil
}

// place brings a service's app up and gives it a Service.
func (e *Environment) place(ctx context.Context, s *placedService) error {
	spec, id, err := e.spec(s)
	if err != nil {
		return err
	}
	s.id = id
	if s.port, err = s.pod.place(ctx, id, spec); err != nil {
		return err
	}
	if s.meshed() {
		return e.joinMesh(ctx, s)
	}
	return nil
}

// Close ends connections, and deletes the namespace where it is temporary.
func (e *Environment) Close() error {
	e.apps.close()
	e.mesh.close()
	e.relay.close()
	if !e.options.Temporary {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := e.clientset.CoreV1().Namespaces().Delete(ctx, e.options.Namespace, metav1.DeleteOptions{}); err != nil {
		return fmt.Errorf("delete the namespace %s: %w", e.options.Namespace, err)
	}
	return nil
}

// running is a deployment that a scenario uses.
type running struct {
	environment *Environment
	services    []*placedService
	// wanted are the configurations of the hosts that are held, by host.
	wanted  map[string]string
	release sync.Once
}

// Notes say what was changed of a team's own Ingresses, what of them does not do what it says, what is not predicted, and
// what the cluster warns about.
func (r *running) Notes() []string {
	var notes []string
	for _, s := range r.services {
		notes = append(notes, s.notes...)
	}
	return notes
}

// Release gives the hosts to others.
func (r *running) Release() {
	r.release.Do(func() { r.environment.hosts.release(r.wanted) })
}

// NewTraffic gives a session its own address.
func (r *running) NewTraffic(context.Context) (harness.Traffic, error) {
	return newTraffic(r.environment, r.services)
}
