package pod

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/linkerd/metrics"
	"github.com/crosscheck-dev/crosscheck/harness/node"
)

// program is what runs in a pod.
type program struct {
	journal *journal
	nodes   *expressApps

	mutex sync.Mutex
	apps  map[string]*app
	// down counts the apps that do not listen.
	down int
	// proxy is where Linkerd's proxy in this pod serves its metrics.
	proxy string
}

// specLimit bounds the description of an app, in bytes.
const specLimit = 16 << 20

// Run serves until the context ends. expressDir is the folder with the installed Express apps.
func Run(ctx context.Context, expressDir string) error {
	p := &program{journal: &journal{sessions: map[string][]*Request{}}, nodes: &expressApps{dir: expressDir, started: map[harness.AppKind]*node.Process{}}, apps: map[string]*app{}, proxy: metrics.Address}
	defer p.close()
	var config net.ListenConfig
	admin, err := config.Listen(ctx, "tcp", fmt.Sprintf(":%d", AdminPort))
	if err != nil {
		return fmt.Errorf("listen for the admin interface: %w", err)
	}
	relay, err := config.Listen(ctx, "tcp", fmt.Sprintf(":%d", RelayPort))
	if err != nil {
		return errors.Join(fmt.Errorf("listen for the relay: %w", err), admin.Close())
	}
	server := &http.Server{Handler: p.admin(), ReadHeaderTimeout: headerTimeout}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := server.Serve(admin); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error { return serveRelay(ctx, relay) })
	group.Go(func() error {
		<-ctx.Done()
		return errors.Join(server.Close(), relay.Close())
	})
	return group.Wait()
}

// admin is the interface for crosscheck outside.
func (p *program) admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET "+ProbePath, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set(ProbeHeader, Admin) })
	mux.HandleFunc("PUT /apps/{id}", p.place)
	mux.HandleFunc("GET /sessions/{address}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, p.journal.of(r.PathValue("address")))
	})
	mux.HandleFunc("GET /proxy/{port}", p.counted)
	mux.HandleFunc("DELETE /sessions/{address}", func(_ http.ResponseWriter, r *http.Request) {
		p.journal.forget(r.PathValue("address"))
	})
	return mux
}

// place brings an app up, unless it is there: an id stands for one spec.
func (p *program) place(w http.ResponseWriter, r *http.Request) {
	var spec Spec
	if err := json.NewDecoder(io.LimitReader(r.Body, specLimit)).Decode(&spec); err != nil {
		http.Error(w, "read the app's description: "+err.Error(), http.StatusBadRequest)
		return
	}
	placed, err := p.app(context.WithoutCancel(r.Context()), r.PathValue("id"), spec)
	if err != nil {
		log.Print(err)
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	answer(w, Placed{Port: placed.port})
}

// app is the app of this id, which is brought up unless it is.
func (p *program) app(ctx context.Context, id string, spec Spec) (*app, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if placed := p.apps[id]; placed != nil {
		return placed, nil
	}
	if isDown(spec) {
		p.apps[id] = placeDown(id, 1+p.down%refusingPorts)
		p.down++
		return p.apps[id], nil
	}
	placed, err := place(ctx, id, spec, p.journal, p.nodes)
	if err != nil {
		return nil, err
	}
	p.apps[id] = placed
	return placed, nil
}

// counted tells what Linkerd's proxy in this pod counted for a port: all of its metrics are a megabyte.
func (p *program) counted(w http.ResponseWriter, r *http.Request) {
	port, err := strconv.Atoi(r.PathValue("port"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	counted, err := metrics.Ask(r.Context(), http.DefaultTransport, p.proxy, port)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	answer(w, counted)
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	// A client that has gone needs no answer.
	_ = json.NewEncoder(w).Encode(value)
}

// close ends all apps.
func (p *program) close() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, a := range p.apps {
		a.close()
	}
	p.nodes.close()
}
