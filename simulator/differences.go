package simulator

// Difference is one way in which engines differ from the standard.
type Difference struct {
	// Name is the field of [Profile].
	Name string
	// Engine says what Chromium does instead.
	Engine string
	// Evidence says how we know.
	Evidence string
}

// Differences is the ledger of all differences, in the order of [Profile]'s fields.
func Differences() []Difference {
	const measured = "measured with chromium-headless-shell 156.0.8078.79, "
	return []Difference{
		{
			"WildcardCoversAuthorization", "Access-Control-Allow-Headers: * allows Authorization, though not from the cache",
			measured + "8,545 random cases, and two requests in a row, of which each is preflighted; Firefox 153 and WebKitGTK 2.50 do the same",
		},
		{"SafelistsClientHints", "valid client hints need no preflight", measured + "each name with 25 values"},
		{"BoundsRange", "a Range with a number of 2^63-1 or more needs a preflight", measured + "bytes=9223372036854775806- and 9223372036854775807-, as start and as end"},
		{"NormalizesRange", "a GET for one range of bytes says it anew: bytes=00-005 as bytes=0-5", measured + "21 values, GET and POST, with each header that makes a request conditional"},
		{
			"CombinesRequestHeaders", "headers of one name are joined when script sets them, before the safelist looks at them",
			measured + "Accept twice with 100 bytes, Content-Type twice, Range twice",
		},
		{"ForbidsUserAgent", "a User-Agent from script is ignored", measured + "own value sent, no preflight"},
		{
			"SignedMaxAge", "+600 is 600, -1 is 0, what does not fit 64 bits is invalid",
			measured + "abc, 1.5, 600s, \"600\", +600, 00600, 4294967296, negative ones",
		},
		{
			"MaxAgeLimit", "no preflight result is kept for more than 7200 s",
			measured + "a shifted clock: 86400 is cached after 7150 s and not after 7250 s",
		},
		{
			"OnePreflightResult", "one result for an origin, a URL and a partition; what it does not cover evicts it",
			measured + "PUT, then PUT with X-B, then PUT",
		},
		{
			"RefusesRedirectCredentials", "a redirect to a URL with credentials fails where the standard follows it",
			measured + "user name, password and both; each initiator; redirects between two origins",
		},
		{"CrossOriginURLsLoseCredentials", "a URL of another origin loses its credentials: a relative Location inherits none, a preflight's result is found without them", measured + "XMLHttpRequests to URLs with credentials, redirected to a relative Location and to the URL itself without them"},
		{"IgnoresEmptyLocation", "a redirect status with an empty Location is the response", measured + "302 with Location: \"\""},
		{"AcceptsEqualLocations", "equal Location headers count as one", measured + "two equal ones are followed, two different ones are not"},
		{"RefusesInvalidLocations", "a redirect whose Location is no URL fails before the CORS check and under redirect modes manual and error", measured + "https://api.example.com:99999/, https://[::1 under each redirect mode, with and without permission"},
		{"RefusesAmbiguousHeaders", "two different Content-Length, Content-Disposition or Location fail at any status", measured + "status 200: net::ERR_RESPONSE_HEADERS_MULTIPLE_…"},
		{"ErrorModeComesLast", "the reason under redirect mode error is a Location with credentials, or of about:, blob:, data: or file:, if there is one", measured + "13 Locations"},
		{"ErrorModeNeedsLocation", "redirect mode error passes a 302 without Location", measured + "status 302 readable"},
		{"KeepaliveFollowsOneLess", "the 20th redirect of a keepalive request is one too many", measured + "a beacon and a fetch, each redirected to itself"},
		{"RedirectsDropClientHints", "client hints from script, but Save-Data, end with a redirect to another origin than the page's", measured + "eight names, redirects between three origins"},
		{"RedirectsDropEmptyFragments", "a preflight's result for x# is not found after a redirect from there to x", "measured with chromium-headless-shell 156.0.8078.108, PUT of x# with 307, 303 and 308 to x, each preflighted twice"},
		{"ConditionalRequestsAskAnew", "a request with If-* is preflighted whatever the cache holds", measured + "the five header names, and Cache-Control, Pragma and Range, which are not"},
		{"ChecksPortsLast", "a bad port is a failed connection, and whatever else refuses the request is the reason", measured + "ports 22, 25 and 6000 with mixed content, mode same-origin and redirect modes"},
		{"KeepsPreflightsOnFailure", "a failed CORS check leaves the CORS-preflight cache alone", measured + "PUT fails, second PUT has no preflight"},
		{"UploadListenerNeedsBody", "upload listeners of an XMLHttpRequest without a body ask for no preflight", measured + "POST and GET without a body"},
		{"UploadListenerNeedsMethod", "a preflight for upload listeners without Access-Control-Allow-Methods refuses DELETE", measured + "MethodDisallowedByPreflightResponse [DELETE]"},
		{"UploadListenersHearFailures", "upload listeners hear that a request failed, also late ones and without a body, at the own origin or with a preflight", "measured with chromium-headless-shell 156.0.8078.108, late and early listeners, three bodies, with and without X-A, refused and broken connections"},
		{"MarksInsecurePreflights", "a preflight by http carries Sec-Fetch-Mode: cors, and no other fetch metadata", measured + "http page and http API"},
		{"PreflightsForgetRedirects", "a preflight after a redirect carries the Sec-Fetch-Site of the last URL alone", measured + "partner.net redirects to api.example.com"},
		{"OpaqueOriginsForgetPreflights", "a page with an opaque origin is preflighted each time", measured + "sandboxed and data: frames, a new frame for each request"},
		{"CookiesIgnoreRedirects", "SameSite=Strict cookies are sent after a redirect by way of another site", measured + "partner.net redirects to api.example.com"},
		{"MisdirectedSetsNoCookies", "Set-Cookie of a 421 that is asked again is ignored", "measured with chromium-headless-shell 156.0.8078.108, 421 once and twice, before a 200 and a redirect"},
		{"RenewsChangedCookies", "of z=1, d=1, z=2 the Cookie header is d=1; z=2", measured + "seven cookies of three paths"},
		{"TrustsLoopbackCookies", "http://localhost sets Secure cookies and gets them", measured + "localhost and 127.0.0.1, a page with its own API"},
		{"IgnoresInvalidRedirectPolicies", "a redirect with the Referrer-Policy 1, unsafe-url sets unsafe-url; a page does not", measured + "ten values, of a page and of a redirect"},
		{
			"OriginIgnoresReferrerPolicy", "no-cors and same-origin POSTs carry the origin under no-referrer and same-origin",
			measured + "each of the eight policies",
		},
		{"NoCORSRedirectsHideOrigin", "a no-cors POST redirected from the page's own origin to another says Origin: null", measured + "POST with 307 from app.example.com to api.example.com"},
		{"DistrustsLoopback", "http://localhost loads http://api.example.com, and is its referrer; it hears of no https page that is a request's referrer", measured + "cors and no-cors POST; GET of http://127.0.0.1 by an https page"},
		{"AllowsRecentBadPorts", "ports 4190 and 6679 are not blocked", measured + "each port of the standard's table, and 32 others"},
		{"RefusesAboutBlank", "fetch of about:blank fails in no-cors mode too", measured + "CorsDisabledScheme [about]"},
		{"RefusesEmptySuffixes", "Range: bytes=-0 of a Blob fails", "measured with chromium-headless-shell 156.0.8078.108, a Blob of ten bytes by fetch and XMLHttpRequest, and an empty one"},
		{"BlocksOpaqueData", "elements get no opaque response that is data", measured + "script and img, 70 MIME types and 40 starts of a body: net::ERR_BLOCKED_BY_ORB"},
		{"LoadsStatusBelow400", "a script runs with a status below 400, without a body too", measured + "204, 205, 300, 304, 305, 306, 310, 399, 0, and redirects without Location"},
		{"RunsLocalScriptsOfAnyType", "a script of a data: or blob: URL runs whatever its MIME type is", measured + "five MIME types, with and without CORS"},
		{"LoadsAnyStylesheet", "a style sheet of any MIME type has a load event, unless nosniff forbids it", measured + "six MIME types, same-origin and cors"},
		{"EventStreamsNeedUTF8", "an event stream whose charset is not UTF-8 is refused", measured + "ten values of Content-Type"},
		{"FontsIgnoreReferrerPolicy", "fonts are asked for under strict-origin-when-cross-origin", measured + "each of the eight policies, same-origin and cross-origin"},
		{"ElementsSendOrigin", "script, module script, img, link and font with CORS send Origin to their own origin too", measured + "one request each"},
		{"RefusesSubresourceCredentials", "a URL with a user name is not loaded for no-cors elements, EventSource and beacons", measured + "each initiator, same-origin and cross-origin: blocked reason origin, nothing sent"},
		{"RewritesCharsetInPlace", "an XMLHttpRequest's charset becomes UTF-8 where it stands", measured + "30 values of Content-Type, with a string, form data and no body"},
		{"RevalidatesConditionalRequests", "conditional requests and their preflights carry Cache-Control: max-age=0", measured + "the five header names, same-origin and cors, fetch and XMLHttpRequest"},
		{"CredentiallessBypassesCaches", "no-cors requests of a credentialless page to other origins carry Pragma and Cache-Control: no-cache", measured + "fetch and img"},
		{"TimesBlockedScripts", "a script that its MIME type or nosniff blocks has its timing shown, a style sheet has not", measured + "image/png, text/csv and nosniff, same-origin and with Timing-Allow-Origin: *"},
		{"HidesOpaqueRedirectTiming", "an opaque-redirect response with a Location shows no timing", measured + "same-origin with and without Location, and cross-origin with Timing-Allow-Origin: *"},
		{"OmitsAcceptLanguage", "no Accept-Language, where full Chromium sends the user's", measured + "every request of the package's probes"},
		{"ImageAccept", "images have an Accept header of their own", measured + "one img"},
	}
}
