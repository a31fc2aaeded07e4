package simulator

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Chromium 156 gave the same answers, except where a ledger entry says otherwise.
func TestWhoseTimingIsAllowed(t *testing.T) {
	for value, want := range map[string]bool{
		"*": true, appOrigin: true, "a, *": true, "*, b": true, "*,": true, " * ": true, appOrigin + ", b": true, "a\t,\t*": true,
		"": false, "https://APP.example.com": false, appOrigin + "/": false, appOrigin + " b": false, "a b *": false,
		`"*"`: false, `"a, *`: false, "null": false, "\v*": false, "**": false,
	} {
		outcome := fetch(t, Standard, Request{URL: apiURL}, answer{status: 200, header: allow("*", "Timing-Allow-Origin", value)})
		require.Equal(t, want, outcome.TimingAllowed, "%q", value)
		outcome = fetch(t, Standard, Request{URL: apiURL}, answer{status: 200, header: allow("*", "Timing-Allow-Origin", "x", "Timing-Allow-Origin", value)})
		require.Equal(t, want && value != `"a, *`, outcome.TimingAllowed, "a second header %q", value)
	}
	require.False(t, fetch(t, Standard, Request{URL: apiURL}, answer{status: 200, header: allow("*")}).TimingAllowed)
	require.True(t, fetch(t, Standard, Request{URL: "/data"}, answer{status: 200}).TimingAllowed)
	require.True(t, fetch(t, Standard, Request{URL: apiURL, Mode: ModeNoCORS}, answer{status: 200, header: fields("Timing-Allow-Origin", "*")}).TimingAllowed)
	require.False(t, fetch(t, Standard, Request{URL: apiURL}, answer{status: 200, header: fields("Timing-Allow-Origin", "*")}).TimingAllowed, "a network error shows nothing")
}

func TestEveryHopHasToAllowItsTiming(t *testing.T) {
	cases := []struct {
		name        string
		first       string
		firstAllows string
		last        string
		lastAllows  string
		want        bool
	}{
		{"the page's origin alone", appOrigin + "/here", "", appOrigin + "/there", "", true},
		{"on to another origin that is silent", appOrigin + "/here", "", apiURL, "", false},
		{"on to another origin that allows it", appOrigin + "/here", "", apiURL, "*", true},
		{"from another origin that is silent", apiURL, "", "https://api.example.com/there", "*", false},
		{"both allow it", apiURL, "*", "https://api.example.com/there", appOrigin, true},
		{"a third origin that allows the page, which is null to it", apiURL, "*", partnerURL, appOrigin, false},
		{"a third origin that allows null", apiURL, "*", partnerURL, "null", true},
		{"back to the page's origin, silent", apiURL, "*", appOrigin + "/back", "", false},
		{"back to the page's origin, which allows it", apiURL, "*", appOrigin + "/back", "*", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			outcome := fetch(t, Standard, Request{URL: c.first},
				answer{url: c.first, status: 302, header: allow("*", "Location", c.last, "Timing-Allow-Origin", c.firstAllows)},
				answer{status: 200, header: allow("*", "Timing-Allow-Origin", c.lastAllows)})
			require.Equal(t, KindReadable, outcome.Kind)
			require.Equal(t, c.want, outcome.TimingAllowed)
		})
	}
}
