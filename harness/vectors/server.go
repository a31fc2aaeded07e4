package vectors

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
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
		p := &played{left: unlimited, status: exchange.Response.Status, body: []byte(exchange.Response.Body)}
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
		ready[exchange.When] = append(ready[exchange.When], p)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.exchanges, s.seen = ready, nil
	return nil
}

// answer finds the exchange for a request. Nothing matches: 404 without headers or body.
func (s *server) answer(request seenRequest) played {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.seen = append(s.seen, request)
	for _, exchange := range s.exchanges[When{Method: request.method, URL: request.url}] {
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
	exchange := s.answer(seenRequest{method: request.Method, url: wireURL(request.URL), host: request.Host, header: request.Header.Clone()})
	header := http.Header{}
	for _, pair := range exchange.header {
		name := http.CanonicalHeaderKey(pair[0])
		// Blanks around a value are not part of it (RFC 9112, section 5.1).
		header[name] = append(header[name], strings.Trim(pair[1], " \t"))
	}
	if header.Get("Content-Length") == "" {
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
