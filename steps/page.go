package steps

import (
	"net/url"

	"github.com/cucumber/godog"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// aPageAt is a page, by itself or nested in a frame of another one.
func (w *world) aPageAt(page, around string) error {
	return w.openPage(nested(page, around))
}

// nested describes a page in a frame of the page around it, if there is one.
func nested(page, around string) simulator.PageSpec {
	if around == "" {
		return simulator.PageSpec{URL: page}
	}
	return simulator.PageSpec{URL: around, Iframe: page}
}

func (w *world) aPageWithHeaders(page string, table *godog.Table) error {
	headers, err := fields(table)
	if err != nil {
		return err
	}
	return w.openPage(simulator.PageSpec{URL: page, Headers: headers})
}

// frames are the kinds of frame without a URL of their own that a scenario can name.
var frames = map[string]simulator.Frame{
	"sandboxed": simulator.FrameSandboxedSrcdoc, "srcdoc": simulator.FrameSrcdoc, "about:blank": simulator.FrameAboutBlank,
	"data: URL": simulator.FrameDataURL, "blob: URL": simulator.FrameBlob,
}

func (w *world) aFrameIn(kind, page, around string) error {
	spec := nested(page, around)
	spec.Frame = frames[kind]
	return w.openPage(spec)
}

func (w *world) openPage(page simulator.PageSpec) error {
	for _, given := range []string{page.URL, page.Iframe} {
		if given == "" && page.URL != "" {
			continue
		}
		parsed, err := url.Parse(given)
		if err != nil {
			return mistake("a page cannot be at %q: %v", given, err)
		}
		if (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" || parsed.User != nil {
			return mistake(`a page cannot be at %q: write an http or https URL, such as "https://app.example.com"`, given)
		}
	}
	w.page = page
	return nil
}
