package simulator

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// roundTripper is a transport in one function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// raw answers with a header that nobody has read from a wire.
func raw(header http.Header) Option {
	return WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: header, Body: http.NoBody}, nil
	}))
}

func TestAllowedOriginsAreComparedByteByByte(t *testing.T) {
	shared := []string{appOrigin, " \t" + appOrigin + "\t ", "*", "\t*"}
	mismatched := []string{appOrigin + "\v", "HTTPS://app.example.com", appOrigin + "/", "null"}
	invalid := []string{"\v*", "*\f", "\u00a0*", "*\xa0", appOrigin + "\xff", "**", `"*"`, ""}
	malformed := []string{"*\x00", "\x00*", "*\n", "*\r\n *"}
	for want, values := range map[ReasonCode][]string{
		"": shared, AllowOriginMismatch: mismatched, InvalidAllowOriginValue: invalid, InvalidHTTPResponse: malformed,
	} {
		for _, value := range values {
			outcome := New(Standard, raw(http.Header{"Access-Control-Allow-Origin": {value}})).Open(appOrigin).Fetch(t.Context(), Request{URL: apiURL})
			require.Equal(t, want, outcome.Reason.Code, "%q", value)
		}
	}
}

func TestHeadersReachScriptAsTheirBytes(t *testing.T) {
	lowercaseName := byteLowercase("Access-Control-Allow-Origin")
	header := http.Header{
		lowercaseName:                   {" * "},
		"Access-Control-Expose-Headers": {"\tX-A ", "", "x-b"},
		"X-A":                           {" \ta\xe9\x01\v \t", "b", ""},
		"X-B":                           {"\x80\xff"},
		"x-b":                           {" 2"},
	}
	outcome := New(Standard, raw(header)).Open(appOrigin).Fetch(t.Context(), Request{URL: apiURL})
	require.Equal(t, http.Header{"X-A": {"a\xe9\x01\v", "b", ""}, "X-B": {"\x80\xff", "2"}}, outcome.Header)
	require.Equal(t, []string{" * "}, header[lowercaseName], "the transport's header stays as it is")
	value, found := getHeader(outcome.Header, "X-A")
	require.True(t, found)
	require.Equal(t, "a\xe9\x01\v, b, ", value)
}

func TestALocationsBytesAreEscapedOneByOne(t *testing.T) {
	for location, want := range map[string]string{"/\xe9": "/%E9", "/\xc3\xa9?\xff#\xfe": "/%C3%A9?%FF", "/a b": "/a%20b", "\t/x ": "/x"} {
		first := true
		transport := WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
			answered := &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(http.NoBody)}
			if first {
				first, answered.StatusCode = false, 302
				answered.Header["Location"] = []string{location}
			}
			return answered, nil
		}))
		outcome := New(Standard, transport).Open(appOrigin).Fetch(t.Context(), Request{URL: "/"})
		require.Equal(t, appOrigin+want, outcome.URL)
	}
}

func FuzzReceivedHeader(f *testing.F) {
	f.Add("x-a", " \ta\xe9 ", "b")
	f.Fuzz(func(t *testing.T, name, first, second string) {
		received, err := receivedHeader(http.Header{name: {first, second}})
		if err != nil {
			return
		}
		for canonical, values := range received {
			if !isCanonical(canonical) && http.CanonicalHeaderKey(canonical) != canonical || len(values) != 2 {
				t.Fatalf("%q gave %q", name, received)
			}
			for _, value := range values {
				if hasOuterSpace(value) {
					t.Fatalf("%q is no header value", value)
				}
			}
		}
	})
}
