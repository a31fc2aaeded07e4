package main

import (
	"context"
	"errors"
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
	name    string
	cluster clusterFlags
}

// environmentNames are the environments that can be named.
var environmentNames = []string{"embedded", "kind", "cluster"}

func (f *environmentFlags) add(set *pflag.FlagSet) {
	set.StringVar(&f.name, "env", "embedded", "where to run: embedded (apps, edge models and TLS in this process), kind (a cluster made for the run), cluster (a kubeconfig's)")
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

// start brings the environment up. What came up is returned with an error too: close it.
func (f environmentFlags) start(ctx context.Context, authority *ca.Authority, out io.Writer) (harness.Environment, error) {
	switch f.name {
	case "cluster":
		return f.cluster.start(ctx, authority)
	case "kind":
		return nil, errors.New("not yet")
	default:
		return embedded.New(authority), nil
	}
}
