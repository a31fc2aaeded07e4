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
			require.Zero(t, corsCheck(nil, c.origin, c.credentials, headerOf(c.header)))
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

func TestTheCORSCheckAgreesWithItsPlainWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		origins := rapid.SampledFrom([]string{appOrigin, "null", "*", "", "https://APP.example.com", "https://app.example.com:443"})
		allowOrigin := rapid.SliceOfN(origins, 0, 2).Draw(t, "allowOrigin")
		allowCredentials := rapid.SliceOfN(rapid.SampledFrom([]string{"true", "True", "false", ""}), 0, 2).Draw(t, "allowCredentials")
		requestOrigin := rapid.SampledFrom([]string{appOrigin, "null"}).Draw(t, "origin")
		credentials := rapid.SampledFrom([]CredentialsMode{CredentialsOmit, CredentialsSameOrigin, CredentialsInclude}).Draw(t, "credentials")
		var list []Field
		for _, value := range allowOrigin {
			list = append(list, Field{Name: "Access-Control-Allow-Origin", Value: value})
		}
		for _, value := range allowCredentials {
			list = append(list, Field{Name: "Access-Control-Allow-Credentials", Value: value})
		}
		want := naiveCORSCheck(requestOrigin, credentials, list)
		if got := corsCheck(nil, requestOrigin, credentials, headerOf(list)) == (Reason{}); got != want {
			t.Fatalf("origin %q, credentials %s, %v: %v, want %v", requestOrigin, credentials, list, got, want)
		}
	})
}
