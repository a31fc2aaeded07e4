package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/crosscheck-dev/crosscheck/features"
	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/harness/simulated"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/steps"
)

// runFlags are the flags of "crosscheck run".
type runFlags struct {
	environment environmentFlags
	browsers    []string
	tags        string
	concurrency int
	timeout     time.Duration
	seed        int64
	shard       shardFlags
	remote      remoteFlags
	publishFlags
}

func newRunCommand() *cobra.Command {
	var flags runFlags
	command := &cobra.Command{
		Use:   "run [FILE.feature or folder ...]",
		Short: "Run scenarios in the simulator and in Chrome (default: those of crosscheck.yaml, else the embedded features)",
		Example: `  crosscheck run
  crosscheck run features/ingress --tags '~@slow'
  crosscheck run features/app/go.feature:12 --browser simulator
  crosscheck run --env live staging.feature`,
		RunE: func(command *cobra.Command, paths []string) error {
			var err error
			if paths, err = flags.adopt(command.Flags(), paths); err != nil {
				return usageFailure(err)
			}
			return run(command.Context(), flags, paths, command.OutOrStdout())
		},
	}
	set := command.Flags()
	flags.environment.add(set)
	set.StringSliceVar(&flags.browsers, "browser", []string{steps.Simulator, "chrome"}, "what to run in: simulator, chrome")
	set.StringVar(&flags.tags, "tags", "", `which scenarios: "@a", "~@a", "@a,@b" (either), "@a && ~@b" (both)`)
	set.IntVar(&flags.concurrency, "concurrency", 8*runtime.NumCPU(), "how many scenarios run at a time")
	set.DurationVar(&flags.timeout, "timeout", steps.DefaultTimeout, "how long a request may take before the page gives up")
	set.Int64Var(&flags.seed, "seed", -1, "order of the scenarios: -1 for a random one, 0 for that of the files")
	flags.shard.add(set)
	flags.remote.add(set)
	flags.publishFlags.add(set)
	return command
}

// run runs the scenarios and writes the report.
func run(ctx context.Context, flags runFlags, paths []string, out io.Writer) (err error) {
	if err := flags.check(); err != nil {
		return usageFailure(err)
	}
	files := fs.FS(steps.OSFiles{})
	if len(paths) == 0 {
		files, paths = features.FS(), []string{features.Root}
	}
	plan, err := steps.Read(steps.Selection{
		Files: files, Paths: paths, Tags: flags.tags, Concurrency: flags.concurrency, Seed: flags.seed,
	})
	if err != nil {
		return usageFailure(err)
	}
	shard, err := flags.shard.narrow(plan)
	if err != nil {
		return usageFailure(err)
	}

	manners, err := flags.environment.manners(plan, os.LookupEnv)
	if err != nil {
		return err
	}
	defer func() { err = manners.secrets.RedactError(err) }()
	authority, err := flags.remote.authority()
	if err != nil {
		return environmentFailure(err)
	}
	environment, err := flags.environment.start(ctx, authority, flags.reportDir, out)
	if err != nil {
		return startFailure(err)
	}
	defer func() { err = errors.Join(err, environment.Close()) }()
	browsers, err := launch(ctx, flags, authority)
	defer func() {
		for _, browser := range browsers {
			err = errors.Join(err, browser.Close())
		}
	}()
	if err != nil {
		return environmentFailure(err)
	}

	resume := flags.withoutCommands(out)
	started := time.Now()
	progress := report.NewProgress(out, plan.Scenarios(), isTerminal(out))
	suite := &steps.Suite{
		Environment: environment, Browsers: browsers, Roots: authority.Pool(), Timeout: flags.timeout,
		Limiter: manners.limiter, Retries: manners.retries, Secrets: manners.secrets, Cookies: manners.cookies,
	}
	scenarios := suite.Run(ctx, plan, progress.Add)
	progress.Close()

	if err := flags.environment.writeGolden(environment, out); err != nil {
		return environmentFailure(err)
	}
	result := report.Report{
		Schema: report.Schema, Crosscheck: version(), Started: started, Shard: shard,
		Environment: report.Environment{Name: environment.Name(), Versions: versions(environment, browsers)},
		Scenarios:   scenarios,
	}
	result.Summarize(time.Since(started))
	return flags.publish(ctx, result, out, resume)
}

// startFailure is an environment that does not come up, or that was asked for with flags that make no sense.
func startFailure(err error) error {
	var exit *exitError
	if errors.As(err, &exit) {
		return err
	}
	return environmentFailure(err)
}

func (f runFlags) check() error {
	if err := f.environment.check(); err != nil {
		return err
	}
	if len(f.browsers) == 0 {
		return errors.New("no browser is named: write --browser simulator, chrome or both")
	}
	for i, name := range f.browsers {
		if name != steps.Simulator && name != "chrome" {
			return fmt.Errorf("there is no browser %q: there are simulator and chrome", name)
		}
		if slices.Contains(f.browsers[:i], name) {
			return fmt.Errorf("the browser %q is named twice", name)
		}
	}
	if f.concurrency < 1 {
		return fmt.Errorf("--concurrency is %d: at least one scenario has to run at a time", f.concurrency)
	}
	if f.timeout <= 0 {
		return fmt.Errorf("--timeout is %s: a request needs some time", f.timeout)
	}
	if _, _, err := f.shard.parse(); err != nil {
		return err
	}
	return f.remote.check(slices.Contains(f.browsers, "chrome"))
}

// tabsPerCPU is how many tabs of Chrome work at a time for each CPU. More of
// them only wait for each other; more scenarios than tabs keep the tabs busy.
const tabsPerCPU = 2

// launch starts the browsers; those that run are returned with an error too.
func launch(ctx context.Context, flags runFlags, authority *ca.Authority) ([]harness.Browser, error) {
	var browsers []harness.Browser
	for _, name := range flags.browsers {
		if name == steps.Simulator {
			browsers = append(browsers, simulated.New(simulator.Chromium, steps.Simulator, authority.Pool()))
			continue
		}
		browser, err := launchChrome(ctx, authority, flags.remote, min(flags.concurrency, tabsPerCPU*runtime.NumCPU()))
		if err != nil {
			return browsers, interruption(ctx, err)
		}
		browsers = append(browsers, browser)
	}
	return browsers, nil
}

// launchChrome starts the Chrome of this machine, or takes those that run elsewhere, which trust the authority.
func launchChrome(ctx context.Context, authority *ca.Authority, remote remoteFlags, sessions int) (*chrome.Browser, error) {
	options := chrome.Options{Authority: authority, Sessions: sessions, Remote: remote.urls, ProxyHost: remote.proxyAddress}
	if len(remote.urls) == 0 {
		var err error
		if options.ExecPath, err = chrome.Find(ctx, os.Getenv("CHROME")); err != nil {
			return nil, err
		}
	}
	return chrome.Launch(ctx, options)
}

func versions(environment harness.Environment, browsers []harness.Browser) map[string]string {
	all := maps.Clone(environment.Versions())
	for _, browser := range browsers {
		all[browser.Name()] = browser.Version()
	}
	return all
}

// isTerminal tells whether live progress can be drawn.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && !strings.EqualFold(os.Getenv("TERM"), "dumb")
}
