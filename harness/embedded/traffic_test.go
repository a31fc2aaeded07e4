package embedded_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

func TestEveryOriginOfADeploymentIsServedAtItsHostAndPort(t *testing.T) {
	w := newWorld(t)
	origins := []string{
		"https://api.example.com", "http://api.example.com", "https://api.example.com:8443", "http://api.example.com:8080",
		"https://xn--bcher-kva.example", "https://127.0.0.1:9443", "https://[::1]", "http://[::1]:8080",
	}
	var services []harness.Service
	for i, origin := range origins {
		service := api(origin)
		service.Name = fmt.Sprintf("service %d", i)
		services = append(services, service)
	}
	for _, http2 := range []bool{false, true} {
		traffic := w.traffic(services...)
		client := w.client(traffic, http2)
		for i, origin := range origins {
			got := ask(t, client, "GET", origin+"/path?q=1")
			require.Equal(t, "from "+origin, got.body)
			transit := traffic.Transits()[i]
			require.Equal(t, services[i].Name, transit.Service)
			require.Equal(t, origin+"/path?q=1", transit.URL)
			protocol := "HTTP/1.1"
			if http2 && strings.HasPrefix(origin, "https:") {
				protocol = "HTTP/2.0"
			}
			require.Equal(t, protocol, transit.Protocol)
			require.Equal(t, protocol, got.Proto)
		}
	}
}

func TestAnAddressThatIsNotServedIsNamedWithThoseThatAre(t *testing.T) {
	w := newWorld(t)
	second := api("http://localhost:3000")
	second.Name = "second"
	traffic := w.traffic(api("https://api.example.com"), second)
	for _, address := range []string{"api.example.com:80", "api.example.com:8443", "shop.example.net:443", "localhost:80", "[::1]:443"} {
		_, err := traffic.DialContext(t.Context(), "tcp", address)
		require.EqualError(t, err, "connect to "+address+": the deployment does not serve this address; it serves http://localhost:3000, https://api.example.com")
	}
	empty := w.traffic()
	_, err := empty.DialContext(t.Context(), "tcp", "api.example.com:443")
	require.ErrorContains(t, err, "it serves nothing")
}

func TestTheOfferedProtocolsAreTheServices(t *testing.T) {
	w := newWorld(t)
	cases := []struct {
		offered, client []string
		negotiated      string
	}{
		{nil, []string{"h2", "http/1.1"}, "h2"},
		{nil, []string{"http/1.1"}, "http/1.1"},
		{[]string{"http/1.1"}, []string{"h2", "http/1.1"}, "http/1.1"},
		{[]string{"h2"}, []string{"h2", "http/1.1"}, "h2"},
	}
	for _, c := range cases {
		service := api("https://api.example.com")
		service.Protocols = c.offered
		connection, err := w.traffic(service).DialContext(t.Context(), "tcp", "api.example.com:443")
		require.NoError(t, err)
		client := tls.Client(connection, &tls.Config{RootCAs: w.authority.Pool(), ServerName: "api.example.com", NextProtos: c.client})
		require.NoError(t, client.HandshakeContext(t.Context()))
		require.Equal(t, c.negotiated, client.ConnectionState().NegotiatedProtocol)
		require.NoError(t, connection.Close())
	}
}

func TestTwoTrafficsOfOneHostDoNotSeeEachOther(t *testing.T) {
	w := newWorld(t)
	one := api("https://api.example.com", simulator.Field{Name: "X-Deployment", Value: "one"})
	two := api("https://api.example.com", simulator.Field{Name: "X-Deployment", Value: "two"})
	const requests = 20
	traffics := []*embedded.Traffic{w.traffic(one), w.traffic(two), w.traffic(one)}
	var sessions sync.WaitGroup
	answers := make([][]answer, len(traffics))
	for i, traffic := range traffics {
		client := w.client(traffic, i%2 == 0)
		sessions.Go(func() {
			for n := range requests {
				got, err := try(t.Context(), client, "GET", fmt.Sprintf("https://api.example.com/%d", n))
				if err == nil {
					answers[i] = append(answers[i], got)
				}
			}
		})
	}
	sessions.Wait()
	for i, traffic := range traffics {
		require.Len(t, answers[i], requests)
		require.Len(t, traffic.Transits(), requests)
		for n, got := range answers[i] {
			require.Equal(t, []string{"one", "two", "one"}[i], got.Header.Get("X-Deployment"))
			require.Equal(t, fmt.Sprintf("https://api.example.com/%d", n), traffic.Transits()[n].URL)
		}
	}
}

func TestPodsReachAServiceByItsNameWithoutTheHopsOfBrowsers(t *testing.T) {
	w := newWorld(t)
	service := api("https://api.example.com")
	service.Name = "User API"
	service.Edge = &harness.Edge{AppendedHeaders: []simulator.Field{{Name: "X-Edge", Value: "here"}}}
	traffic := w.traffic(service)
	got := ask(t, w.client(traffic.Inside(), true), "GET", "http://user-api/x")
	require.Equal(t, 200, got.StatusCode)
	require.Empty(t, got.Header.Values("X-Edge"))
	transits := traffic.Transits()
	require.Len(t, transits, 1)
	require.Equal(t, "http://user-api/x", transits[0].URL)
	require.Len(t, transits[0].Hops, 1)

	_, err := traffic.Inside().DialContext(t.Context(), "tcp", "api.example.com:443")
	require.ErrorContains(t, err, "it serves http://user-api")
	_, err = traffic.DialContext(t.Context(), "tcp", "user-api:80")
	require.ErrorContains(t, err, "it serves https://api.example.com")
}

func TestClosingATrafficEndsItsListenersAndConnections(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%v", http2), func(t *testing.T) {
			w := newWorld(t)
			service := api("https://api.example.com")
			service.App.Responses = append([]harness.Response{{Path: "/hang", Fault: harness.FaultHang}}, service.App.Responses...)
			running, err := w.environment.Apply(t.Context(), harness.Deployment{Services: []harness.Service{service}})
			require.NoError(t, err)
			opened, err := running.NewTraffic(t.Context())
			require.NoError(t, err)
			traffic := opened.(*embedded.Traffic)
			var address string
			client := w.client(dialer(func(ctx context.Context, network, to string) (net.Conn, error) {
				connection, err := traffic.DialContext(ctx, network, to)
				if err == nil {
					address = connection.RemoteAddr().String()
				}
				return connection, err
			}), http2)
			require.Equal(t, 200, ask(t, client, "GET", "https://api.example.com/").StatusCode)

			idle, err := traffic.DialContext(t.Context(), "tcp", "api.example.com:443")
			require.NoError(t, err)
			hanging := make(chan error, 1)
			go func() {
				_, err := try(t.Context(), client, "POST", "https://api.example.com/hang")
				hanging <- err
			}()
			require.Eventually(t, func() bool { return len(traffic.Transits()) == 2 }, patience, time.Millisecond)

			require.NoError(t, traffic.Close())
			require.Error(t, <-hanging)
			_, err = idle.Read(make([]byte, 1))
			require.Error(t, err)
			_, err = traffic.DialContext(t.Context(), "tcp", "api.example.com:443")
			require.ErrorIs(t, err, net.ErrClosed)
			_, err = net.Dial("tcp", address)
			require.Error(t, err)
			require.NoError(t, traffic.Close())
		})
	}
}

func TestNoGoroutineOutlivesItsTraffic(t *testing.T) {
	w := newWorld(t)
	before := runtime.NumGoroutine()
	for range 10 {
		running, err := w.environment.Apply(t.Context(), harness.Deployment{Services: []harness.Service{api("https://api.example.com")}})
		require.NoError(t, err)
		traffic, err := running.NewTraffic(t.Context())
		require.NoError(t, err)
		transport := &http.Transport{DialContext: traffic.DialContext, TLSClientConfig: &tls.Config{RootCAs: w.authority.Pool()}, ForceAttemptHTTP2: true}
		ask(t, &http.Client{Transport: transport, Timeout: patience}, "GET", "https://api.example.com/")
		require.NoError(t, traffic.Close())
		transport.CloseIdleConnections()
	}
	// The condition itself runs in a goroutine.
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, patience, time.Millisecond)
}

// dialer is a network that is a function.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d(ctx, network, address)
}

func BenchmarkNewTraffic(b *testing.B) {
	authority, err := ca.New()
	require.NoError(b, err)
	environment := embedded.New(authority)
	service := api("https://api.example.com")
	service.Ingress = &harness.Ingress{Annotations: map[string]string{"enable-cors": "true", "cors-allow-origin": "https://app.example.com"}}
	deployment := harness.Deployment{Services: []harness.Service{service}}

	b.Run("open and close", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			running, err := environment.Apply(b.Context(), deployment)
			require.NoError(b, err)
			traffic, err := running.NewTraffic(b.Context())
			require.NoError(b, err)
			require.NoError(b, traffic.Close())
		}
	})
	b.Run("with one https request", func(b *testing.B) {
		b.ReportAllocs()
		pool := authority.Pool()
		for b.Loop() {
			running, err := environment.Apply(b.Context(), deployment)
			require.NoError(b, err)
			traffic, err := running.NewTraffic(b.Context())
			require.NoError(b, err)
			transport := &http.Transport{DialContext: traffic.DialContext, TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
			response, err := (&http.Client{Transport: transport}).Get("https://api.example.com/")
			require.NoError(b, err)
			_, err = io.Copy(io.Discard, response.Body)
			require.NoError(b, err)
			require.NoError(b, response.Body.Close())
			require.NoError(b, traffic.Close())
			transport.CloseIdleConnections()
		}
	})
}
