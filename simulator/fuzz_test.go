package simulator

import (
	"strings"
	"testing"
	"time"
)

// Each target feeds bytes of a hostile server to a parser: it must not panic,
// and what it accepts has to satisfy the grammar.

func FuzzExtractList(f *testing.F) {
	f.Add("PUT, POST")
	f.Add(",,*,,")
	f.Fuzz(func(t *testing.T, value string) {
		tokens, ok := extractList([]string{value})
		for _, token := range tokens {
			if !ok || !isToken(token) {
				t.Fatalf("%q gave %q", value, tokens)
			}
		}
	})
}

func FuzzSplitHeaderValue(f *testing.F) {
	f.Add(`a, "b, c", d\`)
	f.Fuzz(func(t *testing.T, value string) {
		if values := splitHeaderValue(value); len(values) > strings.Count(value, ",")+1 {
			t.Fatalf("%q gave %d values", value, len(values))
		}
	})
}

func FuzzMaxAge(f *testing.F) {
	f.Add("600")
	f.Add("-9223372036854775808")
	f.Fuzz(func(t *testing.T, value string) {
		for _, signed := range []bool{false, true} {
			if age, ok := parseMaxAge(value, signed); ok && age < 0 {
				t.Fatalf("%q is %s", value, age)
			}
		}
	})
}

func FuzzSafelistedRequestHeader(f *testing.F) {
	f.Add("Content-Type", "text/plain;charset=utf-8")
	f.Add("Range", "bytes=0-5")
	f.Fuzz(func(t *testing.T, name, value string) {
		if isSafelistedRequestHeader(&Standard, name, value) && !isSafelistedRequestHeader(&Chromium, name, value) &&
			!strings.EqualFold(name, "Range") {
			t.Fatalf("Chromium is stricter with %q: %q", name, value)
		}
	})
}

func FuzzSetCookie(f *testing.F) {
	f.Add("a=b; Path=/; Secure; SameSite=None; Max-Age=60; Domain=.example.com; Expires=Wed, 21 Oct 2099 07:28:00 GMT")
	url, err := parseURL(apiURL, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, setCookie string) {
		var jar cookieJar
		now := time.Unix(1_700_000_000, 0)
		if err := jar.store(url, setCookie, true, now); err != nil && len(jar.cookies) != 0 {
			t.Fatalf("%q is both ignored and stored", setCookie)
		}
		if header := jar.header(url, true, now); strings.ContainsAny(header, "\r\n\x00") {
			t.Fatalf("%q gave the header %q", setCookie, header)
		}
	})
}

func FuzzOrigin(f *testing.F) {
	f.Add("https://app.example.com:8443/path")
	f.Add("blob:https://example.com/1")
	f.Add("http://[::1]/")
	f.Fuzz(func(t *testing.T, input string) {
		url, err := parseURL(input, nil)
		if err != nil || url.origin.opaque {
			return
		}
		again, err := parseURL(url.origin.serialized, nil)
		if err != nil || !sameOrigin(again.origin, url.origin) {
			t.Fatalf("the origin of %q, %q, is not its own origin", input, url.origin.serialized)
		}
	})
}

func FuzzDataURL(f *testing.F) {
	f.Add("data:text/plain;base64,aGk=")
	f.Add("data:,%zz%41")
	f.Fuzz(func(t *testing.T, input string) {
		url, err := parseURL(input, nil)
		if err != nil || url.scheme != "data" {
			return
		}
		params := &fetchParams{browser: New(Standard, WithHandler(serve()))}
		params.dataURLFetch(url).discard()
	})
}
