package cluster

import (
	"context"
	"sync"
)

// hosts shares the hosts of one ingress controller out among scenarios. A host
// has one configuration at a time: those who want the same use it together, those who want
// another wait until nobody does.
type hosts struct {
	mutex   sync.Mutex
	tenants map[string]*tenant
	waiting map[string]*group
	// changed is closed and replaced when a host becomes free.
	changed chan struct{}
}

// tenant is the configuration of a host: the one that was installed last, or is about to be.
type tenant struct {
	configuration string
	users         int
}

// group is all who wait with the same wishes.
type group struct {
	// wanted are configurations by host.
	wanted map[string]string
	size   int
}

func newHosts() *hosts {
	return &hosts{tenants: map[string]*tenant{}, waiting: map[string]*group{}, changed: make(chan struct{})}
}

// acquire waits until every host has, or can be given, the configuration that is
// wanted of it; key stands for all of wanted. To change a configuration costs a reload of the controller, so the
// wish of most goes first.
func (h *hosts) acquire(ctx context.Context, key string, wanted map[string]string) error {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.waiting[key] == nil {
		h.waiting[key] = &group{wanted: wanted}
	}
	g := h.waiting[key]
	g.size++
	defer func() {
		if g.size--; g.size == 0 {
			delete(h.waiting, key)
		}
	}()
	for !h.isTurn(key, g) {
		changed := h.changed
		h.mutex.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		h.mutex.Lock()
		if ctx.Err() != nil {
			// Others may have stood back for this one.
			h.announce()
			return ctx.Err()
		}
	}
	for host, configuration := range wanted {
		if h.tenants[host] == nil || h.tenants[host].configuration != configuration {
			h.tenants[host] = &tenant{configuration: configuration}
		}
		h.tenants[host].users++
	}
	h.announce()
	return nil
}

// isTurn tells whether the group can have its hosts, and no larger one that could have them too.
func (h *hosts) isTurn(key string, g *group) bool {
	free, changes := h.free(g)
	if !free || !changes {
		return free
	}
	for otherKey, other := range h.waiting {
		if otherKey == key || !g.contends(other) || other.size < g.size || other.size == g.size && otherKey > key {
			continue
		}
		if free, _ := h.free(other); free {
			return false
		}
	}
	return true
}

// free tells whether the group can have its hosts now, and whether that changes the configuration of any.
func (h *hosts) free(g *group) (free, changes bool) {
	for host, configuration := range g.wanted {
		t := h.tenants[host]
		if t == nil || t.configuration != configuration {
			changes = true
			if t != nil && t.users > 0 {
				return false, true
			}
		}
	}
	return true, changes
}

// contends tells whether both groups want a host.
func (g *group) contends(other *group) bool {
	for host := range g.wanted {
		if _, both := other.wanted[host]; both {
			return true
		}
	}
	return false
}

// release gives the hosts back.
func (h *hosts) release(wanted map[string]string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for host := range wanted {
		h.tenants[host].users--
	}
	h.announce()
}

// forget makes the next one install the configuration of a host again.
func (h *hosts) forget(host string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if t := h.tenants[host]; t != nil {
		t.configuration = ""
	}
	h.announce()
}

func (h *hosts) announce() {
	close(h.changed)
	h.changed = make(chan struct{})
}
