package pod

import (
	"net/http"
	"slices"
	"sync"
)

// journal keeps the requests that reached apps, by the address of the session
// that made them, in the order of their arrival.
type journal struct {
	mutex    sync.Mutex
	sessions map[string][]*Request
}

// begin notes a request.
func (j *journal) begin(session string, request *Request) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.sessions[session] = append(j.sessions[session], request)
}

// answered notes the answer to a request.
func (j *journal) answered(request *Request, status int, header http.Header) {
	sent := http.Header{}
	for name, values := range header {
		// A name without values only tells net/http not to make up a header.
		if len(values) > 0 {
			sent[name] = slices.Clone(values)
		}
	}
	j.mutex.Lock()
	defer j.mutex.Unlock()
	request.Status, request.ResponseHeader = status, sent
}

// of are the requests of a session.
func (j *journal) of(session string) []Request {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	requests := []Request{}
	for _, request := range j.sessions[session] {
		requests = append(requests, *request)
	}
	return requests
}

// forget drops what is known of a session.
func (j *journal) forget(session string) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	delete(j.sessions, session)
}
