package explain

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// maximumResponseHeader is how many bytes of response header are accepted: Chromium's limit.
const maximumResponseHeader = 256 << 10

// sentRequest is a request as it was handed to the network.
type sentRequest struct {
	header http.Header
	body   []byte
	// hasBody tells an empty body from none.
	hasBody bool
	// err is why no response came; nil when one did.
	err error
}

// recordingTransport remembers what it sends: an outcome knows neither the
// bodies nor the words of an error.
type recordingTransport struct {
	network *http.Transport
	sent    []sentRequest
}

var _ http.RoundTripper = (*recordingTransport)(nil)

func newTransport(question *Question) *recordingTransport {
	return &recordingTransport{network: Network(question.Roots, question.Resolutions)}
}

// Network is the way to live servers, with roots to trust (nil for the
// system's) and hosts that are elsewhere than the system's resolver says.
func Network(roots *x509.CertPool, resolutions []Resolution) *http.Transport {
	places := map[string]string{}
	for _, resolution := range resolutions {
		places[net.JoinHostPort(resolution.Host, resolution.Port)] = resolution.dialed()
	}
	dialer := &net.Dialer{}
	return &http.Transport{
		Proxy: func(request *http.Request) (*url.URL, error) {
			// Whoever says where a host is wants to reach it there.
			if _, known := places[authority(request.URL)]; known {
				return nil, nil
			}
			return http.ProxyFromEnvironment(request)
		},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if place, known := places[strings.ToLower(address)]; known {
				address = place
			}
			return dialer.DialContext(ctx, network, address)
		},
		TLSClientConfig:        &tls.Config{RootCAs: roots},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maximumResponseHeader,
		IdleConnTimeout:        time.Minute,
	}
}

// authority is "host:port", the port never empty.
func authority(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// RoundTrip sends the request and remembers it.
func (t *recordingTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	sent := sentRequest{header: request.Header.Clone(), hasBody: request.Body != nil}
	if request.GetBody != nil {
		body, err := request.GetBody()
		if err != nil {
			return nil, fmt.Errorf("read the request's body: %w", err)
		}
		if sent.body, err = io.ReadAll(body); err != nil {
			return nil, fmt.Errorf("read the request's body: %w", err)
		}
		if len(sent.body) == 0 {
			// net/http would send an empty body in chunks, where a browser sends Content-Length: 0.
			request = request.Clone(request.Context())
			request.Body = http.NoBody
		}
	}
	response, err := t.network.RoundTrip(request)
	sent.err = err
	t.sent = append(t.sent, sent)
	return response, err
}

// sentFor gives what was sent for an exchange, by its place among them. An
// exchange that the context ended before it began was not sent at all.
func (t *recordingTransport) sentFor(index int, exchange simulator.Exchange) sentRequest {
	if index < len(t.sent) {
		return t.sent[index]
	}
	return sentRequest{header: exchange.RequestHeader}
}
