package chrome_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/fuzz"
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// BenchmarkFuzz is the cost of one case in simulator and Chrome, compared. It is to
// be at most 1.25 times BenchmarkFuzzHandWritten.
func BenchmarkFuzz(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(fuzz.GCPercent))
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
// nothing cleaned, nothing looked at, nothing compared.
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
	const bodyOf = ({body}) => {
		if (!body) return null;
		if (body.form_data) {
			const form = new FormData();
			for (const [name, value] of body.form_data) form.append(name, value);
			return form;
		}
		if (body.url_search_params) return new URLSearchParams(body.url_search_params);
		return body.blob ? new Blob([body.text || ""], {type: body.type || ""}) : body.text || "";
	};
	const load = (request) => new Promise((resolve) => {
		const [kind, crossorigin] = request.initiator.split("-crossorigin-");
		switch (kind) {
		case "beacon":
			navigator.sendBeacon(request.url, bodyOf(request));
			resolve();
			return;
		case "eventsource": case "eventsource-with-credentials":
			const source = new EventSource(request.url, {withCredentials: kind !== "eventsource"});
			source.onopen = source.onerror = () => { source.close(); resolve(); };
			return;
		case "font":
			new FontFace("a", 'url("' + request.url + '")').load().then(resolve, resolve);
			return;
		}
		if (!URL.canParse(request.url)) return resolve();
		const element = document.createElement({img: "img", stylesheet: "link"}[kind] ?? "script");
		element.onload = element.onerror = () => { element.remove(); resolve(); };
		if (crossorigin) element.crossOrigin = crossorigin;
		if (request.referrer_policy) element.referrerPolicy = request.referrer_policy;
		if (kind === "module-script") element.type = "module";
		if (kind === "stylesheet") {
			element.rel = "stylesheet";
			element.href = request.url;
		} else {
			element.src = request.url;
		}
		document.head.append(element);
	});
	const send = (request) => new Promise((resolve) => {
		const xhr = new XMLHttpRequest();
		xhr.onloadend = resolve;
		xhr.open(request.method || "GET", request.url);
		xhr.withCredentials = request.credentials === "include";
		for (const {name, value} of request.headers || []) xhr.setRequestHeader(name, value);
		if (request.initiator === "xhr-upload-listener") xhr.upload.onprogress = () => {};
		xhr.send(bodyOf(request));
	});
	const make = async (request) => {
		try {
			if (!request.initiator || request.initiator === "fetch") {
				const {url, method, mode, credentials, redirect, referrer, keepalive} = request;
				const init = {headers: (request.headers || []).map(({name, value}) => [name, value])};
				for (const [key, value] of Object.entries({method, mode, credentials, redirect, keepalive, referrerPolicy: request.referrer_policy})) if (value) init[key] = value;
				if (referrer) init.referrer = referrer === "no-referrer" ? "" : referrer;
				if (request.body) init.body = bodyOf(request);
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
