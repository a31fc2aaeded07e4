package pod

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/node"
)

// expressApps are the Express apps installed in the image. They keep no state, so one process serves all of a kind.
type expressApps struct {
	// dir has a folder for each kind, of its name.
	dir     string
	mutex   sync.Mutex
	started map[harness.AppKind]*node.Process
}

// handler starts the app, unless it is, and gives the handler in front of it.
func (a *expressApps) handler(ctx context.Context, kind harness.AppKind) (http.Handler, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.started[kind] == nil {
		runtime, err := node.FindNode(ctx)
		if err != nil {
			return nil, err
		}
		process, err := runtime.Start(ctx, filepath.Join(a.dir, string(kind)))
		if err != nil {
			return nil, fmt.Errorf("start the app %s: %w", kind, err)
		}
		a.started[kind] = process
	}
	return a.started[kind].Handler(), nil
}

// close ends the processes.
func (a *expressApps) close() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	for _, process := range a.started {
		process.Stop()
	}
}
