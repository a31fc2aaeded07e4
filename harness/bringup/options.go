package bringup

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

// DefaultKubernetes is the version of Kubernetes that a cluster gets: the newest but one that the default ingress-nginx supports.
const DefaultKubernetes = "v1.34.4"

// NodeImage is the repository of kind's node images. Their tags are versions of Kubernetes.
const NodeImage = "kindest/node"

// Options say what is brought up. The zero value is a throw-away cluster with the default versions of everything.
type Options struct {
	// Name keeps the cluster under this name of its container: [Up] finds it again, and Close leaves it.
	// Empty is a cluster that Close takes down.
	Name string
	// Kubernetes is its version, as in "v1.34.4", or a whole node image, as in "registry.example.com/node:v1.34.4".
	// Empty is [DefaultKubernetes], and for a kept cluster whatever it has.
	Kubernetes string
	// IngressNginx says which controller is installed, and how.
	IngressNginx ingressnginx.Options
	// Linkerd says which mesh is installed.
	Linkerd linkerd.Options
	// WithoutLinkerd leaves the mesh out.
	WithoutLinkerd bool
	// Images are images that the caller's own workloads need. They are loaded into the node where Docker has them.
	Images []string
	// ImageArchive is a file that docker save wrote. It is loaded into Docker where that lacks a needed image.
	ImageArchive string
	// StepTimeout bounds the start of the cluster; zero is five minutes. The releases in it have a Timeout each, which
	// [FromEnvironment] makes the same.
	StepTimeout time.Duration
	// Patience is how long to wait until no other run is at work in a cluster that is kept; zero does not wait.
	Patience time.Duration
	// Logs is the folder for the logs of a step that failed. Empty collects none.
	Logs string
	// Observe is called as each step begins and ends, one call at a time; nil tells nobody.
	Observe func(StepEvent)
}

// The environment variables that choose what is brought up.
const (
	VariableKubernetes          = "K8S_VERSION"
	VariableIngressNginxVersion = "INGRESS_NGINX_VERSION"
	VariableIngressNginxChart   = "INGRESS_NGINX_CHART"
	VariableIngressNginxWebhook = "INGRESS_NGINX_WEBHOOK"
	VariableLinkerd             = "LINKERD"
	VariableLinkerdVersion      = "LINKERD_VERSION"
	VariableLinkerdCharts       = "LINKERD_CHARTS"
	VariableImages              = "CROSSCHECK_IMAGES"
	VariableStepTimeout         = "CROSSCHECK_STEP_TIMEOUT"
)

// FromEnvironment reads the options from environment variables, through a function such as os.Getenv.
func FromEnvironment(getenv func(string) string) (Options, error) {
	o := Options{
		Kubernetes:   getenv(VariableKubernetes),
		IngressNginx: ingressnginx.Options{Source: getenv(VariableIngressNginxChart), Version: getenv(VariableIngressNginxVersion)},
		Linkerd:      linkerd.Options{Source: getenv(VariableLinkerdCharts), Version: getenv(VariableLinkerdVersion)},
		ImageArchive: getenv(VariableImages),
	}
	var err error
	if o.WithoutLinkerd, err = isOff(VariableLinkerd, getenv(VariableLinkerd)); err != nil {
		return Options{}, err
	}
	if o.IngressNginx.WithoutWebhook, err = isOff(VariableIngressNginxWebhook, getenv(VariableIngressNginxWebhook)); err != nil {
		return Options{}, err
	}
	if o.StepTimeout, err = durationOf(VariableStepTimeout, getenv(VariableStepTimeout)); err != nil {
		return Options{}, err
	}
	o.IngressNginx.Timeout, o.Linkerd.Timeout = o.StepTimeout, o.StepTimeout
	return o, nil
}

// durationOf reads a length of time; zero for none.
func durationOf(variable, value string) (time.Duration, error) {
	if value == "" {
		return 0, nil
	}
	duration, err := time.ParseDuration(value)
	if err != nil || duration <= 0 {
		return 0, fmt.Errorf("%s is %q: a length of time such as 15m was expected", variable, value)
	}
	return duration, nil
}

// isOff reads a switch that is on unless somebody says otherwise.
func isOff(variable, value string) (bool, error) {
	switch {
	case slices.Contains([]string{"", "on", "true", "1"}, strings.ToLower(value)):
		return false, nil
	case slices.Contains([]string{"off", "false", "0"}, strings.ToLower(value)):
		return true, nil
	}
	return false, fmt.Errorf("%s is %q: on or off was expected", variable, value)
}

// nodeImage is the image of the node.
func (o Options) nodeImage() string {
	version := o.Kubernetes
	if version == "" {
		version = DefaultKubernetes
	}
	if strings.ContainsAny(version, "/:") {
		return version
	}
	return NodeImage + ":v" + strings.TrimPrefix(version, "v")
}

// kubernetes is the version of Kubernetes that is asked for, as far as the options tell: charts are rendered for it before there is a cluster.
func (o Options) kubernetes() string {
	image, _, _ := strings.Cut(o.nodeImage(), "@")
	if _, tag, found := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":"); found && strings.HasPrefix(tag, "v") {
		return tag
	}
	return DefaultKubernetes
}
