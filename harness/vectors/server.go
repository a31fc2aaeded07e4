package vectors

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	whatwg "github.com/nlnwa/whatwg-url/url"

	"github.com/crosscheck-dev/crosscheck/harness"
)

// server plays a vector's exchanges and notes what it was asked.
type server struct {
	mutex sync.Mutex
	// exchanges are by what they are for, each in the order of the vector.
	exchanges map[When][]*played
	seen      []seenRequest
}

// played is an exchange made ready: header names and values as the bytes of the wire.
type played struct {
	// place is its place in the vector.
	place  int
	left   int
	status int
	header []Pair
	body   []byte
}

// unlimited is the number of answers left of an exchange without times.
const unlimited = -1

// newServer makes the server of a vector's exchanges.
func newServer(exchanges []Exchange) (*server, error) {
	s := &server{}
	return s, s.play(exchanges)
}

// play has the server answer by these exchanges from now on, and forget what it was asked.
func (s *server) play(exchanges []Exchange) error {
	ready := map[When][]*played{}
	for i, exchange := range exchanges {
		p := &played{place: i, left: unlimited, status: exchange.Response.Status, body: []byte(exchange.Response.Body)}
		if exchange.Times != nil {
			p.left = *exchange.Times
		}
		if encoded := exchange.Response.BodyBase64; encoded != nil {
			var err error
			if p.body, err = base64.StdEncoding.DecodeString(*encoded); err != nil {
				return fmt.Errorf("exchanges[%d].response.body_base64: %w", i, err)
			}
		}
		for _, pair := range exchange.Response.Headers {
			name, nameOK := isomorphicEncode(pair[0])
			value, valueOK := isomorphicEncode(pair[1])
			if !nameOK || !valueOK {
				return fmt.Errorf("exchanges[%d].response.headers: %q has a code unit that is no byte", i, pair)
			}
			p.header = append(p.header, Pair{name, value})
		}
		when := exchange.When.normalized()
		ready[when] = append(ready[when], p)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.exchanges, s.seen = ready, nil
	return nil
}

// normalized is the condition with its URL as a request has it.
func (w When) normalized() When {
	w.URL = normalizeURL(w.URL)
	return w
}

// urlParser percent-encodes in paths what the URL standard does, "^" included.
var urlParser = whatwg.NewParser(whatwg.WithPathPercentEncodeSet(whatwg.PathPercentEncodeSet.Set('^')))

// normalizeURL writes a URL as a browser does, without fragment and userinfo; what
// is none stays as it is.
func normalizeURL(url string) string {
	if harness.IsPlainURL(url) {
		return url
	}
	parsed, err := urlParser.Parse(url)
	if err != nil {
		return url
	}
	parsed.SetUsername("")
	parsed.SetPassword("")
	return parsed.Href(true)
}

// matching are the exchanges for a request, in the order of the vector. The mutex is held.
func (s *server) matching(request seenRequest) []*played {
	named, every := s.exchanges[When{Method: request.method, URL: request.url}], s.exchanges[When{URL: request.url}]
	if len(every) == 0 {
		return named
	}
	both := slices.Concat(named, every)
	slices.SortFunc(both, func(a, b *played) int { return a.place - b.place })
	return both
}

// answer finds the exchange for a request. Nothing matches: 404 without headers or body.
func (s *server) answer(request seenRequest) played {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.seen = append(s.seen, request)
	for _, exchange := range s.matching(request) {
		if exchange.left == 0 {
			continue
		}
		if exchange.left > 0 {
			exchange.left--
		}
		return *exchange
	}
	return played{status: http.StatusNotFound}
}

// take gives what was seen since the last call.
func (s *server) take() []seenRequest {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	seen := s.seen
	s.seen = nil
	return seen
}

// RoundTrip answers in memory, as an HTTP/1.1 parser would read the answer's bytes.
func (s *server) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		// What a server would read; the exchanges do not depend on it.
		_, err := io.Copy(io.Discard, request.Body)
		if err = firstOf(err, request.Body.Close()); err != nil {
			return nil, fmt.Errorf("read the request's body: %w", err)
		}
	}
	exchange := s.answer(seenRequest{method: request.Method, url: wireURL(request.URL), host: request.Host, header: sentHeader(request.Header)})
	header := receivedHeader(exchange.header)
	if _, sized := header["Content-Length"]; !sized {
		header.Set("Content-Length", strconv.Itoa(len(exchange.body)))
	}
	body := exchange.body
	if request.Method == http.MethodHead {
		body = nil
	}
	return &http.Response{
		Status: strconv.Itoa(exchange.status), StatusCode: exchange.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: request,
	}, nil
}

// sentHeader is what an HTTP/1.1 parser makes of a request's header: no value has
// blanks around it, though script can join one with an empty one.
func sentHeader(header http.Header) http.Header {
	sent := header.Clone()
	for _, values := range sent {
		for i, value := range values {
			values[i] = strings.Trim(value, " \t")
		}
	}
	return sent
}

// receivedHeader is what an HTTP/1.1 parser makes of header lines, be they broken
// or folded by what a vector says of them (RFC 9112, sections 2.2 and 5).
func receivedHeader(pairs []Pair) http.Header {
	header := http.Header{}
	last := ""
	for _, pair := range pairs {
		for line := range strings.FieldsFuncSeq(pair[0]+":"+pair[1], isLineBreak) {
			if folded := strings.Trim(line, " \t"); isBlank(line[0]) && last != "" {
				values := header[last]
				values[len(values)-1] = strings.Trim(values[len(values)-1]+" "+folded, " ")
				continue
			}
			name, value, _ := strings.Cut(line, ":")
			last = http.CanonicalHeaderKey(strings.TrimRight(name, " \t"))
			header[last] = append(header[last], strings.Trim(value, " \t"))
		}
	}
	return header
}

func isLineBreak(r rune) bool { return r == '\r' || r == '\n' }

func isBlank(b byte) bool { return b == ' ' || b == '\t' }

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// wireURL is a URL without fragment and userinfo.
func wireURL(target *url.URL) string {
	path := target.EscapedPath()
	if target.Opaque != "" {
		// What net/url would escape anew stands here as it was.
		path = target.Opaque
	}
	if path == "" {
		path = "/"
	}
	if target.RawQuery != "" || target.ForceQuery {
		path += "?" + target.RawQuery
	}
	return target.Scheme + "://" + target.Host + path
}
