package main

import (
	"os"

	"github.com/spf13/pflag"

	"github.com/crosscheck-dev/crosscheck/harness/bringup"
	"github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

// bringupFlags are the flags that say which cluster is brought up. Each stands for an environment variable, and counts more.
type bringupFlags struct {
	set       *pflag.FlagSet
	variables map[string]string // the flag's name by its variable
}

func addBringupFlags(set *pflag.FlagSet) bringupFlags {
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
	} {
		set.String(flag.name, "", flag.usage+" ["+flag.variable+"]")
		flags.variables[flag.variable] = flag.name
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
	o.Images = fixtureImages
	// The harness begins each connection with the PROXY protocol, to tell the sessions of a run apart.
	o.IngressNginx.ProxyProtocol = true
	// With one process, the end of its connections tells for sure when it has made room for the next; and who is
	// still connected to the one before must not hold it up.
	o.IngressNginx.Values = map[string]any{"controller": map[string]any{"config": map[string]any{"worker-processes": "1", "worker-shutdown-timeout": "10s"}}}
	return o, nil
}

// fixtureImages are what the apps under test are built on.
var fixtureImages = []string{"node:20-slim"}
