package simulator

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// rawServer answers every connection on loopback with the same bytes, and
// closes it. It returns the server's URL.
func rawServer(t *testing.T, response string) string {
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
			_, _ = connection.Read(make([]byte, 4096))
			_, _ = io.WriteString(connection, response)
			_ = connection.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return "http://" + listener.Addr().String() + "/"
}

// networkPage is a page of a browser that uses the network.
func networkPage(t *testing.T, options ...Option) *Page {
	t.Helper()
	browser := New(Standard, options...)
	t.Cleanup(browser.Close)
	return browser.Open("http://app.example.com")
}

func TestTransportFailuresAreNetworkErrorsWithTheirExchange(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	cases := []struct {
		name, url, failure string
		want               ReasonCode
	}{
		{"nobody listens", "http://" + closed.Addr().String() + "/", "net::ERR_CONNECTION_REFUSED", ConnectionFailed},
		{"closes without a word", rawServer(t, ""), "net::ERR_EMPTY_RESPONSE", ConnectionFailed},
		{"no HTTP", rawServer(t, "SSH-2.0-OpenSSH\r\n\r\n"), "net::ERR_INVALID_HTTP_RESPONSE", InvalidHTTPResponse},
		{"a status that is none", rawServer(t, "HTTP/1.1 OK 200\r\n\r\n"), "net::ERR_INVALID_HTTP_RESPONSE", InvalidHTTPResponse},
		{"a header without a colon", rawServer(t, "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin *\r\n\r\n"), "net::ERR_INVALID_HTTP_RESPONSE", InvalidHTTPResponse},
		{"a NUL in a header", rawServer(t, "HTTP/1.1 200 OK\r\nX-A: \x00\r\n\r\n"), "net::ERR_INVALID_HTTP_RESPONSE", InvalidHTTPResponse},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			outcome := networkPage(t).Fetch(t.Context(), Request{URL: c.url})
			require.Equal(t, KindNetworkError, outcome.Kind)
			require.Equal(t, Reason{Code: c.want}, outcome.Reason)
			require.Len(t, outcome.Exchanges, 1)
			require.Zero(t, outcome.Exchanges[0].Status)
			require.Equal(t, c.failure, outcome.Exchanges[0].Failure)
			require.Equal(t, "http://app.example.com", outcome.Exchanges[0].RequestHeader.Get("Origin"))
		})
	}
}

func TestAServerThatNeverAnswersEndsWithTheContext(t *testing.T) {
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer hanging.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	outcome := networkPage(t).Fetch(ctx, Request{URL: hanging.URL})
	require.Equal(t, Reason{Code: NoResponse}, outcome.Reason)
	require.Equal(t, "net::ERR_TIMED_OUT", outcome.Exchanges[0].Failure)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	outcome = networkPage(t).Fetch(cancelled, Request{URL: hanging.URL})
	require.Equal(t, Reason{Code: NoResponse}, outcome.Reason)
	require.Equal(t, "net::ERR_ABORTED", outcome.Exchanges[0].Failure)
}

func TestABodyThatDripsEndsWithTheContext(t *testing.T) {
	dripping := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		_, _ = w.Write([]byte("first"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	defer dripping.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	outcome := networkPage(t).Fetch(ctx, Request{URL: dripping.URL})
	require.Equal(t, Reason{Code: NoResponse}, outcome.Reason)
	require.Equal(t, 200, outcome.Exchanges[0].Status)
	require.Equal(t, "net::ERR_TIMED_OUT", outcome.Exchanges[0].Failure)
}

func TestRedirectsOverTheNetworkAreTheSimulators(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/there?a=%zz|b", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, r.RequestURI)
	}))
	defer server.Close()
	outcome := networkPage(t).Fetch(t.Context(), Request{URL: server.URL})
	require.Equal(t, "/there?a=%zz|b", string(outcome.Body))
	require.Len(t, outcome.Exchanges, 2)
}

func TestContentCodingsAreUndone(t *testing.T) {
	text := strings.Repeat("content ", 1000)
	encode := func(newWriter func(io.Writer) io.WriteCloser) string {
		var buffer bytes.Buffer
		writer := newWriter(&buffer)
		_, err := io.WriteString(writer, text)
		require.NoError(t, err)
		require.NoError(t, writer.Close())
		return buffer.String()
	}
	gzipped := encode(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	cases := []struct{ name, coding, body, want, failure string }{
		{"gzip", "GZip", gzipped, text, ""},
		{"x-gzip", "x-gzip", gzipped, text, ""},
		{"deflate with zlib", "deflate", encode(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }), text, ""},
		{"bare deflate", "deflate", encode(func(w io.Writer) io.WriteCloser {
			writer, err := flate.NewWriter(w, 6)
			require.NoError(t, err)
			return writer
		}), text, ""},
		{"an unknown coding", "br", "bytes", "bytes", ""},
		{"no gzip at all", "gzip", "bytes", "", "net::ERR_CONTENT_DECODING_FAILED"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			outcome := fetch(t, Standard, Request{URL: apiURL}, answer{status: 200, header: allow("*", "Content-Encoding", c.coding), body: c.body})
			require.Equal(t, c.failure == "", outcome.Readable())
			require.Equal(t, c.want, string(outcome.Body))
			require.Equal(t, c.failure, outcome.Exchanges[0].Failure)
		})
	}
}

func TestBodiesAreCutAtTheLimitAlsoWhenTheyAreBombs(t *testing.T) {
	var bomb bytes.Buffer
	writer := gzip.NewWriter(&bomb)
	_, err := writer.Write(make([]byte, 1<<20))
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	for name, answered := range map[string]answer{
		"plain": {status: 200, header: allow("*"), body: strings.Repeat("x", 2000)},
		"bomb":  {status: 200, header: allow("*", "Content-Encoding", "gzip"), body: bomb.String()},
	} {
		t.Run(name, func(t *testing.T) {
			page := New(Standard, WithHandler(serve(answered)), WithBodyLimit(1000)).Open(appOrigin)
			outcome := page.Fetch(t.Context(), Request{URL: apiURL})
			require.Equal(t, KindReadable, outcome.Kind)
			require.Len(t, outcome.Body, 1000)
			require.Contains(t, outcome.Exchanges[0].Failure, "limit")
		})
	}
}

func TestAHandlerIsAskedAsAServerWouldAskIt(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.Equal(t, "/path?query", r.RequestURI)
		require.Equal(t, "/path", r.URL.Path)
		require.Equal(t, "query", r.URL.RawQuery)
		require.Equal(t, "api.example.com:8443", r.Host)
		require.NotNil(t, r.TLS)
		require.Equal(t, "content", string(body))
		r.Header.Set("Origin", "changed by the handler")
		w.Header()["access-control-allow-origin"] = []string{" * "}
		_, _ = io.WriteString(w, "<html>")
		w.Header().Set("Late", "1")
	})
	outcome := New(Standard, WithHandler(handler)).Open(appOrigin).Fetch(t.Context(), Request{Method: "POST", URL: "https://api.example.com:8443/path?query#part", Body: &Body{Text: "content"}})
	require.Equal(t, KindReadable, outcome.Kind)
	require.Equal(t, appOrigin, sent(outcome, "Origin"))
	require.Equal(t, http.Header{"Access-Control-Allow-Origin": {"*"}, "Content-Length": {"6"}, "Content-Type": {"text/html; charset=utf-8"}}, outcome.Exchanges[0].ResponseHeader)
}

func TestAHandlerThatPanicsClosesTheConnection(t *testing.T) {
	page := New(Standard, WithHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))).Open(appOrigin)
	outcome := page.Fetch(t.Context(), Request{URL: apiURL})
	require.Equal(t, Reason{Code: ConnectionFailed}, outcome.Reason)
	require.Equal(t, "net::ERR_EMPTY_RESPONSE", outcome.Exchanges[0].Failure)
}

func TestStatus421IsTriedOnceMore(t *testing.T) {
	outcome := fetch(t, Standard, Request{URL: apiURL}, answer{status: 421, header: allow("*")})
	require.Equal(t, 421, outcome.Status)
	require.Len(t, outcome.Exchanges, 2)
}
