package embedded

import (
	"errors"
	"net"
	"net/http"

	"github.com/crosscheck-dev/crosscheck/harness/apps"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// serve answers one request at its entrance.
func (t *Traffic) serve(w http.ResponseWriter, r *http.Request) {
	e, ok := r.Context().Value(entranceKey{}).(*entrance)
	if !ok || !t.begin() {
		panic(http.ErrAbortHandler)
	}
	defer t.work.Done()
	r = t.recorder.begin(e, r)
	defer func() {
		failure := recover()
		if failure == nil {
			return
		}
		if brokenOff(failure) {
			// No proxy on the way made an answer of it: the client gets what the app did.
			connection, _ := r.Context().Value(connectionKey{}).(net.Conn)
			apps.Break(w, connection, failure.(error))
			panic(http.ErrAbortHandler)
		}
		panic(failure)
	}()
	apps.Observe(e.handler, w, r, func(_ int, header http.Header) { apps.Bare(header) })
}

// brokenOff tells whether a panic stands for an app that does not answer.
func brokenOff(failure any) bool {
	err, isError := failure.(error)
	return isError && (errors.Is(err, http.ErrAbortHandler) || errors.Is(err, ingressnginx.ErrUpstreamRefused))
}

// begin counts a request, unless the traffic has ended. HTTP/2 may come up with
// one after its connection was closed.
func (t *Traffic) begin() bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.closed {
		return false
	}
	t.work.Add(1)
	return true
}
