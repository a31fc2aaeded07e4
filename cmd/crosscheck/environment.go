package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/cluster"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
	"github.com/crosscheck-dev/crosscheck/harness/project"
	"github.com/crosscheck-dev/crosscheck/harness/secret"
)

// environmentFlags say where scenarios run.
type environmentFlags struct {
	name       string
	kind       kindFlags
	cluster    kubeconfigFlags
	ignoreMesh bool
	// goldenDir is where the answers of the real controller are recorded, if anywhere.
	goldenDir string
	golden    *cluster.Golden
	// config is the project's file, as it was typed; project is its content, nil where there is none.
	config  string
	project *project.Project
	// secrets are the project's, once its manners are known.
	secrets *secret.Values
}

// environmentNames are the environments that can be named.
var environmentNames = []string{"embedded", "kind", "cluster", "live"}

func (f *environmentFlags) add(set *pflag.FlagSet) {
	set.StringVar(&f.name, "env", "embedded", "where to run: embedded (apps, edge models and TLS in this process), kind (a cluster made for the run), cluster (a kubeconfig's), live (URLs of what is deployed)")
	set.StringVar(&f.config, "config", "", "the project's file (default: crosscheck.yaml, where there is one)")
	set.BoolVar(&f.ignoreMesh, "ignore-mesh-membership", false, "where there is no Linkerd: run scenarios whose pods are merely members of the mesh outside of it, instead of skipping them")
	set.StringVar(&f.goldenDir, "record-golden", "", "--env kind, cluster: folder for what the real controller and the real mesh answered, in a file for the version of each")
	f.kind.add(set)
	f.cluster.add(set)
}

func (f environmentFlags) check() error {
	if !slices.Contains(environmentNames, f.name) {
		return fmt.Errorf("there is no environment %q: there are %s", f.name, strings.Join(environmentNames, ", "))
	}
	if (f.name == "embedded" || f.name == "live") && f.goldenDir != "" {
		return fmt.Errorf("--record-golden: the environment %s has no controller of ours: record with --env kind or cluster", f.name)
	}
	if f.name == "cluster" {
		return f.cluster.check()
	}
	return nil
}

// writeGolden writes the answers of the real hops, if they were to be recorded.
func (f environmentFlags) writeGolden(environment harness.Environment, out io.Writer) error {
	if f.golden == nil {
		return nil
	}
	if err := os.MkdirAll(f.goldenDir, 0o755); err != nil {
		return fmt.Errorf("record what the hops answered: %w", err)
	}
	versions, day := environment.Versions(), time.Now().UTC().Format(time.DateOnly)
	if err := f.writeRecording("ingress-nginx-"+versions["ingress-nginx"], &f.golden.Controller, cluster.GoldenHead{Controller: versions["ingress-nginx"], Recorded: day}, out); err != nil {
		return err
	}
	if f.golden.Mesh.Len() == 0 {
		return nil
	}
	return f.writeRecording("linkerd-"+versions["linkerd"], &f.golden.Mesh, cluster.GoldenHead{Linkerd: versions["linkerd"], Recorded: day}, out)
}

func (f environmentFlags) writeRecording(name string, recording *cluster.Recording, head cluster.GoldenHead, out io.Writer) (err error) {
	path := filepath.Join(f.goldenDir, name+".jsonl")
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("record what the hops answered: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := recording.Write(file, head); err != nil {
		return err
	}
	fmt.Fprintf(out, "Recorded: %s (%d exchanges)\n", path, recording.Len())
	return nil
}

// start brings the environment up; nothing is left of it with an error. Logs of a
// cluster that does not come up are left in the report's folder.
func (f *environmentFlags) start(ctx context.Context, authority *ca.Authority, reportDir string, out io.Writer) (harness.Environment, error) {
	if f.goldenDir != "" {
		f.golden = &cluster.Golden{}
	}
	common := cluster.Options{IgnoreMeshMembership: f.ignoreMesh, Golden: f.golden}
	switch f.name {
	case "cluster":
		options, err := f.kind.bringup.options()
		if err != nil {
			return nil, err
		}
		common.StepTimeout = options.StepTimeout
		return f.cluster.start(ctx, authority, common, options.Patience, out)
	case "live":
		return startLive(authority, f.project, f.secrets)
	case "kind":
		return f.kind.start(ctx, authority, common, reportDir, out)
	default:
		return embedded.New(authority), nil
	}
}
