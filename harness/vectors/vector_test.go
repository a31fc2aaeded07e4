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
		"no JSON":             {good + "\n{\"id\": }", 2, 8, "invalid character"},
		"an unfinished line":  {`{"id": "a"`, 1, 11, "does not end"},
		"a wrong type":        {`{"id": "a", "cookies": 7}`, 1, 24, "cookies is a number"},
		"an unknown field":    {`{"id": "a", "colour": 1}`, 1, 13, `unknown field "colour"`},
		"a pair of three":     {`{"id": "a", "page": {"url": "u", "headers": [["a", "b", "c"]]}}`, 1, 64, "a pair has 3 elements"},
		"two on a line":       {good + good, 1, len(good) + 2, "goes on behind it"},
		"an id twice":         {good + "\n\n" + good, 3, 1, "that of line 1"},
		"no id":               {`{"page": {"url": "u"}}`, 1, 1, "has no id"},
		"nothing to do":       {`{"id": "a", "page": {"url": "u"}}`, 1, 1, "neither request"},
		"request without end": {`{"id": "a", "page": {"url": "u"}, "request": {"url": "u"}}`, 1, 1, "needs an expect"},
		"both forms":          {`{"id": "a", "page": {"url": "u"}, "request": {"url": "u"}, "expect": {}, "steps": [{}]}`, 1, 1, "not both"},
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
