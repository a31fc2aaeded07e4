package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/crosscheck-dev/crosscheck/features"
	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/cluster"
	"github.com/crosscheck-dev/crosscheck/harness/compare"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/steps"
)

// upgradable is an environment whose ingress controller is to be had in several
// versions: models side by side, or one cluster that is upgraded.
type upgradable interface {
	// At gives the environment with this controller in front of every Ingress that names no
	// version. An environment got before is of no more use; closing it is its user's.
	At(ctx context.Context, controller controllerChoice) (harness.Environment, error)
	// Close takes down what the environments had in common.
	Close() error
}

// embeddedVersions are the versions that the edge model has.
type embeddedVersions struct{ authority *ca.Authority }

func (e embeddedVersions) At(_ context.Context, controller controllerChoice) (harness.Environment, error) {
	known, err := ingressnginx.ParseVersion(controller.version)
	if err != nil {
		return nil, err
	}
	return embedded.New(e.authority, embedded.WithIngressVersion(known)), nil
}

func (e embeddedVersions) Close() error { return nil }

// upgradeFlags are the flags of "crosscheck upgrade".
type upgradeFlags struct {
	runFlags
	comparisonFlags
	from, to controllerChoice
}

func newUpgradeCommand() *cobra.Command {
	flags := upgradeFlags{from: controllerChoice{side: "from"}, to: controllerChoice{side: "to"}}
	command := &cobra.Command{
		Use:   "upgrade --from VERSION --to VERSION [FILE.feature or folder ...]",
		Short: "Tell what an upgrade of ingress-nginx changes for browsers, scenario by scenario",
		Long: "Run the same scenarios under two versions of ingress-nginx and compare them: see crosscheck compare.\n" +
			"Scenarios that name a version themselves are run as they are, and show no difference. The two reports are written to before and after in the report's folder.\n\n" +
			"With --env kind a cluster is made for it, with the first version; the scenarios run; Helm upgrades the controller in place; they run again; the cluster is taken down.\n" +
			"A cluster that crosscheck env keeps has no part in it: it would be left with another controller. Scenarios that name a version themselves are skipped there, before and after.\n\n" +
			"Exit code 0: nothing unexpected changed. 1: something did. 2: usage. 3: no browser, no cluster, or scenarios that could not be carried out.",
		Example: `  crosscheck upgrade --from v1.11.0 --to v1.15.1 features/orders.feature
  crosscheck upgrade --from v1.11.0 --to v1.15.1 --browser simulator,chrome --allow accepted.yaml
  crosscheck upgrade --env kind --from v1.11.0 --to v1.15.1 features/orders.feature
  crosscheck upgrade --env kind --from-chart charts/old.tgz --to-chart charts/new.tgz`,
		RunE: func(command *cobra.Command, paths []string) error {
			return upgrade(command.Context(), flags, paths, command.OutOrStdout(), command.ErrOrStderr())
		},
	}
	set := command.Flags()
	flags.from.add(set)
	flags.to.add(set)
	set.StringVar(&flags.environment.name, "env", "embedded", "where to run: embedded (models of the controller), kind (a cluster whose real controller is upgraded)")
	// Each side names its version, and no cluster that is kept has to be waited for.
	flags.environment.kind.add(set, "ingress-nginx-version", "wait")
	set.BoolVar(&flags.environment.ignoreMesh, "ignore-mesh-membership", false, "--env kind without Linkerd: run scenarios whose pods are merely members of the mesh outside of it, instead of skipping them")
	set.StringSliceVar(&flags.browsers, "browser", []string{steps.Simulator}, "what to run in: simulator, chrome")
	set.StringVar(&flags.tags, "tags", "", `which scenarios: "@a", "~@a", "@a,@b" (either), "@a && ~@b" (both)`)
	set.IntVar(&flags.concurrency, "concurrency", 8*runtime.NumCPU(), "how many scenarios run at a time")
	set.DurationVar(&flags.timeout, "timeout", steps.DefaultTimeout, "how long a request may take before the page gives up")
	set.StringVar(&flags.reportDir, "report-dir", filepath.Join("out", "upgrade"), "folder for the two reports")
	flags.register(command)
	return command
}

func (f upgradeFlags) check() error {
	check := controllerChoice.checkModelled
	switch f.environment.name {
	case "embedded":
	case "kind":
		check = controllerChoice.checkInstallable
	default:
		return fmt.Errorf("there is no environment %q whose controller could be upgraded: there are embedded and kind", f.environment.name)
	}
	if err := f.runFlags.check(); err != nil {
		return err
	}
	for _, controller := range []controllerChoice{f.from, f.to} {
		if err := check(controller); err != nil {
			return err
		}
	}
	if f.from.version == f.to.version && f.from.chart == f.to.chart {
		return fmt.Errorf("--from and --to are both %s: there is nothing to compare", f.from)
	}
	return nil
}

// versions gives the environment in its versions. Steps of a cluster are shown on out.
func (f upgradeFlags) versions(authority *ca.Authority, out io.Writer) (upgradable, error) {
	if f.environment.name != "kind" {
		return embeddedVersions{authority}, nil
	}
	options, err := f.environment.kind.options(f.reportDir, out)
	if err != nil {
		return nil, err
	}
	return &kindVersions{flags: f.environment.kind, authority: authority, options: options, common: cluster.Options{IgnoreMeshMembership: f.environment.ignoreMesh, StepTimeout: options.StepTimeout}}, nil
}

// upgrade runs the scenarios before and after, and compares.
func upgrade(ctx context.Context, flags upgradeFlags, paths []string, out, aside io.Writer) (err error) {
	if err := flags.check(); err != nil {
		return usageFailure(err)
	}
	allowed, err := flags.allowed()
	if err != nil {
		return err
	}
	files := fs.FS(steps.OSFiles{})
	if len(paths) == 0 {
		files, paths = features.FS(), []string{features.Root}
	}
	// The order of the files: what differs is to be the version alone.
	selection := steps.Selection{Files: files, Paths: paths, Tags: flags.tags, Concurrency: flags.concurrency}
	if _, err := steps.Read(selection); err != nil {
		return usageFailure(err)
	}
	authority, err := ca.New()
	if err != nil {
		return environmentFailure(err)
	}
	browsers, err := launch(ctx, flags.runFlags, authority)
	defer func() {
		for _, browser := range browsers {
			err = errors.Join(err, browser.Close())
		}
	}()
	if err != nil {
		return environmentFailure(err)
	}
	environments, err := flags.versions(authority, aside)
	if err != nil {
		return startFailure(err)
	}
	defer func() { err = errors.Join(err, environments.Close()) }()
	suite := &steps.Suite{Browsers: browsers, Roots: authority.Pool(), Timeout: flags.timeout}
	var reports [2]report.Report
	var sides [2]*compare.Report
	brokenDown := 0
	for i, controller := range []controllerChoice{flags.from, flags.to} {
		if reports[i], err = runAt(ctx, suite, environments, controller, selection); err != nil {
			return environmentFailure(err)
		}
		if sides[i], err = compare.Of(reports[i]); err != nil {
			return environmentFailure(err)
		}
		for _, scenario := range reports[i].Scenarios {
			if scenario.Verdict == report.EnvironmentError {
				brokenDown++
			}
		}
	}
	// One report without the other would be half of the answer.
	for i, name := range []string{"before", "after"} {
		folder := filepath.Join(flags.reportDir, name)
		if err := report.WriteFolder(folder, reports[i]); err != nil {
			return environmentFailure(err)
		}
		sides[i].Path = filepath.Join(folder, report.JSONFile)
	}
	comparison := compare.Reports(sides[0], sides[1], allowed)
	if err := writeComparison(out, comparison, flags.asJSON); err != nil {
		return err
	}
	if brokenDown > 0 {
		return environmentFailure(fmt.Errorf("%d scenarios could not be carried out; the reports in %s say why", brokenDown, flags.reportDir))
	}
	if comparison.Compared == 0 {
		return environmentFailure(fmt.Errorf("nothing was compared: no scenario ran on either side; the reports in %s say why", flags.reportDir))
	}
	return nil
}

// runAt runs the scenarios under one version of the controller.
func runAt(ctx context.Context, suite *steps.Suite, environments upgradable, controller controllerChoice, selection steps.Selection) (made report.Report, err error) {
	plan, err := steps.Read(selection)
	if err != nil {
		return made, err
	}
	environment, err := environments.At(ctx, controller)
	if err != nil {
		return made, fmt.Errorf("ingress-nginx %s: %w", controller, err)
	}
	defer func() { err = errors.Join(err, environment.Close()) }()
	progress := func(report.Scenario) {}
	if isTerminal(os.Stderr) {
		drawn := report.NewProgress(os.Stderr, plan.Scenarios(), true)
		defer drawn.Close()
		progress = drawn.Add
	}
	started := time.Now()
	suite.Environment = environment
	scenarios := suite.Run(ctx, plan, progress)
	if ctx.Err() != nil {
		return made, fmt.Errorf("interrupted under ingress-nginx %s: nothing was compared", controller)
	}
	made = report.Report{
		Schema: report.Schema, Crosscheck: version(), Started: started,
		Environment: report.Environment{Name: environment.Name(), Versions: versions(environment, suite.Browsers)},
		Scenarios:   scenarios,
	}
	if made.Environment.Versions["ingress-nginx"] == "" { // a model is asked for its version by each Ingress
		made.Environment.Versions["ingress-nginx (default)"] = controller.version
	}
	made.Summarize(time.Since(started))
	return made, nil
}
