package chrome

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// reachBound is how long a remote Chrome may take to open a page through the proxies of this machine.
const reachBound = 10 * time.Second

// headlessProduct is the only kind of Chrome whose defaults are known without its profile.
const headlessProduct = "HeadlessChrome/"

// RemoteFlags are the command line of a Chrome that Options.Remote can name: what a Chrome
// of this machine is started with, and --enable-automation, by which it tells its command line, so that it
// can be checked. Where it listens is left to who starts it.
func RemoteFlags(authority *ca.Authority) []string {
	list := []string{"--headless", "--enable-automation", "--no-first-run"}
	for _, f := range common(authority) {
		list = append(list, f.String())
	}
	return list
}

// RemoteUnfit says that a Chrome elsewhere cannot be used, and what would change that.
type RemoteUnfit struct {
	// URL is what Options.Remote says.
	URL, Reason string
}

// Error names the Chrome.
func (e *RemoteUnfit) Error() string { return "the Chrome at " + e.URL + " " + e.Reason }

const startAnew = "start it with what crosscheck chrome --remote-flags prints"

// checkRemote finds out whether a Chrome that others started does as one of this machine would.
func checkRemote(ctx context.Context, e *engine) error {
	unfit := func(format string, values ...any) error {
		return &RemoteUnfit{URL: e.remote, Reason: fmt.Sprintf(format, values...)}
	}
	if !strings.HasPrefix(e.version, headlessProduct) {
		return unfit("is %s, whose profile says what becomes of cookies of third parties: start chromium-headless-shell (chrome-headless-shell) instead", e.version)
	}
	command, err := chromedp.CallBrowser(ctx, browser.GetBrowserCommandLine, cdp.Empty{})
	if err != nil {
		return unfit("does not tell its command line (%v), which decides what requests come to: %s", err, startAnew)
	}
	if missing := missingFlags(command.Arguments, e.options.Authority); len(missing) > 0 {
		return unfit("was started without %s: %s, with the same --ca", strings.Join(missing, " "), startAnew)
	}
	return nil
}

// missingFlags are the decisive flags that a command line has not. Lists may have more in them.
func missingFlags(arguments []string, authority *ca.Authority) []string {
	var missing []string
	for _, wanted := range decisive(authority) {
		var found []string
		for _, argument := range arguments {
			if name, value, _ := strings.Cut(argument, "="); name == "--"+wanted.name {
				// Of a switch that is there twice, Chrome takes the last.
				found = append(strings.Split(value, ","), "")
			}
		}
		members := []string{""}
		if list, ok := wanted.value.(string); ok {
			members = strings.Split(list, ",")
		}
		if slices.ContainsFunc(members, func(member string) bool { return !slices.Contains(found, member) }) {
			missing = append(missing, wanted.String())
		}
	}
	return missing
}

// checkReach opens a page, which only a proxy of this machine serves.
func checkReach(ctx context.Context, e *engine) error {
	ctx, cancel := context.WithTimeout(ctx, reachBound)
	defer cancel()
	t, err := e.acquire(ctx, "")
	if err == nil {
		t.proxy.attach(nowhere{})
		err = t.open(ctx, simulator.PageSpec{URL: "http://reach.crosscheck.invalid/"})
		e.release(t)
	}
	if err != nil {
		return &RemoteUnfit{URL: e.remote, Reason: fmt.Sprintf("does not reach this machine at %s (%v): name an address of this machine that it reaches with --proxy-address, and let its connections through", e.options.proxyHost(), err)}
	}
	return nil
}

// nowhere is a network with nothing in it.
type nowhere struct{}

// DialContext fails.
func (nowhere) DialContext(_ context.Context, _, address string) (net.Conn, error) {
	return nil, fmt.Errorf("connect to %s: there is nothing", address)
}

// CheckRemote refuses addresses of remote Chromes that make no sense, before anything is started.
func (o Options) CheckRemote() error {
	for i, remote := range o.Remote {
		parsed, err := url.Parse(remote)
		if err != nil || !slices.Contains([]string{"http", "ws"}, parsed.Scheme) || parsed.Port() == "" {
			return fmt.Errorf("%q is no address of a Chrome: write http://HOST:PORT, with the port of its --remote-debugging-port", remote)
		}
		if slices.Contains(o.Remote[:i], remote) {
			return fmt.Errorf("the Chrome at %s is named twice", remote)
		}
		address := net.ParseIP(parsed.Hostname())
		if here := parsed.Hostname() == "localhost" || address != nil && address.IsLoopback(); !here && o.ProxyHost == "" {
			return fmt.Errorf("the Chrome at %s is not on this machine: name an address of this machine that it reaches with --proxy-address", remote)
		}
	}
	return nil
}

// sameVersion refuses Chromes of different versions: a report tells one.
func sameVersion(engines []*engine) error {
	for _, e := range engines[1:] {
		if e.version != engines[0].version {
			return &RemoteUnfit{URL: e.remote, Reason: fmt.Sprintf("is %s, and the one at %s is %s: use Chromes of one version", e.version, engines[0].remote, engines[0].version)}
		}
	}
	return nil
}
