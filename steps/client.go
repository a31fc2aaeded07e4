package steps

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// client is a program that makes requests and knows nothing of CORS.
type client string

const (
	// clientCurl comes from outside, as a browser does.
	clientCurl client = "curl"
	// clientPod is another pod of the cluster, which goes past the ingress.
	clientPod client = "pod"
)

// bodyLimit is as much of a response's body as is read, in bytes.
const bodyLimit = 1 << 20

// send makes the request without a browser: what it gets is what was answered.
func (w *world) send(ctx context.Context, text string, headers []simulator.Field, who client) (err error) {
	method, target, err := line(text)
	if err != nil {
		return err
	}
	if err := w.start(ctx); err != nil {
		return err
	}
	traffic, err := w.running.NewTraffic(ctx)
	if err != nil {
		return &environmentError{cause: fmt.Errorf("bring up the deployment for %s: %w", who, err)}
	}
	defer func() { err = errors.Join(err, traffic.Close()) }()
	network := harness.Network(traffic)
	if who == clientPod {
		if err := w.needsHops("what another pod would get"); err != nil {
			return err
		}
		network = traffic.Inside()
	}
	if err := w.pace(ctx); err != nil {
		return err
	}
	if err := traffic.Begin(ctx); err != nil {
		return &environmentError{cause: fmt.Errorf("prepare the deployment for a request of %s: %w", who, err)}
	}
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	outcome, err := exchange(ctx, network, w.roots, method, target, headers)
	if err != nil {
		return mistake("%v", err)
	}
	seen, err := traffic.Observe(ctx, outcome.Exchanges)
	var unreachable *harness.Unreachable
	if errors.As(err, &unreachable) {
		return &environmentError{cause: err}
	}
	if err != nil {
		return &environmentError{cause: fmt.Errorf("ask the deployment what it saw of %s: %w", who, err)}
	}
	w.requests = append(w.requests, report.Request{
		Text:     text,
		Line:     w.line,
		Request:  simulator.Request{Method: method, URL: target, Headers: headers},
		Browsers: []report.BrowserResult{*observed(string(who), outcome, seen)},
	})
	w.expected = 0
	return nil
}

// exchange makes one request and gives its answer in the form of an outcome.
func exchange(ctx context.Context, network harness.Network, roots *x509.CertPool, method, target string, headers []simulator.Field) (simulator.Outcome, error) {
	request, err := http.NewRequestWithContext(ctx, method, target, nil)
	if err != nil {
		return simulator.Outcome{}, err
	}
	request.Header.Set("User-Agent", "curl")
	for _, header := range headers {
		request.Header.Add(header.Name, header.Value)
	}
	transport := &http.Transport{
		DialContext:        network.DialContext,
		TLSClientConfig:    &tls.Config{RootCAs: roots},
		DisableKeepAlives:  true,
		DisableCompression: true,
	}
	defer transport.CloseIdleConnections()
	record := simulator.Exchange{Kind: simulator.ExchangeRequest, Method: method, URL: target, RequestHeader: request.Header}
	outcome := simulator.Outcome{Kind: simulator.KindNetworkError, Type: simulator.ResponseError}
	response, err := transport.RoundTrip(request)
	if err == nil {
		defer response.Body.Close()
		outcome.Body, err = io.ReadAll(io.LimitReader(response.Body, bodyLimit))
	}
	if err != nil {
		outcome.Reason = simulator.Reason{Code: simulator.ConnectionFailed, Parameter: err.Error()}
		record.Failure = err.Error()
		outcome.Exchanges = []simulator.Exchange{record}
		return outcome, nil
	}
	record.Status, record.ResponseHeader = response.StatusCode, response.Header
	outcome.Kind, outcome.Type = simulator.KindReadable, simulator.ResponseBasic
	outcome.Status, outcome.Header, outcome.URL = response.StatusCode, response.Header, target
	outcome.Exchanges = []simulator.Exchange{record}
	return outcome, nil
}
