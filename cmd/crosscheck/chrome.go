package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/chrome"
)

// defaultCA is the file of the authority that remote Chromes trust.
const defaultCA = "crosscheck-ca.pem"

// remoteFlags are the flags that name Chromes elsewhere.
type remoteFlags struct {
	urls         []string
	ca           string
	proxyAddress string
}

func (f *remoteFlags) add(set *pflag.FlagSet) {
	set.StringSliceVar(&f.urls, "chrome-url", nil, "DevTools address of a Chrome that runs already, such as http://10.0.0.7:9222, and was started with what crosscheck chrome --remote-flags prints; several share the scenarios")
	set.StringVar(&f.ca, "ca", defaultCA, "with --chrome-url: the certificate authority that these Chromes trust, from crosscheck chrome --remote-flags")
	set.StringVar(&f.proxyAddress, "proxy-address", "", "with --chrome-url: the address of this machine that these Chromes reach; whoever else reaches it gets to the scenarios' deployments during the run (default 127.0.0.1)")
}

func (f remoteFlags) check(hasChrome bool) error {
	switch {
	case len(f.urls) == 0 && f.proxyAddress != "":
		return errors.New("--proxy-address is for Chromes elsewhere: name one with --chrome-url")
	case len(f.urls) > 0 && !hasChrome:
		return errors.New("--chrome-url names a Chrome, and --browser has none: add chrome to it")
	}
	return chrome.Options{Remote: f.urls, ProxyHost: f.proxyAddress}.CheckRemote()
}

// authority is the CA of a run: a fresh one, unless Chromes that run already have to trust it.
func (f remoteFlags) authority() (*ca.Authority, error) {
	if len(f.urls) == 0 {
		return ca.New()
	}
	authority, err := ca.Open(f.ca)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: --chrome-url needs the authority that these Chromes trust: crosscheck chrome --remote-flags --ca %s makes it, and prints what to start them with", err, f.ca)
	}
	return authority, err
}

func newChromeCommand() *cobra.Command {
	install, remote, file := false, false, ""
	command := &cobra.Command{
		Use:   "chrome",
		Short: "Print the path of the Chrome that scenarios run in, installing one where asked",
		Long: "Print the path of the Chrome that scenarios run in: the CHROME variable's, else the first on PATH.\n" +
			"With --install, one that is missing is installed with the system's package manager.\n" +
			"With --remote-flags, print what a Chrome on another machine is started with for crosscheck run --chrome-url: it trusts the certificate\n" +
			"authority in the file --ca, which is made where it is missing. Only its hash is in the flags: the file stays on the machine that runs crosscheck.\n" +
			"Chrome's DevTools listen on its own machine only: what forwards the port (ssh -L, kubectl port-forward, socat) is left to you.",
		Example: `  crosscheck chrome --remote-flags > flags
  chromium-headless-shell $(cat flags) --remote-debugging-port=9222
  crosscheck run --chrome-url http://127.0.0.1:9222`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if remote {
				return printRemoteFlags(command.OutOrStdout(), file)
			}
			path, err := chrome.Find(command.Context(), os.Getenv("CHROME"))
			var missing *chrome.NotFound
			if errors.As(err, &missing) && install {
				path, err = chrome.Install(command.Context(), command.ErrOrStderr())
			}
			if err != nil {
				return environmentFailure(err)
			}
			fmt.Fprintln(command.OutOrStdout(), path)
			return nil
		},
	}
	command.Flags().BoolVar(&install, "install", false, "install a Chrome with the system's package manager when there is none")
	command.Flags().BoolVar(&remote, "remote-flags", false, "print the flags of a Chrome for crosscheck run --chrome-url, one a line")
	command.Flags().StringVar(&file, "ca", defaultCA, "with --remote-flags: the file of the certificate authority that the Chrome is to trust")
	command.MarkFlagsMutuallyExclusive("install", "remote-flags")
	return command
}

func printRemoteFlags(out io.Writer, file string) error {
	authority, err := ca.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		authority, err = ca.Create(file)
	}
	if err != nil {
		return environmentFailure(err)
	}
	for _, flag := range chrome.RemoteFlags(authority) {
		fmt.Fprintln(out, flag)
	}
	return nil
}
