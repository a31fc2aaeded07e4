package embedded

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"time"

	"github.com/crosscheck-dev/crosscheck/fixtures"
	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/node"
)

// express runs the Express apps: one process for each kind, started when the
// first deployment needs it. They keep no state, so all traffics share them.
type express struct {
	// dir is where apps are installed; node.DefaultDir when empty.
	dir string
	// turn is held while starting; unlike a mutex it can be waited for within a context.
	turn chan struct{}
	// The rest is guarded by turn.
	runtime *node.Runtime
	apps    map[harness.AppKind]*expressApp
	closed  bool
}

// expressApp is one app: its process, or why there is none.
type expressApp struct {
	files     fixtures.NodeApp
	process   *node.Process
	transport *http.Transport
	missing   error
}

// newExpress makes the runner of Express apps; nothing is started yet.
func newExpress() *express {
	return &express{turn: make(chan struct{}, 1), apps: map[harness.AppKind]*expressApp{}}
}

// app gives the handler in front of an app's process and starts that if need be.
func (x *express) app(ctx context.Context, kind harness.AppKind) (http.Handler, error) {
	select {
	case x.turn <- struct{}{}:
		defer func() { <-x.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if x.closed {
		return nil, errClosed
	}
	known := x.apps[kind]
	if known == nil {
		started, err := x.start(ctx, kind)
		if err != nil && ctx.Err() != nil {
			// Nobody knows whether it would have started: the next one tries again.
			return nil, err
		}
		known = started
		known.missing = err
		x.apps[kind] = known
	}
	if known.missing != nil {
		return nil, known.missing
	}
	return known.handler(), nil
}

// start installs and starts an app.
func (x *express) start(ctx context.Context, kind harness.AppKind) (*expressApp, error) {
	read := fixtures.Express4
	if kind == harness.AppExpress5 {
		read = fixtures.Express5
	}
	app := &expressApp{}
	var err error
	if app.files, err = read(); err != nil {
		return app, err
	}
	if x.runtime == nil {
		if x.runtime, err = node.Find(ctx); err != nil {
			return app, err
		}
	}
	dir := x.dir
	if dir == "" {
		if dir, err = node.DefaultDir(); err != nil {
			return app, &harness.Unavailable{Reason: err.Error()}
		}
	}
	folder, err := x.runtime.Install(ctx, dir, app.files)
	if err != nil {
		return app, err
	}
	app.process, err = x.runtime.Start(ctx, folder)
	app.transport = &http.Transport{
		DisableCompression:  true,
		MaxIdleConnsPerHost: 64,
		// Node closes idle connections after 5 s: to be the first avoids a request on a closing one.
		IdleConnTimeout: 3 * time.Second,
	}
	return app, err
}

// handler passes requests to the process as they are.
func (a *expressApp) handler() http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme = "http"
			r.Out.URL.Host = a.process.Address
			r.Out.URL.RawQuery = r.In.URL.RawQuery
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(response *http.Response) error {
			// Node's date would make the answers to two browsers differ for no reason.
			response.Header.Del("Date")
			return nil
		},
		Transport: a.transport,
		ErrorLog:  log.New(io.Discard, "", 0),
		// An app that breaks off is the affair of the hop in front of it.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
}

// close stops all processes and waits for them.
func (x *express) close() {
	x.turn <- struct{}{}
	defer func() { <-x.turn }()
	x.closed = true
	for _, app := range x.apps {
		if app.process != nil {
			app.transport.CloseIdleConnections()
			app.process.Stop()
		}
	}
}

// versions are those of what was started so far.
func (x *express) versions() map[string]string {
	x.turn <- struct{}{}
	defer func() { <-x.turn }()
	versions := map[string]string{}
	if x.runtime != nil {
		versions["Node.js"] = x.runtime.Version
	}
	for kind, app := range x.apps {
		for _, name := range []string{"express", "cors"} {
			if version, err := app.files.Version(name); err == nil && app.missing == nil {
				versions[string(kind)+": "+name] = version
			}
		}
	}
	return versions
}
