package report

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// manyScenarios is a report with as many scenarios, ten to a feature, one in a hundred failed.
func manyScenarios(count int) Report {
	r := sampleReport()
	passed, failed := samplePass(), sampleUnexpectedOutcome()
	for range 10 {
		trace := &passed.Requests[0].Browsers[0].Outcome.Trace
		*trace = append(*trace, simulator.Step{Algorithm: "CORS check", Number: "7", URL: "https://fetch.spec.whatwg.org/#concept-cors-check", Text: "success: Access-Control-Allow-Origin is there and as it should be"})
	}
	r.Scenarios = nil
	for i := range count {
		s := passed
		if i%100 == 99 {
			s = failed
		}
		s.File = fmt.Sprintf("features/team-%d/orders.feature", i/10)
		s.Feature = fmt.Sprintf("The orders of team %d", i/10)
		s.Name = fmt.Sprintf("%s, case %d", s.Name, i)
		s.ID = fmt.Sprintf("%s:case-%d", s.File, i)
		r.Scenarios = append(r.Scenarios, s)
	}
	r.Summarize(time.Minute)
	return r
}

// The goal: a report of 10,000 scenarios is open in less than 2 s and stays usable. "open-ms" is
// from the navigation to the second frame after the page was loaded, "search-ms" and "details-ms"
// are from the input to the frame that shows what came of it.
func BenchmarkTenThousandScenariosInChrome(b *testing.B) {
	page := openPage(b, manyScenarios(10_000))
	const frames = `const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));`
	totals := map[string]float64{}
	for b.Loop() {
		require.NoError(b, chromedp.Do(page, chromedp.Navigate("about:blank")))
		started := time.Now()
		require.NoError(b, chromedp.Do(page, chromedp.Navigate(page.url)))
		evaluate[bool](b, page, `(async () => { `+frames+` await frames(); return true; })()`)
		totals["open-ms"] += float64(time.Since(started).Milliseconds())
		totals["search-ms"] += evaluate[float64](b, page, `(async () => { `+frames+`
			const began = performance.now();
			document.getElementById('search').value = 'doubled case';
			document.getElementById('search').dispatchEvent(new Event('input'));
			while (!location.hash) await frames();
			await frames();
			if (document.getElementById('shown').textContent !== '100 of 10000 scenarios') throw new Error(document.getElementById('shown').textContent);
			return performance.now() - began;
		})()`)
		totals["details-ms"] += evaluate[float64](b, page, `(async () => { `+frames+`
			document.querySelector('button[data-filter=""]').click();
			document.getElementById('search').value = '';
			document.getElementById('search').dispatchEvent(new Event('input'));
			while (location.hash) await frames();
			const row = [...document.querySelectorAll('.scenario')].at(-2);
			row.scrollIntoView();
			await frames();
			const began = performance.now();
			row.querySelector('button').click();
			while (!row.nextElementSibling?.querySelector('.body')) await frames();
			await frames();
			return performance.now() - began;
		})()`)
	}
	for what, total := range totals {
		b.ReportMetric(total/float64(b.N), what)
	}
}

func BenchmarkWriteHTML(b *testing.B) {
	r := manyScenarios(10_000)
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, WriteHTML(io.Discard, r))
	}
}
