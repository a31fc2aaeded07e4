package simulator

import (
	"strings"
	"testing"
)

func FuzzMIMEType(f *testing.F) {
	for _, seed := range []string{"text/plain;charset=utf-8", `a/b;x="y\" z";X=2`, "/;", "a/b ; =;c=\"", "\t*/* \r\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		parsed, ok := parseMIMEType(input)
		if ok != (naiveEssence(input) != "") || parsed.essence != naiveEssence(input) {
			t.Fatalf("%q is %q", input, parsed.essence)
		}
		if !ok {
			return
		}
		again, ok := parseMIMEType(parsed.String())
		if !ok || again.String() != parsed.String() {
			t.Fatalf("%q is serialized %q, and that %q", input, parsed.String(), again.String())
		}
	})
}

func FuzzSingleRange(f *testing.F) {
	for _, seed := range []string{"bytes=0-", "bytes=-5", "bytes \t=\t1 - 2", "bytes=00000000000000000000009-1", "bytes=-"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, value string, allowWhitespace bool) {
		start, end, ok := parseSingleRange(value, allowWhitespace)
		if !allowWhitespace && (ok && start != "") != naiveRangeHasStart(value) {
			t.Fatalf("%q is %q to %q: %v", value, start, end, ok)
		}
		if ok && (!isDigits(start) || !isDigits(end) || start+end == "" || start != "" && end != "" && isGreaterDecimal(start, end)) {
			t.Fatalf("%q is %q to %q", value, start, end)
		}
		if first, last, ok := blobRange(&Standard, value, 10); ok && (first < 0 || last < first || last > 10) {
			t.Fatalf("%q is %d to %d of 10 bytes", value, first, last)
		}
	})
}

func FuzzStructuredToken(f *testing.F) {
	for _, seed := range []string{"require-corp", `credentialless; report-to="x"`, " a;", "a, b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if token := structuredToken(value); !strings.HasPrefix(strings.TrimLeft(value, " "), token) || strings.ContainsAny(token, " ;,\"") {
			t.Fatalf("%q is %q", value, token)
		}
	})
}

func FuzzReferrerPolicyHeader(f *testing.F) {
	f.Add("no-referrer, unsafe-url,\tnonsense")
	f.Fuzz(func(t *testing.T, value string) {
		if policy := referrerPolicyFromHeader([]string{value}, true); policy != "" && !strings.Contains(byteLowercase(value), string(policy)) {
			t.Fatalf("%q is %q", value, policy)
		}
	})
}
