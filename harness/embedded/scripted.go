package embedded

import (
	"io"
	"net/http"

	"github.com/crosscheck-dev/crosscheck/harness"
)

// malformedAnswer is no HTTP response for anybody: browsers and Go refuse the
// NUL, nginx answers 502. Bytes without any status line would not do: Chromium takes
// them for an HTTP/0.9 response on a default port, and so does nginx.
const malformedAnswer = "HTTP/1.1 200 OK\r\n\x00this is no header field\r\n\r\n"

// scripted is the hand-written app: it answers what the scenario lists.
type scripted []harness.Response

// ServeHTTP answers with the first response that is for the request.
func (s scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	response := s.find(r)
	switch response.Fault {
	case harness.FaultClose:
		drain(r)
		panic(http.ErrAbortHandler)
	case harness.FaultMalformed:
		drain(r)
		if t, ok := transitOf(r); ok {
			t.spoil()
		}
		panic(http.ErrAbortHandler)
	case harness.FaultHang:
		// An unread body would keep net/http from noticing that the client has gone.
		drain(r)
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	header := w.Header()
	// Neither net/http nor a proxy shall guess a type that the scenario does not list.
	header["Content-Type"] = nil
	for _, field := range response.Headers {
		header.Add(field.Name, field.Value)
	}
	if origin := r.Header.Get("Origin"); response.EchoOrigin && origin != "" {
		header.Set("Access-Control-Allow-Origin", origin)
	}
	w.WriteHeader(response.Status)
	// The client may have gone, or the status may not have a body: nothing to tell anybody.
	_, _ = io.WriteString(w, response.Body)
}

// find returns the first response that matches, or a bare 404.
func (s scripted) find(r *http.Request) harness.Response {
	for _, response := range s {
		if (response.Method == "" || response.Method == r.Method) && (response.Path == "" || response.Path == r.URL.Path) {
			return response
		}
	}
	return harness.Response{Status: http.StatusNotFound}
}

// down tells whether the app does not listen.
func (s scripted) down() bool { return s.has(harness.FaultDown) }

// has tells whether any of the responses has the fault.
func (s scripted) has(fault harness.Fault) bool {
	for _, response := range s {
		if response.Fault == fault {
			return true
		}
	}
	return false
}

// drainLimit bounds what is read of a request whose answer is a fault.
const drainLimit = 16 << 20

// drain reads the request's body: a connection closed with unread bytes is
// reset, which takes answers on their way with it.
func drain(r *http.Request) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, drainLimit))
	}
}
