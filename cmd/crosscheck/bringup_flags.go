package main

import (
	"os"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/crosscheck-dev/crosscheck/harness/bringup"
	"github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

// bringupFlags are the flags that say which cluster is brought up. Each stands for an environment variable, and counts more.
type bringupFlags struct {
	set       *pflag.FlagSet
	variables map[string]string // the flag's name by its variable
	patience  *time.Duration
}

// addBringupFlags adds them to the set, but those that are not wanted: their environment variables count alone.
func addBringupFlags(set *pflag.FlagSet, unwanted ...string) bringupFlags {
	flags := bringupFlags{set: set, variables: map[string]string{}}
	for _, flag := range []struct{ name, variable, usage string }{
		{"kubernetes", bringup.VariableKubernetes, "version of Kubernetes, or a whole node image (default " + bringup.DefaultKubernetes + ")"},
		{"ingress-nginx-version", bringup.VariableIngressNginxVersion, "version of ingress-nginx or of its chart (default " + ingressnginx.DefaultVersion + ")"},
		{"ingress-nginx-chart", bringup.VariableIngressNginxChart, "its chart: a repository's URL, a folder or a .tgz"},
		{"ingress-nginx-webhook", bringup.VariableIngressNginxWebhook, "on, or off to do without its admission webhook and the image of its certificates"},
		{"linkerd", bringup.VariableLinkerd, "on, or off to leave the mesh out"},
		{"linkerd-version", bringup.VariableLinkerdVersion, "version of Linkerd (default " + linkerd.DefaultVersion + ")"},
		{"linkerd-charts", bringup.VariableLinkerdCharts, "its charts: a repository's URL, or a folder that holds both"},
		{"images", bringup.VariableImages, "archive of images that docker save wrote, for a machine without a network"},
		{"step-timeout", bringup.VariableStepTimeout, "how long the start of the cluster, and each release in it, may take on a slow machine (default 5m)"},
	} {
		if slices.Contains(unwanted, flag.name) {
			continue
		}
		set.String(flag.name, "", flag.usage+" ["+flag.variable+"]")
		flags.variables[flag.variable] = flag.name
	}
	flags.patience = new(time.Duration)
	if !slices.Contains(unwanted, "wait") {
		set.DurationVar(flags.patience, "wait", 10*time.Minute, "how long to wait for another run in the same cluster; 0 to end at once")
	}
	return flags
}

// options are what the flags and the environment say.
func (f bringupFlags) options() (bringup.Options, error) {
	o, err := bringup.FromEnvironment(func(variable string) string {
		if flag := f.set.Lookup(f.variables[variable]); flag != nil && flag.Changed {
			return flag.Value.String()
		}
		return os.Getenv(variable)
	})
	if err != nil {
		return bringup.Options{}, usageFailure(err)
	}
	o.Images, o.Patience = fixtureImages, *f.patience
	// The harness begins each connection with the PROXY protocol, to tell the sessions of a run apart.
	o.IngressNginx.ProxyProtocol = true
	// With one process, the end of its connections tells for sure when it has made room for the next; and who is
	// still connected to the one before must not hold it up.
	o.IngressNginx.Values = map[string]any{"controller": map[string]any{"config": map[string]any{"worker-processes": "1", "worker-shutdown-timeout": "10s"}}}
	return o, nil
}

// fixtureImages are what the apps under test are built on.
var fixtureImages = []string{"node:20-slim"}
