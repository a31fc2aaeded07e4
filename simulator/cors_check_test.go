package simulator

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTheCORSCheckPassesForExactlyTheRequestsOrigin(t *testing.T) {
	cases := []struct {
		name        string
		origin      string
		credentials CredentialsMode
		header      []Field
	}{
		{"*", appOrigin, CredentialsSameOrigin, allow("*")},
		{"* without credentials", appOrigin, CredentialsOmit, allow("*")},
		{"the origin", appOrigin, CredentialsSameOrigin, allow(appOrigin)},
		{"the origin, and what it says of credentials is not asked", appOrigin, CredentialsOmit, allow(appOrigin, "Access-Control-Allow-Credentials", "nonsense")},
		{"the origin with credentials", appOrigin, CredentialsInclude, allow(appOrigin, "Access-Control-Allow-Credentials", "true")},
		{"null for an opaque origin", "null", CredentialsOmit, allow("null")},
		{"null with credentials", "null", CredentialsInclude, allow("null", "Access-Control-Allow-Credentials", "true")},
		{"a port", "https://app.example.com:8443", CredentialsOmit, allow("https://app.example.com:8443")},
		{"an IPv6 address", "http://[::1]:3000", CredentialsOmit, allow("http://[::1]:3000")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			header := make(http.Header)
			for _, field := range c.header {
				header.Add(field.Name, field.Value)
			}
			require.Zero(t, corsCheck(nil, c.origin, c.credentials, header))
		})
	}
}

func TestTheCORSCheckAllocatesNothing(t *testing.T) {
	header := http.Header{"Access-Control-Allow-Origin": {appOrigin}, "Access-Control-Allow-Credentials": {"true"}}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if corsCheck(nil, appOrigin, CredentialsInclude, header) != (Reason{}) {
			t.Error("refused")
		}
	}))
}

// naiveCORSCheck is the standard's eight steps again, in the plainest words.
func naiveCORSCheck(requestOrigin string, include bool, allowOrigin, allowCredentials []string) bool {
	if len(allowOrigin) != 1 {
		return false
	}
	if allowOrigin[0] == "*" && !include {
		return true
	}
	return allowOrigin[0] == requestOrigin && (!include || len(allowCredentials) == 1 && allowCredentials[0] == "true")
}

func TestTheCORSCheckAgreesWithItsPlainWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		origins := rapid.SampledFrom([]string{appOrigin, "null", "*", "", "https://APP.example.com", "https://app.example.com:443"})
		allowOrigin := rapid.SliceOfN(origins, 0, 2).Draw(t, "allowOrigin")
		allowCredentials := rapid.SliceOfN(rapid.SampledFrom([]string{"true", "True", "false", ""}), 0, 2).Draw(t, "allowCredentials")
		requestOrigin := rapid.SampledFrom([]string{appOrigin, "null"}).Draw(t, "origin")
		credentials := rapid.SampledFrom([]CredentialsMode{CredentialsOmit, CredentialsSameOrigin, CredentialsInclude}).Draw(t, "credentials")
		header := http.Header{}
		for _, value := range allowOrigin {
			header.Add("Access-Control-Allow-Origin", value)
		}
		for _, value := range allowCredentials {
			header.Add("Access-Control-Allow-Credentials", value)
		}
		want := naiveCORSCheck(requestOrigin, credentials == CredentialsInclude, allowOrigin, allowCredentials)
		if got := corsCheck(nil, requestOrigin, credentials, header) == (Reason{}); got != want {
			t.Fatalf("origin %q, credentials %s, %v: %v, want %v", requestOrigin, credentials, header, got, want)
		}
	})
}
