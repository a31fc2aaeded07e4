package embedded

import (
	"io"
	"net"
	"net/http"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// serve answers one request at its entrance.
func (t *traffic) serve(w http.ResponseWriter, r *http.Request) {
	e, ok := r.Context().Value(entranceKey{}).(*entrance)
	if !ok || !t.begin() {
		panic(http.ErrAbortHandler)
	}
	defer t.work.Done()
	r = t.recorder.begin(e, r)
	defer func() {
		switch failure := recover(); failure {
		case nil:
		case http.ErrAbortHandler, ingressnginx.ErrUpstreamRefused:
			// No proxy on the way made an answer of it: the client gets what the app did.
			breakConnection(w, r)
			panic(http.ErrAbortHandler)
		default:
			panic(failure)
		}
	}()
	serveHooked(e.handler, w, r, func(_ int, header http.Header) {
		// What net/http would add is no answer of any hop. The date would make
		// the answers to two browsers differ for no reason.
		for _, name := range []string{"Content-Type", "Date"} {
			if _, there := header[name]; !there {
				header[name] = nil
			}
		}
	})
}

// begin counts a request, unless the traffic has ended. HTTP/2 may come up with
// one after its connection was closed.
func (t *traffic) begin() bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.closed {
		return false
	}
	t.work.Add(1)
	return true
}

// breakConnection ends the client's connection without an answer, or with the
// bytes of an app that does not speak HTTP. With net/http's own end of an aborted
// HTTP/2 stream, the connection would stay.
func breakConnection(w http.ResponseWriter, r *http.Request) {
	if t, ok := transitOf(r); ok && t.spoilt() {
		if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
			// Nobody may be listening any more: that is as good as told.
			_, _ = io.WriteString(connection, malformedAnswer)
			_ = connection.Close()
			return
		}
	}
	if connection, ok := r.Context().Value(connectionKey{}).(net.Conn); ok {
		_ = connection.Close()
	}
}
