package kind

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/testcontainers/testcontainers-go"
)

// defaultStartupTimeout is long enough for a slow machine, and shorter than kubeadm's own patience twice over.
const defaultStartupTimeout = 5 * time.Minute

// settings are what the module's own options say.
type settings struct {
	observe        func(StepEvent)
	logs           string
	images         []string
	archives       []string
	nodeLabels     map[string]string
	startupTimeout time.Duration
}

// An Option is an option of this module. It goes to [Run] beside those of testcontainers.
type Option func(*settings) error

var _ testcontainers.ContainerCustomizer = Option(nil)

// Customize changes nothing: the option is about the cluster and not about its container.
func (o Option) Customize(*testcontainers.GenericContainerRequest) error { return nil }

// WithObserver has observe called when a step begins and when it ends, one call at a time.
// Observe must not block: the step waits for it.
func WithObserver(observe func(StepEvent)) Option {
	return func(s *settings) error {
		s.observe = observe
		return nil
	}
}

// WithLogs has the logs of the node collected into the folder when a step fails (but not when the
// caller cancels). The folder is made only then.
func WithLogs(folder string) Option {
	return func(s *settings) error {
		if folder == "" {
			return errors.New("WithLogs: a folder was expected, found an empty name")
		}
		s.logs = folder
		return nil
	}
}

// WithImages loads images from the local Docker into the node while kubeadm works. What Docker does not have
// is left for the node to pull when a pod asks for it; the step's Detail says which. See [Container.LoadImage] for the strict form.
func WithImages(refs ...string) Option {
	return func(s *settings) error {
		for _, ref := range refs {
			if _, err := canonicalRef(ref); err != nil {
				return fmt.Errorf("WithImages: %w", err)
			}
		}
		s.images = append(s.images, refs...)
		return nil
	}
}

// WithImageArchive loads an archive of images, as docker save writes it, into the node while kubeadm works.
func WithImageArchive(path string) Option {
	return func(s *settings) error {
		s.archives = append(s.archives, path)
		return nil
	}
}

// WithNodeLabels adds labels to the node. It always has ingress-ready=true, which the manifests of
// ingress controllers for kind select.
func WithNodeLabels(labels map[string]string) Option {
	return func(s *settings) error {
		for key, value := range labels {
			if err := checkLabel(key, value); err != nil {
				return fmt.Errorf("WithNodeLabels: %w", err)
			}
			s.nodeLabels[key] = value
		}
		return nil
	}
}

// WithStartupTimeout bounds the time from the start of the node's container to a cluster that is ready; pulling
// the node image does not count. The default is five minutes.
func WithStartupTimeout(timeout time.Duration) Option {
	return func(s *settings) error {
		if timeout <= 0 {
			return fmt.Errorf("WithStartupTimeout: more than zero was expected, found %s", timeout)
		}
		s.startupTimeout = timeout
		return nil
	}
}

// WithHostPort publishes a port of the node, such as "80/tcp", on a fixed port of this machine.
// Where the number does not matter, testcontainers.WithExposedPorts leaves the choice to Docker.
// Either way the port listens on 127.0.0.1 only, unless Docker runs elsewhere.
func WithHostPort(nodePort string, hostPort uint16) testcontainers.CustomizeRequestOption {
	return func(req *testcontainers.GenericContainerRequest) error {
		port, err := network.ParsePort(nodePort)
		if err != nil {
			return fmt.Errorf("WithHostPort: a port such as \"80/tcp\" was expected, found %q: %w", nodePort, err)
		}
		if err := testcontainers.WithExposedPorts(port.String())(req); err != nil {
			return err
		}
		return testcontainers.WithHostConfigModifier(func(host *container.HostConfig) {
			if host.PortBindings == nil {
				host.PortBindings = network.PortMap{}
			}
			host.PortBindings[port] = []network.PortBinding{{HostPort: strconv.Itoa(int(hostPort))}}
		})(req)
	}
}

// settingsOf reads the module's own options among opts.
func settingsOf(opts []testcontainers.ContainerCustomizer) (*settings, error) {
	s := &settings{
		startupTimeout: defaultStartupTimeout,
		nodeLabels:     map[string]string{"ingress-ready": "true"},
	}
	for _, opt := range opts {
		if own, ok := opt.(Option); ok {
			if err := own(s); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// publish gives every exposed port a binding at the address. Docker picks the number where the binding names none.
func publish(host *container.HostConfig, exposed []string, at netip.Addr) error {
	if host.PortBindings == nil {
		host.PortBindings = network.PortMap{}
	}
	for _, spec := range exposed {
		ports, err := network.ParsePortRange(spec)
		if err != nil {
			return fmt.Errorf("a port such as \"80/tcp\" was expected, found %q: %w", spec, err)
		}
		for port := range ports.All() {
			bindings := host.PortBindings[port]
			if len(bindings) == 0 {
				bindings = []network.PortBinding{{HostPort: "0"}}
			}
			for i := range bindings {
				if !bindings[i].HostIP.IsValid() {
					bindings[i].HostIP = at
				}
			}
			host.PortBindings[port] = bindings
		}
	}
	return nil
}
