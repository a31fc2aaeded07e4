package report

import (
	"compress/flate"
	"encoding/base64"
	"html/template"
	"io"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"
)

// packSize is how many scenarios' details are compressed together: they resemble
// each other. One pack is unpacked in a few milliseconds.
const packSize = 16

// maxInline is how many failures are shown as soon as the page is open, whether
// or not scripts run in it. The details of everything else are packed: a page of 10,000
// scenarios has 120 MB of them, which no browser opens at once.
const maxInline = 30

// renderDetails renders every scenario's details: the first failures in place,
// the rest into packs.
func renderDetails(page *template.Template, scenarios []*scenarioView) ([]template.HTML, error) {
	var packed, inline []*scenarioView
	for _, s := range scenarios {
		if s.failed() && len(inline) < maxInline {
			inline = append(inline, s)
		} else {
			packed = append(packed, s)
		}
	}
	for _, s := range inline {
		var html strings.Builder
		if err := page.ExecuteTemplate(&html, "details", detailsViewOf(s.Scenario, s.Anchor)); err != nil {
			return nil, err
		}
		s.Details = template.HTML(html.String()) //nolint:gosec // the template escaped it
	}
	packs := make([]template.HTML, (len(packed)+packSize-1)/packSize)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range packs {
		members := packed[i*packSize : min((i+1)*packSize, len(packed))]
		for part, s := range members {
			s.Pack, s.Part = i, part
		}
		group.Go(func() (err error) {
			packs[i], err = pack(page, members)
			return err
		})
	}
	return packs, group.Wait()
}

// pack renders the details of scenarios one after the other, as base64 of raw DEFLATE.
func pack(page *template.Template, scenarios []*scenarioView) (template.HTML, error) {
	var text strings.Builder
	encoder := base64.NewEncoder(base64.StdEncoding, &text)
	compressor, err := flate.NewWriter(encoder, flate.DefaultCompression)
	if err != nil {
		return "", err
	}
	for _, s := range scenarios {
		if err := page.ExecuteTemplate(compressor, "details", detailsViewOf(s.Scenario, s.Anchor)); err != nil {
			return "", err
		}
	}
	for _, closer := range []io.Closer{compressor, encoder} {
		if err := closer.Close(); err != nil {
			return "", err
		}
	}
	return template.HTML(text.String()), nil //nolint:gosec // base64 has no markup
}
