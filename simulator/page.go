package simulator

import (
	"fmt"
	"slices"
	"strings"
)

// Frame says in which kind of frame a page's script runs.
type Frame string

// The frames. The first two have an opaque origin, the others inherit the
// origin of the page that holds them.
const (
	FrameNone            Frame = ""
	FrameSandboxedSrcdoc Frame = "sandboxed-srcdoc"
	FrameDataURL         Frame = "data-url"
	FrameAboutBlank      Frame = "about-blank"
	FrameSrcdoc          Frame = "srcdoc"
	FrameBlob            Frame = "blob"
)

// PageSpec describes a page: the document whose script makes requests.
type PageSpec struct {
	// URL is the top-level document's URL; "https://app.example.com" means its "/".
	URL string `json:"url"`
	// Frame is a frame inside that document, without a URL of its own.
	Frame Frame `json:"frame,omitempty"`
	// Iframe is the URL of a nested page that makes the requests while URL is the top-level site.
	Iframe string `json:"iframe,omitempty"`
	// Headers are response headers of the page.
	Headers []Field `json:"headers,omitempty"`
}

// Page is an open page: what its script's requests have to know of it.
// https://html.spec.whatwg.org/#environment-settings-object
type Page struct {
	browser *Browser
	spec    PageSpec
	err     error
	// url is the URL of the document whose origin the script has.
	url *parsedURL
	// base is what relative URLs are relative to; nil when they cannot be.
	base *parsedURL
	// referrer is the document's URL as a referrer; nil when it has none.
	referrer              *parsedURL
	origin                *origin
	topLevelOrigin        *origin
	partitionKey          string
	siteForCookies        *origin
	prohibitsMixedContent bool
	embedderPolicy        embedderPolicy
	referrerPolicy        referrerPolicy
}

// Err tells why the page could not be opened: its URL cannot be parsed. Every
// fetch of such a page is an API error, InvalidURL.
func (p *Page) Err() error { return p.err }

// Spec returns what the page was opened with.
func (p *Page) Spec() PageSpec { return p.spec }

// Origin returns the serialized origin of the page's script: "null" for an
// opaque origin, "" for a page that could not be opened.
func (p *Page) Origin() string {
	if p.err != nil {
		return ""
	}
	return p.origin.serialized
}

// openPage sets up the environment of a page's script.
// https://html.spec.whatwg.org/#set-up-a-window-environment-settings-object
func openPage(browser *Browser, spec PageSpec) (*Page, error) {
	top, err := parseURL(spec.URL, nil)
	if err != nil {
		return nil, fmt.Errorf("open page: %w; a page's URL is absolute, such as https://app.example.com", err)
	}
	page := &Page{browser: browser, spec: spec, url: top, base: top, referrer: top, origin: top.origin, siteForCookies: top.origin}
	page.prohibitsMixedContent = page.secures(top)
	policies := spec.Headers
	if spec.Iframe != "" {
		nested, err := parseURL(spec.Iframe, top)
		if err != nil {
			return nil, fmt.Errorf("open iframe of %s: %w", spec.URL, err)
		}
		page.url, page.base, page.referrer, page.origin = nested, nested, nested, nested.origin
		page.prohibitsMixedContent = page.prohibitsMixedContent || page.secures(nested)
		// The headers are the top-level page's; the nested one has none of its own.
		policies = nil
	}
	page.applyPolicies(policies)
	page.enterFrame(spec.Frame)
	page.topLevelOrigin = top.origin
	// A top-level page with an opaque origin is a site of its own.
	page.partitionKey = top.origin.site()
	if top.origin.opaque || spec.Iframe == "" && spec.Frame == FrameNone && page.origin.opaque {
		page.partitionKey = fmt.Sprintf("opaque %p", page)
	}
	if !sameSite(page.origin, top.origin) {
		// No cookie is first-party to a page that is cross-site to its top-level page.
		page.siteForCookies = newOpaqueOrigin()
	}
	return page, nil
}

// secures reports whether a document at a URL prohibits mixed content, and
// whether a URL hears of secure referrers: by its scheme, or in the standard by an origin that is as good as secure.
// https://w3c.github.io/webappsec-mixed-content/#categorize-settings-object
func (p *Page) secures(url *parsedURL) bool {
	return url.scheme == "https" || !p.browser.profile.DistrustsLoopback && url.isHTTP() && url.origin.isPotentiallyTrustworthy()
}

// applyPolicies takes over the response headers that bind the page's requests.
func (p *Page) applyPolicies(headers headerList) {
	p.referrerPolicy = referrerStrictOriginWhenCrossOrigin
	p.embedderPolicy = embedderUnsafeNone
	if policies, found := headers.get("Referrer-Policy"); found {
		if policy := referrerPolicyFromHeader([]string{policies}, false); policy != "" {
			p.referrerPolicy = policy
		}
	}
	if value, found := headers.get("Cross-Origin-Embedder-Policy"); found && p.url.isPotentiallyTrustworthy() {
		switch policy := embedderPolicy(structuredToken(strings.Trim(value, "\t "))); policy {
		case embedderRequireCORP, embedderCredentialless:
			p.embedderPolicy = policy
		}
	}
	if policies, found := headers.get("Content-Security-Policy"); found && sandboxesOrigin(policies) {
		p.origin, p.referrer = newOpaqueOrigin(), nil
	}
}

// isOfTopLevelOrigin reports whether the page's origin is that of its top-level page.
func (p *Page) isOfTopLevelOrigin() bool { return sameOrigin(p.origin, p.topLevelOrigin) }

// sandboxesOrigin reports whether a Content-Security-Policy has a sandbox
// directive that gives the page an opaque origin.
// https://w3c.github.io/webappsec-csp/#directive-sandbox
func sandboxesOrigin(policies string) bool {
	for policy := range strings.SplitSeq(policies, ",") {
		for directive := range strings.SplitSeq(policy, ";") {
			words := strings.Fields(byteLowercase(directive))
			if len(words) == 0 || words[0] != "sandbox" {
				continue
			}
			if !slices.Contains(words, "allow-same-origin") {
				return true
			}
			// A policy's second directive of a name counts for nothing.
			break
		}
	}
	return false
}

// enterFrame moves the script into a frame of the page.
func (p *Page) enterFrame(frame Frame) {
	switch frame {
	case FrameSandboxedSrcdoc:
		p.origin, p.referrer = newOpaqueOrigin(), nil
	case FrameDataURL:
		p.origin, p.referrer, p.base = newOpaqueOrigin(), nil, nil
	case FrameAboutBlank:
		// Its own URL, about:blank, is no referrer.
		p.referrer = nil
	case FrameBlob:
		p.referrer, p.base = nil, nil
	}
	if p.origin.opaque {
		p.referrer = nil
	}
}
