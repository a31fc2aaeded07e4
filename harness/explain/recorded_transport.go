package explain

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/har"
)

// errNotRecorded says that a recording lacks an answer.
var errNotRecorded = errors.New("the recording has no answer to this request")

// recordedTransport answers with what was recorded: for one request and the
// preflights and redirects that belong to it.
type recordedTransport struct {
	// to are the entries by their URLs.
	to map[string][]*har.Entry
	// used marks those of earlier requests; taken are those of this one.
	used map[*har.Entry]bool
	// head is the request that is explained, preflight its preflight; nil where none is recorded.
	head, preflight *har.Entry
	taken           []*har.Entry
	// missing is what was asked for and is not recorded; assumed is a preflight that
	// is not recorded and must have succeeded, since the request behind it was sent.
	missing, assumed string
}

// RoundTrip finds the recorded exchange.
func (t *recordedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	address := withoutFragment(request.URL.String())
	preflight := request.Method == http.MethodOptions && request.Header.Get("Access-Control-Request-Method") != ""
	entry := t.find(request.Method, address, preflight)
	switch {
	case entry == nil && preflight && t.head.Status > 0 && !t.head.Preflight():
		t.assumed = address
		return answer(request, http.StatusNoContent, approval(request)), nil
	case entry == nil:
		t.missing = request.Method + " " + address
		if preflight {
			t.missing = "the preflight for " + address
		}
		return nil, errNotRecorded
	}
	t.taken = append(t.taken, entry)
	if entry.Status == 0 {
		t.missing = "the answer to " + request.Method + " " + address
		return nil, fmt.Errorf("%w (%s)", errNotRecorded, entry.Failure)
	}
	return answer(request, entry.Status, entry.ResponseHeader), nil
}

// find finds the entry for a request: the one that is explained, and for what
// belongs to it the first that is not used yet.
func (t *recordedTransport) find(method, address string, preflight bool) *har.Entry {
	if !preflight && method == t.head.Method && address == t.head.URL && !t.has(t.head) && !t.head.Preflight() {
		return t.head
	}
	if preflight && t.preflight != nil && address == t.preflight.URL && !t.has(t.preflight) {
		return t.preflight
	}
	for _, entry := range t.to[address] {
		belongs := preflight || !entry.Started.Before(t.head.Started)
		if entry.Preflight() == preflight && entry.Method == method && belongs && !t.used[entry] && !t.has(entry) {
			return entry
		}
	}
	return nil
}

func (t *recordedTransport) has(entry *har.Entry) bool {
	for _, taken := range t.taken {
		if taken == entry {
			return true
		}
	}
	return false
}

// answer is a recorded response. Its body is not needed: nothing is decided by it.
func answer(request *http.Request, status int, header http.Header) *http.Response {
	header = header.Clone()
	// The body of the recording is decoded, cut or left out: these headers would contradict it.
	for _, name := range []string{"Content-Encoding", "Content-Length", "Transfer-Encoding"} {
		header.Del(name)
	}
	return &http.Response{
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, StatusCode: status, Header: header,
		Body: io.NopCloser(strings.NewReader("")), Request: request,
	}
}

// approval is what an answer to a preflight must have said for the request to be sent.
func approval(preflight *http.Request) http.Header {
	header := http.Header{}
	header.Set("Access-Control-Allow-Origin", preflight.Header.Get("Origin"))
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Access-Control-Allow-Methods", preflight.Header.Get("Access-Control-Request-Method"))
	if names := preflight.Header.Get("Access-Control-Request-Headers"); names != "" {
		header.Set("Access-Control-Allow-Headers", names)
	}
	return header
}

func withoutFragment(address string) string {
	before, _, _ := strings.Cut(address, "#")
	return before
}
