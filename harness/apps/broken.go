package apps

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// ErrMalformed is what an app panics with to answer with bytes that are no HTTP response.
var ErrMalformed = fmt.Errorf("the app does not speak HTTP: %w", http.ErrAbortHandler)

// malformedAnswer is no HTTP response for anybody: browsers and Go refuse the
// NUL, nginx answers 502. Bytes without any status line would not do: Chromium takes
// them for an HTTP/0.9 response on a default port, and so does nginx.
const malformedAnswer = "HTTP/1.1 200 OK\r\n\x00this is no header field\r\n\r\n"

// Break ends the client's connection without an answer, or with the bytes of an
// app that does not speak HTTP: failure is what the app panicked with. With net/http's
// own end of an aborted HTTP/2 stream, the connection would stay.
func Break(w http.ResponseWriter, connection net.Conn, failure error) {
	if errors.Is(failure, ErrMalformed) {
		if hijacked, _, err := http.NewResponseController(w).Hijack(); err == nil {
			// Nobody may be listening any more: that is as good as told.
			_, _ = io.WriteString(hijacked, malformedAnswer)
			_ = hijacked.Close()
			return
		}
	}
	if connection != nil {
		_ = connection.Close()
	}
}

// Bare keeps net/http from adding to an answer's header what is no answer of the
// app's. The date would make the answers to two browsers differ for no reason.
func Bare(header http.Header) {
	for _, name := range []string{"Content-Type", "Date"} {
		if _, there := header[name]; !there {
			header[name] = nil
		}
	}
}
