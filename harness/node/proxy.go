package node

import (
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"time"
)

// newTransport makes the connections to an app's process.
func newTransport() *http.Transport {
	return &http.Transport{
		DisableCompression:  true,
		MaxIdleConnsPerHost: 64,
		// Node closes idle connections after 5 s: to be the first avoids a request on a closing one.
		IdleConnTimeout: 3 * time.Second,
	}
}

// Handler passes requests to the process as they are.
func (p *Process) Handler() http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme = "http"
			r.Out.URL.Host = p.Address
			r.Out.URL.RawQuery = r.In.URL.RawQuery
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(response *http.Response) error {
			// Node's date would make the answers to two browsers differ for no reason.
			response.Header.Del("Date")
			return nil
		},
		Transport: p.transport,
		ErrorLog:  log.New(io.Discard, "", 0),
		// An app that breaks off is the affair of the hop in front of it.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
}
