package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/crosscheck-dev/crosscheck/harness/audit"
	"github.com/crosscheck-dev/crosscheck/harness/explain"
	"github.com/crosscheck-dev/crosscheck/harness/manifest"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// auditFlags are the flags of "crosscheck audit", as they were typed.
type auditFlags struct {
	format, failOn, ingressVersion, rootsFile       string
	classes, ignored, origins, cookies, resolutions []string
	rate                                            float64
	timeout                                         time.Duration
}

func newAuditCommand() *cobra.Command {
	var flags auditFlags
	command := &cobra.Command{
		Use:   "audit URL | FILE.yaml or folder or - ...",
		Short: "Ask a CORS policy as hostile origins would, and tell who could read what",
		Long: "Ask a CORS policy as hostile and edge origins would, and tell who could read what, with a request that proves it and the fix.\n" +
			"The policy of an Ingress of ingress-nginx is asked in a model of the controller; - reads manifests from the standard input, such as the output of helm template.\n" +
			"The policy at a URL is asked over the wire: with GET and OPTIONS only, no request twice, and no more than --rate in a second. Audit only what is yours.\n" +
			"Exit code 0: no finding. 1: findings, of the severity --fail-on or worse. 2: usage, or a manifest that is wrong. 3: the server cannot be reached.",
		Example: `  crosscheck audit k8s/ingress.yaml
  helm template ./chart | crosscheck audit - --format sarif > audit.sarif
  crosscheck audit https://api.example.com/user --origin https://app.example.com`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, subjects []string) error {
			result, err := flags.audit(command.Context(), subjects, command.InOrStdin())
			if err != nil {
				return err
			}
			return flags.write(command.OutOrStdout(), result)
		},
	}
	set := command.Flags()
	set.StringVar(&flags.format, "format", "text", "text, json or sarif")
	set.StringVar(&flags.failOn, "fail-on", "low", "the severity from which findings make the exit code 1: high, medium, low or info")
	set.StringSliceVar(&flags.ignored, "ignore", nil, "rules to leave out, such as max-age")
	set.StringVar(&flags.ingressVersion, "ingress-version", string(ingressnginx.V1_15_1), "the version of ingress-nginx that Ingresses are for")
	set.StringSliceVar(&flags.classes, "ingress-class", nil, `names of ingress-nginx's classes, beside "nginx"`)
	set.StringSliceVar(&flags.origins, "origin", nil, "an origin that the policy at the URL is to allow; repeatable")
	set.StringArrayVar(&flags.cookies, "cookie", nil, `a cookie of the URL's host: "name=value"; sent, and never shown; repeatable`)
	set.Float64Var(&flags.rate, "rate", 5, "how many requests to send to the URL in a second at most")
	set.DurationVar(&flags.timeout, "timeout", 10*time.Second, "how long a request to the URL may take")
	set.StringVar(&flags.rootsFile, "cacert", "", "a PEM file of certificate authorities to trust instead of the system's")
	set.StringArrayVar(&flags.resolutions, "resolve", nil, "where a host is: host:port:address, or host:port:address:port; repeatable")
	return command
}

// audit audits what the arguments name.
func (f *auditFlags) audit(ctx context.Context, subjects []string, stdin io.Reader) (audit.Result, error) {
	if err := f.check(); err != nil {
		return audit.Result{}, usageFailure(err)
	}
	isURL := func(subject string) bool {
		return strings.HasPrefix(subject, "http://") || strings.HasPrefix(subject, "https://")
	}
	urls := slices.DeleteFunc(slices.Clone(subjects), func(s string) bool { return !isURL(s) })
	paths := slices.DeleteFunc(slices.Clone(subjects), isURL)
	result := audit.Result{Schema: audit.Schema, Policies: []audit.Policy{}, Skipped: []audit.Skipped{}}
	if len(paths) > 0 {
		version, err := ingressnginx.ParseVersion(f.ingressVersion)
		if err != nil {
			return result, usageFailure(fmt.Errorf("--ingress-version: %w", err))
		}
		read, err := manifest.Load(stdin, paths...)
		if errors.Is(err, os.ErrNotExist) {
			err = fmt.Errorf("%w (a URL begins with http:// or https://)", err)
		}
		if err != nil {
			return result, usageFailure(err)
		}
		result, err = audit.Ingresses(ctx, read, audit.IngressOptions{Version: version, Classes: f.classes})
		switch {
		case ctx.Err() != nil:
			return result, environmentFailure(errors.New("interrupted: not all Ingresses were audited"))
		case err != nil:
			return result, usageFailure(err)
		}
	}
	for _, url := range urls {
		options, err := f.urlOptions()
		if err != nil {
			return result, usageFailure(err)
		}
		found, err := audit.URL(ctx, url, options)
		switch {
		case audit.IsInvalid(err):
			return result, usageFailure(err)
		case ctx.Err() != nil:
			return result, environmentFailure(fmt.Errorf("interrupted: %s was not audited to its end", url))
		case err != nil:
			return result, environmentFailure(err)
		}
		result.Policies = append(result.Policies, found.Policies...)
	}
	return result.Without(f.ignored...), nil
}

func (f *auditFlags) check() error {
	if !slices.Contains([]string{"text", "json", "sarif"}, f.format) {
		return fmt.Errorf("--format: there is no %q: there are text, json, sarif", f.format)
	}
	if !slices.Contains(audit.Severities(), audit.Severity(f.failOn)) {
		return fmt.Errorf("--fail-on: there is no severity %q: there are high, medium, low, info", f.failOn)
	}
	for _, rule := range f.ignored {
		if !audit.IsRule(rule) {
			var known []string
			for _, rule := range audit.Rules() {
				known = append(known, rule.ID)
			}
			return fmt.Errorf("--ignore: there is no rule %q: there are %s", rule, strings.Join(known, ", "))
		}
	}
	if f.rate <= 0 {
		return errors.New("--rate: some requests have to be sent: write a number above 0")
	}
	if f.timeout <= 0 {
		return fmt.Errorf("--timeout: %s is no time for a request", f.timeout)
	}
	return nil
}

func (f *auditFlags) urlOptions() (audit.URLOptions, error) {
	options := audit.URLOptions{Origins: f.origins, Cookies: f.cookies, Rate: f.rate, Timeout: f.timeout, RootsFile: f.rootsFile}
	for _, text := range f.resolutions {
		resolution, err := explain.ParseResolution(text)
		if err != nil {
			return options, err
		}
		options.Resolutions = append(options.Resolutions, resolution)
	}
	var err error
	options.Roots, err = readRoots(f.rootsFile)
	return options, err
}

// readRoots reads the file of --cacert; nil, which means the system's, for none.
func readRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--cacert: read the certificates: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("--cacert: %s has no certificate in PEM form (-----BEGIN CERTIFICATE-----)", file)
	}
	return roots, nil
}

// write writes the result, and turns it into the exit code's error.
func (f *auditFlags) write(out io.Writer, result audit.Result) error {
	var err error
	switch f.format {
	case "json":
		err = audit.WriteJSON(out, result)
	case "sarif":
		err = audit.WriteSARIF(out, result, version())
	default:
		err = audit.WriteText(out, result)
	}
	if err != nil {
		return environmentFailure(err)
	}
	if result.Worst().AtLeast(audit.Severity(f.failOn)) {
		return errFailed
	}
	return nil
}
