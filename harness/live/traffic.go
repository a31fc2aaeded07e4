package live

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// connectTimeout bounds how long it takes to connect to a server, TLS included.
// It is less than a request's own time, so that a server which is not there is told from one that hangs.
const connectTimeout = 5 * time.Second

// Traffic is one session's connections to what is deployed.
type Traffic struct {
	options Options
	// note says something of the deployment to whoever wrote the scenario.
	note func(string)
	// ctx ends with the traffic, and with it every connection.
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	mutex  sync.Mutex
	closed bool
	// troubles are why servers could not be reached since the last Observe, by "host:port".
	troubles map[string]error
	// credentials is the mode of the request that the page makes now.
	credentials simulator.CredentialsMode
}

var (
	_ harness.Traffic   = (*Traffic)(nil)
	_ harness.Announced = (*Traffic)(nil)
)

func newTraffic(options Options, note func(string)) *Traffic {
	// Before a page asks, what asks is no page, such as curl: it shows its certificate always.
	t := &Traffic{options: options, note: note, troubles: map[string]error{}, credentials: simulator.CredentialsInclude}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// DialContext connects to the server of "host:port", wherever it is. The
// connection speaks what the client begins with: TLS, which ends here and begins anew
// towards the server, or anything else, which is passed on.
func (t *Traffic) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	server, err := t.options.dial(ctx, network, address)
	if err != nil {
		t.trouble(address, err)
		return nil, err
	}
	client, inner := net.Pipe()
	if !t.begin() {
		return nil, errors.Join(net.ErrClosed, server.Close())
	}
	go func() {
		defer t.work.Done()
		t.carry(inner, server, address)
	}()
	return client, nil
}

// begin counts a connection, unless the traffic has ended.
func (t *Traffic) begin() bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.closed {
		return false
	}
	t.work.Add(1)
	return true
}

// handshakeRecord is the first byte of a TLS connection.
// https://www.rfc-editor.org/rfc/rfc8446#section-5.1
const handshakeRecord = 22

// carry passes on what both sides send until one of them is gone.
func (t *Traffic) carry(inner, server net.Conn, address string) {
	stop := context.AfterFunc(t.ctx, func() {
		_ = inner.Close()
		_ = server.Close()
	})
	defer stop()
	defer server.Close()
	defer inner.Close()
	reader := bufio.NewReader(inner)
	first, err := reader.Peek(1)
	if err != nil {
		// The client wanted a connection and nothing of it.
		return
	}
	client, way := net.Conn(peeked{inner, reader}), server
	if first[0] == handshakeRecord {
		decrypted, trusted, ok := t.bridge(client, server, address)
		if !ok {
			return
		}
		client, way = decrypted, trusted
	}
	if addition, more := t.options.addition(address); more {
		t.relay(client, way, address, addition)
		return
	}
	exchange(client, way, func(err error) {
		if isRefusal(err) {
			t.trouble(address, err)
		}
	})
}

// peeked reads what was looked at before first.
type peeked struct {
	net.Conn
	reader io.Reader
}

// Read reads.
func (p peeked) Read(b []byte) (int, error) { return p.reader.Read(b) }

// exchange copies both ways until one side ends; neither HTTP client nor server closes
// one direction only. ended hears what ended the server's, before the client does.
func exchange(client, server net.Conn, ended func(error)) {
	var copies sync.WaitGroup
	copies.Go(func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	})
	_, err := io.Copy(client, server)
	ended(err)
	_ = client.Close()
	copies.Wait()
}

// Inside is no network: there is no cluster whose pods could ask.
func (t *Traffic) Inside() harness.Network { return noInside{} }

type noInside struct{}

// DialContext says that there is no inside.
func (noInside) DialContext(context.Context, string, string) (net.Conn, error) {
	return nil, &harness.Unavailable{Reason: "the environment live knows only what is reached from outside: there is no other pod that could ask"}
}

// Announce says what the page asks for next.
func (t *Traffic) Announce(request simulator.Request) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.credentials = request.CredentialsMode()
}

// Begin forgets why servers could not be reached.
func (t *Traffic) Begin(ctx context.Context) error {
	_, err := t.Observe(ctx, nil)
	return err
}

// Observe tells nothing of hops, which only whoever runs them sees. The error is a
// *harness.Unreachable when the last exchange got no answer because the server was not reached.
func (t *Traffic) Observe(_ context.Context, exchanges []simulator.Exchange) (harness.Observation, error) {
	t.mutex.Lock()
	troubles := t.troubles
	t.troubles = map[string]error{}
	t.mutex.Unlock()
	if len(exchanges) == 0 {
		return harness.Observation{}, nil
	}
	last := exchanges[len(exchanges)-1]
	address := addressOf(last.URL)
	err := troubles[address]
	var demanded *certificateDemanded
	if errors.As(err, &demanded) {
		t.note(demanded.note(address))
		return harness.Observation{}, nil
	}
	if err != nil && last.Status == 0 {
		return harness.Observation{}, &harness.Unreachable{Tried: address + sentBy(exchanges), Cause: err, Advice: remedy(err)}
	}
	return harness.Observation{}, nil
}

// sentBy says which URL redirected to the last exchange's; "" when none did.
func sentBy(exchanges []simulator.Exchange) string {
	for i := len(exchanges) - 2; i >= 0; i-- {
		if before := exchanges[i]; before.Kind == simulator.ExchangeRequest && before.Status >= 300 && before.Status < 400 {
			return fmt.Sprintf(" (to which %s redirects with %d)", before.URL, before.Status)
		}
	}
	return ""
}

// trouble notes why a server could not be reached, unless it was not waited for.
func (t *Traffic) trouble(address string, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.troubles[strings.ToLower(address)] = err
}

// addressOf is the "host:port" of a URL.
func addressOf(rawURL string) string {
	parsed, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	port := parsed.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[parsed.Scheme]
	}
	return strings.ToLower(net.JoinHostPort(parsed.Hostname(), port))
}

// Close ends the connections and waits until they are gone.
func (t *Traffic) Close() error {
	t.mutex.Lock()
	t.closed = true
	t.mutex.Unlock()
	t.cancel()
	t.work.Wait()
	return nil
}
