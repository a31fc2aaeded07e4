package embedded

import (
	"context"
	"net/http"
	"slices"
	"sync"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/apps"
)

// recorder keeps the transits of one traffic in the order of their arrival.
type recorder struct {
	mutex    sync.Mutex
	transits []*transit
}

// transit is one request on its way. Its fields are guarded by the recorder's mutex.
type transit struct {
	recorder *recorder
	harness.Transit
	// hops has a place for every hop of the service, the innermost first. It
	// stays nil where the answer did not come by: a timeout of an outer hop
	// must not be listed before the inner one it gave up on.
	hops []*harness.HopResponse
}

// transitKey is the context key under which hops find the transit of their request.
type transitKey struct{}

// begin records the arrival of a request and returns the request that carries its transit.
func (r *recorder) begin(e *entrance, request *http.Request) *http.Request {
	t := &transit{
		recorder: r,
		Transit: harness.Transit{
			Service:       e.service.Name,
			Method:        request.Method,
			URL:           e.scheme + "://" + request.Host + request.RequestURI,
			Protocol:      request.Proto,
			RequestHeader: request.Header.Clone(),
		},
		hops: make([]*harness.HopResponse, e.hops),
	}
	r.mutex.Lock()
	r.transits = append(r.transits, t)
	r.mutex.Unlock()
	return request.WithContext(context.WithValue(request.Context(), transitKey{}, t))
}

// list returns a copy of what is recorded so far.
func (r *recorder) list() []harness.Transit {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	list := make([]harness.Transit, len(r.transits))
	for i, t := range r.transits {
		list[i] = t.Transit
		list[i].RequestHeader = t.RequestHeader.Clone()
		for _, hop := range t.hops {
			if hop != nil {
				list[i].Hops = append(list[i].Hops, harness.HopResponse{Hop: hop.Hop, Status: hop.Status, Header: hop.Header.Clone()})
			}
		}
	}
	return list
}

// transitOf finds the transit that a request belongs to; every request that passes the entrance has one.
func transitOf(request *http.Request) (*transit, bool) {
	t, ok := request.Context().Value(transitKey{}).(*transit)
	return t, ok
}

// answered records the answer that left a hop.
func (t *transit) answered(place int, hop string, status int, header http.Header) {
	seen := http.Header{}
	for name, values := range header {
		// A name without values only tells net/http not to make up a header.
		if len(values) > 0 {
			seen[name] = slices.Clone(values)
		}
	}
	t.recorder.mutex.Lock()
	defer t.recorder.mutex.Unlock()
	t.hops[place] = &harness.HopResponse{Hop: hop, Status: status, Header: seen}
}

// reached records that the app's own code has the request.
func (t *transit) reached() {
	t.recorder.mutex.Lock()
	defer t.recorder.mutex.Unlock()
	t.ReachedApp = true
}

// recorded wraps one hop, so that its answer is seen as it leaves it. A hop
// that aborts is recorded with status 0.
func recorded(place int, hop string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t, ok := transitOf(r)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		done := false
		defer func() {
			if !done {
				t.answered(place, hop, 0, nil)
			}
		}()
		apps.Observe(next, w, r, func(status int, header http.Header) {
			done = true
			t.answered(place, hop, status, header)
		})
	})
}
