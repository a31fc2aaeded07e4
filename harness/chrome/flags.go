package chrome

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
)

// ThirdPartyCookies says whether requests to another site carry cookies. Builds
// of Chromium differ in their default, so that it has to be said.
type ThirdPartyCookies int

// The policies.
const (
	// AllowThirdPartyCookies is the standard's behaviour.
	AllowThirdPartyCookies ThirdPartyCookies = iota
	// BlockThirdPartyCookies is the default of Chrome as people install it.
	BlockThirdPartyCookies
)

// disabledFeatures change what a page's request does, or only cost time:
//   - LocalNetworkAccessChecks: behind a proxy no address space is known, and requests from a
//     public page to an unknown one would be refused.
//   - Https…: pages whose URL is http are to be http.
//   - IsolateOrigins, site-per-process, IsolateSandboxedIframes: frames stay in their page's process and
//     show in its events. Chromium decides CORS in the network service, not by process.
var disabledFeatures = []string{
	"LocalNetworkAccessChecks",
	"HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable",
	"IsolateOrigins", "site-per-process", "IsolateSandboxedIframes",
	"BackForwardCache", "Translate", "OptimizationHints", "MediaRouter", "AcceptCHFrame",
}

// flag is a switch of Chrome's command line; its value is true where it has none.
type flag struct {
	name  string
	value any
}

// String is the flag as a shell takes it.
func (f flag) String() string {
	if f.value == true {
		return "--" + f.name
	}
	return fmt.Sprintf("--%s=%v", f.name, f.value)
}

// decisive are the flags without which requests have other outcomes.
func decisive(authority *ca.Authority) []flag {
	return []flag{
		{"disable-features", strings.Join(disabledFeatures, ",")},
		{"disable-site-isolation-trials", true},
		{"ignore-certificate-errors-spki-list", authority.SPKIHash()},
	}
}

// quiet are flags that keep Chrome from doing what nobody asked for. The last one:
// clearing the caches would make the files of three unused shader caches anew; without
// them it takes a tenth of the time (0.7 ms instead of 6.9, measured, Chromium 156).
var quiet = []string{
	"disable-background-networking", "disable-background-timer-throttling", "disable-backgrounding-occluded-windows",
	"disable-renderer-backgrounding", "disable-breakpad", "disable-client-side-phishing-detection",
	"disable-component-update", "disable-default-apps", "disable-dev-shm-usage", "disable-extensions",
	"disable-gpu", "disable-hang-monitor", "disable-ipc-flooding-protection", "disable-popup-blocking",
	"disable-prompt-on-repost", "disable-sync", "metrics-recording-only", "mute-audio", "no-pings",
	"safebrowsing-disable-auto-update", "use-mock-keychain", "disable-gpu-shader-disk-cache",
}

// common are the flags of every Chrome, wherever it runs.
func common(authority *ca.Authority) []flag {
	list := append(decisive(authority),
		// The network service in Chrome's own process: one process less, a quarter off the start.
		flag{"enable-features", "NetworkServiceInProcess2"},
		flag{"password-store", "basic"})
	for _, name := range quiet {
		list = append(list, flag{name, true})
	}
	return list
}

// flags are the command line of a Chrome that is started for this package.
func flags(options Options, profile string) []chromedp.ExecAllocatorOption {
	list := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(options.ExecPath),
		chromedp.UserDataDir(profile),
		chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.Headless,
		// What does not belong to a session (component updates, account services) reaches nothing.
		chromedp.Flag("host-resolver-rules", "MAP * ^NOTFOUND,EXCLUDE 127.0.0.1"),
	}
	for _, f := range common(options.Authority) {
		list = append(list, chromedp.Flag(f.name, f.value))
	}
	if os.Geteuid() == 0 {
		list = append(list, chromedp.NoSandbox)
	}
	return append(list, chromedp.ModifyCmdFunc(ownProcessGroup))
}

// writePreferences states the third-party cookie policy in the profile, where
// full builds of Chrome read it before anything else.
func writePreferences(profile string, policy ThirdPartyCookies) error {
	mode, block := 0, false
	if policy == BlockThirdPartyCookies {
		mode, block = 1, true
	}
	text := fmt.Sprintf(`{"profile":{"cookie_controls_mode":%d,"block_third_party_cookies":%t}}`, mode, block)
	path := filepath.Join(profile, "Default", "Preferences")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make Chrome's profile: %w", err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("write Chrome's preferences: %w", err)
	}
	return nil
}
