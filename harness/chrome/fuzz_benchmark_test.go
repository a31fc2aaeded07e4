package chrome_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/harness/fuzz"
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// BenchmarkFuzz is the cost of one case in simulator and Chrome, compared. It is to
// be at most 1.25 times BenchmarkFuzzHandWritten/EachInItsPage.
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

// BenchmarkFuzzHandWritten is the cost of the same cases' requests made by one script of theirs, six at a
// time, that returns what it is told of each: no DevTools events, no cookies set, nothing cleaned, nothing predicted,
// nothing compared.
func BenchmarkFuzzHandWritten(b *testing.B) {
	// In one page the cases make fewer requests: what some send, others may not.
	for _, variant := range []struct {
		name string
		page func(vectors.Vector) vectors.Page
	}{
		{"EachInItsPage", func(c vectors.Vector) vectors.Page { return c.Page }},
		{"AllInOnePage", func(vectors.Vector) vectors.Page { return vectors.Page{URL: app} }},
	} {
		b.Run(variant.name, func(b *testing.B) { benchmarkHandWritten(b, variant.page) })
	}
}

func benchmarkHandWritten(b *testing.B, pageOf func(vectors.Vector) vectors.Page) {
	var exchanges []vectors.Exchange
	var keys []string
	pages, cases := map[string]simulator.PageSpec{}, map[string][][]simulator.Request{}
	for index := range uint64(b.N) {
		c := fuzz.Generate(1, index)
		exchanges = append(exchanges, c.Exchanges...)
		page := pageOf(c).Spec()
		key := fmt.Sprintf("%+v", page)
		if _, seen := pages[key]; !seen {
			keys, pages[key] = append(keys, key), page
		}
		var requests []simulator.Request
		for _, step := range c.Each() {
			requests = append(requests, step.Request.ForScript())
		}
		cases[key] = append(cases[key], requests)
	}
	var scripts []chrome.PageScript
	for _, key := range keys {
		list, err := json.Marshal(cases[key])
		require.NoError(b, err)
		scripts = append(scripts, chrome.PageScript{Page: pages[key], Script: fmt.Sprintf(handWritten, list)})
	}
	stage, err := vectors.NewStage(exchanges, authority)
	require.NoError(b, err)
	defer stage.Close()
	b.ResetTimer()
	told, err := browser.RunScripts(b.Context(), stage, scripts...)
	require.NoError(b, err)
	b.StopTimer()
	b.ReportMetric(float64(len(stage.Sent()))/float64(b.N), "requests/op")
	for i, key := range keys {
		var list string
		require.NoError(b, json.Unmarshal(told[i], &list))
		var results []any
		require.NoError(b, json.Unmarshal([]byte(list), &results))
		require.Len(b, results, len(cases[key]))
	}
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
			resolve(navigator.sendBeacon(request.url, bodyOf(request)));
			return;
		case "eventsource": case "eventsource-with-credentials":
			const source = new EventSource(request.url, {withCredentials: kind !== "eventsource"});
			source.onopen = source.onerror = ({type}) => { source.close(); resolve(type); };
			return;
		case "font":
			new FontFace("a", 'url("' + request.url + '")').load().then(() => resolve("load"), () => resolve("error"));
			return;
		}
		if (!URL.canParse(request.url)) return resolve("error");
		const element = document.createElement({img: "img", stylesheet: "link"}[kind] ?? "script");
		element.onload = element.onerror = ({type}) => { element.remove(); resolve(type); };
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
		xhr.onloadend = () => resolve([xhr.status, xhr.responseURL, xhr.getAllResponseHeaders(), xhr.responseText]);
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
				const response = await fetch(url, init);
				return [response.type, response.status, response.url, [...response.headers], await response.text()];
			}
			return await (request.initiator.startsWith("xhr") ? send : load)(request);
		} catch (error) {
			return String(error);
		}
	};
	const told = [];
	let next = 0;
	const lane = async () => {
		while (next < cases.length) {
			const results = told[next] = [];
			for (const request of cases[next++]) results.push(await make(request));
		}
	};
	await Promise.all(Array.from({length: 6}, lane));
	return JSON.stringify(told);
})(%s)`
