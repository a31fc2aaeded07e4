package simulator

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// readBody reads the response's body to its end or to the browser's limit, with its
// content codings undone.
// https://fetch.spec.whatwg.org/#concept-http-network-fetch, step 15
func (p *fetchParams) readBody(ctx context.Context, response *response) []byte {
	if response.body == nil {
		return nil
	}
	defer response.body.Close()
	// 20. of main fetch.
	if p.request.method == http.MethodHead || isNullBodyStatus(response.status) || response.body == http.NoBody {
		return nil
	}
	content, failure := p.readDecoded(ctx, response)
	if failure != "" && response.exchange >= 0 {
		p.trace.add(algorithmNetworkFetch, "15", "the body broke off after ", strconv.Itoa(len(content)), " bytes: ", failure)
		p.exchanges[response.exchange].Failure = failure
	}
	return content
}

func (p *fetchParams) readDecoded(ctx context.Context, response *response) (content []byte, failure string) {
	decoded, err := decodeContent(response.body, response.header["Content-Encoding"])
	if err == nil {
		if 0 < response.contentLength && response.contentLength <= p.browser.bodyLimit && decoded == io.Reader(response.body) {
			content = make([]byte, response.contentLength)
			var n int
			n, err = io.ReadFull(decoded, content)
			content = content[:n]
		} else {
			content, err = io.ReadAll(io.LimitReader(decoded, p.browser.bodyLimit+1))
		}
	}
	switch {
	case int64(len(content)) > p.browser.bodyLimit:
		return content[:p.browser.bodyLimit], "the body is longer than the simulator's limit"
	case err == nil:
		return content, ""
	case ctx.Err() != nil:
		_, failure = transportFailure(ctx, ctx.Err())
		return content, failure
	case decoded != io.Reader(response.body):
		return content, "net::ERR_CONTENT_DECODING_FAILED"
	}
	return content, "net::ERR_CONTENT_LENGTH_MISMATCH"
}

// decodeContent undoes the content codings that the browser asks for. A coding
// that it does not know leaves the body as it is.
// https://fetch.spec.whatwg.org/#handle-content-codings
func decodeContent(body io.Reader, codings []string) (io.Reader, error) {
	if len(codings) != 1 {
		return body, nil
	}
	switch strings.ToLower(strings.TrimSpace(codings[0])) {
	case "gzip", "x-gzip":
		reader, err := gzip.NewReader(body)
		if err != nil {
			return strings.NewReader(""), err
		}
		return reader, nil
	case "deflate":
		return newDeflateReader(body)
	}
	return body, nil
}

// newDeflateReader reads the "deflate" coding: zlib, or a bare deflate stream,
// which many servers send.
func newDeflateReader(body io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(body)
	start, err := buffered.Peek(2)
	if err == nil && start[0]&0x0F == 8 && (int(start[0])<<8|int(start[1]))%31 == 0 {
		return zlib.NewReader(buffered)
	}
	return flate.NewReader(buffered), nil
}
