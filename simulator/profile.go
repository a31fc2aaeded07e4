package simulator

import "time"

// Profile is how an engine differs from the standard. The zero value is the
// standard; every field is one difference. The evidence for each is in
// [Differences].
type Profile struct {
	// Name is how reports call the profile.
	Name string

	// WildcardCoversAuthorization lets "*" in Access-Control-Allow-Headers
	// allow the Authorization header, which the standard wants named.
	WildcardCoversAuthorization bool
	// SafelistsClientHints makes valid Save-Data, DPR, Width, Viewport-Width
	// and Downlink headers CORS-safelisted.
	SafelistsClientHints bool
	// BoundsRange takes a Range whose numbers do not fit 64 bits from the safelist.
	BoundsRange bool
	// CombinesRequestHeaders joins headers of one name before the safelist
	// looks at them; the standard looks at each alone.
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
	// RefusesRedirectCredentials refuses a same-origin redirect to a URL with
	// a user name or password, which the standard follows.
	RefusesRedirectCredentials bool
}

// Standard is the Fetch standard itself.
var Standard = Profile{Name: "standard"}

// Chromium is Chromium 156.
var Chromium = Profile{
	Name:                        "chromium",
	WildcardCoversAuthorization: true,
	SafelistsClientHints:        true,
	BoundsRange:                 true,
	CombinesRequestHeaders:      true,
	ForbidsUserAgent:            true,
	SignedMaxAge:                true,
	MaxAgeLimit:                 2 * time.Hour,
	OnePreflightResult:          true,
	RefusesRedirectCredentials:  true,
}
