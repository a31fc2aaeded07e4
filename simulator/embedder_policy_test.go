package simulator

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheEmbedderPolicyIsAToken(t *testing.T) {
	cases := []struct {
		headers []Field
		want    embedderPolicy
	}{
		{nil, embedderUnsafeNone},
		{fields("Cross-Origin-Embedder-Policy", "require-corp"), embedderRequireCORP},
		{fields("cross-origin-embedder-policy", " credentialless "), embedderCredentialless},
		{fields("Cross-Origin-Embedder-Policy", `require-corp; report-to="default"`), embedderRequireCORP},
		{fields("Cross-Origin-Embedder-Policy", "require-corp;a;b=1"), embedderRequireCORP},
		{fields("Cross-Origin-Embedder-Policy", "Require-CORP"), embedderUnsafeNone},
		{fields("Cross-Origin-Embedder-Policy", `"require-corp"`), embedderUnsafeNone},
		{fields("Cross-Origin-Embedder-Policy", "require-corp, require-corp"), embedderUnsafeNone},
		{fields("Cross-Origin-Embedder-Policy", "require-corp", "Cross-Origin-Embedder-Policy", "require-corp"), embedderUnsafeNone},
		{fields("Cross-Origin-Embedder-Policy", "require-corp ;a"), embedderUnsafeNone},
		{fields("Cross-Origin-Embedder-Policy", "require-corp;"), embedderUnsafeNone},
		{fields("Cross-Origin-Embedder-Policy", "unsafe-none"), embedderUnsafeNone},
		{fields("Cross-Origin-Embedder-Policy", ""), embedderUnsafeNone},
		{fields("Cross-Origin-Embedder-Policy-Report-Only", "require-corp"), embedderUnsafeNone},
	}
	for _, c := range cases {
		page := New(Standard, WithHandler(serve())).OpenPage(PageSpec{URL: appOrigin, Headers: c.headers})
		require.Equal(t, c.want, page.embedderPolicy, c.headers)
	}
	insecure := New(Standard, WithHandler(serve())).OpenPage(PageSpec{URL: "http://app.example.com", Headers: fields("Cross-Origin-Embedder-Policy", "require-corp")})
	require.Equal(t, embedderUnsafeNone, insecure.embedderPolicy)
}

func TestResourcePoliciesUnderEachEmbedderPolicy(t *testing.T) {
	cases := []struct {
		policy, resource string
		mode             Mode
		url              string
		header           []Field
		want             ReasonCode
	}{
		{"", "", ModeNoCORS, apiURL, nil, ""},
		{"require-corp", "", ModeNoCORS, apiURL, nil, CrossOriginResourcePolicy},
		{"require-corp", "cross-origin", ModeNoCORS, apiURL, nil, ""},
		{"require-corp", "same-site", ModeNoCORS, apiURL, nil, ""},
		{"require-corp", "same-site", ModeNoCORS, partnerURL, nil, CrossOriginResourcePolicy},
		{"require-corp", "same-origin", ModeNoCORS, apiURL, nil, CrossOriginResourcePolicy},
		{"require-corp", "Cross-Origin", ModeNoCORS, apiURL, nil, CrossOriginResourcePolicy},
		{"require-corp", "cross-origin, cross-origin", ModeNoCORS, apiURL, nil, CrossOriginResourcePolicy},
		{"", "same-origin, same-origin", ModeNoCORS, apiURL, nil, ""},
		{"", "SAME-ORIGIN", ModeNoCORS, apiURL, nil, ""},
		{"require-corp", "", ModeCORS, apiURL, allow("*"), ""},
		{"require-corp", "same-origin", ModeCORS, apiURL, allow("*"), ""},
		{"require-corp", "", ModeNoCORS, "/data", nil, ""},
		{"credentialless", "", ModeNoCORS, apiURL, nil, ""},
		{"credentialless", "same-origin", ModeNoCORS, apiURL, nil, CrossOriginResourcePolicy},
	}
	for _, c := range cases {
		header := c.header
		if c.resource != "" {
			header = append(header, fields("Cross-Origin-Resource-Policy", c.resource)...)
		}
		browser := New(Standard, WithHandler(serve(answer{status: 200, header: header})))
		page := browser.OpenPage(PageSpec{URL: appOrigin, Headers: fields("Cross-Origin-Embedder-Policy", c.policy)})
		outcome := page.Fetch(t.Context(), Request{URL: c.url, Mode: c.mode})
		require.Equal(t, c.want, outcome.Reason.Code, c)
	}
}

func TestCredentiallessKeepsCookiesFromNoCORSRequestsToOtherOrigins(t *testing.T) {
	browser := New(Standard, WithHandler(serve(answer{status: 200, header: allow(appOrigin, "Access-Control-Allow-Credentials", "true", "Set-Cookie", "stored=1; Secure; SameSite=None")})))
	require.NoError(t, browser.SetCookie(apiURL, "session=1; Secure; SameSite=None"))
	require.NoError(t, browser.SetCookie(appOrigin, "session=1"))
	page := browser.OpenPage(PageSpec{URL: appOrigin, Headers: fields("Cross-Origin-Embedder-Policy", "credentialless")})
	require.Empty(t, sent(page.Fetch(t.Context(), Request{URL: apiURL, Mode: ModeNoCORS, Credentials: CredentialsInclude}), "Cookie"))
	require.Empty(t, sent(page.Fetch(t.Context(), Request{URL: apiURL, Initiator: InitiatorImage}), "Cookie"))
	require.Equal(t, "session=1", sent(page.Fetch(t.Context(), Request{URL: "/data", Mode: ModeNoCORS}), "Cookie"))
	require.Equal(t, "session=1", sent(page.Fetch(t.Context(), Request{URL: apiURL, Credentials: CredentialsInclude}), "Cookie"), "nothing was stored before")
}

func TestAResourcePolicyBindsEachHopOfARedirect(t *testing.T) {
	hop := answer{url: apiURL, status: 302, header: fields("Location", partnerURL, "Cross-Origin-Resource-Policy", "same-origin")}
	outcome := fetch(t, Standard, Request{URL: apiURL, Mode: ModeNoCORS}, hop, answer{status: 200})
	require.Equal(t, Reason{Code: CrossOriginResourcePolicy}, outcome.Reason)
	require.Len(t, outcome.Exchanges, 1)
}

func TestASecureResourceIsNotSameSiteWithAnInsecurePage(t *testing.T) {
	answered := answer{status: 200, header: fields("Cross-Origin-Resource-Policy", "same-site")}
	for page, want := range map[string]ReasonCode{"http://app.example.com": CrossOriginResourcePolicy, appOrigin: ""} {
		browser := New(Standard, WithHandler(serve(answered)))
		require.Equal(t, want, browser.Open(page).Fetch(t.Context(), Request{URL: apiURL, Mode: ModeNoCORS}).Reason.Code, page)
	}
	opaque := New(Standard, WithHandler(serve(answered))).OpenPage(PageSpec{URL: appOrigin, Frame: FrameSandboxedSrcdoc})
	require.Equal(t, CrossOriginResourcePolicy, opaque.Fetch(t.Context(), Request{URL: apiURL, Mode: ModeNoCORS}).Reason.Code)
}
