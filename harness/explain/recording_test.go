package explain_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/explain"
	"github.com/crosscheck-dev/crosscheck/harness/har"
)

// told are the verdicts of a recording, a line each: a reason, or the verdict's first words.
func told(t *testing.T, recording *har.Recording, options explain.RecordingOptions) []string {
	t.Helper()
	result, err := explain.Recording(t.Context(), recording, options)
	require.NoError(t, err)
	told := []string{}
	for _, blocked := range result.Blocked {
		line := blocked.Verdict
		if blocked.Explanation != nil {
			line = blocked.Explanation.Reason.String()
		}
		if len(blocked.Assumptions) > 0 {
			line += " if " + strings.Join(blocked.Assumptions, "; ")
		}
		told = append(told, line)
	}
	return told
}

func load(t *testing.T, name string) *har.Recording {
	t.Helper()
	recording, err := har.Load(filepath.Join("testdata", name))
	require.NoError(t, err)
	return recording
}

const (
	withCredentials = " if the page asked with credentials: without them the recorded answer could be read"
	byHeaders       = " if the recording shows an answer and no failure: a browser refuses this answer to a page, going by its recorded headers"
)

func TestChromesRecordingWithRawHeadersExplainsEveryRequest(t *testing.T) {
	require.Equal(t, []string{
		"MissingAllowOriginHeader",
		"WildcardOriginNotAllowed" + withCredentials,
		"MethodDisallowedByPreflightResponse [PUT]",
		"HeaderDisallowedByPreflightResponse [x-tenant]",
		"PreflightInvalidStatus",
		"MissingAllowOriginHeader",
		"The request failed, and CORS is not why: nothing listens there (net::ERR_CONNECTION_REFUSED).",
	}, told(t, load(t, "chrome.har"), explain.RecordingOptions{}))
}

func TestWhatChromesRecordingLeavesOutIsSaidAndNotGuessed(t *testing.T) {
	recording := load(t, "chrome-without-raw-headers.har")
	lines := told(t, recording, explain.RecordingOptions{})
	require.Len(t, lines, 7)
	for _, i := range []int{0, 1, 5} {
		require.Contains(t, lines[i], "the recording does not tell why: it lacks the answer to GET http://localhost:")
	}
	require.Equal(t, []string{"MethodDisallowedByPreflightResponse [PUT]", "HeaderDisallowedByPreflightResponse [x-tenant]", "PreflightInvalidStatus"}, lines[2:5])
	result, err := explain.Recording(t.Context(), recording, explain.RecordingOptions{})
	require.NoError(t, err)
	require.Regexp(t, `^ask the server: crosscheck explain GET http://localhost:\d+/silent --origin http://127.0.0.1:\d+$`, result.Blocked[0].Next)
}

// exchange is one entry, in the words of HAR.
type exchange map[string]any

func ask(method, url string, status int, headers ...string) exchange {
	return exchange{
		"startedDateTime": "2026-11-26T10:00:00.000Z",
		"request":         map[string]any{"method": method, "url": url, "headers": pairs(headers[:2*(len(headers)/2)])},
		"response":        map[string]any{"status": status, "headers": []any{}},
	}
}

func (e exchange) answers(headers ...string) exchange {
	e["response"].(map[string]any)["headers"] = pairs(headers)
	return e
}

func (e exchange) fails() exchange {
	e["response"].(map[string]any)["_error"] = "net::ERR_FAILED"
	return e
}

func (e exchange) at(second string) exchange {
	e["startedDateTime"] = "2026-11-26T10:00:" + second + "Z"
	return e
}

func pairs(headers []string) []map[string]string {
	list := []map[string]string{}
	for i := 0; i+1 < len(headers); i += 2 {
		list = append(list, map[string]string{"name": headers[i], "value": headers[i+1]})
	}
	return list
}

func recordingOf(t *testing.T, browser string, entries ...exchange) *har.Recording {
	t.Helper()
	content, err := json.Marshal(map[string]any{"log": map[string]any{"creator": map[string]string{"name": browser}, "entries": entries}})
	require.NoError(t, err)
	recording, err := har.Parse("a.har", content)
	require.NoError(t, err)
	return recording
}

func TestRecordingsOfEveryBrowserAreExplained(t *testing.T) {
	const app, api = "https://app.example.com", "https://api.example.com/user"
	put := func(status int) exchange {
		return ask("PUT", api, status, "Origin", app, "Content-Type", "application/json")
	}
	preflight := func(status int) exchange {
		return ask("OPTIONS", api, status, "Origin", app, "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "content-type")
	}
	for name, test := range map[string]struct {
		browser string
		entries []exchange
		told    []string
	}{
		"Firefox keeps the answer that it refuses": {"Firefox", []exchange{ask("GET", api, 200, "Origin", app)}, []string{"MissingAllowOriginHeader" + byHeaders}},
		"a cookie tells of credentials": {
			"Firefox",
			[]exchange{ask("GET", api, 200, "Origin", app, "Cookie", "a=b").answers("Access-Control-Allow-Origin", "*")},
			[]string{"WildcardOriginNotAllowed" + byHeaders},
		},
		"what could be read is not blocked": {"Firefox", []exchange{ask("GET", api, 200, "Origin", app).answers("Access-Control-Allow-Origin", "*")}, []string{}},
		"a preflight without its request": {
			"Firefox",
			[]exchange{preflight(200).answers("Access-Control-Allow-Origin", app)},
			[]string{"MethodDisallowedByPreflightResponse [PUT]"},
		},
		"a preflight that was allowed, without its request": {
			"Firefox",
			[]exchange{preflight(200).answers("Access-Control-Allow-Origin", app, "Access-Control-Allow-Methods", "PUT", "Access-Control-Allow-Headers", "content-type")},
			[]string{},
		},
		"Safari has no preflights: a request that was answered had a good one": {
			"WebKit Web Inspector",
			[]exchange{put(200)},
			[]string{"MissingAllowOriginHeader" + byHeaders + "; the preflight for " + api + " succeeded: it is not in the recording, and the request behind it was answered"},
		},
		"Safari has no preflights: nobody knows of one that was not answered": {
			"WebKit Web Inspector",
			[]exchange{put(0)},
			[]string{"The request failed, and the recording does not tell why: it lacks the preflight for " + api + "."},
		},
		"one preflight for two requests": {
			"WebInspector",
			[]exchange{
				preflight(204).answers("Access-Control-Allow-Origin", app, "Access-Control-Allow-Methods", "PUT", "Access-Control-Allow-Headers", "content-type"),
				put(200).at("01").answers("Access-Control-Allow-Origin", app), put(200).at("02"),
			},
			[]string{"MissingAllowOriginHeader" + byHeaders + "; the preflight for " + api + " succeeded: it is not in the recording, and the request behind it was answered"},
		},
		"a preflight is that of the request with its headers, though it began before it and after another that failed": {
			"WebInspector",
			[]exchange{
				ask("GET", api, 200, "Origin", app).fails(),
				ask("OPTIONS", api, 200, "Origin", app, "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "x-tenant").
					at("01").answers("Access-Control-Allow-Origin", app),
				ask("GET", api, 0, "Origin", app, "X-Tenant", "blue").at("02"),
			},
			[]string{"MissingAllowOriginHeader", "HeaderDisallowedByPreflightResponse [x-tenant]"},
		},
		"a redirect is one request": {
			"Firefox",
			[]exchange{
				ask("GET", api, 302, "Origin", app).answers("Access-Control-Allow-Origin", app, "Location", "https://login.example.net/"),
				ask("GET", "https://login.example.net/", 200, "Origin", "null").at("01"),
			},
			[]string{"MissingAllowOriginHeader" + byHeaders},
		},
		"a page's own origin needs nobody's leave": {"Firefox", []exchange{ask("PUT", app+"/user", 200, "Origin", app)}, []string{}},
		"a navigation is no script's":              {"WebInspector", []exchange{ask("POST", api, 200, "Origin", app, "Sec-Fetch-Mode", "navigate")}, []string{}},
		"an image needs no leave":                  {"WebInspector", []exchange{ask("GET", api, 200, "Referer", app, "Sec-Fetch-Mode", "no-cors")}, []string{}},
		"nobody knows who asked":                   {"WebInspector", []exchange{ask("GET", api, 0)}, []string{"The request failed, and the recording does not tell which page made it."}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.told, told(t, recordingOf(t, test.browser, test.entries...), explain.RecordingOptions{}))
		})
	}
}

func TestTheOriginCanBeGivenWhereTheRecordingDoesNotTellIt(t *testing.T) {
	recording := recordingOf(t, "WebInspector", ask("GET", "https://api.example.com/user", 0))
	lines := told(t, recording, explain.RecordingOptions{Origin: "https://app.example.com"})
	require.Equal(t, []string{"The request failed, and the recording does not tell why: it lacks the answer to GET https://api.example.com/user."}, lines)
}

func TestSecretsOfARecordingAreNotTold(t *testing.T) {
	asked := ask("POST", "https://api.example.com/user", 200, "Origin", "https://app.example.com", "Authorization", "Bearer secret", "Cookie", "session=secret")
	asked["request"].(map[string]any)["postData"] = map[string]string{"text": "secret"}
	result, err := explain.Recording(t.Context(), recordingOf(t, "Firefox", asked), explain.RecordingOptions{})
	require.NoError(t, err)
	require.NotNil(t, result.Blocked[0].Explanation)
	var text strings.Builder
	require.NoError(t, explain.WriteRecordingText(&text, result))
	content, err := json.Marshal(result)
	require.NoError(t, err)
	require.NotContains(t, text.String()+string(content), "secret")
}

func TestARecordingIsToldForPeople(t *testing.T) {
	recording := recordingOf(t, "Firefox", ask("GET", "https://api.example.com/user", 200, "Origin", "https://app.example.com").answers("Server", "nginx\x1b[31m"))
	result, err := explain.Recording(t.Context(), recording, explain.RecordingOptions{})
	require.NoError(t, err)
	var text strings.Builder
	require.NoError(t, explain.WriteRecordingText(&text, result))
	require.Contains(t, text.String(), "1. GET https://api.example.com/user\n   a.har:1, at 10:00:00, by a page at https://app.example.com\n   The browser blocks the response: MissingAllowOriginHeader.")
	require.Contains(t, text.String(), "Decided by CORS check, step 2: failure")
	require.Contains(t, text.String(), "a.har: 1 of 1 requests to other origins were blocked or failed (recorded by Firefox, explained by profile standard)\n")
	require.NotContains(t, text.String(), "\x1b")
}
