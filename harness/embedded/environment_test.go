package embedded_test

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// patience bounds every request of the tests, so that a hang is a failure with a stack.
const patience = 20 * time.Second

// world is an environment, and clients that trust its hosts.
type world struct {
	t           *testing.T
	authority   *ca.Authority
	environment *embedded.Environment
}

func newWorld(t *testing.T, options ...embedded.Option) world {
	t.Helper()
	authority, err := ca.New()
	require.NoError(t, err)
	environment := embedded.New(authority, options...)
	t.Cleanup(func() { require.NoError(t, environment.Close()) })
	return world{t, authority, environment}
}

// traffic applies services and opens a session's traffic.
func (w world) traffic(services ...harness.Service) *embedded.Traffic {
	w.t.Helper()
	running, err := w.environment.Apply(w.t.Context(), harness.Deployment{Services: services})
	require.NoError(w.t, err)
	traffic, err := running.NewTraffic(w.t.Context())
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, traffic.Close()) })
	return traffic.(*embedded.Traffic)
}

// client goes through a network. http2 false means that it offers HTTP/1.1 only.
func (w world) client(network harness.Network, http2 bool) *http.Client {
	transport := &http.Transport{
		DialContext:        network.DialContext,
		TLSClientConfig:    &tls.Config{RootCAs: w.authority.Pool()},
		ForceAttemptHTTP2:  http2,
		DisableCompression: true,
	}
	w.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// answer is a response read to its end.
type answer struct {
	*http.Response
	body string
}

// ask sends a request; headers are pairs of name and value.
func ask(t *testing.T, client *http.Client, method, url string, headers ...string) answer {
	t.Helper()
	a, err := try(t.Context(), client, method, url, headers...)
	require.NoError(t, err)
	return a
}

func try(ctx context.Context, client *http.Client, method, url string, headers ...string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response, string(body)}, err
}

// api is a scripted service that answers every request with 200, the fields and a body.
func api(origin string, fields ...simulator.Field) harness.Service {
	return harness.Service{
		Name:   "API",
		Origin: origin,
		App: harness.App{Kind: harness.AppScripted, Responses: []harness.Response{
			{Status: http.StatusOK, Headers: fields, Body: "from " + origin},
		}},
	}
}
