package simulator

import "time"

// Profile is how an engine differs from the standard. The zero value is the
// standard; every field is one difference. The evidence for each is in
// [Differences].
type Profile struct {
	// Name is how reports call the profile.
	Name string

	// WildcardCoversAuthorization lets "*" in a preflight's Access-Control-Allow-Headers
	// allow the Authorization header, which the standard wants named; the
	// CORS-preflight cache does not.
	WildcardCoversAuthorization bool
	// SafelistsClientHints makes Device-Memory, Downlink, DPR, ECT, RTT,
	// Save-Data, Viewport-Width and Width with a valid value CORS-safelisted.
	SafelistsClientHints bool
	// BoundsRange takes a Range with a number of 2^63-1 or more from the safelist.
	BoundsRange bool
	// NormalizesRange sends the Range of a GET anew from its numbers when it is one
	// range of bytes, unless the request is conditional.
	NormalizesRange bool
	// CombinesRequestHeaders joins headers of one name when script sets them, so
	// that the safelist looks at the joined value; the standard looks at each alone.
	CombinesRequestHeaders bool
	// ForbidsUserAgent ignores a User-Agent header that script sets.
	ForbidsUserAgent bool
	// SignedMaxAge reads Access-Control-Max-Age as a signed 64-bit number: a
	// sign is allowed, a negative age is 0, and one that does not fit is invalid.
	SignedMaxAge bool
	// MaxAgeLimit caps Access-Control-Max-Age; 0 means no limit. The standard
	// leaves it to the engine.
	MaxAgeLimit time.Duration
	// OnePreflightResult keeps the result of one preflight for an origin, a URL
	// and a partition, instead of an entry for each method and header name. A
	// request that the result does not cover evicts it.
	OnePreflightResult bool
	// RefusesRedirectCredentials refuses a redirect to a URL with a user name or
	// password that the standard follows, unless an XMLHttpRequest or a beacon asks for it.
	RefusesRedirectCredentials bool
	// CrossOriginURLsLoseCredentials forgets the user name and password of a URL
	// of another origin than the page's: a relative Location inherits none, and the
	// CORS-preflight cache knows the URL without them.
	CrossOriginURLsLoseCredentials bool
	// IgnoresEmptyLocation takes an empty Location header for none; to the
	// standard it is the URL of the response itself.
	IgnoresEmptyLocation bool
	// AcceptsEqualLocations follows several Location headers that are equal.
	AcceptsEqualLocations bool
	// RefusesInvalidLocations refuses a redirect whose Location is no URL before the
	// CORS check, and in redirect modes "manual" and "error" too; the standard does not look at it there.
	RefusesInvalidLocations bool
	// RefusesAmbiguousHeaders refuses a response with different values of
	// Content-Disposition, Content-Length or Location.
	RefusesAmbiguousHeaders bool
	// ErrorModeComesLast refuses unsafe redirects, such as one to data:, and those
	// with credentials before redirect mode "error" does. It decides the reason only.
	ErrorModeComesLast bool
	// ErrorModeNeedsLocation lets redirect mode "error" pass a redirect status
	// without a Location.
	ErrorModeNeedsLocation bool
	// KeepaliveFollowsOneLess follows 19 redirects of a keepalive request, not 20.
	KeepaliveFollowsOneLess bool
	// RedirectsDropClientHints drops client hints that script set, but Save-Data,
	// when a redirect leads to another origin than the page's, or the page is in
	// a frame of another origin.
	RedirectsDropClientHints bool
	// RedirectsDropEmptyFragments hands no empty fragment on to the URL of a redirect,
	// which the CORS-preflight cache notices.
	RedirectsDropEmptyFragments bool
	// ConditionalRequestsAskAnew looks into no CORS-preflight cache for a request with If-*.
	ConditionalRequestsAskAnew bool
	// ChecksPortsLast refuses bad ports when it is to connect, and everything else
	// that it refuses before that. It decides the reason only.
	ChecksPortsLast bool
	// KeepsPreflightsOnFailure keeps what the CORS-preflight cache knows of a
	// URL when a fetch of it fails.
	KeepsPreflightsOnFailure bool
	// UploadListenerNeedsBody asks for a preflight on behalf of an
	// XMLHttpRequest's upload listeners only when there is a body to upload.
	UploadListenerNeedsBody bool
	// UploadListenerNeedsMethod wants a method that is not safelisted in
	// Access-Control-Allow-Methods also when upload listeners caused the
	// preflight; the standard takes a missing header for leave.
	UploadListenerNeedsMethod bool
	// UploadListenersHearFailures tells the upload listeners of an XMLHttpRequest
	// of its failure, even when they were added after send() or there is no body,
	// if the URL is of the page's own origin, or method and headers need a preflight.
	UploadListenersHearFailures bool
	// MarksInsecurePreflights sends Sec-Fetch-Mode with preflights by http too.
	MarksInsecurePreflights bool
	// PreflightsForgetRedirects looks at the last URL only for a preflight's Sec-Fetch-Site.
	PreflightsForgetRedirects bool
	// OpaqueOriginsForgetPreflights keeps no preflight result for an origin that
	// is opaque by redirects, and none for longer than one request where the page's
	// is opaque; to the standard all of a site's are one origin, "null".
	OpaqueOriginsForgetPreflights bool
	// CookiesIgnoreRedirects sends SameSite cookies after a redirect by way of
	// another site.
	CookiesIgnoreRedirects bool
	// MisdirectedSetsNoCookies stores no cookies of a response with status 421
	// after which the request is sent once more.
	MisdirectedSetsNoCookies bool
	// RenewsChangedCookies orders a cookie that was set again with another value by
	// that time; the standard by the time when it was set first.
	RenewsChangedCookies bool
	// TrustsLoopbackCookies stores and sends Secure cookies over http to localhost and
	// the like; to the standard https alone is secure.
	TrustsLoopbackCookies bool
	// IgnoresInvalidRedirectPolicies passes over what is no token of a Referrer-Policy
	// that a redirect sets; the standard passes over all of such a header.
	IgnoresInvalidRedirectPolicies bool
	// OriginIgnoresReferrerPolicy sends the true origin with no-cors and
	// same-origin requests whose referrer policy would make it "null".
	OriginIgnoresReferrerPolicy bool
	// NoCORSRedirectsHideOrigin makes the Origin of a no-cors request "null" after
	// any redirect to another origin; to the standard one from the page's own keeps it.
	NoCORSRedirectsHideOrigin bool
	// DistrustsLoopback lets an http page at localhost or 127.0.0.1 load http URLs
	// of other hosts, and be their referrer, and is not told of an https page that loads something
	// from it; the standard takes it for a secure one.
	DistrustsLoopback bool
	// AllowsRecentBadPorts connects to the ports 4190 and 6679, which the standard blocks.
	AllowsRecentBadPorts bool
	// RefusesAboutBlank refuses a no-cors fetch of about:blank.
	RefusesAboutBlank bool
	// RefusesEmptySuffixes refuses to read the last 0 bytes of a Blob, Range: bytes=-0.
	RefusesEmptySuffixes bool
	// BlocksOpaqueData keeps opaque responses that are data, such as JSON, HTML
	// or PDF, from elements: opaque-response blocking.
	BlocksOpaqueData bool
	// LoadsStatusBelow400 loads a script or a style sheet of any status below 400,
	// with a body or without; the standard wants an ok status, and a body.
	LoadsStatusBelow400 bool
	// RunsLocalScriptsOfAnyType runs a script of a data: or blob: URL that says it is
	// an image, audio, video or text/csv.
	RunsLocalScriptsOfAnyType bool
	// LoadsAnyStylesheet fires the load event of a style sheet of another MIME
	// type than text/css, whose rules are ignored; the standard wants an error event.
	LoadsAnyStylesheet bool
	// EventStreamsNeedUTF8 refuses an event stream with another charset.
	EventStreamsNeedUTF8 bool
	// FontsIgnoreReferrerPolicy asks for fonts under the default referrer policy,
	// whatever the page's is.
	FontsIgnoreReferrerPolicy bool
	// ElementsSendOrigin sends Origin with the cors requests of elements to the
	// page's own origin too.
	ElementsSendOrigin bool
	// RefusesSubresourceCredentials refuses to load a URL with a user name or
	// password for an element without CORS, an EventSource or a beacon.
	RefusesSubresourceCredentials bool
	// RewritesCharsetInPlace replaces the charset of an XMLHttpRequest's own
	// Content-Type and leaves the rest of it as script wrote it.
	RewritesCharsetInPlace bool
	// RevalidatesConditionalRequests sends Cache-Control: max-age=0 with requests
	// that are conditional, and their preflights; the standard sends no-cache with the former.
	RevalidatesConditionalRequests bool
	// CredentiallessBypassesCaches sends Pragma and Cache-Control: no-cache with
	// requests that the embedder policy "credentialless" strips of credentials.
	CredentiallessBypassesCaches bool
	// TimesBlockedScripts shows the timing of a script that its MIME type or nosniff
	// blocks; to the standard that is a network error, which has none.
	TimesBlockedScripts bool
	// HidesOpaqueRedirectTiming shows no timing of an opaque-redirect response
	// that says where to.
	HidesOpaqueRedirectTiming bool
	// OmitsAcceptLanguage sends no Accept-Language where script sets none.
	OmitsAcceptLanguage bool
	// ImageAccept is the Accept header of image elements; the standard's when empty.
	ImageAccept string
}

// Standard is the Fetch standard itself.
var Standard = Profile{Name: "standard"}

// Chromium is Chromium 156.
var Chromium = Profile{
	Name:                           "chromium",
	WildcardCoversAuthorization:    true,
	SafelistsClientHints:           true,
	BoundsRange:                    true,
	NormalizesRange:                true,
	CombinesRequestHeaders:         true,
	ForbidsUserAgent:               true,
	SignedMaxAge:                   true,
	MaxAgeLimit:                    2 * time.Hour,
	OnePreflightResult:             true,
	RefusesRedirectCredentials:     true,
	CrossOriginURLsLoseCredentials: true,
	IgnoresEmptyLocation:           true,
	AcceptsEqualLocations:          true,
	RefusesInvalidLocations:        true,
	RefusesAmbiguousHeaders:        true,
	ErrorModeComesLast:             true,
	ErrorModeNeedsLocation:         true,
	KeepaliveFollowsOneLess:        true,
	RedirectsDropClientHints:       true,
	RedirectsDropEmptyFragments:    true,
	ConditionalRequestsAskAnew:     true,
	ChecksPortsLast:                true,
	KeepsPreflightsOnFailure:       true,
	UploadListenerNeedsBody:        true,
	UploadListenerNeedsMethod:      true,
	UploadListenersHearFailures:    true,
	MarksInsecurePreflights:        true,
	PreflightsForgetRedirects:      true,
	OpaqueOriginsForgetPreflights:  true,
	CookiesIgnoreRedirects:         true,
	MisdirectedSetsNoCookies:       true,
	RenewsChangedCookies:           true,
	TrustsLoopbackCookies:          true,
	IgnoresInvalidRedirectPolicies: true,
	OriginIgnoresReferrerPolicy:    true,
	NoCORSRedirectsHideOrigin:      true,
	DistrustsLoopback:              true,
	AllowsRecentBadPorts:           true,
	RefusesAboutBlank:              true,
	RefusesEmptySuffixes:           true,
	BlocksOpaqueData:               true,
	LoadsStatusBelow400:            true,
	RunsLocalScriptsOfAnyType:      true,
	LoadsAnyStylesheet:             true,
	EventStreamsNeedUTF8:           true,
	FontsIgnoreReferrerPolicy:      true,
	ElementsSendOrigin:             true,
	RefusesSubresourceCredentials:  true,
	RewritesCharsetInPlace:         true,
	RevalidatesConditionalRequests: true,
	CredentiallessBypassesCaches:   true,
	TimesBlockedScripts:            true,
	HidesOpaqueRedirectTiming:      true,
	OmitsAcceptLanguage:            true,
	ImageAccept:                    "image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
}
