package simulated

import (
	"net"
	"net/http"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// memoryTransport asks the network's handlers, and where there is none makes a connection.
type memoryTransport struct {
	network   harness.HTTPNetwork
	otherwise http.RoundTripper
}

// clientAddress is where requests in memory come from: loopback, as over a connection.
const clientAddress = "127.0.0.1:49152"

// RoundTrip asks the handler at the request's address.
func (t *memoryTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	port := request.URL.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[request.URL.Scheme]
	}
	entrance, ok := t.network.Entrance(net.JoinHostPort(request.URL.Hostname(), port))
	if !ok || (len(entrance.Protocols) > 0) != (request.URL.Scheme == "https") {
		return t.otherwise.RoundTrip(request)
	}
	return simulator.HandlerTransport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = clientAddress
		if r.Host == "" {
			r.Host = request.URL.Host
		}
		entrance.Handler.ServeHTTP(w, r)
	})).RoundTrip(request)
}
