package fuzz

import (
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// PageRun is how many consecutive cases share a page: to open one costs a
// browser as much as a dozen requests.
const PageRun = 500

// The hosts of pages and servers.
const (
	appOrigin     = "https://app.example.com"
	insecurePage  = "http://app.example.com"
	apiOrigin     = "https://api.example.com"
	partnerOrigin = "https://api.partner.net"
)

// opaque is an opaque origin as servers see it.
const opaque = "null"

// page is a page that cases are run in, and its serialized origin.
type page struct {
	vectors.Page
	origin string
	// cookies says that some of the cases begin with cookies in the jar. To set any costs a browser as
	// much as two pages, to set more costs little; Chromium holds 180 of a site.
	cookies bool
}

// pageOf chooses the page of a case.
func pageOf(seed, index uint64) page {
	d := diceFor(seed, pagesStream, index/PageRun)
	chosen := pickWeighted(d, []weighted[page]{
		{16, at(vectors.Page{URL: appOrigin + "/"}, appOrigin)},
		{4, at(vectors.Page{URL: appOrigin + "/dir/page?q=1#part"}, appOrigin)},
		{4, at(vectors.Page{URL: insecurePage + "/"}, insecurePage)},
		{2, at(vectors.Page{URL: appOrigin + ":8443/"}, appOrigin+":8443")},
		{1, at(vectors.Page{URL: "https://b\u00fccher.example/"}, "https://xn--bcher-kva.example")},
		{1, at(vectors.Page{URL: "https://www.partner.net/"}, "https://www.partner.net")},
		{4, framed(simulator.FrameSandboxedSrcdoc, opaque)},
		{2, framed(simulator.FrameDataURL, opaque)},
		{1, framed(simulator.FrameAboutBlank, appOrigin)},
		{1, framed(simulator.FrameSrcdoc, appOrigin)},
		{1, framed(simulator.FrameBlob, appOrigin)},
		{2, nested("https://widget.partner.net")},
		{1, nested("https://www1.example.com")},
		{1, nested(appOrigin)},
		{2, withHeader("Cross-Origin-Embedder-Policy", "require-corp")},
		{2, withHeader("Cross-Origin-Embedder-Policy", "credentialless")},
		{4, withHeader("Referrer-Policy", pick(d, referrerPolicies()...))},
		{1, at(vectors.Page{URL: appOrigin + "/", Headers: []vectors.Pair{{"Content-Security-Policy", "sandbox allow-scripts"}}}, opaque)},
	})
	chosen.cookies = d.percent(33)
	return chosen
}

// at is the page with its serialized origin.
func at(p vectors.Page, origin string) page { return page{Page: p, origin: origin} }

func framed(frame simulator.Frame, origin string) page {
	return at(vectors.Page{URL: appOrigin + "/", Frame: frame}, origin)
}

func nested(origin string) page {
	return at(vectors.Page{URL: appOrigin + "/", Iframe: origin + "/frame"}, origin)
}

func withHeader(name, value string) page {
	return at(vectors.Page{URL: appOrigin + "/", Headers: []vectors.Pair{{name, value}}}, appOrigin)
}

// referrerPolicies are all that there are.
// https://w3c.github.io/webappsec-referrer-policy/#referrer-policies
func referrerPolicies() []string {
	return []string{
		"no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin",
		"origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url",
	}
}
