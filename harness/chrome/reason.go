package chrome

import (
	"slices"
	"strings"

	"github.com/nlnwa/whatwg-url/url"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// netError is what one of Chromium's network errors means here.
type netError struct {
	code simulator.ReasonCode
	// onTheWire: the request went to the network, or tried to.
	onTheWire bool
}

// netErrors maps Chromium's network errors (net/base/net_error_list.h) to
// reasons. Ambiguous ones are not listed, and are told apart by reasonOf:
//   - ERR_FAILED is CORS, a redirect under redirect mode "error", or a preflight that failed on the wire;
//   - ERR_ABORTED is also what DevTools says of a successful opaque redirect;
//   - ERR_BLOCKED_BY_RESPONSE is Cross-Origin-Resource-Policy or Cross-Origin-Embedder-Policy: the blocked reason says which.
//
// ERR_HTTP2_PROTOCOL_ERROR is listed as an invalid response, though a server that
// resets a stream instead of answering causes it too.
var netErrors = map[string]netError{
	"net::ERR_ADDRESS_INVALID":             {simulator.ConnectionFailed, true},
	"net::ERR_ADDRESS_UNREACHABLE":         {simulator.ConnectionFailed, true},
	"net::ERR_ALPN_NEGOTIATION_FAILED":     {simulator.ConnectionFailed, true},
	"net::ERR_CERT_AUTHORITY_INVALID":      {simulator.ConnectionFailed, true},
	"net::ERR_CERT_COMMON_NAME_INVALID":    {simulator.ConnectionFailed, true},
	"net::ERR_CERT_DATE_INVALID":           {simulator.ConnectionFailed, true},
	"net::ERR_CERT_INVALID":                {simulator.ConnectionFailed, true},
	"net::ERR_CONNECTION_ABORTED":          {simulator.ConnectionFailed, true},
	"net::ERR_CONNECTION_CLOSED":           {simulator.ConnectionFailed, true},
	"net::ERR_CONNECTION_FAILED":           {simulator.ConnectionFailed, true},
	"net::ERR_CONNECTION_REFUSED":          {simulator.ConnectionFailed, true},
	"net::ERR_CONNECTION_RESET":            {simulator.ConnectionFailed, true},
	"net::ERR_CONNECTION_TIMED_OUT":        {simulator.ConnectionFailed, true},
	"net::ERR_EMPTY_RESPONSE":              {simulator.ConnectionFailed, true},
	"net::ERR_HTTP2_PING_FAILED":           {simulator.ConnectionFailed, true},
	"net::ERR_HTTP2_SERVER_REFUSED_STREAM": {simulator.ConnectionFailed, true},
	"net::ERR_NAME_NOT_RESOLVED":           {simulator.ConnectionFailed, true},
	"net::ERR_PROXY_CONNECTION_FAILED":     {simulator.ConnectionFailed, true},
	"net::ERR_SOCKET_NOT_CONNECTED":        {simulator.ConnectionFailed, true},
	"net::ERR_SOCKS_CONNECTION_FAILED":     {simulator.ConnectionFailed, true},
	// What the proxy answers for an address that the deployment does not serve.
	"net::ERR_SOCKS_CONNECTION_HOST_UNREACHABLE": {simulator.ConnectionFailed, true},
	"net::ERR_SSL_PROTOCOL_ERROR":                {simulator.ConnectionFailed, true},
	"net::ERR_SSL_VERSION_OR_CIPHER_MISMATCH":    {simulator.ConnectionFailed, true},
	"net::ERR_TIMED_OUT":                         {simulator.ConnectionFailed, true},
	"net::ERR_TUNNEL_CONNECTION_FAILED":          {simulator.ConnectionFailed, true},
	"net::ERR_UNEXPECTED":                        {simulator.ConnectionFailed, true},
	"net::ERR_UNSAFE_PORT":                       {simulator.ConnectionFailed, false},

	"net::ERR_CONTENT_DECODING_FAILED":                       {simulator.InvalidHTTPResponse, true},
	"net::ERR_CONTENT_LENGTH_MISMATCH":                       {simulator.InvalidHTTPResponse, true},
	"net::ERR_HTTP2_COMPRESSION_ERROR":                       {simulator.InvalidHTTPResponse, true},
	"net::ERR_HTTP2_FRAME_SIZE_ERROR":                        {simulator.InvalidHTTPResponse, true},
	"net::ERR_HTTP2_PROTOCOL_ERROR":                          {simulator.InvalidHTTPResponse, true},
	"net::ERR_INCOMPLETE_CHUNKED_ENCODING":                   {simulator.InvalidHTTPResponse, true},
	"net::ERR_INVALID_CHUNKED_ENCODING":                      {simulator.InvalidHTTPResponse, true},
	"net::ERR_INVALID_HTTP_RESPONSE":                         {simulator.InvalidHTTPResponse, true},
	"net::ERR_INVALID_RESPONSE":                              {simulator.InvalidHTTPResponse, true},
	"net::ERR_RESPONSE_BODY_TOO_BIG_TO_DRAIN":                {simulator.InvalidHTTPResponse, true},
	"net::ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_DISPOSITION": {simulator.InvalidHTTPResponse, true},
	"net::ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH":      {simulator.InvalidHTTPResponse, true},
	"net::ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION":            {simulator.InvalidHTTPResponse, true},
	"net::ERR_RESPONSE_HEADERS_TOO_BIG":                      {simulator.InvalidHTTPResponse, true},
	"net::ERR_RESPONSE_HEADERS_TRUNCATED":                    {simulator.InvalidHTTPResponse, true},
	"net::ERR_UNSUPPORTED_AUTH_SCHEME":                       {simulator.InvalidHTTPResponse, true},
	"net::ERR_UNEXPECTED_PROXY_AUTH":                         {simulator.InvalidHTTPResponse, true},
	"net::ERR_INVALID_REDIRECT":                              {simulator.InvalidRedirect, true},
	"net::ERR_UNSAFE_REDIRECT":                               {simulator.InvalidRedirect, true},
	"net::ERR_BLOCKED_BY_ORB":                                {simulator.BlockedByORB, true},
	"net::ERR_INVALID_URL":                                   {simulator.InvalidURL, false},
	// What blob: URLs fail with.
	"net::ERR_FILE_NOT_FOUND":                {simulator.CORSDisabledScheme, false},
	"net::ERR_METHOD_NOT_SUPPORTED":          {simulator.InvalidRequest, false},
	"net::ERR_REQUEST_RANGE_NOT_SATISFIABLE": {simulator.InvalidRequest, false},
	"net::ERR_DISALLOWED_URL_SCHEME":         {simulator.CORSDisabledScheme, false},
	"net::ERR_UNKNOWN_URL_SCHEME":            {simulator.CORSDisabledScheme, false},
	"net::ERR_TOO_MANY_REDIRECTS":            {simulator.TooManyRedirects, true},
}

// reasonOf says why the browser refused the request. A cause that has no name in the
// project's list keeps Chromium's own, which no prediction equals.
func (r *recording) reasonOf(request simulator.Request) simulator.Reason {
	main := r.main()
	switch {
	case main == nil && len(r.issues) == 0:
		return silentReason(request)
	case main == nil, main.failed == nil:
		return r.issueReason()
	}
	reason := r.failureReason(main, request)
	if reason.Code == simulator.CORSDisabledScheme && reason.Parameter == "" && len(main.hops) == 1 {
		// The renderer names the scheme, the network service does not.
		reason.Parameter, _, _ = strings.Cut(main.hops[0].request.URL, ":")
	}
	return reason
}

// failureReason is what the events of the page's request say about its failure.
func (r *recording) failureReason(main *recordedRequest, request simulator.Request) simulator.Reason {
	if cors := main.failed.CorsErrorStatus; cors != nil {
		return simulator.Reason{Code: simulator.ReasonCode(cors.CorsError), Parameter: cors.FailedParameter}
	}
	_, onTheWire := wireURL(main.hops[len(main.hops)-1].request.URL)
	switch blocked := string(main.failed.BlockedReason); {
	case strings.HasPrefix(blocked, "corp-"), strings.HasPrefix(blocked, "coep-"):
		return simulator.Reason{Code: simulator.CrossOriginResourcePolicy}
	case blocked == "mixed-content":
		return simulator.Reason{Code: simulator.MixedContent}
	case blocked == "origin" && (len(main.hops) > 1 || main.redirected()):
		// Mostly DevTools gives no reason for not following a redirect to a URL with credentials (ERR_ABORTED).
		return simulator.Reason{Code: simulator.InvalidRedirect}
	case blocked == "origin":
		// What Chromium calls a subresource whose URL holds credentials.
		return simulator.Reason{Code: simulator.InvalidURL}
	case blocked == "other" && !onTheWire:
		// Another origin's blob: URL, for one.
		return simulator.Reason{Code: simulator.CORSDisabledScheme}
	case blocked != "" && len(r.issues) == 0:
		return simulator.Reason{Code: simulator.ReasonCode("blocked: " + blocked)}
	}
	if len(r.issues) > 0 {
		return r.issueReason()
	}
	if entry, known := netErrors[main.failed.ErrorText]; known {
		return simulator.Reason{Code: entry.code}
	}
	for _, preflight := range r.preflights(main.id) {
		if preflight.failed == nil {
			continue
		}
		if entry, known := netErrors[preflight.failed.ErrorText]; known {
			return simulator.Reason{Code: entry.code}
		}
	}
	if request.Redirect == simulator.RedirectError && main.redirected() {
		return simulator.Reason{Code: simulator.RedirectModeError}
	}
	return simulator.Reason{Code: simulator.ReasonCode(main.failed.ErrorText)}
}

// fetchable are the schemes that script can fetch.
var fetchable = []string{"http", "https", "data", "blob"}

// silentReason is why the renderer refused a request without a word to DevTools.
func silentReason(request simulator.Request) simulator.Reason {
	switch {
	case request.URL == simulator.BlobSelfURL:
		return simulator.Reason{Code: simulator.InvalidRequest}
	case isKeepalive(request):
		return simulator.Reason{Code: simulator.KeepaliveBodyTooLarge}
	}
	target, err := url.Parse(request.URL)
	if err == nil && !slices.Contains(fetchable, target.Scheme()) {
		// An XMLHttpRequest's, for one.
		return simulator.Reason{Code: simulator.CORSDisabledScheme, Parameter: target.Scheme()}
	}
	return simulator.Reason{Code: "unknown"}
}

// isKeepalive reports whether the request may outlive its page.
func isKeepalive(request simulator.Request) bool {
	return request.Keepalive || request.Initiator == simulator.InitiatorBeacon
}

// issueReason is what DevTools' last CORS issue says.
func (r *recording) issueReason() simulator.Reason {
	if len(r.issues) == 0 {
		return simulator.Reason{Code: "unknown"}
	}
	last := r.issues[len(r.issues)-1].CorsErrorStatus
	return simulator.Reason{Code: simulator.ReasonCode(last.CorsError), Parameter: last.FailedParameter}
}

// redirected reports whether the last response was a redirect.
// https://fetch.spec.whatwg.org/#redirect-status
func (q *recordedRequest) redirected() bool {
	if len(q.received) == 0 {
		return false
	}
	switch q.received[len(q.received)-1].StatusCode {
	case 301, 302, 303, 307, 308:
		return true
	default:
		return false
	}
}
