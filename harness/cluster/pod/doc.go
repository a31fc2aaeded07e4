// Package pod is the program that crosscheck runs inside a cluster, and what it
// says to crosscheck outside. One pod of it runs all apps of all scenarios, each on a port of its
// own, and notes which session's requests reached them; another is the client
// through which crosscheck gets at what only pods can reach.
//
// Three ports:
//
//	AdminPort   HTTP: apps are placed, and sessions asked after
//	RelayPort   yamux streams, each a SOCKS5 connection: the network as this pod sees it
//	any other   an app, over TLS or not, behind a PROXY protocol header or not
package pod

import (
	"net/http"

	"github.com/crosscheck-dev/crosscheck/harness"
)

// The ports of the program itself.
const (
	AdminPort = 8000
	RelayPort = 8001
)

// Spec is an app to be placed.
type Spec struct {
	App harness.App `json:"app"`
	// Protocols are the ALPN protocols that are offered over TLS.
	Protocols []string `json:"protocols,omitempty"`
	// Certificate and Key are PEM blocks for TLS; without them only plain HTTP is spoken.
	Certificate []byte `json:"certificate,omitempty"`
	Key         []byte `json:"key,omitempty"`
}

// Placed says where an app is.
type Placed struct {
	Port int `json:"port"`
}

// ProbePath begins the paths that the program answers itself: with the id of the
// app in ProbeHeader at the app's port, and with Admin in it at AdminPort. Whoever gets the answer has got that far. The
// path has no dot: some versions of ingress-nginx, and some admission webhooks, take none in a path of type Exact.
const (
	ProbePath   = "/_crosscheck/"
	ProbeHeader = "X-Crosscheck"
	Admin       = "admin"
)

// refusingPorts are where nothing ever listens: from 1 to this one, they are the ports of apps that are down. Each has one of its
// own, so that what others count by port is told apart.
const refusingPorts = 79

// Request is a request that reached an app, and its answer as it left the app.
type Request struct {
	App       string      `json:"app"`
	RequestID string      `json:"request_id,omitempty"`
	Method    string      `json:"method"`
	Host      string      `json:"host"`
	URI       string      `json:"uri"`
	Protocol  string      `json:"protocol"`
	TLS       bool        `json:"tls"`
	Header    http.Header `json:"header"`
	// Status is 0 while the app has not answered, and when it never does.
	Status         int         `json:"status"`
	ResponseHeader http.Header `json:"response_header"`
}
