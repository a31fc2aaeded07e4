package helm

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/kube"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// A Client installs charts into one cluster. Several goroutines may use it.
type Client struct {
	kubeconfig clientcmdapi.Config
	rest       *rest.Config

	pullPatience, claimWait time.Duration
}

// fieldManager is the name under which the API notes what was applied: that of the helm command. Helm's own default is the name of the program,
// and then two programs, such as a test and the command, are in conflict about one release.
const fieldManager = "helm"

var nameFieldManager = sync.OnceFunc(func() { kube.ManagedFieldsManager = fieldManager })

// NewClient makes a client of the cluster of the kubeconfig's current context.
func NewClient(kubeconfig []byte) (*Client, error) {
	nameFieldManager()
	config, err := clientcmd.Load(kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("helm: read the kubeconfig: %w", err)
	}
	restConfig, err := clientcmd.NewDefaultClientConfig(*config, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("helm: read the kubeconfig: %w", err)
	}
	// Helm asks much at once, and client-go holds a client back to five requests a second.
	restConfig.QPS, restConfig.Burst = 100, 200
	restConfig.WarningHandler = rest.NoWarnings{}
	return &Client{kubeconfig: *config, rest: restConfig, pullPatience: defaultPullPatience, claimWait: defaultClaimWait}, nil
}

// REST is the configuration of clients of the cluster's API.
func (c *Client) REST() *rest.Config { return rest.CopyConfig(c.rest) }

// action is the configuration of one of Helm's actions. Everything that it does ends with ctx.
func (c *Client) action(ctx context.Context, namespace string) (*action.Configuration, error) {
	config := action.NewConfiguration(action.ConfigurationSetLogger(slog.DiscardHandler))
	if err := config.Init(&clientGetter{kubeconfig: c.kubeconfig, namespace: namespace, rest: bound(ctx, c.rest)}, namespace, "secret"); err != nil {
		return nil, fmt.Errorf("helm: %w", err)
	}
	return config, nil
}

// clients is a typed client whose requests end with ctx.
func (c *Client) clients(ctx context.Context) (kubernetes.Interface, error) {
	return kubernetes.NewForConfig(bound(ctx, c.rest))
}

// clientGetter gives Helm its clients. They are made once: Helm resets the mapper that it was given after it installed CRDs.
type clientGetter struct {
	kubeconfig clientcmdapi.Config
	namespace  string
	rest       *rest.Config

	once      sync.Once
	discovery discovery.CachedDiscoveryInterface
	mapper    *restmapper.DeferredDiscoveryRESTMapper
	err       error
}

func (g *clientGetter) make() error {
	g.once.Do(func() {
		found, err := discovery.NewDiscoveryClientForConfig(g.rest)
		if err != nil {
			g.err = err
			return
		}
		g.discovery = memory.NewMemCacheClient(found)
		g.mapper = restmapper.NewDeferredDiscoveryRESTMapper(g.discovery)
	})
	return g.err
}

func (g *clientGetter) ToRESTConfig() (*rest.Config, error) { return rest.CopyConfig(g.rest), nil }

func (g *clientGetter) ToDiscoveryClient() (discovery.CachedDiscoveryInterface, error) {
	err := g.make()
	return g.discovery, err
}

func (g *clientGetter) ToRESTMapper() (meta.RESTMapper, error) {
	err := g.make()
	return g.mapper, err
}

// ToRawKubeConfigLoader is asked for the namespace of objects that name none.
func (g *clientGetter) ToRawKubeConfigLoader() clientcmd.ClientConfig {
	return clientcmd.NewDefaultClientConfig(g.kubeconfig, &clientcmd.ConfigOverrides{Context: clientcmdapi.Context{Namespace: g.namespace}})
}

// bound is the configuration for clients whose requests all end with ctx. Helm takes no context for most of what it
// does, and where it takes one, it returns and goes on in the background.
func bound(ctx context.Context, config *rest.Config) *rest.Config {
	config = rest.CopyConfig(config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return &boundTransport{ctx: ctx, next: next} })
	return config
}

type boundTransport struct {
	ctx  context.Context
	next http.RoundTripper
}

func (t *boundTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(request.Context())
	stop := context.AfterFunc(t.ctx, func() { cancel(context.Cause(t.ctx)) })
	done := func() {
		stop()
		cancel(nil)
	}
	response, err := t.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		done()
		return nil, err
	}
	response.Body = &boundBody{ReadCloser: response.Body, done: done}
	return response, nil
}

// boundBody lets go of the contexts when the answer has been read.
type boundBody struct {
	io.ReadCloser
	done func()
}

func (b *boundBody) Close() error {
	defer b.done()
	return b.ReadCloser.Close()
}
