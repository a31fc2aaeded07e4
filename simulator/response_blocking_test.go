package simulator

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Each case was tried in chromium-headless-shell 156.0.8078.79.
func TestWhichOpaqueResponsesChromiumBlocks(t *testing.T) {
	cases := []struct {
		initiator         Initiator
		contentType, body string
		nosniff, blocked  bool
	}{
		{InitiatorScript, "text/csv", "1", false, true},
		{InitiatorScript, "application/pdf", "1", false, true},
		{InitiatorScript, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "1", false, true},
		{InitiatorScript, "text/event-stream", "1", false, true},
		{InitiatorScript, "text/vtt", "1", false, false},
		{InitiatorScript, "application/json", `{"a":1}`, false, true},
		{InitiatorScript, "application/json", "[1]", false, false},
		{InitiatorScript, "application/json", "", false, false},
		{InitiatorScript, "text/javascript", `{ "a" : 1`, false, true},
		{InitiatorScript, "text/javascript", `{"a\"b":1}`, false, true},
		{InitiatorScript, "text/javascript", `{"a",`, false, false},
		{InitiatorScript, "text/javascript", `{a:1}`, false, false},
		{InitiatorScript, "text/javascript", ")]}'\n1", false, true},
		{InitiatorScript, "text/javascript", "for (;;);", false, true},
		{InitiatorScript, "text/javascript", "for(;;) ;", false, false},
		{InitiatorScript, "text/javascript", "  <HTML>", false, true},
		{InitiatorScript, "text/javascript", "<!-- a --><html>", false, false},
		{InitiatorScript, "text/javascript", " <?xml version", false, true},
		{InitiatorScript, "text/html", "window.x = 1", false, false},
		{InitiatorScript, "", `{"a":1}`, false, false},
		{InitiatorScript, "text/css", `{"a":1}`, false, false},
		{InitiatorImage, "image/svg+xml", "<?xml version", false, false},
		{InitiatorImage, "text/html", "1", true, true},
		{InitiatorImage, "application/rss+xml", "1", true, true},
		{InitiatorImage, "application/vnd.x+json", "1", true, true},
		{InitiatorImage, "image/svg+xml", "1", true, false},
		{InitiatorImage, "application/octet-stream", "1", true, false},
		{InitiatorStylesheet, "text/html", "<html>", false, true},
		{InitiatorStylesheet, "text/css", "<html>", false, false},
		{InitiatorScriptAnonymous, "application/json", `{"a":1}`, false, false},
		{InitiatorFetch, "application/json", `{"a":1}`, false, false},
	}
	for _, c := range cases {
		t.Run(string(c.initiator)+" "+c.contentType+" "+c.body, func(t *testing.T) {
			header := allow("*")
			if c.contentType != "" {
				header = append(header, fields("Content-Type", c.contentType)...)
			} else {
				header = append(header, fields("Content-Encoding", "identity")...)
			}
			if c.nosniff {
				header = append(header, fields("X-Content-Type-Options", "nosniff")...)
			}
			answered := answer{status: 200, header: header, body: c.body}
			outcome := fetch(t, Chromium, Request{URL: apiURL, Initiator: c.initiator, Mode: ModeNoCORS}, answered)
			require.Equal(t, c.blocked, outcome.Reason.Code == BlockedByORB, outcome.Reason)
			require.NotEqual(t, BlockedByORB, fetch(t, Standard, Request{URL: apiURL, Initiator: c.initiator, Mode: ModeNoCORS}, answered).Reason.Code)
			require.NotEqual(t, BlockedByORB, fetch(t, Chromium, Request{URL: "/data", Initiator: c.initiator, Mode: ModeNoCORS}, answered).Reason.Code)
		})
	}
}
