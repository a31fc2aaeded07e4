package simulator

import (
	"testing"

	whatwg "github.com/nlnwa/whatwg-url/url"
	"github.com/stretchr/testify/require"
)

func TestWhichURLsArePlain(t *testing.T) {
	for _, url := range []string{
		"https://app.example.com", "http://a", "https://app.example.com:8443/", "https://a-b.c1/x/y.html?q=1&r=/~_", "http://a//", "https://a/?",
	} {
		plain, ok := parsePlainURL(url)
		require.True(t, ok, url)
		requireAsParsed(t, url, plain)
	}
	for _, url := range []string{
		"", "https://", "HTTPS://a/", "https:a", "https:///a", "ftp://a/", "https://A/", "https://1/", "https://a.1/", "https://a.0x1/", "https://a./", "https://a..b/",
		"https://xn--a/", "https://a_b/", "https://a:443/", "http://a:80/", "https://a:/", "https://a:08/", "https://a:65536/", "https://u@a/", "https://[::1]/",
		"https://a/./b", "https://a/..", "https://a/.b", "https://a/%2e", "https://a/b c", "https://a/\u00e9", "https://a/#f", "https://a/?'", "https://a?b", "https://a\\b", " https://a/", "https://a/\t",
	} {
		_, ok := parsePlainURL(url)
		require.False(t, ok, url)
	}
	base, ok := parsePlainURL("https://app.example.com/x/y?z")
	require.True(t, ok)
	for reference, want := range map[string]string{"w": "https://app.example.com/x/w", "?w": "https://app.example.com/x/y?w", "https:w": "https://app.example.com/x/w", "//b": "https://b/"} {
		parsed, err := parseURL(reference, base)
		require.NoError(t, err)
		require.Equal(t, want, parsed.serialized)
	}
}

// requireAsParsed holds a plain URL to what the URL parser makes of it.
func requireAsParsed(t *testing.T, url string, plain *parsedURL) {
	t.Helper()
	record, err := whatwg.Parse(url)
	require.NoError(t, err, url)
	parsed := newParsedURL(record)
	parsed.record = nil
	require.Equal(t, parsed, plain, url)
}

// FuzzPlainURL: what is plain is what the URL parser makes of it, with and without a base.
func FuzzPlainURL(f *testing.F) {
	for _, url := range []string{"https://app.example.com:8443/x?y=z", "http://a-1.b2//", "https://a/?", "https://a/..", "http://0x1/", "https://xn--bcher-kva.example/"} {
		f.Add(url)
	}
	base, err := whatwg.Parse("https://other.example:1/x/y?z")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, url string) {
		plain, ok := parsePlainURL(url)
		if !ok {
			return
		}
		requireAsParsed(t, url, plain)
		record, err := base.Parse(url)
		require.NoError(t, err)
		require.Equal(t, plain.serialized, record.Href(true))
	})
}
