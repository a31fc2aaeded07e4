package vectors

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
)

// TestBytesGoOnTheWireAsTheyAre: nothing of an answer or a request is mended, over TLS and without.
func TestBytesGoOnTheWireAsTheyAre(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	for scheme, port := range map[string]string{"https": "8443", "http": "80"} {
		t.Run(scheme, func(t *testing.T) {
			host := map[string]string{"https": "api.example.com:8443", "http": "api.example.com"}[scheme]
			server, err := newServer([]Exchange{{
				When: When{Method: "POST", URL: scheme + "://" + host + "/x"},
				Response: Response{Status: 299, Body: "b", Headers: []Pair{
					{"x-NUL", "\x00"}, {"X-A", " \u00e9\u0080\x0b\t "}, {"X-A", ""},
				}},
			}})
			require.NoError(t, err)
			network := newWire(server, authority)
			defer network.close()
			connection, err := network.DialContext(t.Context(), "tcp", net.JoinHostPort("api.example.com", port))
			require.NoError(t, err)
			if scheme == "https" {
				connection = tls.Client(connection, &tls.Config{RootCAs: authority.Pool(), ServerName: "api.example.com"})
			}
			const want = "HTTP/1.1 299 \r\nx-NUL: \x00\r\nX-A:  \xe9\x80\x0b\t \r\nX-A: \r\nContent-Length: 1\r\n\r\nb"
			// Two on a connection: the body of the first is not taken for the second.
			for _, framing := range []string{"Content-Length: 3\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"} {
				_, err = io.WriteString(connection, "POST /x HTTP/1.1\r\nHost: "+host+"\r\nX-B: \x01\xe9\r\nX-B: 2\r\n"+framing)
				require.NoError(t, err)
				answer := make([]byte, len(want))
				_, err = io.ReadFull(connection, answer)
				require.NoError(t, err)
				require.Equal(t, want, string(answer))
			}
			seen := server.take()
			require.Len(t, seen, 2)
			for _, request := range seen {
				value, ok := request.value("x-b")
				require.True(t, ok)
				require.Equal(t, "\x01\u00e9, 2", value)
				require.True(t, strings.HasSuffix(request.url, host+"/x"))
			}
		})
	}
}

func TestAnExchangeIsGivenAsOftenAsItSays(t *testing.T) {
	once := 1
	server, err := newServer([]Exchange{
		{When: When{Method: "GET", URL: "u"}, Times: &once, Response: Response{Status: 201}},
		{When: When{Method: "GET", URL: "u"}, Response: Response{Status: 202}},
	})
	require.NoError(t, err)
	for _, status := range []int{201, 202, 202} {
		require.Equal(t, status, server.answer(seenRequest{method: "GET", url: "u"}).status)
	}
	require.Equal(t, 404, server.answer(seenRequest{method: "PUT", url: "u"}).status)
}

func TestAHeaderThatIsNoByteStringIsRefused(t *testing.T) {
	_, err := newServer([]Exchange{{Response: Response{Headers: []Pair{{"X-A", "\u0100"}}}}})
	require.ErrorContains(t, err, "no byte")
}
