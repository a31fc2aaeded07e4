package simulator

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hostileServer does to every connection on loopback what the function does,
// until the other side has enough. It returns the server's URL.
func hostileServer(t *testing.T, attack func(net.Conn) error) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, err = connection.Read(make([]byte, 4096))
			for err == nil {
				err = attack(connection)
			}
			_ = connection.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return "http://" + listener.Addr().String() + "/"
}

// endless writes a beginning once, and something after it for ever.
func endless(beginning, something string) func(net.Conn) error {
	begun := false
	return func(connection net.Conn) error {
		if !begun {
			begun = true
			something = strings.Repeat(something, 100)
			if _, err := io.WriteString(connection, beginning); err != nil {
				return err
			}
		}
		_, err := io.WriteString(connection, something)
		return err
	}
}

const corsHead = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n"

func TestEndlessAnswersAreCutOff(t *testing.T) {
	cases := []struct {
		name              string
		attack            func(net.Conn) error
		want              ReasonCode
		status, bodyBytes int
		failure           string
	}{
		{"headers", endless(corsHead, "X-A: 1\r\n"), InvalidHTTPResponse, 0, 0, "net::ERR_RESPONSE_HEADERS_TOO_BIG"},
		{"one header value", endless(corsHead+"X-A: ", "aaaaaaaaaaaaaaaa"), InvalidHTTPResponse, 0, 0, "net::ERR_RESPONSE_HEADERS_TOO_BIG"},
		{"a status line", endless("HTTP/1.1 200 ", "aaaaaaaaaaaaaaaa"), InvalidHTTPResponse, 0, 0, "net::ERR_RESPONSE_HEADERS_TOO_BIG"},
		{"interim responses", endless("", "HTTP/1.1 100 Continue\r\n\r\n"), InvalidHTTPResponse, 0, 0, "net::ERR_RESPONSE_HEADERS_TOO_BIG"},
		{"a body until the connection closes", endless(corsHead+"\r\n", "aaaaaaaaaaaaaaaa"), "", 200, 1 << 16, "the body is longer than the simulator's limit"},
		{"chunks", endless(corsHead+"Transfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"), "", 200, 1 << 16, "the body is longer than the simulator's limit"},
		{"a body of the largest length", endless(corsHead+"Content-Length: 9223372036854775807\r\n\r\n", "aaaaaaaaaaaaaaaa"), "", 200, 1 << 16, "the body is longer than the simulator's limit"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			outcome := networkPage(t, WithBodyLimit(1<<16)).Fetch(t.Context(), Request{URL: hostileServer(t, c.attack)})
			require.Equal(t, c.want, outcome.Reason.Code, outcome.Exchanges)
			require.Equal(t, c.status, outcome.Exchanges[0].Status)
			require.Len(t, outcome.Body, c.bodyBytes)
			require.Equal(t, c.failure, outcome.Exchanges[0].Failure)
		})
	}
}

func TestAnswersThatContradictThemselvesAreNetworkErrors(t *testing.T) {
	cases := []struct {
		name, answer string
		want         ReasonCode
		failure      string
	}{
		{"less than promised", corsHead + "Content-Length: 100\r\n\r\nshort", InvalidHTTPResponse, "net::ERR_CONTENT_LENGTH_MISMATCH"},
		{"a chunk that breaks off", corsHead + "Transfer-Encoding: chunked\r\n\r\n5\r\nab", InvalidHTTPResponse, "net::ERR_INCOMPLETE_CHUNKED_ENCODING"},
		{"a chunk that is none", corsHead + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", InvalidHTTPResponse, "net::ERR_INCOMPLETE_CHUNKED_ENCODING"},
		{"two lengths", corsHead + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", InvalidHTTPResponse, "net::ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH"},
		{"a length that is none", corsHead + "Content-Length: x\r\n\r\nab", InvalidHTTPResponse, "net::ERR_INVALID_HTTP_RESPONSE"},
		{"no gzip", corsHead + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab", InvalidHTTPResponse, "net::ERR_CONTENT_DECODING_FAILED"},
		{"half a header", "HTTP/1.1 200 OK\r\nX-A: 1", ConnectionFailed, "net::ERR_EMPTY_RESPONSE"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			outcome := networkPage(t).Fetch(t.Context(), Request{URL: rawServer(t, c.answer)})
			require.Equal(t, Reason{Code: c.want}, outcome.Reason, outcome.Exchanges)
			require.Equal(t, c.failure, outcome.Exchanges[0].Failure)
			require.Empty(t, outcome.Body)
		})
	}
}

func TestMoreThanPromisedIsNotRead(t *testing.T) {
	outcome := networkPage(t).Fetch(t.Context(), Request{URL: rawServer(t, corsHead+"Connection: close\r\nContent-Length: 2\r\n\r\nabcdef")})
	require.Equal(t, "ab", string(outcome.Body))
}

func TestAMillionRedirectsEndAfterTwenty(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		http.Redirect(w, r, "/"+strings.Repeat("a", len(r.URL.Path)), http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	outcome := networkPage(t).Fetch(t.Context(), Request{URL: server.URL})
	require.Equal(t, Reason{Code: TooManyRedirects}, outcome.Reason)
	require.Len(t, outcome.Exchanges, maximumRedirects+1)
}

// slowly writes one byte of a text at a time, again and again, until nobody listens.
func slowly(text string) func(net.Conn) error {
	written := 0
	return func(connection net.Conn) error {
		time.Sleep(time.Millisecond)
		_, err := io.WriteString(connection, text[written%len(text):written%len(text)+1])
		written++
		return err
	}
}

func TestSlowBytesEndWithTheContext(t *testing.T) {
	for name, attack := range map[string]func(net.Conn) error{
		"a header": slowly("HTTP/1.1 200 OK\r\n" + strings.Repeat("X-A: 1\r\n", 1000)),
		"nothing":  func(net.Conn) error { time.Sleep(200 * time.Millisecond); return errors.New("enough") },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			defer cancel()
			outcome := networkPage(t).Fetch(ctx, Request{Method: "PUT", URL: hostileServer(t, attack)})
			require.Equal(t, Reason{Code: NoResponse}, outcome.Reason)
			require.Len(t, outcome.Preflights(), 1)
			require.Equal(t, "net::ERR_TIMED_OUT", outcome.Exchanges[0].Failure)
		})
	}
}

// A bomb of 32 MiB must not cost more memory than the limit a few times over.
func TestABombsSizeDoesNotReachMemory(t *testing.T) {
	var bomb bytes.Buffer
	writer := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 1 << 5 {
		_, err := writer.Write(zeros)
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	}))
	defer server.Close()
	page := networkPage(t, WithBodyLimit(1<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	outcome := page.Fetch(t.Context(), Request{URL: server.URL})
	runtime.ReadMemStats(&after)
	require.Len(t, outcome.Body, 1<<20)
	require.Contains(t, outcome.Exchanges[0].Failure, "limit")
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(12<<20))
}

// Whatever bytes a server sends, a fetch ends with an outcome.
func FuzzServer(f *testing.F) {
	for _, seed := range []string{
		"", "HTTP/1.1 200 OK\r\n\r\n", corsHead + "Content-Length: 3\r\n\r\nabc", "HTTP/1.1 302 X\r\nLocation: //\r\n\r\n",
		corsHead + "Access-Control-Expose-Headers: *\r\nX-A: \xff\x01\r\n\r\n", "HTTP/1.1 103 X\r\n\r\nHTTP/1.0 204\r\n\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, response string) {
		dial := func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				_, _ = server.Read(make([]byte, 4096))
				_, _ = io.WriteString(server, response)
				_ = server.Close()
			}()
			return client, nil
		}
		transport := &http.Transport{DialContext: dial, DisableKeepAlives: true, DisableCompression: true}
		page := New(Chromium, WithTransport(transport), WithTrace()).Open("http://app.example.com")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, request := range []Request{{Method: "PUT", URL: "http://api.example.com/"}, {URL: "/own"}, {URL: "/script", Initiator: InitiatorScript}} {
			outcome := page.Fetch(ctx, request)
			if outcome.Kind == "" || outcome.Kind == KindNetworkError && outcome.Reason.Code == "" {
				t.Fatalf("%q gave %+v", response, outcome)
			}
		}
	})
}
