package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
)

// appsPod is a pod in which apps run, by its admin interface.
type appsPod struct {
	// name, namespace, ip and uid are the pod's.
	name, namespace, ip, uid string
	// relay reaches the pod's ports at host, with no proxy in the way.
	relay     *relay
	host      string
	base      string
	transport *http.Transport

	mutex  sync.Mutex
	placed map[string]int
}

func newAppsPod(r *relay, host string, p *corev1.Pod) *appsPod {
	return &appsPod{
		name: p.Name, namespace: p.Namespace, ip: p.Status.PodIP, uid: string(p.UID), relay: r, host: host,
		base:      "http://" + net.JoinHostPort(host, strconv.Itoa(pod.AdminPort)),
		transport: &http.Transport{DialContext: r.DialContext, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute},
		placed:    map[string]int{},
	}
}

// dial connects to a port of the pod.
func (p *appsPod) dial(ctx context.Context, network string, port int) (net.Conn, error) {
	return p.relay.DialContext(ctx, network, net.JoinHostPort(p.host, strconv.Itoa(port)))
}

// place brings an app up, unless it is, and gives its port.
func (p *appsPod) place(ctx context.Context, id string, spec pod.Spec) (int, error) {
	p.mutex.Lock()
	known := p.placed[id]
	p.mutex.Unlock()
	if known != 0 {
		return known, nil
	}
	body, err := json.Marshal(spec)
	if err != nil {
		return 0, fmt.Errorf("serialize the app: %w", err)
	}
	var placed pod.Placed
	if err := p.do(ctx, http.MethodPut, "/apps/"+id, body, &placed); err != nil {
		return 0, fmt.Errorf("start the app: %w", err)
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.placed[id] = placed.Port
	return placed.Port, nil
}

// requests are those of a session that reached apps.
func (p *appsPod) requests(ctx context.Context, session netip.Addr) ([]pod.Request, error) {
	var requests []pod.Request
	if err := p.do(ctx, http.MethodGet, "/sessions/"+session.String(), nil, &requests); err != nil {
		return nil, fmt.Errorf("ask the apps which requests reached them: %w", err)
	}
	return requests, nil
}

// forget drops what is known of a session.
func (p *appsPod) forget(ctx context.Context, session netip.Addr) error {
	return p.do(ctx, http.MethodDelete, "/sessions/"+session.String(), nil, nil)
}

// do makes a request to the admin interface. result may be nil.
func (p *appsPod) do(ctx context.Context, method, path string, body []byte, result any) error {
	request, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := p.transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: status %d: %s", method, path, response.StatusCode, strings.TrimSpace(string(content)))
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(content, result)
}

func (p *appsPod) close() {
	if p != nil {
		p.transport.CloseIdleConnections()
	}
}
