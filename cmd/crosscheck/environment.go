package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
)

// environmentFlags say where scenarios run.
type environmentFlags struct {
	name       string
	kind       kindFlags
	cluster    kubeconfigFlags
	ignoreMesh bool
}

// environmentNames are the environments that can be named.
var environmentNames = []string{"embedded", "kind", "cluster"}

func (f *environmentFlags) add(set *pflag.FlagSet) {
	set.StringVar(&f.name, "env", "embedded", "where to run: embedded (apps, edge models and TLS in this process), kind (a cluster made for the run), cluster (a kubeconfig's)")
	set.BoolVar(&f.ignoreMesh, "ignore-mesh-membership", false, "where there is no Linkerd: run scenarios whose pods are merely members of the mesh outside of it, instead of skipping them")
	f.kind.add(set)
	f.cluster.add(set)
}

func (f environmentFlags) check() error {
	if !slices.Contains(environmentNames, f.name) {
		return fmt.Errorf("there is no environment %q: there are %s", f.name, strings.Join(environmentNames, ", "))
	}
	if f.name == "cluster" {
		return f.cluster.check()
	}
	return nil
}

// start brings the environment up; nothing is left of it with an error. Logs of a
// cluster that does not come up are left in the report's folder.
func (f environmentFlags) start(ctx context.Context, authority *ca.Authority, reportDir string, out io.Writer) (harness.Environment, error) {
	switch f.name {
	case "cluster":
		return f.cluster.start(ctx, authority, f.ignoreMesh)
	case "kind":
		return f.kind.start(ctx, authority, f.ignoreMesh, reportDir, out)
	default:
		return embedded.New(authority), nil
	}
}
