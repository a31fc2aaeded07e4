package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"time"
)

//go:embed page.gohtml
var pageTemplate string

//go:embed details.gohtml
var detailsTemplate string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// WriteHTML writes the report as one page that needs nothing else: no request
// leaves it, and its policy lets no script run but its own.
//
// A row for each scenario is there from the start, the details of the first failures
// too. All other details are in the page as compressed text and are unpacked when
// they are asked for, so that reports of many thousand scenarios open at once.
func WriteHTML(out io.Writer, r Report) error {
	parsed, err := template.New("report").Funcs(template.FuncMap{
		"duration":   duration,
		"title":      columnTitle,
		"statusText": statusText,
		"words":      Verdict.words,
	}).Parse(pageTemplate)
	if err != nil {
		return err
	}
	if _, err = parsed.Parse(detailsTemplate); err != nil {
		return err
	}
	p := pageOf(r)
	var scenarios []*scenarioView
	for i := range p.Features {
		for j := range p.Features[i].Scenarios {
			scenarios = append(scenarios, &p.Features[i].Scenarios[j])
		}
	}
	if p.Packs, err = renderDetails(parsed, scenarios); err != nil {
		return err
	}
	return parsed.Execute(out, p)
}

// maxOverview is up to how many features the overview is open from the start.
const maxOverview = 40

// largeFrom is from how many scenarios on tables are laid out when they come near
// the screen only. 10,000 scenarios are open in a fifth of the time by that; but assistive
// technology sees no more than is laid out, so that smaller reports do without.
const largeFrom = 1000

// page is what the template shows.
type page struct {
	Report Report
	// Policy is the page's Content-Security-Policy: hashes of the style and the script.
	Policy   string
	CSS      template.CSS
	JS       template.JS
	Started  string
	Filters  []verdictFilter
	Features []featureView
	// Overview: the table of features is short enough to be shown at once.
	Overview bool
	// Large: there are too many scenarios to lay all of them out at once.
	Large bool
	// Packs hold the details that are shown on demand.
	Packs []template.HTML
}

// verdictFilter is a button that shows the scenarios of one verdict only.
type verdictFilter struct {
	Verdict Verdict
	Count   int
}

func pageOf(r Report) page {
	p := page{
		Report:  r,
		Policy:  fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'", sourceHash(pageCSS), sourceHash(pageJS)),
		CSS:     template.CSS(pageCSS), //nolint:gosec // our own file
		JS:      template.JS(pageJS),   //nolint:gosec // our own file
		Started: r.Started.UTC().Format(time.RFC3339),
	}
	counts := map[Verdict]int{}
	for _, scenario := range r.Scenarios {
		counts[scenario.Verdict]++
	}
	for _, verdict := range append(slices.Clone(failures), Skipped, Pass) {
		if counts[verdict] > 0 {
			p.Filters = append(p.Filters, verdictFilter{verdict, counts[verdict]})
		}
	}
	for i, feature := range r.features() {
		p.Features = append(p.Features, featureViewOf(feature, i+1))
	}
	p.Overview = len(p.Features) <= maxOverview
	p.Large = len(r.Scenarios) >= largeFrom
	return p
}

// sourceHash is a Content-Security-Policy hash source.
// https://www.w3.org/TR/CSP3/#grammardef-hash-source
func sourceHash(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// percent is part of whole in hundredths, for the bars.
func percent(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) * 100 / float64(whole)
}
