package report

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// everythingOpen shows every scenario's details, those in details elements too.
func (p *openedPage) openEverything(t testing.TB) {
	t.Helper()
	evaluate[bool](t, p, `document.getElementById('open').click() ?? true`)
	p.await(t, `[...document.querySelectorAll('.scenario')].every((row) => row.nextElementSibling?.querySelector('.body'))`)
	evaluate[bool](t, p, `document.querySelectorAll('details').forEach((element) => { element.open = true }) ?? true`)
}

// contrasts gives the texts whose colour does not stand out from what is behind them.
// https://www.w3.org/TR/WCAG22/#contrast-minimum: 4.5 to 1 for text of this size.
const contrasts = `(() => {
	const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
	const luminance = (rgb) => {
		const [r, g, b] = rgb.slice(0, 3).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const behind = (element) => {
		for (; element; element = element.parentElement) {
			const colour = channels(getComputedStyle(element).backgroundColor);
			if (colour.length < 4 || colour[3] === 1) return colour;
			if (colour[3] !== 0) throw new Error('a translucent background: ' + element.outerHTML);
		}
		throw new Error('no background');
	};
	const found = new Set();
	let texts = 0;
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let node = walker.nextNode(); node; node = walker.nextNode()) {
		const element = node.parentElement;
		if (!node.data.trim() || !element.checkVisibility() || element.closest('script, style')) continue;
		texts++;
		const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))];
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5) found.add(ratio.toFixed(2) + ' ' + element.className + ' ' + node.data.trim().slice(0, 40));
	}
	if (texts < 100) throw new Error('only ' + texts + ' texts');
	return [...found];
})()`

func TestThePageCanBeReadInEveryLightAndOnAPhone(t *testing.T) {
	t.Parallel()
	page := openPage(t, sampleReport())
	page.openEverything(t)
	grounds := map[string]bool{}
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 360} {
			page.emulate(t, scheme, width)
			require.Empty(t, evaluate[[]string](t, page, contrasts), "%s, %d pixels", scheme, width)
			require.LessOrEqual(t, evaluate[int64](t, page, `document.documentElement.scrollWidth`), width, "nothing sticks out at %d pixels", width)
			grounds[evaluate[string](t, page, `getComputedStyle(document.body).backgroundColor`)] = true
		}
	}
	require.Len(t, grounds, 2, "light and dark differ")
	// Text twice as large, as 1.4.4 of WCAG asks for: the page is then laid out as for half the width.
	page.emulate(t, "light", 1280/2)
	require.LessOrEqual(t, evaluate[int64](t, page, `document.documentElement.scrollWidth`), int64(640))
	page.requireSilent(t)
}

// What assistive technology gets of the page, on a desktop and on a phone, where its tables look like lists.
func TestThePageSaysWhatItShows(t *testing.T) {
	t.Parallel()
	page := openPage(t, sampleReport())
	page.openEverything(t)
	for _, width := range []int64{1280, 360} {
		page.emulate(t, "light", width)
		tree, err := chromedp.Call(page, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		require.NoError(t, err)
		named := map[string][]string{}
		for _, node := range tree.Nodes {
			if node.Ignored || node.Role == nil {
				continue
			}
			role, name := unquoted(node.Role), unquoted(node.Name)
			named[role] = append(named[role], name)
			switch role {
			case "button", "link", "searchbox", "heading", "columnheader", "rowheader", "search", "DisclosureTriangle":
				require.NotEmpty(t, name, "a %s without a name at %d pixels", role, width)
			}
		}
		require.Len(t, named["main"], 1)
		require.Len(t, named["banner"], 1)
		require.Len(t, named["contentinfo"], 1)
		require.Equal(t, []string{"Filter scenarios"}, named["search"])
		require.Equal(t, []string{"Search names, tags, URLs, hops and reasons"}, named["searchbox"])
		require.Contains(t, named["status"], "", "the count is announced when it changes")
		require.Contains(t, named["link"], "Skip to the scenarios")
		require.Subset(t, named["rowheader"], []string{"App and edge both answer", "Express 5 refuses the star route"}, "at %d pixels a row is a row still", width)
		hop := map[int64]string{1280: "", 360: "edge: "}[width]
		require.Contains(t, named["cell"], hop+"doubled Allow-Origin")
		require.Contains(t, named["image"], "failed", "a mark is more than a colour and a sign")
		if width == 1280 {
			require.Subset(t, named["columnheader"], []string{"scenario", "verdict", "app", "linkerd-proxy", "ingress-nginx", "the page gets"})
		}
	}

	// Headings leave no level out, so that they can be used as a table of contents.
	levels := evaluate[[]int](t, page, `[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((heading) => Number(heading.tagName[1]))`)
	require.Equal(t, 1, levels[0])
	for i := 1; i < len(levels); i++ {
		require.LessOrEqual(t, levels[i], levels[i-1]+1, "heading %d", i)
	}
	require.Empty(t, evaluate[[]string](t, page, `[...document.querySelectorAll('[id]')].map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i)`), "ids are unique")
	require.Empty(t, evaluate[[]string](t, page, `[...document.querySelectorAll('button, a, summary, input')].filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 16).map((e) => e.outerHTML)`), "targets can be hit")
	require.Equal(t, "en", evaluate[string](t, page, `document.documentElement.lang`))
	page.requireSilent(t)
}

// unquoted is a value of the accessibility tree.
func unquoted(value *accessibility.Value) string {
	if value == nil {
		return ""
	}
	text := ""
	_, _ = fmt.Sscanf(string(value.Value), "%q", &text)
	return text
}
