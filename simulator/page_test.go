package simulator

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheOriginsOfPages(t *testing.T) {
	cases := []struct {
		spec PageSpec
		want string
	}{
		{PageSpec{URL: "https://app.example.com"}, appOrigin},
		{PageSpec{URL: "HTTPS://APP.example.com:443/path?query#part"}, appOrigin},
		{PageSpec{URL: "http://app.example.com:8080/"}, "http://app.example.com:8080"},
		{PageSpec{URL: "https://münchen.example/"}, "https://xn--mnchen-3ya.example"},
		{PageSpec{URL: "http://[::0001]:80/"}, "http://[::1]"},
		{PageSpec{URL: "http://0x7f.1/"}, "http://127.0.0.1"},
		{PageSpec{URL: "data:text/html,x"}, "null"},
		{PageSpec{URL: "about:blank"}, "null"},
		{PageSpec{URL: appOrigin, Frame: FrameSandboxedSrcdoc}, "null"},
		{PageSpec{URL: appOrigin, Frame: FrameDataURL}, "null"},
		{PageSpec{URL: appOrigin, Frame: FrameAboutBlank}, appOrigin},
		{PageSpec{URL: appOrigin, Frame: FrameSrcdoc}, appOrigin},
		{PageSpec{URL: appOrigin, Frame: FrameBlob}, appOrigin},
		{PageSpec{URL: "https://shop.partner.net", Iframe: appOrigin}, appOrigin},
		{PageSpec{URL: appOrigin, Headers: fields("Content-Security-Policy", "default-src 'self'; sandbox allow-scripts")}, "null"},
		{PageSpec{URL: appOrigin, Headers: fields("Content-Security-Policy", "sandbox allow-scripts allow-same-origin")}, appOrigin},
	}
	for _, c := range cases {
		page := New(Standard, WithHandler(serve(answer{status: 200, header: allow("*")}))).OpenPage(c.spec)
		require.NoError(t, page.Err(), c.spec)
		require.Equal(t, c.want, page.Origin(), c.spec)
		require.Equal(t, c.want, sent(page.Fetch(t.Context(), Request{URL: partnerURL}), "Origin"), c.spec)
	}
}

func TestAPageWhoseURLCannotBeParsedFetchesNothing(t *testing.T) {
	for _, spec := range []PageSpec{{URL: ""}, {URL: "app.example.com"}, {URL: "https://a b/"}, {URL: appOrigin, Iframe: "https://:1/"}} {
		page := New(Standard, WithHandler(serve())).OpenPage(spec)
		require.Error(t, page.Err(), spec)
		require.Empty(t, page.Origin())
		outcome := page.Fetch(t.Context(), Request{URL: apiURL})
		require.Equal(t, KindAPIError, outcome.Kind)
		require.Equal(t, Reason{Code: InvalidURL}, outcome.Reason)
	}
}

func TestAnOpaqueOriginIsAllowedAsNull(t *testing.T) {
	page := PageSpec{URL: appOrigin, Frame: FrameSandboxedSrcdoc}
	cases := []struct {
		request Request
		header  []Field
		want    Kind
	}{
		{Request{URL: apiURL}, allow("null"), KindReadable},
		{Request{URL: apiURL}, allow("*"), KindReadable},
		{Request{URL: apiURL}, allow(appOrigin), KindNetworkError},
		{Request{URL: apiURL, Credentials: CredentialsInclude}, allow("null"), KindNetworkError},
		{Request{URL: apiURL, Credentials: CredentialsInclude}, allow("null", "Access-Control-Allow-Credentials", "true"), KindReadable},
		{Request{URL: appOrigin + "/data"}, nil, KindNetworkError},
	}
	for _, c := range cases {
		outcome := New(Standard, WithHandler(serve(answer{status: 200, header: c.header}))).OpenPage(page).Fetch(t.Context(), c.request)
		require.Equal(t, c.want, outcome.Kind)
		require.Empty(t, sent(outcome, "Referer"))
	}
}

func TestRelativeURLsInFrames(t *testing.T) {
	for frame, want := range map[Frame]Kind{FrameNone: KindReadable, FrameSrcdoc: KindReadable, FrameAboutBlank: KindReadable, FrameDataURL: KindAPIError, FrameBlob: KindAPIError} {
		outcome := New(Standard, WithHandler(serve(answer{status: 200}))).OpenPage(PageSpec{URL: appOrigin, Frame: frame}).Fetch(t.Context(), Request{URL: "data"})
		require.Equal(t, want, outcome.Kind, frame)
	}
}

func TestMixedContent(t *testing.T) {
	cases := []struct {
		page PageSpec
		url  string
		want []string
	}{
		{PageSpec{URL: appOrigin}, "http://api.example.com/", nil},
		{PageSpec{URL: appOrigin}, "http://127.0.0.1/", []string{"GET http://127.0.0.1/"}},
		{PageSpec{URL: appOrigin}, "http://localhost:3000/", []string{"GET http://localhost:3000/"}},
		{PageSpec{URL: "http://app.example.com"}, "http://api.example.com/", []string{"GET http://api.example.com/"}},
		{PageSpec{URL: appOrigin, Frame: FrameDataURL}, "http://api.example.com/", nil},
		{PageSpec{URL: appOrigin, Iframe: "http://app.example.com"}, "http://api.example.com/", nil},
	}
	for _, c := range cases {
		outcome := New(Standard, WithHandler(serve(answer{status: 200, header: allow("*")}))).OpenPage(c.page).Fetch(t.Context(), Request{URL: c.url})
		require.Equal(t, c.want, wire(outcome), c)
	}
	image := fetch(t, Standard, Request{URL: "http://api.example.com/image", Initiator: InitiatorImage}, answer{status: 200})
	require.Equal(t, []string{"GET https://api.example.com/image"}, wire(image), "an image is upgraded")
}

func TestFetchMetadata(t *testing.T) {
	cases := []struct{ page, url, want string }{
		{appOrigin, appOrigin + "/data", "same-origin"},
		{appOrigin, apiURL, "same-site"},
		{appOrigin, partnerURL, "cross-site"},
		{"http://app.example.com", apiURL, "cross-site"},
		{"http://app.example.com", "http://api.example.com/", ""},
		{"https://one.github.io", "https://two.github.io/", "cross-site"},
	}
	for _, c := range cases {
		outcome := New(Standard, WithHandler(serve(answer{status: 200, header: allow("*")}))).Open(c.page).Fetch(t.Context(), Request{URL: c.url})
		require.Equal(t, c.want, sent(outcome, "Sec-Fetch-Site"), c)
	}
}

func TestDataURLs(t *testing.T) {
	cases := []struct{ url, contentType, body string }{
		{"data:,a%20b%zz", "text/plain;charset=US-ASCII", "a b%zz"},
		{"data:text/html,<p>", "text/html", "<p>"},
		{"data:;charset=utf-8,x", "text/plain;charset=utf-8", "x"},
		{"data:text/plain;base64,aGk=", "text/plain", "hi"},
		{"data:text/plain; BASE64,aG%6b", "text/plain", "hi"},
		{"data:nonsense,x", "text/plain;charset=US-ASCII", "x"},
	}
	for _, c := range cases {
		outcome := fetch(t, Standard, Request{URL: c.url})
		require.Equal(t, KindReadable, outcome.Kind, c.url)
		require.Equal(t, ResponseBasic, outcome.Type)
		require.Equal(t, c.contentType, outcome.Header.Get("Content-Type"))
		require.Equal(t, c.body, string(outcome.Body))
		require.Empty(t, outcome.Exchanges)
	}
}
