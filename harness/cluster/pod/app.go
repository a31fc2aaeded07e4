package pod

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/apps"
)

// headerTimeout bounds how long a connection may take to send a request's header.
const headerTimeout = 30 * time.Second

// app is an app on a port of its own.
type app struct {
	id      string
	handler http.Handler
	journal *journal
	server  *http.Server
	port    int
	done    chan struct{}
}

type connectionKey struct{}

// isDown tells whether the app does not listen.
func isDown(spec Spec) bool {
	return slices.ContainsFunc(spec.App.Responses, func(response harness.Response) bool { return response.Fault == harness.FaultDown })
}

// placeDown gives an app that does not listen a port at which nothing does.
func placeDown(id string, port int) *app {
	a := &app{id: id, port: port, done: make(chan struct{})}
	close(a.done)
	return a
}

// place brings an app up.
func place(ctx context.Context, id string, spec Spec, j *journal, nodes *expressApps) (*app, error) {
	a := &app{id: id, journal: j, done: make(chan struct{})}
	var err error
	switch spec.App.Kind {
	case harness.AppExpress4, harness.AppExpress5:
		a.handler, err = nodes.handler(ctx, spec.App.Kind)
	default:
		a.handler, err = apps.New(spec.App)
	}
	if err != nil {
		return nil, err
	}
	var config *tls.Config
	if len(spec.Certificate) > 0 {
		certificate, err := tls.X509KeyPair(spec.Certificate, spec.Key)
		if err != nil {
			return nil, fmt.Errorf("read the certificate of the app %s: %w", id, err)
		}
		config = &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: spec.Protocols}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", ":0")
	if err != nil {
		return nil, fmt.Errorf("listen for the app %s: %w", id, err)
	}
	a.port = listener.Addr().(*net.TCPAddr).Port
	a.server = &http.Server{
		Handler: a, ReadHeaderTimeout: headerTimeout, ErrorLog: log.New(io.Discard, "", 0),
		ConnContext: func(ctx context.Context, connection net.Conn) context.Context {
			return context.WithValue(ctx, connectionKey{}, connection)
		},
	}
	door := open(listener, config)
	go func() {
		defer close(a.done)
		_ = a.server.Serve(door)
	}()
	return a, nil
}

// close ends the app and its connections.
func (a *app) close() {
	if a.server != nil {
		_ = a.server.Close()
	}
	<-a.done
}

// ServeHTTP lets the app answer, and notes the request and the answer.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, ProbePath) {
		w.Header().Set(ProbeHeader, a.id)
		return
	}
	connection, _ := r.Context().Value(connectionKey{}).(net.Conn)
	request := &Request{
		App: a.id, RequestID: r.Header.Get("X-Request-Id"), Method: r.Method, Host: r.Host, URI: r.RequestURI,
		Protocol: r.Proto, TLS: r.TLS != nil, Header: r.Header.Clone(),
	}
	a.journal.begin(session(connection, r), request)
	defer func() {
		failure := recover()
		err, isError := failure.(error)
		switch {
		case failure == nil:
		case isError && errors.Is(err, http.ErrAbortHandler):
			apps.Break(w, connection, err)
			panic(http.ErrAbortHandler)
		default:
			panic(failure)
		}
	}()
	apps.Observe(a.handler, w, r, func(status int, header http.Header) {
		a.journal.answered(request, status, header)
		apps.Bare(header)
	})
}

// session is the address by which the session is known that a request belongs to:
// what a PROXY protocol header in front of this very connection says, or else what an ingress
// controller says, which read such a header itself.
func session(connection net.Conn, r *http.Request) string {
	if over, ok := connection.(*tls.Conn); ok {
		connection = over.NetConn()
	}
	if s, ok := connection.(*sniffed); !ok || !s.proxied {
		if address := r.Header.Get("X-Real-Ip"); address != "" {
			return address
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
