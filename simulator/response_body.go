package simulator

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// readBody reads the response's body to its end or to the browser's limit, with its
// content codings undone. A reason means that it broke off: script's promise of
// the body is rejected, and an XMLHttpRequest fails.
// https://fetch.spec.whatwg.org/#concept-http-network-fetch, step 15
func (p *fetchParams) readBody(ctx context.Context, response *response) ([]byte, Reason) {
	if response.body == nil {
		return nil, Reason{}
	}
	defer response.body.Close()
	// 20. of main fetch.
	if p.request.method == http.MethodHead || isNullBodyStatus(response.status) || response.body == http.NoBody {
		return nil, Reason{}
	}
	content, err := p.readDecoded(response)
	if err == nil && int64(len(content)) <= p.browser.bodyLimit {
		return content, Reason{}
	}
	code, failure := bodyFailure(ctx, response, err)
	p.trace.add(algorithmNetworkFetch, "15", "the body ends after ", strconv.Itoa(len(content)), " bytes: ", failure)
	if response.exchange >= 0 {
		p.exchanges[response.exchange].Failure = failure
	}
	if code != "" {
		return nil, Reason{Code: code}
	}
	return content[:p.browser.bodyLimit], Reason{}
}

// readDecoded reads at most one byte more than the limit.
func (p *fetchParams) readDecoded(response *response) (content []byte, err error) {
	decoded, err := decodeContent(response.body, response.header["Content-Encoding"])
	if err != nil {
		return nil, errContentDecoding
	}
	if decoded != io.Reader(response.body) {
		if content, err = io.ReadAll(io.LimitReader(decoded, p.browser.bodyLimit+1)); err != nil {
			err = errContentDecoding
		}
		return content, err
	}
	if 0 < response.contentLength && response.contentLength <= p.browser.bodyLimit {
		content = make([]byte, response.contentLength)
		n, err := io.ReadFull(decoded, content)
		return content[:n], err
	}
	return io.ReadAll(io.LimitReader(decoded, p.browser.bodyLimit+1))
}

var errContentDecoding = errors.New("the body is not in its content coding")

// bodyFailure says in our codes, and in Chromium's words, why a body ended
// early. There is no code for a body that is merely longer than we keep.
func bodyFailure(ctx context.Context, response *response, err error) (ReasonCode, string) {
	switch {
	case err == nil:
		return "", "the body is longer than the simulator's limit"
	case ctx.Err() != nil:
		return transportFailure(ctx, ctx.Err())
	case errors.Is(err, errContentDecoding):
		return InvalidHTTPResponse, "net::ERR_CONTENT_DECODING_FAILED"
	case response.contentLength < 0:
		return InvalidHTTPResponse, "net::ERR_INCOMPLETE_CHUNKED_ENCODING"
	}
	return InvalidHTTPResponse, "net::ERR_CONTENT_LENGTH_MISMATCH"
}

// decodeContent undoes the content codings that the browser asks for, the last one
// first. One that it does not know leaves the body as it is, and an empty body is in
// every coding.
// https://fetch.spec.whatwg.org/#handle-content-codings
func decodeContent(body io.Reader, codings []string) (io.Reader, error) {
	if len(codings) == 0 {
		return body, nil
	}
	names := strings.Split(byteLowercase(strings.Join(codings, ",")), ",")
	for i := range names {
		names[i] = strings.Trim(names[i], "\t ")
		if names[i] != "gzip" && names[i] != "x-gzip" && names[i] != "deflate" {
			return body, nil
		}
	}
	decoded := body
	for _, name := range slices.Backward(names) {
		buffered := bufio.NewReader(decoded)
		if _, err := buffered.Peek(1); errors.Is(err, io.EOF) {
			return buffered, nil
		}
		var err error
		if name == "deflate" {
			decoded, err = newDeflateReader(buffered)
		} else {
			decoded, err = gzip.NewReader(buffered)
		}
		if err != nil {
			return strings.NewReader(""), err
		}
	}
	return decoded, nil
}

// newDeflateReader reads the "deflate" coding: zlib, or a bare deflate stream,
// which many servers send.
func newDeflateReader(buffered *bufio.Reader) (io.Reader, error) {
	start, err := buffered.Peek(2)
	if err == nil && start[0]&0x0F == 8 && (int(start[0])<<8|int(start[1]))%31 == 0 {
		return zlib.NewReader(buffered)
	}
	return flate.NewReader(buffered), nil
}
