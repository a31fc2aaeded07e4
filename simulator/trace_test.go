package simulator

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheTraceTellsTheStepsInTheirOrder(t *testing.T) {
	handler := serve(answer{method: "OPTIONS", status: 204, header: allow(appOrigin, "Access-Control-Allow-Methods", "PUT")})
	outcome := New(Standard, WithHandler(handler), WithTrace()).Open(appOrigin).Fetch(t.Context(), Request{Method: "PUT", URL: apiURL, Headers: fields("X-A", "1")})
	var steps []string
	for _, step := range outcome.Trace {
		require.Regexp(t, `^https://.+#.+`, step.URL, step.Algorithm)
		require.NotEmpty(t, step.Text)
		steps = append(steps, step.Algorithm+" "+step.Number)
	}
	require.Equal(t, []string{
		"CORS-unsafe request-header names 4.1",
		"main fetch 12",
		"CORS-preflight fetch 3",
		"append a request Origin header 3",
		"HTTP-network-or-cache fetch 8.21",
		"CORS check 5",
		"CORS-preflight fetch 7.7",
		"main fetch 22",
	}, steps)
	require.Equal(t, `CORS-preflight fetch, step 7.7: network error: x-a is not in Access-Control-Allow-Headers ""`, outcome.Trace[6].String())
}

func TestTracingChangesNoOutcome(t *testing.T) {
	for name, story := range differenceStories() {
		t.Run(name, func(t *testing.T) {
			traced := story.story(t, New(Chromium, WithHandler(serve(story.answers...)), WithTrace()))
			for i := range traced {
				require.NotEmpty(t, traced[i].Trace)
				traced[i].Trace = nil
			}
			require.Equal(t, story.story(t, New(Chromium, WithHandler(serve(story.answers...)))), traced)
		})
	}
}

func TestTimingIsAllowedByTheSameOriginOrTheHeader(t *testing.T) {
	cases := []struct {
		url    string
		header []Field
		want   bool
	}{
		{"/data", nil, true},
		{apiURL, allow("*"), false},
		{apiURL, allow("*", "Timing-Allow-Origin", "*"), true},
		{apiURL, allow("*", "Timing-Allow-Origin", "https://other.com, "+appOrigin), true},
		{apiURL, allow("*", "Timing-Allow-Origin", "https://other.com"), false},
	}
	for _, c := range cases {
		require.Equal(t, c.want, fetch(t, Standard, Request{URL: c.url}, answer{status: 200, header: c.header}).TimingAllowed)
	}
}
