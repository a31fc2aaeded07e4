package embedded

import (
	"context"
	"net/http"

	"github.com/crosscheck-dev/crosscheck/fixtures"
	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/node"
)

// expressApp is an Express app in a process of its own, which starts when the
// first deployment needs it. It keeps no state, so all traffics share it.
type expressApp struct {
	// read gives the app's files.
	read func() (fixtures.NodeApp, error)
	// dir is where apps are installed; node.DefaultDir when empty.
	dir string
	// modules are loaded before the app.
	modules []string
	// turn is held while starting; unlike a mutex it can be waited for within a
	// context. It guards the rest.
	turn    chan struct{}
	started *startedApp
	// missing is why the app cannot be had here.
	missing error
	closed  bool
}

// startedApp is an app that runs.
type startedApp struct {
	files   fixtures.NodeApp
	runtime *node.Runtime
	process *node.Process
}

// newExpressApps are all Express apps, started with the modules; nothing is started yet.
func newExpressApps(modules ...string) map[harness.AppKind]*expressApp {
	return map[harness.AppKind]*expressApp{
		harness.AppExpress4: {read: fixtures.Express4, turn: make(chan struct{}, 1), modules: modules},
		harness.AppExpress5: {read: fixtures.Express5, turn: make(chan struct{}, 1), modules: modules},
	}
}

// handler starts the app, unless it is, and gives the handler in front of its process.
func (a *expressApp) handler(ctx context.Context) (http.Handler, error) {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if a.closed {
		return nil, errClosed
	}
	if a.started == nil && a.missing == nil {
		started, err := a.start(ctx)
		switch {
		case err == nil:
			a.started = started
		case ctx.Err() != nil:
			// Nobody knows whether it would have started: the next one tries again.
			return nil, err
		default:
			a.missing = err
		}
	}
	if a.missing != nil {
		return nil, a.missing
	}
	return a.started.process.Handler(), nil
}

// start installs the app and starts its process.
func (a *expressApp) start(ctx context.Context) (*startedApp, error) {
	files, err := a.read()
	if err != nil {
		return nil, err
	}
	runtime, err := node.Find(ctx)
	if err != nil {
		return nil, err
	}
	dir := a.dir
	if dir == "" {
		if dir, err = node.DefaultDir(); err != nil {
			return nil, &harness.Unavailable{Reason: err.Error()}
		}
	}
	folder, err := runtime.Install(ctx, dir, files)
	if err != nil {
		return nil, err
	}
	process, err := runtime.Start(ctx, folder, a.modules...)
	if err != nil {
		return nil, err
	}
	return &startedApp{files: files, runtime: runtime, process: process}, nil
}

// versions are those of what runs; nil when nothing does.
func (a *expressApp) versions() map[string]string {
	a.turn <- struct{}{}
	defer func() { <-a.turn }()
	if a.started == nil {
		return nil
	}
	files := a.started.files
	versions := map[string]string{"Node.js": a.started.runtime.Version}
	for _, name := range []string{"express", "cors"} {
		if version, err := files.Version(name); err == nil {
			versions[files.Name+": "+name] = version
		}
	}
	return versions
}

// close stops the process and waits for its end.
func (a *expressApp) close() {
	a.turn <- struct{}{}
	defer func() { <-a.turn }()
	a.closed = true
	if a.started != nil {
		a.started.process.Stop()
	}
}
