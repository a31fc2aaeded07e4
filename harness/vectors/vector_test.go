package vectors_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

const good = `{"id": "a", "page": {"url": "https://app.example.com/"}, "request": {"url": "https://api.example.com/x"}, "expect": {"outcome": "success"},` +
	` "exchanges": [{"when": {"method": "GET", "url": "https://api.example.com/x"}, "response": {"status": 200, "headers": [["Access-Control-Allow-Origin", "*"]]}}]}`

func TestABadFileIsRefusedWithLineAndColumn(t *testing.T) {
	for name, test := range map[string]struct {
		content      string
		line, column int
		message      string
	}{
		"no JSON":                {good + "\n{\"id\": }", 2, 8, "invalid character"},
		"an unfinished line":     {`{"id": "a"`, 1, 11, "does not end"},
		"a wrong type":           {`{"id": "a", "cookies": 7}`, 1, 24, "cookies is a number"},
		"a pair of three":        {`{"id": "a", "page": {"url": "u", "headers": [["a", "b", "c"]]}}`, 1, 46, "a pair has 3 elements"},
		"a number in a pair":     {`{"id": "a", "page": {"url": "u", "headers": [["a", "b"], ["a", 7]]}}`, 1, 64, "the value is a number"},
		"a body of another kind": {`{"id": "a", "request": {"url": "u", "body": {"json": 1}}}`, 1, 45, "a body is a string"},
		"a status in words":      {`{"id": "a", "exchanges": [{"when": {}, "response": {"status": "OK"}}]}`, 1, 66, "status is a string"},
		"no page":                {`{"id": "a", "request": {"url": "u"}, "expect": {}}`, 1, 1, "no page.url"},
		"two on a line":          {good + good, 1, len(good) + 2, "goes on behind it"},
		"an id twice":            {good + "\n\n" + good, 3, 1, "that of line 1"},
		"no id":                  {`{"page": {"url": "u"}}`, 1, 1, "has no id"},
		"nothing to do":          {`{"id": "a", "page": {"url": "u"}}`, 1, 1, "neither request"},
		"request without end":    {`{"id": "a", "page": {"url": "u"}, "request": {"url": "u"}}`, 1, 1, "needs an expect"},
		"both forms":             {`{"id": "a", "page": {"url": "u"}, "request": {"url": "u"}, "expect": {}, "steps": [{}]}`, 1, 1, "not both"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := vectors.Parse("f.jsonl", []byte(test.content))
			var refused *vectors.ParseError
			require.ErrorAs(t, err, &refused)
			require.ErrorContains(t, err, test.message)
			require.Equal(t, test.line, refused.Line, err)
			require.Equal(t, test.column, refused.Column, err)
		})
	}
}

// TestEveryAssertionCanFail breaks each field of a vector that passes.
func TestEveryAssertionCanFail(t *testing.T) {
	passing, err := vectors.Parse("f.jsonl", []byte(good))
	require.NoError(t, err)
	require.True(t, vectors.Simulate(t.Context(), simulator.Standard, passing[0]).Pass)
	for field, expectation := range map[string]string{
		"outcome":                          `"outcome": "network-error"`,
		"reason":                           `"reason": "AllowOriginMismatch"`,
		"response_type":                    `"response_type": "basic"`,
		"status":                           `"status": 201`,
		"final_url":                        `"final_url": "https://api.example.com/y"`,
		"body":                             `"body": "x"`,
		"readable_headers":                 `"readable_headers": ["etag"]`,
		"unreadable_headers":               `"unreadable_headers": ["content-length"]`,
		"header_values.content-length":     `"header_values": {"content-length": "1"}`,
		"preflight":                        `"preflight": true`,
		"preflight_request_headers.origin": `"preflight_request_headers": {"origin": "*present*"}`,
		"request_headers_sent.origin":      `"request_headers_sent": {"origin": null}`,
		"request_headers_not_sent.origin":  `"request_headers_not_sent": {"origin": "https://app.example.com"}`,
		"wire":                             `"wire": []`,
		"wire[0].headers.cookie":           `"wire": [{"method": "GET", "url": "https://api.example.com/x", "headers": {"cookie": "*present*"}}]`,
		"upload_events":                    `"upload_events": true`,
		"request_headers_not_sent.cookie":  `"request_headers_not_sent": {"cookie": null}`,
		"request_headers_not_sent.accept":  `"request_headers_not_sent": {"accept": "*present*"}`,
		"timing_allowed":                   `"timing_allowed": true`,
	} {
		t.Run(field, func(t *testing.T) {
			list, err := vectors.Parse("f.jsonl", []byte(strings.Replace(good, `"outcome": "success"`, expectation, 1)))
			require.NoError(t, err)
			result := vectors.Simulate(t.Context(), simulator.Standard, list[0])
			require.False(t, result.Pass)
			require.Len(t, result.Mismatches, 1)
			require.Equal(t, field, result.Mismatches[0].Field)
		})
	}
}

// TestWhatTheFormatAllowsIsRead: forms that say the same as the good vector.
func TestWhatTheFormatAllowsIsRead(t *testing.T) {
	for name, content := range map[string]string{
		"a byte order mark":             "\uFEFF" + good,
		"CR LF":                         good + "\r\n\r\n",
		"notes":                         strings.Replace(good, `"id": "a"`, `"id": "a", "title": "t", "tags": {"a": [1]}`, 1),
		"absent and null":               strings.Replace(good, `"id": "a"`, `"id": "a", "cookies": null, "steps": null, "contested": null`, 1),
		"null expectations":             strings.Replace(good, `"outcome"`, `"wire": null, "body": null, "status": null, "outcome"`, 1),
		"an answer to every method":     strings.Replace(good, `"method": "GET", `, "", 1),
		"a URL as a person writes it":   strings.Replace(good, `"url": "https://api.example.com/x"}, "response"`, `"url": "HTTPS://u:p@API.example.com:443/y/../x#f"}, "response"`, 1),
		"status 200 unsaid":             strings.Replace(good, `"status": 200, `, "", 1),
		"an origin instead of a page":   strings.Replace(good, `"page": {"url": "https://app.example.com/"}`, `"origin": "https://app.example.com"`, 1),
		"a page for the step":           `{"id": "a", "steps": [{"page": {"url": "https://app.example.com/"}, "note": "n", ` + good[strings.Index(good, `"request"`):strings.Index(good, `, "exchanges"`)] + `}]` + good[strings.Index(good, `, "exchanges"`):],
		"a folded header":               strings.Replace(good, `"*"`, `"\r\n *"`, 1),
		"a header within another":       strings.Replace(good, `["Access-Control-Allow-Origin", "*"]`, `["X-A", "b\r\nAccess-Control-Allow-Origin: *"]`, 1),
		"a blank before the colon":      strings.Replace(good, `"Access-Control-Allow-Origin"`, `"Access-Control-Allow-Origin "`, 1),
		"an exchange that is used up":   strings.Replace(good, `"exchanges": [`, `"exchanges": [{"when": {"url": "https://api.example.com/x"}, "times": 0, "response": {"status": 500}}, `, 1),
		"a wire URL as a person writes": strings.Replace(good, `"outcome"`, `"wire": [{"method": "GET", "url": "https://api.example.com:443/x"}], "outcome"`, 1),
		"no upload events of a fetch":   strings.Replace(good, `"outcome"`, `"upload_events": false, "outcome"`, 1),
		"not sent is not any value":     strings.Replace(good, `"outcome"`, `"request_headers_not_sent": {"cookie": "*present*", "origin": null}, "outcome"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			list, err := vectors.Parse("f.jsonl", []byte(content))
			require.NoError(t, err)
			require.Len(t, list, 1)
			require.Empty(t, vectors.Simulate(t.Context(), simulator.Standard, list[0]).Mismatches)
		})
	}
}

// TestWhatCannotBeEvaluatedFails: a field that the format does not name, in what is asked or asserted.
func TestWhatCannotBeEvaluatedFails(t *testing.T) {
	for field, content := range map[string]string{
		"expect.colour":              strings.Replace(good, `"outcome"`, `"colour": 1, "outcome"`, 1),
		"request.cache":              strings.Replace(good, `"request": {`, `"request": {"cache": "reload", `, 1),
		"exchanges.response.trailer": strings.Replace(good, `"status": 200`, `"status": 200, "trailer": []`, 1),
		"steps.expect.colour":        `{"id": "a", "page": {"url": "https://app.example.com/"}, "steps": [{"request": {"url": "u"}, "expect": {"colour": 1}}]}`,
	} {
		list, err := vectors.Parse("f.jsonl", []byte(content))
		require.NoError(t, err)
		result := vectors.Simulate(t.Context(), simulator.Standard, list[0])
		require.False(t, result.Pass)
		require.Equal(t, field, result.Mismatches[0].Field)
	}
}

func TestAnOriginThatIsNotThePagesIsAMismatch(t *testing.T) {
	list, err := vectors.Parse("f.jsonl", []byte(strings.Replace(good, `"page"`, `"origin": "https://b.example", "page"`, 1)))
	require.NoError(t, err)
	require.Equal(t, "origin", vectors.Simulate(t.Context(), simulator.Standard, list[0]).Mismatches[0].Field)
}

// TestAURLGoesOnTheWireAsItIs: no part of it is escaped anew.
func TestAURLGoesOnTheWireAsItIs(t *testing.T) {
	for _, path := range []string{"/x?", "/a|b", "/a'b(c)", "/%zz", "/a%2Fb", "/?q=a%20b+c", "//x", "/a;b=c"} {
		content := strings.ReplaceAll(good, "https://api.example.com/x", "https://api.example.com"+path)
		content = strings.Replace(content, `{"outcome": "success"}`, `{"outcome": "success", "wire": [{"method": "GET", "url": "https://api.example.com`+path+`", "headers": {"host": "api.example.com"}}]}`, 1)
		list, err := vectors.Parse("f.jsonl", []byte(content))
		require.NoError(t, err)
		require.Empty(t, vectors.Simulate(t.Context(), simulator.Standard, list[0]).Mismatches)
	}
}

// TestWhatTheFormatDoesNotNameFails: an initiator or a frame that no browser knows proves nothing.
func TestWhatTheFormatDoesNotNameFails(t *testing.T) {
	for field, content := range map[string]string{
		"request.initiator": strings.Replace(good, `api.example.com/x"}, "expect"`, `api.example.com/x", "initiator": "telepathy"}, "expect"`, 1),
		"page.frame":        strings.Replace(good, `app.example.com/"`, `app.example.com/", "frame": "window"`, 1),
	} {
		list, err := vectors.Parse("f.jsonl", []byte(strings.Replace(content, "success", "api-error", 1)))
		require.NoError(t, err)
		result := vectors.Simulate(t.Context(), simulator.Standard, list[0])
		require.False(t, result.Pass)
		require.Equal(t, field, result.Mismatches[0].Field)
	}
}

// TestTheOwnVectors: the Standard profile does what the vectors say, and the
// Chromium profile departs from them exactly where Chromium was seen to.
func TestTheOwnVectors(t *testing.T) {
	list, err := vectors.Load("../../fixtures/vectors")
	require.NoError(t, err)
	for _, vector := range list {
		t.Run(vector.ID, func(t *testing.T) {
			require.Empty(t, vectors.Simulate(t.Context(), simulator.Standard, vector).Mismatches)
			result := vectors.Simulate(t.Context(), simulator.Chromium, vector)
			require.Equal(t, vector.ChromeKnown, verdict(result), "%+v", result.Mismatches)
		})
	}
}
