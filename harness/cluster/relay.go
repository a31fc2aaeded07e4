package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"syscall"

	"github.com/hashicorp/yamux"
	"golang.org/x/net/proxy"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/streaming/pkg/httpstream"

	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
)

// relay reaches what only pods can reach: one forwarded connection to the
// client pod, and in it a stream for every connection from there.
type relay struct {
	config    *rest.Config
	clientset kubernetes.Interface
	namespace string
	pod       string

	// turn is held while connecting; unlike a mutex it can be waited for within a
	// context. It guards the rest.
	turn    chan struct{}
	forward httpstream.Connection
	session *yamux.Session
}

func newRelay(config *rest.Config, clientset kubernetes.Interface, namespace, pod string) *relay {
	return &relay{config: config, clientset: clientset, namespace: namespace, pod: pod, turn: make(chan struct{}, 1)}
}

// DialContext connects to an address as the client pod sees it.
func (r *relay) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer, err := proxy.SOCKS5("tcp", r.pod, nil, streams{r})
	if err != nil {
		return nil, err
	}
	connection, err := dialer.(proxy.ContextDialer).DialContext(ctx, "tcp", address)
	if err != nil && ctx.Err() == nil && isRefusal(err) {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("%s: %w", address, syscall.ECONNREFUSED)}
	}
	if err != nil {
		return nil, fmt.Errorf("connect to %s by way of the pod %s: %w", address, r.pod, err)
	}
	return connection, nil
}

// isRefusal tells whether the SOCKS server said that the connection was refused.
func isRefusal(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Err != nil && operation.Err.Error() == "unknown error connection refused"
}

// streams opens streams in the forwarded connection, for a SOCKS client.
type streams struct{ relay *relay }

// Dial opens a stream; the address is that of the one SOCKS server.
func (s streams) Dial(string, string) (net.Conn, error) { return s.relay.open(context.Background()) }

// DialContext does the same within a context.
func (s streams) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return s.relay.open(ctx)
}

// open opens a stream, after connecting anew where the connection was lost.
func (r *relay) open(ctx context.Context) (net.Conn, error) {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if r.session != nil {
		if stream, err := r.session.Open(); err == nil {
			return stream, nil
		}
		r.disconnect()
	}
	if err := r.connect(ctx); err != nil {
		return nil, err
	}
	return r.session.Open()
}

// connect forwards the relay's port.
func (r *relay) connect(ctx context.Context) error {
	transport, upgrader, err := spdy.RoundTripperFor(r.config)
	if err != nil {
		return fmt.Errorf("forward a port of the pod %s: %w", r.pod, err)
	}
	target := r.clientset.CoreV1().RESTClient().Post().Resource("pods").Namespace(r.namespace).Name(r.pod).SubResource("portforward").URL()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), nil)
	if err != nil {
		return fmt.Errorf("forward a port of the pod %s: %w", r.pod, err)
	}
	connection, _, err := spdy.NegotiateStreaming(upgrader, &http.Client{Transport: transport}, request, "portforward.k8s.io")
	if err != nil {
		return fmt.Errorf("forward a port of the pod %s: %w", r.pod, err)
	}
	header := http.Header{}
	header.Set(corev1.PortHeader, strconv.Itoa(pod.RelayPort))
	header.Set(corev1.PortForwardRequestIDHeader, "0")
	header.Set(corev1.StreamType, corev1.StreamTypeError)
	failures, err := connection.CreateStream(header)
	if err != nil {
		return errors.Join(fmt.Errorf("forward a port of the pod %s: %w", r.pod, err), connection.Close())
	}
	// Nothing is written to it from here.
	_ = failures.Close()
	header.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := connection.CreateStream(header)
	if err != nil {
		return errors.Join(fmt.Errorf("forward a port of the pod %s: %w", r.pod, err), connection.Close())
	}
	session, err := yamux.Client(data, pod.Multiplexing())
	if err != nil {
		return errors.Join(err, connection.Close())
	}
	r.forward, r.session = connection, session
	return nil
}

// disconnect drops the forwarded connection.
func (r *relay) disconnect() {
	_ = r.session.Close()
	_ = r.forward.Close()
	r.session, r.forward = nil, nil
}

// close ends all connections.
func (r *relay) close() {
	r.turn <- struct{}{}
	defer func() { <-r.turn }()
	if r.session != nil {
		r.disconnect()
	}
}
