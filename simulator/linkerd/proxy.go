// Package linkerd predicts what a Linkerd proxy beside an app does with HTTP.
// It does nothing about CORS: requests, preflights among them, and responses
// pass unchanged, and what it counts as a success says nothing about whether a
// browser lets a page read the response.
//
// The facts are read from the source of linkerd2-proxy (revision 29637b64f).
// Not modelled: gRPC, retries and timeouts of routes, and the informational
// headers such as l5d-proxy-error, which go to meshed peers only and name
// addresses.
package linkerd

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"sync"
	"syscall"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Options are what the mesh's policies make of one workload.
type Options struct {
	// Denied tells that no authorization policy allows the requests: each is
	// answered 403, and the app sees none.
	Denied bool
	// SetHeaders are what a ResponseHeaderModifier filter of a Gateway API
	// HTTPRoute sets on every response. The proxy on the client's side applies
	// it, so an ingress controller has to be meshed for its clients to see them.
	SetHeaders []simulator.Field
}

// Proxy is the proxy beside an app, with counters of its own. It is safe for
// concurrent use.
type Proxy struct {
	options Options
	app     http.Handler

	mu     sync.Mutex
	totals map[series]int
}

// series are the labels of a counter.
type series struct {
	failure bool
	status  int
}

// New puts a proxy in front of an app. The app panics with http.ErrAbortHandler
// to close the connection early, and with an error that wraps
// syscall.ECONNREFUSED to be one that does not listen; a nil app does not
// listen either.
func New(options Options, app http.Handler) *Proxy {
	if app == nil {
		app = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(syscall.ECONNREFUSED) })
	}
	return &Proxy{options: options, app: app, totals: make(map[series]int)}
}

// ServeHTTP passes the request to the app and the response back.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if p.options.Denied {
		// Authorization comes before the counters: response_total does not show it.
		p.synthesize(w, request, http.StatusForbidden, false)
		return
	}
	response := &responseWriter{ResponseWriter: w, set: p.options.SetHeaders}
	defer func() {
		failure := recover()
		if failure == nil {
			response.WriteHeader(http.StatusOK)
			p.count(response.status >= 500, response.status)
			return
		}
		p.fail(response, request, failure)
	}()
	p.app.ServeHTTP(response, request)
}

// fail answers for an app that could not. Anything but the two failures that
// New describes is a bug of the app's and passed on.
func (p *Proxy) fail(response *responseWriter, request *http.Request, failure any) {
	err, isError := failure.(error)
	switch {
	case isError && response.status == 0 && errors.Is(err, syscall.ECONNREFUSED):
		p.count(true, http.StatusBadGateway)
		p.synthesize(response.ResponseWriter, request, http.StatusBadGateway, true)
	case isError && response.status == 0 && request.Context().Err() != nil:
		// Nobody waits for a response any more, and none was seen that could be classified: the counters stay as they are.
		panic(failure)
	case isError && response.status == 0 && errors.Is(err, http.ErrAbortHandler):
		// A connection that closes before the response is no I/O error to the
		// proxy: the counters never see a status, and the client gets a 500.
		p.count(true, 0)
		p.synthesize(response.ResponseWriter, request, http.StatusInternalServerError, true)
	default:
		// The response has begun: all that is left is to cut it off.
		p.count(true, response.status)
		panic(failure)
	}
}

// synthesize sends a response of the proxy's own: a status and nothing else.
func (p *Proxy) synthesize(w http.ResponseWriter, request *http.Request, status int, closes bool) {
	clear(w.Header())
	w.Header().Set("Content-Length", "0")
	if closes && request.ProtoMajor == 1 && request.ProtoMinor == 1 {
		w.Header().Set("Connection", "close")
	}
	setAll(w.Header(), p.options.SetHeaders)
	w.WriteHeader(status)
}

func setAll(header http.Header, fields []simulator.Field) {
	for _, field := range fields {
		header.Set(field.Name, field.Value)
	}
}

func (p *Proxy) count(failure bool, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.totals[series{failure, status}]++
}

// ResponseTotal returns the inbound response_total counters, sorted by status
// and classification. To the proxy a 5xx is a failure, and every other status a
// success. StatusCode 0 stands for responses that never arrived.
func (p *Proxy) ResponseTotal() []ResponseTotal {
	p.mu.Lock()
	defer p.mu.Unlock()
	totals := make([]ResponseTotal, 0, len(p.totals))
	for labels, value := range p.totals {
		classification := "success"
		if labels.failure {
			classification = "failure"
		}
		totals = append(totals, ResponseTotal{Classification: classification, StatusCode: labels.status, Value: value})
	}
	slices.SortFunc(totals, func(a, b ResponseTotal) int {
		return cmp.Or(cmp.Compare(a.StatusCode, b.StatusCode), cmp.Compare(a.Classification, b.Classification))
	})
	return totals
}

// responseWriter passes a response on and notes its status.
type responseWriter struct {
	http.ResponseWriter
	set    []simulator.Field
	status int
}

// WriteHeader passes the status on; the first one that is not informational counts.
func (w *responseWriter) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		w.status = status
		setAll(w.Header(), w.set)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write passes a part of the body on.
func (w *responseWriter) Write(data []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.ResponseWriter.Write(data)
}

// Flush sends what has been written.
func (w *responseWriter) Flush() {
	w.WriteHeader(http.StatusOK)
	// A writer that cannot flush has nothing to flush.
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap is for http.ResponseController.
func (w *responseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
