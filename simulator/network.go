package simulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// wireRequest is one request as it goes on the wire.
type wireRequest struct {
	method    string
	url       *parsedURL
	header    http.Header
	body      *body
	preflight bool
}

// networkFetch makes one HTTP request, and records it and its response.
// https://fetch.spec.whatwg.org/#concept-http-network-fetch
func (p *fetchParams) networkFetch(ctx context.Context, wire *wireRequest) *response {
	exchange := Exchange{Kind: ExchangeRequest, Method: wire.method, URL: wire.url.wire, RequestHeader: wire.header}
	if wire.preflight {
		exchange.Kind = ExchangePreflight
	}
	if isBadPort(&p.browser.profile, wire.url.port) {
		p.trace.add(algorithmNetworkFetch, "8", "network error: the engine connects to no bad port, such as ", wire.url.port)
		return networkError(ConnectionFailed, "")
	}
	answer, err := p.roundTrip(ctx, wire)
	if err != nil {
		code, failure := transportFailure(ctx, err)
		p.trace.add(algorithmNetworkFetch, "8", "network error: ", err.Error())
		exchange.Failure = failure
		p.exchanges = append(p.exchanges, exchange)
		return networkError(code, "")
	}
	exchange.Status, exchange.ResponseHeader = answer.StatusCode, answer.Header
	p.exchanges = append(p.exchanges, exchange)
	if 100 <= answer.StatusCode && answer.StatusCode <= 199 {
		p.trace.add(algorithmNetworkFetch, "8", "network error: no response came after the interim one, status ", strconv.Itoa(answer.StatusCode))
		_ = answer.Body.Close()
		return networkError(NoResponse, "")
	}
	if p.browser.profile.RefusesAmbiguousHeaders && isAmbiguous(answer.Header) {
		p.trace.add(algorithmNetworkFetch, "8", "network error: the response says two things in headers that say one")
		_ = answer.Body.Close()
		return networkError(InvalidHTTPResponse, "")
	}
	received := &p.firstResponse
	if len(p.exchanges) > 1 {
		received = &response{}
	}
	*received = response{
		status:        answer.StatusCode,
		header:        answer.Header,
		body:          answer.Body,
		contentLength: answer.ContentLength,
		exchange:      len(p.exchanges) - 1,
	}
	return received
}

func (p *fetchParams) roundTrip(ctx context.Context, wire *wireRequest) (*http.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	outgoing := http.Request{
		Method: wire.method, URL: wire.url.target, Host: wire.url.target.Host, Header: wire.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if wire.body != nil {
		content := wire.body.bytes
		outgoing.Body = io.NopCloser(bytes.NewReader(content))
		outgoing.ContentLength = int64(len(content))
		outgoing.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	}
	answer, err := p.browser.transport.RoundTrip(outgoing.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if answer.Header, err = receivedHeader(answer.Header); err != nil {
		_ = answer.Body.Close()
		return nil, err
	}
	return answer, nil
}

// isAmbiguous looks for different values in headers that engines want to have one only.
func isAmbiguous(header http.Header) bool {
	for _, name := range [...]string{"Content-Disposition", "Content-Length", "Location"} {
		if values := header[name]; len(values) > 1 && slices.ContainsFunc(values, func(value string) bool { return value != values[0] }) {
			return true
		}
	}
	return false
}

// transportFailure says in our codes, and in Chromium's words, why there is no response.
func transportFailure(ctx context.Context, err error) (ReasonCode, string) {
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(ctx.Err(), context.Canceled):
		return NoResponse, "net::ERR_ABORTED"
	case errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil:
		return NoResponse, "net::ERR_TIMED_OUT"
	case errors.As(err, &dns):
		return ConnectionFailed, "net::ERR_NAME_NOT_RESOLVED"
	case errors.Is(err, syscall.ECONNREFUSED):
		return ConnectionFailed, "net::ERR_CONNECTION_REFUSED"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return ConnectionFailed, "net::ERR_CONNECTION_RESET"
	case strings.Contains(err.Error(), "headers exceeded"):
		return InvalidHTTPResponse, "net::ERR_RESPONSE_HEADERS_TOO_BIG"
	case strings.Contains(err.Error(), "multiple Content-Length"):
		return InvalidHTTPResponse, "net::ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH"
	case isMalformed(err):
		return InvalidHTTPResponse, "net::ERR_INVALID_HTTP_RESPONSE"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, http.ErrAbortHandler):
		return ConnectionFailed, "net::ERR_EMPTY_RESPONSE"
	}
	return ConnectionFailed, "net::ERR_FAILED"
}

// isMalformed reports whether bytes arrived that are no HTTP. net/http says so in words only.
func isMalformed(err error) bool {
	for _, words := range [...]string{"malformed", "bad Content-Length", "unsupported transfer encoding", "too many transfer encodings", "too many 1xx"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}
