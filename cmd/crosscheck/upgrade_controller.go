package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/mod/semver"

	installer "github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// controllerChoice is the ingress-nginx of one side of an upgrade, as it was typed.
type controllerChoice struct {
	// side is "from" or "to".
	side string
	// version is the controller's; it may be empty where a chart is named.
	version string
	// chart is a chart's version, its folder or its .tgz; empty is the chart of the version.
	chart string
}

func (c *controllerChoice) add(set *pflag.FlagSet) {
	when, example := "before", ingressnginx.V1_11_0
	if c.side == "to" {
		when, example = "after", ingressnginx.V1_15_1
	}
	set.StringVar(&c.version, c.side, "", fmt.Sprintf("the version of ingress-nginx %s, such as %s", when, example))
	set.StringVar(&c.chart, c.side+"-chart", "", "--env kind: its chart, a folder, a .tgz or a version (default: the one for the controller's version in --ingress-nginx-chart)")
}

// String names the controller for people.
func (c controllerChoice) String() string {
	switch {
	case c.chart == "":
		return c.version
	case c.version == "":
		return "of the chart " + c.chart
	}
	return c.version + " of the chart " + c.chart
}

// checkModelled tells whether there is a model of the controller.
func (c controllerChoice) checkModelled() error {
	if c.chart != "" {
		return fmt.Errorf("--%s-chart: a model has no chart: name one with --env kind", c.side)
	}
	if c.version == "" {
		return fmt.Errorf("--%s is missing: name a version of ingress-nginx, one of %v", c.side, ingressnginx.Versions())
	}
	if _, err := ingressnginx.ParseVersion(c.version); err != nil {
		return fmt.Errorf("--%s: %w", c.side, err)
	}
	return nil
}

// checkInstallable tells whether the flags say which controller is to be installed.
func (c controllerChoice) checkInstallable() error {
	if c.version == "" && c.chart == "" {
		return fmt.Errorf("--%s is missing: name a version of ingress-nginx, such as %s, or a chart with --%[1]s-chart", c.side, ingressnginx.V1_15_1)
	}
	if c.version != "" && !isVersion(c.version) {
		return fmt.Errorf("--%s is %q: a version of ingress-nginx was expected, such as %s; a chart's folder, file or version goes into --%[1]s-chart", c.side, c.version, ingressnginx.V1_15_1)
	}
	if c.chart != "" && !isVersion(c.chart) {
		if _, err := os.Stat(c.chart); err != nil {
			return fmt.Errorf("--%s-chart: it is neither a version, such as %s, nor a folder or file: %w", c.side, installer.DefaultVersion, err)
		}
	}
	return nil
}

// isVersion tells whether text is a whole version, with or without its v.
func isVersion(text string) bool {
	version := "v" + strings.TrimPrefix(text, "v")
	return semver.IsValid(version) && strings.Count(version, ".") >= 2
}

// of are the options with this controller in them.
func (c controllerChoice) of(options installer.Options) installer.Options {
	options.Version = c.version
	switch {
	case c.chart == "":
	case isVersion(c.chart):
		options.Version = c.chart
	default:
		options.Source = c.chart
	}
	return options
}

// confirm compares what was asked for with the release that runs.
func (c controllerChoice) confirm(release string) error {
	if c.version == "" || strings.TrimPrefix(c.version, "v") == strings.TrimPrefix(release, "v") {
		return nil
	}
	return fmt.Errorf("--%s names the controller %s, and the one that runs says that it is %s: name the version that the chart installs, or another chart with --%[1]s-chart", c.side, c.version, release)
}
