package apps

import "net/http"

// hookedWriter calls a hook with the final status and header of an answer just
// before they pass on outwards; the hook may still change the header.
type hookedWriter struct {
	http.ResponseWriter
	hook   func(status int, header http.Header)
	hooked bool
}

// WriteHeader passes the status on. Informational responses come before the
// final one and pass by the hook.
func (w *hookedWriter) WriteHeader(status int) {
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		w.final(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write passes the body on; without a WriteHeader before, the status is 200.
func (w *hookedWriter) Write(body []byte) (int, error) {
	w.final(http.StatusOK)
	return w.ResponseWriter.Write(body)
}

// Unwrap lets http.ResponseController flush through the hook.
func (w *hookedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// final calls the hook once.
func (w *hookedWriter) final(status int) {
	if w.hooked {
		return
	}
	w.hooked = true
	w.hook(status, w.Header())
}

// Observe lets next answer through a hook, which gets the final status and header
// just before they pass on outwards, and may still change the header. An answer that next leaves
// implicit passes the hook too; one that it aborts does not.
func Observe(next http.Handler, w http.ResponseWriter, r *http.Request, hook func(status int, header http.Header)) {
	hooked := &hookedWriter{ResponseWriter: w, hook: hook}
	next.ServeHTTP(hooked, r)
	hooked.final(http.StatusOK)
}
