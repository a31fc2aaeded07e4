package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"time"
)

//go:embed page.gohtml
var pageTemplate string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// WriteHTML writes the report as one page that needs nothing else: no request
// leaves it, and its policy lets no script run but its own.
func WriteHTML(out io.Writer, r Report) error {
	page, err := template.New("report").Funcs(template.FuncMap{
		"duration":   duration,
		"title":      columnTitle,
		"statusText": statusText,
		"words":      Verdict.words,
	}).Parse(pageTemplate)
	if err != nil {
		return err
	}
	return page.Execute(out, pageOf(r))
}

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
	for _, verdict := range []Verdict{UnexpectedOutcome, SimulatorMismatch, EdgeModelMismatch, EnvironmentError, Skipped, Pass} {
		if counts[verdict] > 0 {
			p.Filters = append(p.Filters, verdictFilter{verdict, counts[verdict]})
		}
	}
	for i, feature := range r.features() {
		p.Features = append(p.Features, featureViewOf(feature, i+1))
	}
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
