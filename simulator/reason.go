package simulator

// ReasonCode names why a browser refused. The codes that concern CORS are
// Chromium's CorsError values, so that what DevTools reports and what the
// simulator predicts are compared as they stand; the rest are our own.
type ReasonCode string

// Chromium's CorsError values (Chrome DevTools Protocol, Network.CorsError).
const (
	DisallowedByMode                     ReasonCode = "DisallowedByMode"
	CORSDisabledScheme                   ReasonCode = "CorsDisabledScheme"
	NoCORSRedirectModeNotFollow          ReasonCode = "NoCorsRedirectModeNotFollow"
	MissingAllowOriginHeader             ReasonCode = "MissingAllowOriginHeader"
	InvalidAllowOriginValue              ReasonCode = "InvalidAllowOriginValue"
	AllowOriginMismatch                  ReasonCode = "AllowOriginMismatch"
	MultipleAllowOriginValues            ReasonCode = "MultipleAllowOriginValues"
	WildcardOriginNotAllowed             ReasonCode = "WildcardOriginNotAllowed"
	InvalidAllowCredentials              ReasonCode = "InvalidAllowCredentials"
	PreflightInvalidStatus               ReasonCode = "PreflightInvalidStatus"
	PreflightMissingAllowOriginHeader    ReasonCode = "PreflightMissingAllowOriginHeader"
	PreflightInvalidAllowOriginValue     ReasonCode = "PreflightInvalidAllowOriginValue"
	PreflightAllowOriginMismatch         ReasonCode = "PreflightAllowOriginMismatch"
	PreflightMultipleAllowOriginValues   ReasonCode = "PreflightMultipleAllowOriginValues"
	PreflightWildcardOriginNotAllowed    ReasonCode = "PreflightWildcardOriginNotAllowed"
	PreflightInvalidAllowCredentials     ReasonCode = "PreflightInvalidAllowCredentials"
	PreflightDisallowedRedirect          ReasonCode = "PreflightDisallowedRedirect"
	InvalidAllowMethodsPreflightResponse ReasonCode = "InvalidAllowMethodsPreflightResponse"
	InvalidAllowHeadersPreflightResponse ReasonCode = "InvalidAllowHeadersPreflightResponse"
	MethodDisallowedByPreflightResponse  ReasonCode = "MethodDisallowedByPreflightResponse"
	HeaderDisallowedByPreflightResponse  ReasonCode = "HeaderDisallowedByPreflightResponse"
	RedirectContainsCredentials          ReasonCode = "RedirectContainsCredentials"
)

// Our own codes, for refusals that are not CORS.
const (
	// MixedContent: a secure page asked for an http URL.
	MixedContent ReasonCode = "MixedContent"
	// CrossOriginResourcePolicy: the response's Cross-Origin-Resource-Policy forbids this page.
	CrossOriginResourcePolicy ReasonCode = "CrossOriginResourcePolicy"
	// RedirectModeError: a redirect under redirect mode "error".
	RedirectModeError ReasonCode = "RedirectModeError"
	// TooManyRedirects: more than 20 redirects.
	TooManyRedirects ReasonCode = "TooManyRedirects"
	// InvalidRedirect: a Location that cannot be parsed, or is not an HTTP(S) URL.
	InvalidRedirect ReasonCode = "InvalidRedirect"
	// ConnectionFailed: no connection, or one that closed before a response arrived.
	ConnectionFailed ReasonCode = "ConnectionFailed"
	// InvalidHTTPResponse: bytes arrived that are no HTTP response.
	InvalidHTTPResponse ReasonCode = "InvalidHTTPResponse"
	// NoResponse: the time for this request ran out while the browser was still waiting.
	NoResponse ReasonCode = "NoResponse"
	// BadPort: browsers do not connect to this port.
	BadPort ReasonCode = "BadPort"
	// UnsupportedScheme: nothing answers URLs of this scheme.
	UnsupportedScheme ReasonCode = "UnsupportedScheme"
	// InvalidDataURL: a data: URL without a comma, or whose data are not base64.
	InvalidDataURL ReasonCode = "InvalidDataURL"
	// KeepaliveBodyTooLarge: the body of a keepalive request is over 64 KiB.
	KeepaliveBodyTooLarge ReasonCode = "KeepaliveBodyTooLarge"
	// UnexpectedProxyAuthentication: status 407, and nobody to ask for a password.
	UnexpectedProxyAuthentication ReasonCode = "UnexpectedProxyAuthentication"
	// InvalidURL: the page's or the request's URL cannot be parsed, or has credentials in it.
	InvalidURL ReasonCode = "InvalidURL"
	// InvalidRequest: the API threw for another argument, such as a forbidden method.
	InvalidRequest ReasonCode = "InvalidRequest"
)

// Reason is why a browser refused. The zero value means that it did not.
type Reason struct {
	Code ReasonCode `json:"code,omitempty"`
	// Parameter is the value that failed, as Chromium reports it: an origin, a
	// method, a header name; empty where Chromium gives none.
	Parameter string `json:"parameter,omitempty"`
}

// String gives "Code" or "Code [parameter]".
func (r Reason) String() string {
	if r.Parameter == "" {
		return string(r.Code)
	}
	return string(r.Code) + " [" + r.Parameter + "]"
}
