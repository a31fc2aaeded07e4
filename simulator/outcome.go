package simulator

import (
	"fmt"
	"net/http"
)

// Kind tells outcomes apart by what the page's script can do with them.
type Kind string

// The kinds of outcome.
const (
	// KindReadable is a basic or cors filtered response: status, exposed
	// headers and body are the script's.
	KindReadable Kind = "readable"
	// KindOpaque is the answer to a no-cors request: status 0, no headers, no body.
	KindOpaque Kind = "opaque"
	// KindOpaqueRedirect is the answer to a redirect under redirect mode "manual".
	KindOpaqueRedirect Kind = "opaque-redirect"
	// KindNetworkError is the TypeError of fetch(), or the error event of XMLHttpRequest and elements.
	KindNetworkError Kind = "network-error"
	// KindAPIError is an exception that the API throws before anything is fetched.
	KindAPIError Kind = "api-error"
)

// ResponseType is a response's type as a script sees it.
// https://fetch.spec.whatwg.org/#concept-response-type
type ResponseType string

// The response types.
const (
	ResponseBasic          ResponseType = "basic"
	ResponseCORS           ResponseType = "cors"
	ResponseOpaque         ResponseType = "opaque"
	ResponseOpaqueRedirect ResponseType = "opaqueredirect"
	ResponseError          ResponseType = "error"
)

// ExchangeKind says what an exchange is for.
type ExchangeKind string

// The kinds of exchange.
const (
	// ExchangePreflight is a CORS-preflight request, an OPTIONS that the browser sends on its own account.
	ExchangePreflight ExchangeKind = "preflight"
	// ExchangeRequest is a request of the script's, be it answered by a redirect or not.
	ExchangeRequest ExchangeKind = "request"
)

// Exchange is one HTTP request on the wire and its response.
type Exchange struct {
	Kind   ExchangeKind `json:"kind"`
	Method string       `json:"method"`
	// URL has neither fragment nor userinfo.
	URL           string      `json:"url"`
	RequestHeader http.Header `json:"request_header,omitempty"`
	// Status is 0 when no response arrived; Failure then says why. With a status
	// there is a Failure when the body broke off.
	Status         int         `json:"status,omitempty"`
	ResponseHeader http.Header `json:"response_header,omitempty"`
	// Failure is a transport error in the browser's words.
	Failure string `json:"failure,omitempty"`
}

// Step is one decision on the way to an outcome.
type Step struct {
	// Algorithm is the standard's name of the algorithm, such as "CORS check".
	Algorithm string `json:"algorithm"`
	// Number is the step within the algorithm, such as "4" or "7.3".
	Number string `json:"number"`
	// URL is the algorithm's section in the standard.
	URL string `json:"url"`
	// Text says what was compared and what came of it.
	Text string `json:"text"`
}

// String gives the step in one line.
func (s Step) String() string {
	return fmt.Sprintf("%s, step %s: %s", s.Algorithm, s.Number, s.Text)
}

// Outcome is what a page gets for a request, and the exchanges behind it.
type Outcome struct {
	Kind Kind `json:"kind"`
	// Type is the response's type; "error" for a network error, empty for an API error.
	Type ResponseType `json:"type,omitempty"`
	// Reason is set for network errors and API errors only.
	Reason Reason `json:"reason,omitzero"`
	// Status is what the script sees: 0 unless the outcome is readable.
	Status int `json:"status"`
	// Header holds the headers that the script can read.
	Header http.Header `json:"header,omitempty"`
	// URL is response.url: the last URL of the chain, without fragment; empty when the script cannot see it.
	URL string `json:"url,omitempty"`
	// Body is what the script can read.
	Body []byte `json:"body,omitempty"`
	// TimingAllowed tells whether Resource Timing shows the details.
	TimingAllowed bool `json:"timing_allowed,omitempty"`
	// UploadEvents tells whether the upload listeners of an XMLHttpRequest got
	// events; nil where there are no such listeners.
	UploadEvents *bool `json:"upload_events,omitempty"`
	// Exchanges are in the order of their requests on the wire.
	Exchanges []Exchange `json:"exchanges"`
	// Trace is the simulator's; nil when tracing is off or the browser is a real one.
	Trace []Step `json:"trace,omitempty"`
}

// Readable reports whether the script can read the response.
func (o Outcome) Readable() bool { return o.Kind == KindReadable }

// Preflights returns the CORS-preflight exchanges.
func (o Outcome) Preflights() []Exchange {
	var preflights []Exchange
	for _, exchange := range o.Exchanges {
		if exchange.Kind == ExchangePreflight {
			preflights = append(preflights, exchange)
		}
	}
	return preflights
}
