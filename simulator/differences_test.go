package simulator

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// story plays some requests in one session and returns what came of them.
type story func(t *testing.T, browser *Browser) []Outcome

// single is a story of one request from the app's page.
func single(request Request) story { return repeated(request) }

// repeated is a story of requests from the app's page, one after the other.
func repeated(requests ...Request) story {
	return func(t *testing.T, browser *Browser) []Outcome {
		page := browser.Open(appOrigin)
		var outcomes []Outcome
		for _, request := range requests {
			outcomes = append(outcomes, page.Fetch(t.Context(), request))
		}
		return outcomes
	}
}

// differenceStories shows for each difference a case in which it matters.
func differenceStories() map[string]struct {
	answers []answer
	story   story
} {
	preflight := func(namesAndValues ...string) answer {
		return answer{method: "OPTIONS", status: 204, header: allow("*", namesAndValues...)}
	}
	ok := answer{status: 200, header: allow("*")}
	put := Request{Method: "PUT", URL: apiURL}
	afterTwoPuts := func(wait time.Duration) story {
		return func(t *testing.T, browser *Browser) []Outcome {
			page := browser.Open(appOrigin)
			first := page.Fetch(t.Context(), put)
			browser.Advance(wait)
			return []Outcome{first, page.Fetch(t.Context(), put)}
		}
	}
	return map[string]struct {
		answers []answer
		story   story
	}{
		"WildcardCoversAuthorization": {
			[]answer{preflight("Access-Control-Allow-Headers", "*"), ok},
			single(Request{URL: apiURL, Headers: fields("Authorization", "Bearer x")}),
		},
		"SafelistsClientHints": {[]answer{ok}, single(Request{URL: apiURL, Headers: fields("Save-Data", "on")})},
		"BoundsRange":          {[]answer{ok}, single(Request{URL: apiURL, Headers: fields("Range", "bytes=9223372036854775808-")})},
		"NormalizesRange":      {[]answer{{status: 206}}, single(Request{URL: "/here", Headers: fields("Range", "bytes=00-005")})},
		"CombinesRequestHeaders": {[]answer{ok}, single(Request{
			Method: "POST", URL: apiURL,
			Headers: fields("Content-Type", "text/plain", "Content-Type", "text/plain"),
		})},
		"ForbidsUserAgent": {[]answer{ok}, single(Request{URL: apiURL, Headers: fields("User-Agent", "mine")})},
		"SignedMaxAge":     {[]answer{preflight("Access-Control-Allow-Methods", "PUT", "Access-Control-Max-Age", "-1"), ok}, repeated(put, put)},
		"MaxAgeLimit": {
			[]answer{preflight("Access-Control-Allow-Methods", "PUT", "Access-Control-Max-Age", "86400"), ok},
			afterTwoPuts(7250 * time.Second),
		},
		// A * that came with credentials is a mere name, once the result remembers it.
		"OnePreflightResult": {
			[]answer{{status: 200, header: allow(appOrigin, "Access-Control-Allow-Credentials", "true", "Access-Control-Allow-Methods", "PUT, *")}},
			repeated(Request{Method: "PUT", URL: apiURL, Credentials: CredentialsInclude}, Request{Method: "PATCH", URL: apiURL}),
		},
		"RefusesRedirectCredentials": {
			[]answer{
				{url: appOrigin + "/here", status: 302, header: fields("Location", "https://user:secret@app.example.com/there")}, {status: 200},
			},
			single(Request{URL: "/here"}),
		},
		"CrossOriginURLsLoseCredentials": {
			[]answer{{url: apiURL, status: 302, header: allow("*", "Location", "there")}, ok},
			single(Request{URL: strings.Replace(apiURL, "://", "://user:secret@", 1), Initiator: InitiatorXHR}),
		},
		"IgnoresEmptyLocation": {[]answer{{status: 302, header: fields("Location", "")}}, single(Request{URL: "/here"})},
		"AcceptsEqualLocations": {
			[]answer{
				{url: appOrigin + "/here", status: 302, header: fields("Location", "/there", "Location", "/there")}, {status: 200},
			},
			single(Request{URL: "/here"}),
		},
		"ErrorModeComesLast":      {[]answer{{status: 302, header: fields("Location", "data:,")}}, single(Request{URL: "/here", Redirect: RedirectError})},
		"KeepaliveFollowsOneLess": {[]answer{{status: 302, header: fields("Location", "/here")}}, single(Request{URL: "/here", Keepalive: true})},
		"RedirectsDropClientHints": {
			[]answer{{url: appOrigin + "/here", status: 302, header: fields("Location", apiURL)}, ok},
			single(Request{URL: "/here", Headers: fields("DPR", "2")}),
		},
		"RedirectsDropEmptyFragments": {
			[]answer{preflight("Access-Control-Allow-Methods", "PUT"), {status: 307, header: allow("*", "Location", apiURL)}},
			single(Request{Method: "PUT", URL: apiURL + "#"}),
		},
		"ConditionalRequestsAskAnew": {
			[]answer{preflight("Access-Control-Allow-Methods", "PUT", "Access-Control-Allow-Headers", "If-Match"), ok},
			repeated(put, Request{Method: "PUT", URL: apiURL, Headers: fields("If-Match", "*")}),
		},
		"ChecksPortsLast": {nil, single(Request{URL: "https://api.example.com:6000/", Mode: ModeSameOrigin})},
		"RefusesInvalidLocations": {
			[]answer{{status: 302, header: fields("Location", "https://[")}},
			single(Request{URL: "/here", Redirect: RedirectManual}),
		},
		"RefusesAmbiguousHeaders":  {[]answer{{status: 200, header: fields("Location", "/a", "Location", "/b")}}, single(Request{URL: "/here"})},
		"ErrorModeNeedsLocation":   {[]answer{{status: 302}}, single(Request{URL: "/here", Redirect: RedirectError})},
		"KeepsPreflightsOnFailure": {[]answer{preflight("Access-Control-Allow-Methods", "PUT"), {status: 200}}, repeated(put, put)},
		"UploadListenerNeedsBody":  {[]answer{ok}, single(Request{Method: "POST", URL: apiURL, Initiator: InitiatorXHRUploadListener})},
		"UploadListenerNeedsMethod": {
			[]answer{preflight(), ok},
			single(Request{Method: "DELETE", URL: apiURL, Initiator: InitiatorXHRUploadListener, Body: &Body{Text: "x"}}),
		},
		"UploadListenersHearFailures": {nil, single(Request{Method: "PUT", URL: apiURL, Initiator: InitiatorXHRUploadListenerLate})},
		"MarksInsecurePreflights": {
			[]answer{preflight("Access-Control-Allow-Methods", "PUT"), ok},
			func(t *testing.T, browser *Browser) []Outcome {
				return []Outcome{browser.Open("http://app.example.com").Fetch(t.Context(), Request{Method: "PUT", URL: "http://api.example.com/"})}
			},
		},
		"PreflightsForgetRedirects": {[]answer{
			{method: "OPTIONS", status: 204, header: allow("*", "Access-Control-Allow-Methods", "*")},
			{url: partnerURL, status: 307, header: allow("*", "Location", apiURL)},
			ok,
		}, single(Request{Method: "PUT", URL: partnerURL})},
		"OpaqueOriginsForgetPreflights": {
			[]answer{preflight("Access-Control-Allow-Methods", "PUT"), ok},
			func(t *testing.T, browser *Browser) []Outcome {
				page := browser.OpenPage(PageSpec{URL: appOrigin, Frame: FrameSandboxedSrcdoc})
				return []Outcome{page.Fetch(t.Context(), put), page.Fetch(t.Context(), put)}
			},
		},
		"CookiesIgnoreRedirects": {
			[]answer{
				{url: partnerURL, status: 302, header: allow(appOrigin, "Access-Control-Allow-Credentials", "true", "Location", appOrigin+"/back")},
				{status: 200, header: allow("null", "Access-Control-Allow-Credentials", "true")},
			},
			func(t *testing.T, browser *Browser) []Outcome {
				require.NoError(t, browser.SetCookie(appOrigin, "session=1; SameSite=Strict"))
				return []Outcome{browser.Open(appOrigin).Fetch(t.Context(), Request{URL: partnerURL, Credentials: CredentialsInclude})}
			},
		},
		"MisdirectedSetsNoCookies": {[]answer{{status: 421, header: fields("Set-Cookie", "a=1")}}, single(Request{URL: "/here"})},
		"RenewsChangedCookies": {
			[]answer{{status: 200, header: fields("Set-Cookie", "z=1", "Set-Cookie", "d=1", "Set-Cookie", "z=2")}},
			repeated(Request{URL: "/here"}, Request{URL: "/here"}),
		},
		"TrustsLoopbackCookies": {
			[]answer{{status: 200, header: fields("Set-Cookie", "session=1; Secure")}},
			func(t *testing.T, browser *Browser) []Outcome {
				page := browser.Open("http://localhost")
				return []Outcome{page.Fetch(t.Context(), Request{URL: "/"}), page.Fetch(t.Context(), Request{URL: "/"})}
			},
		},
		"IgnoresInvalidRedirectPolicies": {
			[]answer{{url: appOrigin + "/here", status: 302, header: fields("Location", apiURL, "Referrer-Policy", "1, no-referrer")}, ok},
			single(Request{URL: "/here"}),
		},
		"OriginIgnoresReferrerPolicy": {
			[]answer{{status: 200}},
			single(Request{Method: "POST", URL: apiURL, Mode: ModeNoCORS, ReferrerPolicy: "no-referrer"}),
		},
		"NoCORSRedirectsHideOrigin": {
			[]answer{{url: appOrigin + "/here", status: 307, header: fields("Location", apiURL)}, {status: 200}},
			single(Request{Method: "POST", URL: "/here", Mode: ModeNoCORS}),
		},
		"DistrustsLoopback": {
			[]answer{{status: 200}},
			func(t *testing.T, browser *Browser) []Outcome {
				return []Outcome{browser.Open("http://localhost").Fetch(t.Context(), Request{URL: "http://api.example.com/", Mode: ModeNoCORS})}
			},
		},
		"AllowsRecentBadPorts": {[]answer{{status: 200}}, single(Request{URL: "https://api.example.com:6679/", Mode: ModeNoCORS})},
		"RefusesAboutBlank":    {nil, single(Request{URL: "about:blank", Mode: ModeNoCORS})},
		"RefusesEmptySuffixes": {nil, single(Request{URL: BlobSelfURL, BlobBody: "hello", Headers: fields("Range", "bytes=-0")})},
		"BlocksOpaqueData": {
			[]answer{{status: 200, header: fields("Content-Type", "application/json"), body: `{"a":1}`}},
			single(Request{URL: apiURL, Initiator: InitiatorScript}),
		},
		"LoadsStatusBelow400": {
			[]answer{{status: 204, header: fields("Content-Type", "text/javascript")}},
			single(Request{URL: "/script", Initiator: InitiatorScript}),
		},
		"RunsLocalScriptsOfAnyType": {nil, single(Request{URL: "data:text/csv,1", Initiator: InitiatorScript})},
		"LoadsAnyStylesheet": {
			[]answer{{status: 200, header: fields("Content-Type", "text/plain")}},
			single(Request{URL: "/style", Initiator: InitiatorStylesheet}),
		},
		"EventStreamsNeedUTF8": {
			[]answer{{status: 200, header: fields("Content-Type", "text/event-stream; charset=x")}},
			single(Request{URL: "/here", Initiator: InitiatorEventSource}),
		},
		"FontsIgnoreReferrerPolicy": {[]answer{ok}, func(t *testing.T, browser *Browser) []Outcome {
			page := browser.OpenPage(PageSpec{URL: appOrigin, Headers: fields("Referrer-Policy", "no-referrer")})
			return []Outcome{page.Fetch(t.Context(), Request{URL: apiURL, Initiator: InitiatorFont})}
		}},
		"ElementsSendOrigin":            {[]answer{{status: 200}}, single(Request{URL: "/image", Initiator: InitiatorImageAnonymous})},
		"RefusesSubresourceCredentials": {[]answer{{status: 200}}, single(Request{URL: "https://user:secret@api.example.com/", Initiator: InitiatorImage})},
		"RewritesCharsetInPlace": {[]answer{{status: 200}}, single(Request{
			Method: "POST", URL: "/here", Initiator: InitiatorXHR, Body: &Body{Text: "x"},
			Headers: fields("Content-Type", "text/plain; charset=latin1"),
		})},
		"RevalidatesConditionalRequests": {[]answer{{status: 200}}, single(Request{URL: "/here", Headers: fields("If-None-Match", `"1"`)})},
		"CredentiallessBypassesCaches": {[]answer{{status: 200}}, func(t *testing.T, browser *Browser) []Outcome {
			page := browser.OpenPage(PageSpec{URL: appOrigin, Headers: fields("Cross-Origin-Embedder-Policy", "credentialless")})
			return []Outcome{page.Fetch(t.Context(), Request{URL: apiURL, Mode: ModeNoCORS})}
		}},
		"TimesBlockedScripts":       {[]answer{{status: 200, header: fields("Content-Type", "text/csv")}}, single(Request{URL: "/script", Initiator: InitiatorScript})},
		"HidesOpaqueRedirectTiming": {[]answer{{status: 302, header: fields("Location", "/there")}}, single(Request{URL: "/here", Redirect: RedirectManual})},
		"OmitsAcceptLanguage":       {[]answer{{status: 200}}, single(Request{URL: "/here"})},
		"ImageAccept":               {[]answer{{status: 200}}, single(Request{URL: "/here", Initiator: InitiatorImage})},
	}
}

func TestEveryDifferenceInTheLedgerChangesAnOutcome(t *testing.T) {
	stories := differenceStories()
	chromium := reflect.ValueOf(Chromium)
	for _, difference := range Differences() {
		t.Run(difference.Name, func(t *testing.T) {
			require.NotEmpty(t, difference.Engine)
			require.NotEmpty(t, difference.Evidence)
			story, told := stories[difference.Name]
			require.True(t, told)
			differing := Standard
			reflect.ValueOf(&differing).Elem().FieldByName(difference.Name).Set(chromium.FieldByName(difference.Name))
			require.NotEqual(t, Standard, differing, "Chromium does not have the difference")
			standard := story.story(t, New(Standard, WithHandler(serve(story.answers...))))
			require.NotEqual(t, standard, story.story(t, New(differing, WithHandler(serve(story.answers...)))))
		})
	}
}

func TestTheLedgerListsEveryFieldOfAProfileInOrder(t *testing.T) {
	var listed []string
	for _, difference := range Differences() {
		listed = append(listed, difference.Name)
	}
	var declared []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Profile]()) {
		if field.Name != "Name" {
			declared = append(declared, field.Name)
		}
	}
	require.Equal(t, declared, listed)
	require.Equal(t, Profile{Name: "standard"}, Standard)
}
