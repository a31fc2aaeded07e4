package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/explain"
)

const refusedRecording = `{"log": {"creator": {"name": "Firefox", "version": "145.0"}, "entries": [
  {"startedDateTime": "2026-11-26T10:00:00Z",
   "request": {"method": "GET", "url": "https://api.example.com/orders", "headers": [{"name": "Origin", "value": "https://app.example.com"}]},
   "response": {"status": 200, "headers": []}}
]}}`

func TestExplainingARecordingEndsWithTheRightExitCode(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		recording string
		arguments []string
		code      int
		output    string
	}{
		"a refusal":           {refusedRecording, nil, exitFailed, "a.har: 1 of 1 requests to other origins were blocked or failed (recorded by Firefox 145.0, explained by profile standard)"},
		"as Chrome":           {refusedRecording, []string{"--profile", "chromium"}, exitFailed, "explained by profile chromium"},
		"nothing":             {`{"log": {"entries": []}}`, nil, 0, "a.har: 0 of 0 requests"},
		"cut off":             {refusedRecording[:300], nil, exitUsage, "a.har:4:"},
		"no recording at all": {`{}`, nil, exitUsage, `there is no "log" in it`},
		"a request as well":   {refusedRecording, []string{"GET", "https://api.example.com/"}, exitUsage, "leave METHOD and URL out"},
		"a header as well":    {refusedRecording, []string{"-H", "X: y"}, exitUsage, "--header: with --har the requests are those of the recording"},
		"no origin":           {refusedRecording, []string{"--origin", "app"}, exitUsage, "--origin"},
		"no profile":          {refusedRecording, []string{"--profile", "netscape"}, exitUsage, "--profile"},
		"no file":             {refusedRecording, []string{"--har", "b.har"}, exitUsage, "b.har: no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command, output := crosscheck(t, append([]string{"explain", "--har", "a.har"}, test.arguments...)...)
			write(t, command, "a.har", test.recording)
			require.Equal(t, test.code, exitCode(t, command), output)
			require.Contains(t, output.String(), test.output)
		})
	}
	command, output := crosscheck(t, "explain", "--har", "a.har", "--json")
	write(t, command, "a.har", refusedRecording)
	require.Equal(t, exitFailed, exitCode(t, command), output)
	var result explain.RecordingExplanation
	require.NoError(t, json.Unmarshal(output.Bytes(), &result), output)
	require.Equal(t, explain.RecordingSchema, result.Schema)
	require.Equal(t, "MissingAllowOriginHeader", result.Blocked[0].Explanation.Reason.String())
}
