package simulator

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhichHeadersScriptCanRead(t *testing.T) {
	answered := fields("Access-Control-Allow-Credentials", "true", "Cache-Control", "no-store", "Content-Language", "en", "Content-Type", "text/plain",
		"Expires", "0", "Last-Modified", "x", "Pragma", "x", "Set-Cookie", "a=b", "Set-Cookie2", "a=b", "ETag", "1", "Link", "x", "Authorization", "x")
	safelisted := []string{"Cache-Control", "Content-Language", "Content-Length", "Content-Type", "Expires", "Last-Modified", "Pragma"}
	everything := append([]string{
		"Access-Control-Allow-Credentials", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
		"Authorization", "ETag", "Link",
	}, safelisted...)
	cases := []struct {
		name    string
		request Request
		expose  []string
		want    []string
	}{
		{"none exposed", Request{URL: apiURL}, nil, safelisted},
		{"some exposed", Request{URL: apiURL}, []string{"etag, ,LINK"}, append([]string{"Etag", "Link"}, safelisted...)},
		{"exposed in two headers", Request{URL: apiURL}, []string{"ETag", "Link"}, append([]string{"Etag", "Link"}, safelisted...)},
		{"a cookie exposed", Request{URL: apiURL}, []string{"Set-Cookie, Set-Cookie2"}, safelisted},
		{"no list", Request{URL: apiURL}, []string{"ETag; Link"}, safelisted},
		{"all exposed", Request{URL: apiURL}, []string{"*"}, everything},
		{"all exposed to a request with credentials", Request{URL: apiURL, Credentials: CredentialsInclude}, []string{"*, ETag"}, append([]string{"Etag"}, safelisted...)},
		{"all exposed beside another", Request{URL: apiURL, Credentials: CredentialsOmit}, []string{"X-A, *"}, everything},
		{"same origin", Request{URL: "/data"}, []string{"ETag"}, everything},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			header := append(allow(appOrigin), answered...)
			for _, expose := range c.expose {
				header = append(header, Field{Name: "Access-Control-Expose-Headers", Value: expose})
			}
			outcome := fetch(t, Standard, c.request, answer{status: 200, header: header, body: "content"})
			require.Equal(t, KindReadable, outcome.Kind)
			require.Equal(t, "content", string(outcome.Body))
			want := slices.Clone(c.want)
			for i, name := range want {
				if name == "ETag" {
					want[i] = "Etag"
				}
			}
			require.ElementsMatch(t, want, slices.Collect(maps.Keys(outcome.Header)))
		})
	}
}

func TestAnOpaqueResponseShowsNothing(t *testing.T) {
	outcome := fetch(t, Standard, Request{URL: apiURL, Mode: ModeNoCORS}, answer{status: 404, header: allow("*", "ETag", "1"), body: "secret"})
	require.Equal(t, KindOpaque, outcome.Kind)
	require.Equal(t, ResponseOpaque, outcome.Type)
	require.Zero(t, outcome.Status)
	require.Empty(t, outcome.Header)
	require.Empty(t, outcome.Body)
	require.Empty(t, outcome.URL)
	require.Equal(t, 404, outcome.Exchanges[0].Status)
}

func TestErrorsOfTheServerAreReadableWhenTheyAllowIt(t *testing.T) {
	for _, status := range []int{401, 403, 404, 413, 429, 500, 502, 504} {
		outcome := fetch(t, Standard, Request{URL: apiURL}, answer{status: status, header: allow(appOrigin), body: "why"})
		require.Equal(t, KindReadable, outcome.Kind)
		require.Equal(t, status, outcome.Status)
		require.Equal(t, "why", string(outcome.Body))
		outcome = fetch(t, Standard, Request{URL: apiURL}, answer{status: status, body: "why"})
		require.Equal(t, Reason{Code: MissingAllowOriginHeader}, outcome.Reason)
	}
}

func TestAnElementLearnsOnlyThatItLoaded(t *testing.T) {
	javascript := answer{status: 200, header: allow("*", "Content-Type", "text/javascript"), body: "1"}
	cases := []struct {
		initiator             Initiator
		kind                  Kind
		mode, credentialsCode string
	}{
		{InitiatorImage, KindOpaque, "no-cors", ""},
		{InitiatorImageAnonymous, KindReadable, "cors", ""},
		{InitiatorImageUseCredentials, KindNetworkError, "cors", string(WildcardOriginNotAllowed)},
		{InitiatorScript, KindOpaque, "no-cors", ""},
		{InitiatorScriptAnonymous, KindReadable, "cors", ""},
		{InitiatorScriptUseCredentials, KindNetworkError, "cors", string(WildcardOriginNotAllowed)},
	}
	for _, c := range cases {
		t.Run(string(c.initiator), func(t *testing.T) {
			outcome := fetch(t, Standard, Request{URL: apiURL, Initiator: c.initiator}, javascript)
			require.Equal(t, c.kind, outcome.Kind)
			require.Equal(t, c.credentialsCode, string(outcome.Reason.Code))
			require.Zero(t, outcome.Status)
			require.Empty(t, outcome.Header)
			require.Equal(t, c.mode, sent(outcome, "Sec-Fetch-Mode"))
			require.Equal(t, c.mode == "cors", sent(outcome, "Origin") == appOrigin)
		})
	}
}

func TestAScriptOfAnotherMIMETypeDoesNotRun(t *testing.T) {
	for contentType, runs := range map[string]bool{"text/csv": false, "image/png": false, "text/plain": true, "": true} {
		outcome := fetch(t, Standard, Request{URL: apiURL, Initiator: InitiatorScript}, answer{status: 200, header: fields("Content-Type", contentType), body: "1"})
		require.Equal(t, runs, outcome.Kind == KindOpaque, contentType)
	}
	outcome := fetch(t, Standard, Request{URL: apiURL, Initiator: InitiatorScript},
		answer{status: 200, header: fields("Content-Type", "text/plain", "X-Content-Type-Options", "NoSniff"), body: "1"})
	require.Equal(t, Reason{Code: UnusableResponse}, outcome.Reason)
}
