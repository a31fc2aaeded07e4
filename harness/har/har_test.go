package har_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/har"
)

const sound = `{"log": {"version": "1.2",
  "creator": {"name": "WebInspector", "version": "537.36"},
  "pages": [{"id": "page_1", "title": "https://app.example.com/", "pageTimings": {}}, {"id": "page_2", "title": "Orders"}],
  "entries": [
    {"startedDateTime": "2026-11-26T10:00:02.000Z", "pageref": "page_1", "_resourceType": "fetch",
     "request": {"method": "GET", "url": "https://api.example.com/b#x", "headers": [{"name": ":authority", "value": "api.example.com"}, {"name": "origin", "value": "https://app.example.com"}], "cookies": [{"name": "a", "value": "b"}]},
     "response": {"status": 302, "headers": [{"name": "vary", "value": "Origin\nAccept"}], "redirectURL": "/c", "_error": null}},
    {"startedDateTime": "2026-11-26T10:00:01.000+00:00",
     "request": {"method": "POST", "url": "https://api.example.com/a", "postData": {"mimeType": "text/plain", "text": "hello"}},
     "response": {"status": -1, "_error": "net::ERR_FAILED"}},
    {"request": {"method": "GET", "url": "https://api.example.com/z"}}
  ]}}`

func TestARecordingIsReadInTheOrderOfItsRequests(t *testing.T) {
	recording, err := har.Parse("a.har", []byte("\xEF\xBB\xBF"+sound))
	require.NoError(t, err)
	require.Equal(t, "WebInspector 537.36", recording.Browser)
	require.Equal(t, map[string]string{"page_1": "https://app.example.com/"}, recording.Pages)
	require.Len(t, recording.Entries, 3)
	z, a, b := recording.Entries[0], recording.Entries[1], recording.Entries[2]

	require.True(t, z.Failed(), "no response at all")
	require.Equal(t, 11, z.Line)

	require.Equal(t, "net::ERR_FAILED", a.Failure)
	require.Equal(t, 0, a.Status)
	require.True(t, a.Body)
	require.False(t, b.Body)

	require.Equal(t, 5, b.Line)
	require.Equal(t, "https://api.example.com/b", b.URL)
	require.Equal(t, "fetch", b.Type)
	require.True(t, b.Cookies)
	require.Equal(t, "https://app.example.com", b.RequestHeader.Get("Origin"))
	require.Len(t, b.RequestHeader, 1, "pseudo-headers are no headers")
	require.Equal(t, []string{"Origin", "Accept"}, b.ResponseHeader.Values("Vary"))
	require.Equal(t, "https://api.example.com/c", b.RedirectURL)
	require.False(t, b.Failed())
}

func TestWhatIsNoRecordingIsPlacedAndSaysWhatToDo(t *testing.T) {
	for name, test := range map[string]struct{ content, message string }{
		"empty":           {"  \n", "a.har: the file is empty: export the recording again"},
		"cut off":         {sound[:strings.Index(sound, `"_error": "net`)], "a.har:10:33: the file ends in the middle, after 1 whole entries: it was cut off: export"},
		"cut off early":   {`{"log": {`, "a.har:1:10: the file ends in the middle, after 0 whole entries"},
		"no JSON":         {"{\"log\":\n  <html>", "a.har:2:3: invalid character '<'"},
		"other JSON":      {`{"schema": "crosscheck.report/v1"}`, `a.har: this is JSON, and no HTTP Archive: there is no "log" in it: name a file`},
		"a list":          {`[]`, "a.har:1:1: [ stands where a HTTP Archive has {"},
		"another type":    {strings.Replace(sound, `"status": 302`, `"status": "302"`, 1), `"response.status" is a string, and has to be a int`},
		"no request":      {`{"log": {"entries": [` + "\n" + `{"response": {"status": 200}}]}}`, `a.har:2:1: an entry has no "request" with a method and a URL`},
		"no time":         {strings.Replace(sound, "2026-11-26T10:00:02.000Z", "yesterday", 1), `a.har:5:5: startedDateTime is "yesterday", and no time in ISO 8601`},
		"entries no list": {`{"log": {"entries": {}}}`, "a.har:1:21: { stands where a HTTP Archive has ["},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := har.Parse("a.har", []byte(test.content))
			var malformed *har.Malformed
			require.ErrorAs(t, err, &malformed)
			require.ErrorContains(t, err, test.message)
		})
	}
}

func TestAFileThatIsNotThereIsTheFileSystemsError(t *testing.T) {
	_, err := har.Load(filepath.Join(t.TempDir(), "a.har"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sound))
	f.Add([]byte(`{"log":{"entries":[{"request":{"method":"GET","url":":"},"response":{"redirectURL":"::"}}]}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		recording, err := har.Parse("a.har", content)
		if err == nil {
			require.NotNil(t, recording)
		}
	})
}
