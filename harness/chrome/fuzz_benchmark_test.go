package chrome_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/fuzz"
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// plainCases are cases of one kind of page, so that one script can make all their requests.
func plainCases(count int) []vectors.Vector {
	cases := make([]vectors.Vector, 0, count)
	for index := uint64(0); len(cases) < count; index++ {
		if c := fuzz.Generate(1, index); c.Page.URL == "https://app.example.com/" && c.Page.Frame == "" && c.Page.Iframe == "" && c.Page.Headers == nil {
			cases = append(cases, c)
		}
	}
	return cases
}

// BenchmarkFuzz is the cost of one case in simulator and Chrome, compared, in
// one tab. It is to be at most 1.25 times BenchmarkFuzzHandWritten.
func BenchmarkFuzz(b *testing.B) {
	observer := fuzz.NewBrowser(browser, authority)
	b.Cleanup(func() { require.NoError(b, observer.Close()) })
	disagreements := 0
	cases := plainCases(b.N)
	b.ResetTimer()
	for len(cases) > 0 {
		batch := cases[:min(fuzz.PageRun, len(cases))]
		cases = cases[len(batch):]
		predicted, err := (fuzz.Simulator{Profile: simulator.Chromium}).Judge(b.Context(), batch)
		require.NoError(b, err)
		observed, err := observer.Judge(b.Context(), batch)
		require.NoError(b, err)
		for i, c := range batch {
			if len(fuzz.Compare(c, predicted[i], observed[i])) > 0 {
				disagreements++
			}
		}
	}
	// A network interface that comes or goes makes a few requests fail.
	require.LessOrEqual(b, disagreements, 5+b.N/100)
}

// BenchmarkFuzzHandWritten is the cost of the requests of the same cases made
// by one script of one page, six at a time: no DevTools events, nothing cleaned, nothing compared.
func BenchmarkFuzzHandWritten(b *testing.B) {
	cases := plainCases(b.N)
	var exchanges []vectors.Exchange
	var scripts [][]simulator.Request
	for _, c := range cases {
		exchanges = append(exchanges, c.Exchanges...)
		var requests []simulator.Request
		for _, step := range c.Each() {
			requests = append(requests, step.Request.ForScript())
		}
		scripts = append(scripts, requests)
	}
	stage, err := vectors.NewStage(exchanges, authority)
	require.NoError(b, err)
	defer stage.Close()
	list, err := json.Marshal(scripts)
	require.NoError(b, err)
	b.ResetTimer()
	done, err := browser.RunScript(b.Context(), stage, simulator.PageSpec{URL: "https://app.example.com/"}, fmt.Sprintf(handWritten, list))
	require.NoError(b, err)
	require.Equal(b, fmt.Sprint(len(cases)), string(done))
}

const handWritten = `(async (cases) => {
	const load = (request) => new Promise((resolve) => {
		const element = document.createElement(request.initiator.startsWith("img") ? "img" : "script");
		element.onload = element.onerror = () => { element.remove(); resolve(); };
		if (request.initiator.includes("crossorigin")) element.crossOrigin = "anonymous";
		element.src = request.url;
		document.body.append(element);
	});
	const send = (request) => new Promise((resolve) => {
		const xhr = new XMLHttpRequest();
		xhr.onloadend = resolve;
		xhr.open(request.method || "GET", request.url);
		xhr.withCredentials = request.credentials === "include";
		for (const {name, value} of request.headers || []) xhr.setRequestHeader(name, value);
		xhr.send(request.body ? request.body.text || "" : null);
	});
	const make = async (request) => {
		try {
			if (!request.initiator || request.initiator === "fetch") {
				const {url, method, mode, credentials, redirect} = request;
				const init = {headers: (request.headers || []).map(({name, value}) => [name, value])};
				for (const [key, value] of Object.entries({method, mode, credentials, redirect})) if (value) init[key] = value;
				if (request.body) init.body = request.body.text || "";
				await (await fetch(url, init)).text();
			} else if (request.initiator.startsWith("xhr")) {
				await send(request);
			} else {
				await load(request);
			}
		} catch {}
	};
	let next = 0, done = 0;
	const lane = async () => {
		while (next < cases.length) {
			for (const request of cases[next++]) await make(request);
			done++;
		}
	};
	await Promise.all(Array.from({length: 6}, lane));
	return done;
})(%s)`
