package simulator

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestABlobOfThePagesOwnIsReadable(t *testing.T) {
	cases := []struct {
		name    string
		request Request
		status  int
		header  http.Header
		body    string
	}{
		{"plain", Request{BlobBody: "hello", BlobType: "TEXT/Plain"}, 200, http.Header{"Content-Length": {"5"}, "Content-Type": {"text/plain"}}, "hello"},
		{"without a type", Request{BlobBody: "hello"}, 200, http.Header{"Content-Length": {"5"}, "Content-Type": {""}}, "hello"},
		{"with a type that is none", Request{BlobBody: "hello", BlobType: "text/é"}, 200, http.Header{"Content-Length": {"5"}, "Content-Type": {""}}, "hello"},
		{"with headers that would need a preflight", Request{BlobBody: "hello", Headers: fields("X-A", "1"), Credentials: CredentialsInclude}, 200, http.Header{"Content-Length": {"5"}, "Content-Type": {""}}, "hello"},
		{"without CORS", Request{BlobBody: "hello", Mode: ModeNoCORS}, 200, http.Header{"Content-Length": {"5"}, "Content-Type": {""}}, "hello"},
		{"of the same origin", Request{BlobBody: "hello", Mode: ModeSameOrigin}, 200, http.Header{"Content-Length": {"5"}, "Content-Type": {""}}, "hello"},
		{"by XMLHttpRequest", Request{BlobBody: "hello", Initiator: InitiatorXHR}, 200, http.Header{"Content-Length": {"5"}, "Content-Type": {""}}, "hello"},
		{"the start", Request{BlobBody: "hello", Headers: fields("Range", "bytes=0-1")}, 206, http.Header{"Content-Length": {"2"}, "Content-Type": {""}, "Content-Range": {"bytes 0-1/5"}}, "he"},
		{"the rest", Request{BlobBody: "hello", Headers: fields("Range", "bytes = 1 -")}, 206, http.Header{"Content-Length": {"4"}, "Content-Type": {""}, "Content-Range": {"bytes 1-4/5"}}, "ello"},
		{"the end", Request{BlobBody: "hello", Headers: fields("Range", "bytes=-2")}, 206, http.Header{"Content-Length": {"2"}, "Content-Type": {""}, "Content-Range": {"bytes 3-4/5"}}, "lo"},
		{"a longer end than there is", Request{BlobBody: "hello", Headers: fields("Range", "bytes=-6")}, 206, http.Header{"Content-Length": {"5"}, "Content-Type": {""}, "Content-Range": {"bytes 0-4/5"}}, "hello"},
		{"the end of nothing", Request{Headers: fields("Range", "bytes=-1")}, 206, http.Header{"Content-Length": {"0"}, "Content-Type": {""}, "Content-Range": {"bytes 0--1/0"}}, ""},
		{"more than there is", Request{BlobBody: "hello", Headers: fields("Range", "bytes=0-99999999999999999999")}, 206, http.Header{"Content-Length": {"5"}, "Content-Type": {""}, "Content-Range": {"bytes 0-4/5"}}, "hello"},
	}
	for _, profile := range []Profile{Standard, Chromium} {
		for _, c := range cases {
			t.Run(profile.Name+"/"+c.name, func(t *testing.T) {
				c.request.URL = BlobSelfURL
				for _, frame := range []Frame{FrameNone, FrameSandboxedSrcdoc, FrameDataURL, FrameBlob} {
					page := New(profile, WithHandler(serve())).OpenPage(PageSpec{URL: appOrigin, Frame: frame})
					outcome := page.Fetch(t.Context(), c.request)
					require.Equal(t, KindReadable, outcome.Kind, outcome.Reason)
					require.Equal(t, ResponseBasic, outcome.Type)
					require.Equal(t, c.status, outcome.Status)
					require.Equal(t, c.header, outcome.Header)
					require.Equal(t, c.body, string(outcome.Body))
					require.Equal(t, BlobSelfURL, outcome.URL)
					require.Empty(t, outcome.Exchanges)
				}
			})
		}
	}
}

func TestABlobAnswersGETOnlyAndRangesThatItHas(t *testing.T) {
	refused := []Request{
		{Method: "HEAD"},
		{Method: "POST", Body: &Body{Text: "x"}},
		{Method: "POST", Initiator: InitiatorXHR},
	}
	for _, value := range []string{"bytes=5-", "bytes=2-1", "bytes=", "bytes=-", "x", "bytes=0-1,2-3", "Bytes=0-1"} {
		refused = append(refused, Request{Headers: fields("Range", value)})
	}
	for _, request := range refused {
		request.URL, request.BlobBody = BlobSelfURL, "hello"
		require.Equal(t, KindNetworkError, fetch(t, Standard, request).Kind, request)
	}
	for _, mode := range []Mode{ModeCORS, ModeNoCORS, ModeSameOrigin} {
		require.Equal(t, KindNetworkError, fetch(t, Standard, Request{URL: "blob:https://api.example.com/1", Mode: mode}).Kind)
		require.Equal(t, KindNetworkError, fetch(t, Standard, Request{URL: "blob:https://app.example.com/1", Mode: mode}).Kind)
	}
}

func TestADataURLIsReadableByEveryMethodAndMode(t *testing.T) {
	cases := []struct{ url, contentType, body string }{
		{"data:text/plain,hello", "text/plain", "hello"},
		{"data:,hello", "text/plain;charset=US-ASCII", "hello"},
		{"data:;charset=x,hello", "text/plain;charset=x", "hello"},
		{"data:x,hello", "text/plain;charset=US-ASCII", "hello"},
		{"data:TEXT/HTML;Charset=X;a=b;a=c,hello", "text/html;charset=X;a=b", "hello"},
		{`data:a/b;x="y z",hello`, `a/b;x="y z"`, "hello"},
		{"data:a/b;x=y;base64,aGk=", "a/b;x=y", "hi"},
		{"data:a/b; BASE64,a%20G k", "a/b", "hi"},
		{"data:a/b,%41%zz#part", "a/b", "A%zz"},
	}
	for _, c := range cases {
		t.Run(c.url, func(t *testing.T) {
			for _, request := range []Request{
				{},
				{Method: "PUT", Headers: fields("X-A", "1")},
				{Mode: ModeNoCORS},
				{Mode: ModeSameOrigin, Credentials: CredentialsInclude},
				{Mode: ModeNoCORS, Redirect: RedirectManual},
				{Initiator: InitiatorXHR},
			} {
				request.URL = c.url
				outcome := fetch(t, Standard, request)
				require.Equal(t, KindReadable, outcome.Kind)
				require.Equal(t, ResponseBasic, outcome.Type)
				require.Equal(t, http.Header{"Content-Type": {c.contentType}}, outcome.Header)
				require.Equal(t, c.body, string(outcome.Body))
				require.Empty(t, outcome.Exchanges)
			}
			require.Empty(t, fetch(t, Standard, Request{Method: "HEAD", URL: c.url}).Body)
		})
	}
	for _, url := range []string{"data:a/b", "data:;base64,a"} {
		require.Equal(t, KindNetworkError, fetch(t, Standard, Request{URL: url}).Kind)
	}
}

func TestAboutBlankIsAnEmptyDocumentWithoutCORS(t *testing.T) {
	for url, want := range map[string]Kind{"about:blank": KindOpaque, "about:blank?x#y": KindOpaque, "about:srcdoc": KindNetworkError} {
		require.Equal(t, want, fetch(t, Standard, Request{URL: url, Mode: ModeNoCORS}).Kind)
		require.Equal(t, KindNetworkError, fetch(t, Standard, Request{URL: url}).Kind)
		require.Equal(t, KindNetworkError, fetch(t, Standard, Request{URL: url, Mode: ModeSameOrigin}).Kind)
	}
}
