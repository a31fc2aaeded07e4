package simulator

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheSafelistOfRequestHeaders(t *testing.T) {
	cases := []struct {
		name, value string
		want        bool
	}{
		{"Accept", "text/html, */*;q=0.1", true},
		{"ACCEPT", "", true},
		{"Accept", "a\tb", true},
		{"Accept", "a\x01b", false},
		{"Accept", `a"b`, false},
		{"Accept", "a(b", false},
		{"Accept", "a\x7fb", false},
		{"Accept", "a\x80b", true},
		{"Accept", strings.Repeat("a", 128), true},
		{"Accept", strings.Repeat("a", 129), false},
		{"Accept-Language", "de-CH, *;q=0.5", true},
		{"Accept-Language", "de_CH", false},
		{"Accept-Language", "de\tCH", false},
		{"Content-Language", "en, mi", true},
		{"Content-Language", "en@mi", false},
		{"Content-Type", "text/plain", true},
		{"Content-Type", "TEXT/PLAIN;charset=UTF-8", true},
		{"Content-Type", "text/plain ; charset=utf-8", true},
		{"Content-Type", "multipart/form-data;boundary=x", true},
		{"Content-Type", "application/x-www-form-urlencoded", true},
		{"Content-Type", "application/json", false},
		{"Content-Type", "text/plain, application/json", false},
		{"Content-Type", `text/plain;charset="utf-8"`, false},
		{"Content-Type", "text/plain;x=(", false},
		{"Content-Type", "text", false},
		{"Content-Type", "", false},
		{"Range", "bytes=0-", true},
		{"Range", "bytes=0-0", true},
		{"Range", "bytes=10-9", false},
		{"Range", "bytes=-5", false},
		{"Range", "bytes=0-1,2-3", false},
		{"Range", "bytes= 0-1", false},
		{"Range", "BYTES=0-1", false},
		{"Range", "bytes=007-0010", true},
		{"Range", "bytes=-", false},
		{"Range", "bytes=0", false},
		{"Range", "bytes=99999999999999999998-99999999999999999999", true},
		{"Range", "bytes=99999999999999999999-99999999999999999998", false},
		{"Authorization", "x", false},
		{"X-Requested-With", "XMLHttpRequest", false},
		{"Save-Data", "on", false},
	}
	for _, c := range cases {
		t.Run(c.name+" "+c.value, func(t *testing.T) {
			require.Equal(t, c.want, isSafelistedRequestHeader(&Standard, c.name, c.value))
		})
	}
}

func TestChromiumSafelistsValidClientHints(t *testing.T) {
	valid := fields("Save-Data", "On", "DPR", "1.5", "DPR", "2", "Width", "640", "Viewport-Width", "0", "Downlink", "0.25",
		"RTT", "50", "Device-Memory", "8", "ECT", "slow-2g")
	for _, field := range valid {
		require.True(t, isSafelistedRequestHeader(&Chromium, field.Name, field.Value), field)
	}
	invalid := fields("Save-Data", "1", "DPR", "1.", "DPR", ".5", "DPR", "1e3", "DPR", "+1", "Width", "1.5", "RTT", "-1",
		"Device-Memory", "", "ECT", "2G", "ECT", "5g")
	for _, field := range invalid {
		require.False(t, isSafelistedRequestHeader(&Chromium, field.Name, field.Value), field)
	}
}

func TestAPreflightAsksForUnsafeNamesSortedInLowerCaseOnce(t *testing.T) {
	headers := headerList(fields("X-B", "1", "Accept", "text/html", "x-a", "1", "X-b", "2", "Content-Type", "application/json"))
	require.Equal(t, []string{"content-type", "x-a", "x-b"}, unsafeRequestHeaderNames(&Standard, headers))
	outcome := fetch(t, Standard, Request{URL: apiURL, Headers: headers}, answer{status: 200, header: allow("*", "Access-Control-Allow-Headers", "*")})
	require.Equal(t, []string{"content-type,x-a,x-b"}, outcome.Exchanges[0].RequestHeader["Access-Control-Request-Headers"])
	require.Equal(t, KindReadable, outcome.Kind)
}

func TestMoreThan1024BytesOfSafelistedHeadersAreUnsafe(t *testing.T) {
	var headers headerList
	for range 8 {
		headers = append(headers, Field{Name: "Accept", Value: strings.Repeat("a", 128)})
	}
	require.Empty(t, unsafeRequestHeaderNames(&Standard, headers))
	headers = append(headers, Field{Name: "Accept-Language", Value: "d"})
	require.Equal(t, []string{"accept", "accept-language"}, unsafeRequestHeaderNames(&Standard, headers))
}

func TestMethodsThatNeedNoPreflight(t *testing.T) {
	for method, want := range map[string]bool{"GET": true, "get": true, "HEAD": true, "POST": true, "post": true, "PUT": false, "DELETE": false, "PATCH": false, "OPTIONS": false, "CHICKEN": false} {
		outcome := fetch(t, Standard, Request{URL: apiURL, Method: method}, answer{status: 200, header: allow("*", "Access-Control-Allow-Methods", "*")})
		require.Equal(t, want, len(outcome.Preflights()) == 0, method)
		require.Equal(t, KindReadable, outcome.Kind, method)
	}
}
