package chrome_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/fuzz"
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// BenchmarkFuzz is the cost of one case in simulator and Chrome, compared. It is to
// be at most 1.25 times BenchmarkFuzzHandWritten.
func BenchmarkFuzz(b *testing.B) {
	observer := fuzz.NewBrowser(browser, authority)
	state, err := fuzz.Run(b.Context(), fuzz.Options{
		Cases: b.N, Sessions: runtime.NumCPU(), ReportFolder: b.TempDir(), State: fuzz.State{Seed: 1},
	}, fuzz.Simulator{Profile: simulator.Chromium}, observer)
	require.NoError(b, err)
	b.StopTimer()
	require.NoError(b, observer.Close())
	require.Zero(b, state.Disagreements)
	require.Equal(b, b.N, state.Cases())
}

// BenchmarkFuzzHandWritten is the cost of the requests of the same cases made by one
// script of one page, six at a time: no DevTools events, no other pages or cookies,
// nothing cleaned, nothing compared.
func BenchmarkFuzzHandWritten(b *testing.B) {
	var exchanges []vectors.Exchange
	var scripts [][]simulator.Request
	for index := range uint64(b.N) {
		c := fuzz.Generate(1, index)
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
	done, err := browser.RunScript(b.Context(), stage, simulator.PageSpec{URL: app}, fmt.Sprintf(handWritten, list))
	require.NoError(b, err)
	require.Equal(b, fmt.Sprint(b.N), string(done))
}

const handWritten = `(async (cases) => {
	const load = (request) => new Promise((resolve) => {
		if (request.initiator === "beacon") { navigator.sendBeacon(request.url); resolve(); return; }
		if (request.initiator.startsWith("eventsource")) {
			const source = new EventSource(request.url);
			source.onopen = source.onerror = () => { source.close(); resolve(); };
			return;
		}
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
