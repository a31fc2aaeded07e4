package simulator

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// handlerTransport is a round tripper that asks a handler in memory, and gives
// the answer the headers that net/http's server would.
type handlerTransport struct {
	handler http.Handler
	// tls is what every https request tells of its connection.
	tls tls.ConnectionState
}

func newHandlerTransport(handler http.Handler) *handlerTransport {
	return &handlerTransport{handler: handler, tls: tls.ConnectionState{HandshakeComplete: true, Version: tls.VersionTLS13}}
}

// handlerExchange is one request and its answer: in one piece, because a fetch
// against a handler costs little else than its allocations.
type handlerExchange struct {
	incoming http.Request
	target   url.URL
	writer   responseWriter
	answer   http.Response
	// contentLength is the value of the Content-Length that the server would add.
	contentLength [1]string
}

// RoundTrip runs the handler. A handler that panics, as http.ErrAbortHandler
// asks it to, closes the connection.
func (t *handlerTransport) RoundTrip(outgoing *http.Request) (answer *http.Response, err error) {
	exchange := &handlerExchange{writer: responseWriter{header: make(http.Header)}}
	defer func() {
		if recovered := recover(); recovered != nil {
			answer, err = nil, fmt.Errorf("the handler closed the connection (%v): %w", recovered, io.EOF)
		}
	}()
	t.setIncomingRequest(exchange, outgoing)
	t.handler.ServeHTTP(&exchange.writer, &exchange.incoming)
	if err := outgoing.Context().Err(); err != nil {
		return nil, err
	}
	exchange.setAnswer(outgoing)
	return &exchange.answer, nil
}

// setIncomingRequest sets the request as a server sees it.
func (t *handlerTransport) setIncomingRequest(exchange *handlerExchange, outgoing *http.Request) {
	exchange.incoming, exchange.target = *outgoing, *outgoing.URL
	incoming, target := &exchange.incoming, &exchange.target
	incoming.RequestURI = target.RequestURI()
	if target.Scheme == "https" {
		incoming.TLS = &t.tls
	}
	if target.Opaque != "" {
		target.Path, target.RawPath = string(percentDecode(target.Opaque)), target.Opaque
	}
	target.Scheme, target.Host, target.Opaque = "", "", ""
	incoming.URL = target
	// The handler may change its header; the exchange's record must not change
	// with it. The values are shared: nobody changes a header within its slice.
	incoming.Header = maps.Clone(outgoing.Header)
	incoming.RemoteAddr = "192.0.2.1:49152"
	if incoming.Body == nil {
		incoming.Body = http.NoBody
	}
}

// responseWriter records what a handler answers.
type responseWriter struct {
	header http.Header
	// sent is the header as it was when the handler sent the status.
	sent   http.Header
	status int
	body   []byte
}

// Header implements http.ResponseWriter.
func (w *responseWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter. Informational responses pass unseen.
func (w *responseWriter) WriteHeader(status int) {
	if w.status != 0 || 100 <= status && status <= 199 && status != http.StatusSwitchingProtocols {
		return
	}
	w.status = status
	w.sent = maps.Clone(w.header)
}

// Write implements io.Writer.
func (w *responseWriter) Write(content []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if isNullBodyStatus(w.status) {
		return 0, http.ErrBodyNotAllowed
	}
	w.body = append(w.body, content...)
	return len(content), nil
}

// WriteString implements io.StringWriter.
func (w *responseWriter) WriteString(content string) (int, error) { return w.Write([]byte(content)) }

// Flush implements http.Flusher: a flush sends the status.
func (w *responseWriter) Flush() { w.WriteHeader(http.StatusOK) }

// setAnswer sets the answer, with the headers that net/http's server adds.
func (e *handlerExchange) setAnswer(outgoing *http.Request) {
	w := &e.writer
	if w.status == 0 {
		// The handler is done: it can change its header no more.
		w.status, w.sent = http.StatusOK, w.header
	}
	suppressed := canonicalize(w.sent)
	_, typed := w.sent["Content-Type"]
	if !typed && len(w.body) > 0 && len(w.sent["Content-Encoding"]) == 0 {
		w.sent["Content-Type"] = []string{http.DetectContentType(w.body)}
	}
	_, sized := w.sent["Content-Length"]
	if !sized && !isNullBodyStatus(w.status) && (outgoing.Method != http.MethodHead || len(w.body) > 0) {
		e.contentLength[0] = strconv.Itoa(len(w.body))
		w.sent["Content-Length"] = e.contentLength[:]
	}
	for _, name := range suppressed {
		delete(w.sent, name)
	}
	e.answer = http.Response{
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		StatusCode: w.status, Header: w.sent, Body: http.NoBody, ContentLength: int64(len(w.body)), Request: outgoing,
	}
	if outgoing.Method != http.MethodHead && len(w.body) > 0 {
		e.answer.Body = io.NopCloser(bytes.NewReader(w.body))
	}
}

// canonicalize makes of a handler's header what net/http's server sends of it:
// names in canonical form, and spaces for line breaks. It returns the names of
// headers that the handler suppressed, so that the server does not add them.
func canonicalize(header http.Header) (suppressed []string) {
	for name, values := range header {
		if values == nil {
			suppressed = append(suppressed, name)
			continue
		}
		if isCanonical(name) && !slices.ContainsFunc(values, hasLineBreak) {
			continue
		}
		canonicalName := http.CanonicalHeaderKey(name)
		// The handler may own the slice, and use it again.
		sent := slices.Clone(values)
		for i, value := range sent {
			sent[i] = lineBreaks.Replace(value)
		}
		if canonicalName != name {
			delete(header, name)
			sent = slices.Concat(header[canonicalName], sent)
		}
		header[canonicalName] = sent
	}
	return suppressed
}

func hasLineBreak(value string) bool { return strings.ContainsAny(value, "\r\n") }

var lineBreaks = strings.NewReplacer("\n", " ", "\r", " ")
