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
	// ConnectionFailed: no connection, to a bad port for instance, or one that closed before a response arrived.
	ConnectionFailed ReasonCode = "ConnectionFailed"
	// InvalidHTTPResponse: bytes arrived that are no HTTP response, or one that makes no sense, such as status 407 without a proxy.
	InvalidHTTPResponse ReasonCode = "InvalidHTTPResponse"
	// NoResponse: the time for this request ran out while the browser was still waiting.
	NoResponse ReasonCode = "NoResponse"
	// KeepaliveBodyTooLarge: the body of a keepalive request is over 64 KiB.
	KeepaliveBodyTooLarge ReasonCode = "KeepaliveBodyTooLarge"
	// UnusableResponse: an element cannot use the response, such as a script
	// with status 404 or of a MIME type that is none of JavaScript's.
	UnusableResponse ReasonCode = "UnusableResponse"
	// BlockedByORB: Chromium keeps an opaque response from an element that could
	// do nothing with it, such as JSON from a script element.
	BlockedByORB ReasonCode = "BlockedByORB"
	// InvalidURL: the page's or the request's URL cannot be parsed, or has credentials in it; or a data: URL's data cannot be read.
	InvalidURL ReasonCode = "InvalidURL"
	// InvalidRequest: the API threw for another argument, such as a forbidden
	// method; or a Blob was asked for by another method than GET, or for a range that it has not.
	InvalidRequest ReasonCode = "InvalidRequest"
)

// ReasonCodes are all of them: the list is closed.
func ReasonCodes() []ReasonCode {
	return []ReasonCode{
		DisallowedByMode, CORSDisabledScheme, NoCORSRedirectModeNotFollow, MissingAllowOriginHeader,
		InvalidAllowOriginValue, AllowOriginMismatch, MultipleAllowOriginValues, WildcardOriginNotAllowed,
		InvalidAllowCredentials, PreflightInvalidStatus, PreflightMissingAllowOriginHeader,
		PreflightInvalidAllowOriginValue, PreflightAllowOriginMismatch, PreflightMultipleAllowOriginValues,
		PreflightWildcardOriginNotAllowed, PreflightInvalidAllowCredentials, PreflightDisallowedRedirect,
		InvalidAllowMethodsPreflightResponse, InvalidAllowHeadersPreflightResponse,
		MethodDisallowedByPreflightResponse, HeaderDisallowedByPreflightResponse, RedirectContainsCredentials,
		MixedContent, CrossOriginResourcePolicy, RedirectModeError, TooManyRedirects, InvalidRedirect,
		ConnectionFailed, InvalidHTTPResponse, NoResponse, KeepaliveBodyTooLarge, UnusableResponse, BlockedByORB,
		InvalidURL, InvalidRequest,
	}
}

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
