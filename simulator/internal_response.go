package simulator

import (
	"io"
	"net/http"
)

// response is a response as the algorithms know it; [Outcome] is what a page
// gets of it. It is a network error when it has a reason.
// https://fetch.spec.whatwg.org/#concept-response
type response struct {
	reason Reason
	// kind is the response's type; empty until it is filtered.
	kind   ResponseType
	status int
	header http.Header
	// body is nil where there is none; whoever takes the response closes it.
	body          io.ReadCloser
	contentLength int64
	// exchange is the index of the exchange that brought the response, -1 for none.
	exchange                   int
	requestIncludesCredentials bool
}

// networkError is https://fetch.spec.whatwg.org/#concept-network-error
func networkError(code ReasonCode, parameter string) *response {
	return &response{reason: Reason{Code: code, Parameter: parameter}, kind: ResponseError, exchange: -1}
}

func (r *response) isNetworkError() bool { return r.reason.Code != "" }

// isRedirectStatus is https://fetch.spec.whatwg.org/#redirect-status
func isRedirectStatus(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}

// isOKStatus is https://fetch.spec.whatwg.org/#ok-status
func isOKStatus(status int) bool { return 200 <= status && status <= 299 }

// isNullBodyStatus is https://fetch.spec.whatwg.org/#null-body-status
func isNullBodyStatus(status int) bool {
	switch status {
	case 101, 103, 204, 205, 304:
		return true
	}
	return false
}

// discard ends a response whose body nobody reads. A small one is read to its
// end, so that the connection serves the next request.
func (r *response) discard() {
	if r.body == nil {
		return
	}
	if 0 <= r.contentLength && r.contentLength <= maximumDrainedBody {
		_, _ = io.CopyN(io.Discard, r.body, r.contentLength)
	}
	_ = r.body.Close()
	r.body = nil
}

// maximumDrainedBody is the largest unwanted body that is read for the sake of its connection.
const maximumDrainedBody = 4 << 10
