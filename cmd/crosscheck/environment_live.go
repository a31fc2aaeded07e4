package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/net/http/httpproxy"
	"golang.org/x/time/rate"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/live"
	"github.com/crosscheck-dev/crosscheck/harness/nearest"
	"github.com/crosscheck-dev/crosscheck/harness/project"
	"github.com/crosscheck-dev/crosscheck/harness/secret"
	"github.com/crosscheck-dev/crosscheck/steps"
)

// adopt takes over what the project says, where no flag says otherwise, and
// gives the paths to run: those that were typed, else the project's.
func (f *runFlags) adopt(set *pflag.FlagSet, paths []string) ([]string, error) {
	var err error
	if f.environment.config == "" {
		f.environment.project, err = project.Find(".")
	} else {
		f.environment.project, err = project.Read(f.environment.config)
	}
	found := f.environment.project
	if err != nil || found == nil {
		return paths, err
	}
	if !set.Changed("env") && found.Environment != "" {
		if !slices.Contains(environmentNames, found.Environment) {
			return nil, fmt.Errorf("%s:%d: there is no environment %q: there are %s", found.File, found.Line("environment"), found.Environment, strings.Join(environmentNames, ", "))
		}
		f.environment.name = found.Environment
	}
	if !set.Changed("timeout") && f.environment.name == "live" && found.Live.Timeout > 0 {
		f.timeout = found.Live.Timeout
	}
	if len(paths) == 0 {
		paths = found.Paths()
	}
	return paths, nil
}

// startLive makes the environment of what is deployed. found is nil where there is no project.
func startLive(authority *ca.Authority, found *project.Project, secrets *secret.Values) (harness.Environment, error) {
	options := live.Options{Authority: authority, Proxy: httpproxy.FromEnvironment().ProxyFunc()}
	if found != nil {
		roots, err := found.Roots()
		if err != nil {
			return nil, usageFailure(err)
		}
		options.Roots, options.Hosts = roots, found.Live.Hosts
		if options.Additions, err = found.Additions(secrets.Expand); err != nil {
			return nil, usageFailure(err)
		}
	}
	return live.New(options), nil
}

// manners are how scenarios treat an API that is not ours.
type manners struct {
	limiter *rate.Limiter
	retries int
	secrets *secret.Values
	cookies []harness.SetCookie
}

// manners are the project's for what is deployed, and none for what is started
// here. lookup finds environment variables.
func (f *environmentFlags) manners(plan *steps.Plan, lookup func(string) (string, bool)) (manners, error) {
	if f.name != "live" {
		return manners{}, nil
	}
	found := f.project
	if found == nil {
		found = &project.Project{File: project.FileName}
	}
	m := manners{limiter: rate.NewLimiter(rate.Limit(cmp.Or(found.Live.Rate, project.DefaultRate)), 1), retries: found.Live.Retries}
	values := map[string]string{}
	for _, name := range found.Live.Secrets {
		if value, set := lookup(name); set && strings.TrimSpace(value) != "" {
			values[name] = value
		}
	}
	if err := checkSecrets(found, used(found, plan), values); err != nil {
		return m, err
	}
	var err error
	if m.secrets, err = secret.New(values); err != nil {
		return m, usageFailure(fmt.Errorf("%s: %w", found.File, err))
	}
	f.secrets = m.secrets
	for _, cookie := range found.Live.Cookies {
		set, err := m.secrets.Expand(cookie.Set)
		if err != nil {
			return m, usageFailure(err)
		}
		m.cookies = append(m.cookies, harness.SetCookie{URL: cookie.URL, Header: set})
	}
	return m, nil
}

// use is a place at which a secret is used.
type use struct{ name, place string }

// used finds the secrets in the project's cookies and headers, and in the steps.
func used(found *project.Project, plan *steps.Plan) []use {
	var uses []use
	add := func(text, file string, line int) {
		for _, match := range secret.Placeholder.FindAllStringSubmatch(text, -1) {
			uses = append(uses, use{match[1], fmt.Sprintf("%s:%d", file, line)})
		}
	}
	for i, cookie := range found.Live.Cookies {
		add(cookie.Set, found.File, found.Line("live", "cookies", fmt.Sprint(i)))
	}
	for _, host := range slices.Sorted(maps.Keys(found.Live.Headers)) {
		for name, value := range found.Live.Headers[host] {
			add(value, found.File, found.Line("live", "headers", host, name))
		}
	}
	for _, step := range plan.Steps() {
		add(step.Text, step.File, step.Line)
		for _, row := range step.Table {
			add(strings.Join(row, "\n"), step.File, step.Line)
		}
	}
	return uses
}

// checkSecrets reports every secret that is used and not there, each once.
func checkSecrets(found *project.Project, uses []use, values map[string]string) error {
	var undeclared, missing []error
	seen := map[string]bool{}
	for _, u := range uses {
		if seen[u.name] {
			continue
		}
		seen[u.name] = true
		switch _, set := values[u.name]; {
		case !slices.Contains(found.Live.Secrets, u.name):
			hint := ""
			if near := nearest.To(u.name, found.Live.Secrets); near != "" {
				hint = fmt.Sprintf(", or write ${%s} if that is meant", near)
			}
			undeclared = append(undeclared, fmt.Errorf("%s: ${%s} is used, and it is no secret of %s: list it there under live.secrets%s", u.place, u.name, found.File, hint))
		case !set:
			missing = append(missing, fmt.Errorf("%s: ${%s} is used (%s:%d lists it), and the environment variable %s is not set: export it; in GitHub Actions, give the step env: {%s: ${{ secrets.%s }}}",
				u.place, u.name, found.File, found.SecretLine(u.name), u.name, u.name, u.name))
		}
	}
	if len(undeclared) > 0 {
		return usageFailure(errors.Join(undeclared...))
	}
	if len(missing) > 0 {
		return environmentFailure(errors.Join(missing...))
	}
	return nil
}
