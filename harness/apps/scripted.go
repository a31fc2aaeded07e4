package apps

import (
	"io"
	"net/http"

	"github.com/crosscheck-dev/crosscheck/harness"
)

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
		panic(ErrMalformed)
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

// drainLimit bounds what is read of a request whose answer is a fault.
const drainLimit = 16 << 20

// drain reads the request's body: a connection closed with unread bytes is
// reset, which takes answers on their way with it.
func drain(r *http.Request) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, drainLimit))
	}
}
