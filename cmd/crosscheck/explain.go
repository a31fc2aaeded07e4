package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/crosscheck-dev/crosscheck/harness/explain"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// explainFlags are the flags of "crosscheck explain", as they were typed.
type explainFlags struct {
	origin, credentials, mode, redirect, body, profile, rootsFile, har string
	headers, cookies, resolutions                                      []string
	timeout                                                            time.Duration
	asJSON                                                             bool
}

func newExplainCommand() *cobra.Command {
	var flags explainFlags
	command := &cobra.Command{
		Use:   "explain METHOD URL --origin ORIGIN | --har FILE.har",
		Short: "Tell what a browser would do with one live request, or did with those of a recording, and why",
		Long: "Tell what a browser would do with one live request, and why, step by step; what to change; and the curl commands that send the browser's bytes.\n" +
			"With --har: find the requests that a browser blocked in what its network panel has saved as HAR (Chrome, Firefox, Safari), and explain each by the recorded exchanges.\n" +
			"Exit code 0: the page gets the response, or nothing was blocked. 1: the browser refuses. 2: usage, or a file that is no whole recording. 3: the server cannot be reached.",
		Example: `  crosscheck explain GET https://api.example.com/user --origin https://app.example.com --credentials include --cookie session=1
  crosscheck explain PUT https://api.example.com/user --origin https://app.example.com -H 'Content-Type: application/json' -d '{"name":"Ada"}'
  crosscheck explain GET https://api.example.com/ --origin null --resolve api.example.com:443:127.0.0.1 --cacert ca.pem
  crosscheck explain --har app.example.com.har`,
		Args: func(command *cobra.Command, arguments []string) error {
			if flags.har != "" && len(arguments) > 0 {
				return usageFailure(fmt.Errorf("%q: with --har the requests are those of the recording: leave METHOD and URL out", arguments))
			}
			if flags.har != "" {
				return nil
			}
			return cobra.ExactArgs(2)(command, arguments)
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			if flags.har != "" {
				return flags.explainRecording(command)
			}
			question, err := flags.question(arguments[0], arguments[1], command.Flags().Changed("data"))
			if err != nil {
				return usageFailure(err)
			}
			return explainRequest(command.Context(), question, flags.asJSON, command.OutOrStdout())
		},
	}
	set := command.Flags()
	set.StringVar(&flags.origin, "origin", "", `the page's origin, such as https://app.example.com; "null" for an opaque one`)
	set.StringArrayVarP(&flags.headers, "header", "H", nil, `a header that the script sets: "Name: value"; repeatable`)
	set.StringVar(&flags.credentials, "credentials", "same-origin", "omit, same-origin or include")
	set.StringVar(&flags.mode, "mode", "cors", "cors, no-cors or same-origin")
	set.StringVar(&flags.redirect, "redirect", "follow", "follow, error or manual")
	set.StringVarP(&flags.body, "data", "d", "", "the body, a string of the script's: text/plain unless a Content-Type is set")
	set.StringVar(&flags.profile, "profile", "chromium", "what the simulator follows: chromium or standard")
	set.StringArrayVar(&flags.cookies, "cookie", nil, `a cookie of the URL's host: "name=value", or with attributes as in Set-Cookie; repeatable`)
	set.StringVar(&flags.rootsFile, "cacert", "", "a PEM file of certificate authorities to trust instead of the system's")
	set.StringArrayVar(&flags.resolutions, "resolve", nil, "where a host is: host:port:address, or host:port:address:port; repeatable")
	set.StringVar(&flags.har, "har", "", "explain the blocked requests of a browser's recording instead")
	set.DurationVar(&flags.timeout, "timeout", 10*time.Second, "how long everything may take")
	set.BoolVar(&flags.asJSON, "json", false, "write one JSON object instead of text")
	return command
}

// question reads the flags.
func (f *explainFlags) question(method, url string, hasBody bool) (explain.Question, error) {
	question := explain.Question{
		Origin: f.origin, Cookies: f.cookies, RootsFile: f.rootsFile, Timeout: f.timeout,
		Request: simulator.Request{
			Method: method, URL: url, Mode: simulator.Mode(f.mode),
			Credentials: simulator.CredentialsMode(f.credentials), Redirect: simulator.RedirectMode(f.redirect),
		},
	}
	for _, choice := range []struct {
		flag, value string
		allowed     []string
	}{
		{"--credentials", f.credentials, []string{"omit", "same-origin", "include"}},
		{"--mode", f.mode, []string{"cors", "no-cors", "same-origin"}},
		{"--redirect", f.redirect, []string{"follow", "error", "manual"}},
		{"--profile", f.profile, []string{simulator.Chromium.Name, simulator.Standard.Name}},
	} {
		if !slices.Contains(choice.allowed, choice.value) {
			return question, fmt.Errorf("%s: there is no %q: there are %s", choice.flag, choice.value, strings.Join(choice.allowed, ", "))
		}
	}
	question.Profile = simulator.Chromium
	if f.profile == simulator.Standard.Name {
		question.Profile = simulator.Standard
	}
	if hasBody {
		question.Request.Body = &simulator.Body{Text: f.body}
	}
	for _, text := range f.headers {
		header, err := explain.ParseHeader(text)
		if err != nil {
			return question, err
		}
		question.Request.Headers = append(question.Request.Headers, header)
	}
	for _, text := range f.resolutions {
		resolution, err := explain.ParseResolution(text)
		if err != nil {
			return question, err
		}
		question.Resolutions = append(question.Resolutions, resolution)
	}
	var err error
	question.Roots, err = readRoots(f.rootsFile)
	return question, err
}

// explainRequest asks, and writes the answer. A server that cannot be reached
// leaves an explanation too: what was decided on the way to it.
func explainRequest(ctx context.Context, question explain.Question, asJSON bool, out io.Writer) error {
	explanation, err := explain.Ask(ctx, question)
	var unreachable *explain.Unreachable
	switch {
	case explain.IsInvalidQuestion(err):
		return usageFailure(err)
	case err != nil && !errors.As(err, &unreachable):
		return environmentFailure(err)
	}
	if writeErr := writeExplanation(out, explanation, asJSON); writeErr != nil {
		return environmentFailure(writeErr)
	}
	switch {
	case unreachable != nil:
		return environmentFailure(unreachable)
	case explanation.Refused():
		return errFailed
	}
	return nil
}

func writeExplanation(out io.Writer, explanation explain.Explanation, asJSON bool) error {
	if !asJSON {
		return explain.WriteText(out, explanation)
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(explanation); err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}
