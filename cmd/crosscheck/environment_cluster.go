package main

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/cluster"
	"github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/harness/lease"
)

// kubeconfigFlags are the flags of --env cluster, as they were typed.
type kubeconfigFlags struct {
	kubeconfig, context, namespace, image string
	yes                                   bool
	controller                            cluster.Controller
}

func (f *kubeconfigFlags) add(set *pflag.FlagSet) {
	set.StringVar(&f.kubeconfig, "kubeconfig", "", "--env cluster: the kubeconfig file (default: KUBECONFIG, then ~/.kube/config)")
	set.StringVar(&f.context, "context", "", "--env cluster: the kubeconfig's context (default: the current one)")
	set.StringVar(&f.namespace, "namespace", "", "--env cluster: a namespace to make, and to leave for the next runs (default: one of a fresh name, which is deleted)")
	set.StringVar(&f.image, "pod-image", "", "--env cluster: the image of the pods, which its nodes have or can pull")
	set.BoolVar(&f.yes, "yes", false, "--env cluster: go ahead although the cluster does not look local")
	set.StringVar(&f.controller.Class, "ingress-class", "nginx", "--env cluster: the IngressClass of ingress-nginx")
	set.StringVar(&f.controller.Version, "ingress-version", "", "--env cluster: the release of ingress-nginx, such as v1.15.1")
	set.StringVar(&f.controller.Namespace, "ingress-namespace", ingressnginx.Name, "--env cluster: the namespace of ingress-nginx")
	set.StringVar(&f.controller.HTTP, "ingress-http", "", "--env cluster: where its HTTP port is reached, host:port")
	set.StringVar(&f.controller.HTTPS, "ingress-https", "", "--env cluster: where its HTTPS port is reached, host:port")
}

func (f kubeconfigFlags) check() error {
	for flag, value := range map[string]string{
		"--pod-image": f.image, "--ingress-version": f.controller.Version, "--ingress-http": f.controller.HTTP, "--ingress-https": f.controller.HTTPS,
	} {
		if value == "" {
			return fmt.Errorf("%s is missing: --env cluster needs it", flag)
		}
	}
	return nil
}

// start prepares the cluster of the kubeconfig, when no other run is at work in it.
func (f kubeconfigFlags) start(ctx context.Context, authority *ca.Authority, options cluster.Options, patience time.Duration, out io.Writer) (harness.Environment, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = f.kubeconfig
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: f.context}).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	if !f.yes && !isLocal(config.Host) {
		return nil, usageFailure(fmt.Errorf("the cluster at %s does not look local: say --yes if scenarios are to run in it, in a namespace of their own", config.Host))
	}
	namespace, temporary := f.namespace, false
	if namespace == "" {
		namespace = fmt.Sprintf("crosscheck-%d", os.Getpid())
		temporary = true
	}
	options.Name, options.Namespace, options.Temporary = "cluster", namespace, temporary
	options.Image, options.Controller = f.image, f.controller
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster at %s: %w", config.Host, err)
	}
	mesh, err := cluster.FindMesh(ctx, clients, f.controller.Namespace)
	if err != nil {
		return nil, interruption(ctx, err)
	}
	options.NoMesh = mesh.Outside
	if mesh.Version != "" {
		options.Versions = map[string]string{"linkerd": mesh.Version}
	}
	turn, err := lease.Acquire(ctx, clients.CoordinationV1(), lease.Options{
		Identity: lease.Identity(), Patience: patience, Remove: true,
		Waiting: func(other lease.Holder) { fmt.Fprintln(out, other.Wait(patience)) },
	})
	if err != nil {
		return nil, interruption(ctx, err)
	}
	environment, err := cluster.New(ctx, config, authority, options)
	if err != nil {
		turn.Release()
		return nil, interruption(ctx, err)
	}
	return &turnEnvironment{Environment: environment, err: turn.Err, end: func() error {
		turn.Release()
		return nil
	}}, nil
}

// isLocal tells whether a cluster's API server is on this machine.
func isLocal(server string) bool {
	parsed, err := url.Parse(server)
	if err != nil {
		return false
	}
	address, err := netip.ParseAddr(parsed.Hostname())
	return err == nil && address.IsLoopback() || parsed.Hostname() == "localhost" || parsed.Hostname() == "kubernetes.docker.internal"
}
