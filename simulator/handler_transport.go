package simulator

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// handlerTransport is a round tripper that asks a handler in memory, and gives
// the answer the headers that net/http's server would.
type handlerTransport struct {
	handler http.Handler
}

// RoundTrip runs the handler. A handler that panics, as http.ErrAbortHandler
// asks it to, closes the connection.
func (t *handlerTransport) RoundTrip(outgoing *http.Request) (answer *http.Response, err error) {
	writer := &responseWriter{header: make(http.Header, 8)}
	defer func() {
		if recovered := recover(); recovered != nil {
			answer, err = nil, fmt.Errorf("the handler closed the connection (%v): %w", recovered, io.EOF)
		}
	}()
	t.handler.ServeHTTP(writer, incomingRequest(outgoing))
	if err := outgoing.Context().Err(); err != nil {
		return nil, err
	}
	return writer.response(outgoing), nil
}

// incomingRequest is the request as a server sees it.
func incomingRequest(outgoing *http.Request) *http.Request {
	target := *outgoing.URL
	incoming := *outgoing
	incoming.RequestURI = target.RequestURI()
	if target.Scheme == "https" {
		incoming.TLS = &tls.ConnectionState{HandshakeComplete: true, Version: tls.VersionTLS13}
	}
	if target.Opaque != "" {
		target.Path, target.RawPath = percentDecodeLoosely(target.Opaque), target.Opaque
	}
	target.Scheme, target.Host, target.Opaque = "", "", ""
	incoming.URL = &target
	incoming.Header = outgoing.Header.Clone()
	incoming.RemoteAddr = "192.0.2.1:49152"
	if incoming.Body == nil {
		incoming.Body = http.NoBody
	}
	return &incoming
}

func percentDecodeLoosely(path string) string { return string(percentDecode(path)) }

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
	w.sent = make(http.Header, len(w.header)+2)
	for name, values := range w.header {
		if values == nil {
			// The handler suppresses a header that the server would add.
			w.sent[name] = nil
			continue
		}
		canonicalName := http.CanonicalHeaderKey(name)
		w.sent[canonicalName] = append(w.sent[canonicalName], values...)
	}
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

// response is the answer with the headers that net/http's server adds.
func (w *responseWriter) response(outgoing *http.Request) *http.Response {
	w.WriteHeader(http.StatusOK)
	_, typed := w.sent["Content-Type"]
	if !typed && len(w.body) > 0 && len(w.sent["Content-Encoding"]) == 0 {
		w.sent["Content-Type"] = []string{http.DetectContentType(w.body)}
	}
	_, sized := w.sent["Content-Length"]
	if !sized && !isNullBodyStatus(w.status) && (outgoing.Method != http.MethodHead || len(w.body) > 0) {
		w.sent["Content-Length"] = []string{strconv.Itoa(len(w.body))}
	}
	for name, values := range w.sent {
		if values == nil {
			delete(w.sent, name)
			continue
		}
		for i, value := range values {
			values[i] = strings.Trim(value, "\t ")
		}
	}
	answer := &http.Response{
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		StatusCode: w.status, Header: w.sent, Body: http.NoBody, ContentLength: int64(len(w.body)), Request: outgoing,
	}
	if outgoing.Method != http.MethodHead && len(w.body) > 0 {
		answer.Body = io.NopCloser(bytes.NewReader(w.body))
	}
	return answer
}
