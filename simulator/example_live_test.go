package simulator_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// A live URL: the requests go over the network, here to a server on loopback.
func ExamplePage_Fetch() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		_, _ = io.WriteString(w, "hello, "+r.Header.Get("Origin"))
	}))
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	browser := simulator.New(simulator.Chromium)
	defer browser.Close()
	page := browser.Open("http://app.example.com")
	outcome := page.Fetch(ctx, simulator.Request{URL: server.URL})
	fmt.Println(outcome.Kind, string(outcome.Body))

	outcome = page.Fetch(ctx, simulator.Request{URL: server.URL, Credentials: simulator.CredentialsInclude})
	fmt.Println(outcome.Kind, outcome.Reason)
	// Output:
	// readable hello, http://app.example.com
	// network-error InvalidAllowCredentials
}

// recorded answers from exchanges that were recorded elsewhere, by method and URL.
type recorded map[string]simulator.Exchange

// RoundTrip implements http.RoundTripper.
func (r recorded) RoundTrip(request *http.Request) (*http.Response, error) {
	exchange, found := r[request.Method+" "+request.URL.String()]
	if !found {
		return nil, fmt.Errorf("nothing recorded for %s %s", request.Method, request.URL)
	}
	return &http.Response{
		StatusCode: exchange.Status, Header: exchange.ResponseHeader,
		Body: io.NopCloser(bytes.NewReader(nil)), ContentLength: 0, Request: request,
	}, nil
}

// Recorded exchanges: what would a browser make of what production answered?
func ExampleWithTransport() {
	production := recorded{
		"OPTIONS https://api.example.com/user": {Status: 204, ResponseHeader: http.Header{
			"Access-Control-Allow-Origin":  {"https://app.example.com"},
			"Access-Control-Allow-Methods": {"GET, POST"},
		}},
	}
	browser := simulator.New(simulator.Chromium, simulator.WithTransport(production))
	outcome := browser.Open("https://app.example.com").Fetch(context.Background(), simulator.Request{Method: "DELETE", URL: "https://api.example.com/user"})
	fmt.Println(outcome.Kind, outcome.Reason)
	for _, exchange := range outcome.Exchanges {
		fmt.Println(exchange.Kind, exchange.Method, exchange.URL, exchange.Status)
	}
	// Output:
	// network-error MethodDisallowedByPreflightResponse [DELETE]
	// preflight OPTIONS https://api.example.com/user 204
}
