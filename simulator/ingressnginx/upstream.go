package ingressnginx

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// capture is the http.ResponseWriter that a backend writes to: the whole answer is kept.
type capture struct {
	header http.Header
	// sent is a copy of header as it was when the status was written.
	sent   http.Header
	status int
	body   bytes.Buffer
}

func newCapture() *capture { return &capture{header: make(http.Header)} }

func (c *capture) Header() http.Header { return c.header }

func (c *capture) WriteHeader(status int) {
	// 1xx answers are not passed on by nginx.
	if c.status == 0 && status >= http.StatusOK {
		c.status, c.sent = status, c.header.Clone()
	}
}

func (c *capture) Write(data []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	return c.body.Write(data)
}

// Flush does nothing: nginx buffers, and so does the model.
func (c *capture) Flush() {}

// fields is the answer as net/http would put it on the wire to nginx, and nginx into its list:
// Content-Type and Content-Length first, then the others in the order of the wire.
func (c *capture) fields(request *http.Request) headerList {
	header := c.sent
	if c.status == http.StatusNoContent || c.status == http.StatusNotModified {
		header.Del("Content-Type")
		header.Del("Content-Length")
	} else {
		if _, there := header["Content-Type"]; !there && c.body.Len() > 0 {
			header.Set("Content-Type", http.DetectContentType(c.body.Bytes()))
		}
		if header.Get("Content-Length") == "" && (request.Method != http.MethodHead || c.body.Len() > 0) {
			header.Set("Content-Length", strconv.Itoa(c.body.Len()))
		}
	}
	var list headerList
	for _, name := range []string{"Content-Type", "Content-Length"} {
		if value := header.Get(name); value != "" {
			list.add(name, fieldValue(value))
		}
	}
	for _, name := range sortedKeys(header) {
		if slices.Contains(heldBack(), http.CanonicalHeaderKey(name)) {
			continue
		}
		for _, value := range header[name] {
			list.add(name, fieldValue(value))
		}
	}
	return list
}

// fieldValue is a header value as net/http writes it.
func fieldValue(value string) string {
	return strings.Trim(strings.NewReplacer("\r", " ", "\n", " ").Replace(value), " \t")
}

// heldBack are the headers that nginx does not take over from an upstream's
// answer, or treats on their own.
func heldBack() []string {
	return []string{
		"Content-Type", "Content-Length", "Connection", "Keep-Alive", "Transfer-Encoding", "Trailer",
		"Date", "Server", "X-Pad", "X-Accel-Redirect", "X-Accel-Expires", "X-Accel-Limit-Rate", "X-Accel-Buffering", "X-Accel-Charset",
	}
}

// errBadGateway and errGatewayTimeout are the two ways in which an upstream fails.
var (
	errBadGateway     = errors.New("the upstream closed the connection or refused it")
	errGatewayTimeout = errors.New("the upstream did not answer in time")
)

// roundTrip asks a backend and waits for its answer, at most for the timeout.
// After it the backend's context is cancelled, and its return awaited.
func roundTrip(backend http.Handler, request *http.Request, timeout time.Duration) (*capture, error) {
	ctx, cancel := context.WithCancel(request.Context())
	defer cancel()
	answer := newCapture()
	ended := make(chan any, 1)
	go func() {
		defer func() { ended <- recover() }()
		backend.ServeHTTP(answer, request.WithContext(ctx))
		answer.WriteHeader(http.StatusOK)
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	var failure any
	select {
	case failure = <-ended:
	case <-timer.C:
		cancel()
		<-ended
		return nil, errGatewayTimeout
	}
	if failure == nil {
		return answer, nil
	}
	if err, isError := failure.(error); isError && (errors.Is(err, http.ErrAbortHandler) || errors.Is(err, ErrUpstreamRefused)) {
		return nil, errBadGateway
	}
	// A bug of the backend's, for the server around us to report.
	panic(failure)
}
