package live

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"golang.org/x/net/proxy"
)

// dial connects to "host:port": to the place that Hosts give it, else by way of
// the proxy that there is for it, else directly.
func (o Options) dial(ctx context.Context, network, address string) (net.Conn, error) {
	direct := &net.Dialer{}
	place, known := o.Hosts.place(address)
	if known || o.Proxy == nil {
		return direct.DialContext(ctx, network, place)
	}
	scheme := "https"
	if _, port, err := net.SplitHostPort(address); err == nil && port == "80" {
		scheme = "http"
	}
	through, err := o.Proxy(&url.URL{Scheme: scheme, Host: address})
	switch {
	case err != nil:
		return nil, fmt.Errorf("find the proxy for %s: %w", address, err)
	case through == nil:
		return direct.DialContext(ctx, network, place)
	case through.Scheme != "http" && through.Scheme != "https":
		// socks5 and its like.
		dialer, err := proxy.FromURL(through, direct)
		if err != nil {
			return nil, fmt.Errorf("use the proxy %s: %w", through.Redacted(), err)
		}
		contextual, ok := dialer.(proxy.ContextDialer)
		if !ok {
			return nil, fmt.Errorf("use the proxy %s: a connection to it cannot be given up", through.Redacted())
		}
		return contextual.DialContext(ctx, network, address)
	}
	connection, err := tunnel(ctx, through, address)
	if err != nil {
		return nil, &proxyError{through: through, cause: err}
	}
	return connection, nil
}

// proxyError says that a proxy led nowhere.
type proxyError struct {
	through *url.URL
	cause   error
}

func (e *proxyError) Error() string {
	return fmt.Sprintf("through the proxy %s: %v", e.through.Redacted(), e.cause)
}
func (e *proxyError) Unwrap() error { return e.cause }

// tunnel asks an HTTP proxy for a connection to the address.
// https://httpwg.org/specs/rfc9110.html#CONNECT
func tunnel(ctx context.Context, through *url.URL, address string) (_ net.Conn, err error) {
	port := through.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[through.Scheme]
	}
	place := net.JoinHostPort(through.Hostname(), port)
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", place)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	defer func() {
		if !stop() {
			err = errors.Join(err, ctx.Err())
		}
		if err != nil {
			_ = connection.Close()
		}
	}()
	if through.Scheme == "https" {
		connection = tls.Client(connection, &tls.Config{ServerName: through.Hostname()})
	}
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address, Header: http.Header{}}
	if through.User != nil {
		password, _ := through.User.Password()
		request.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(through.User.Username()+":"+password)))
	}
	if err := request.Write(connection); err != nil {
		return nil, err
	}
	reader := bufio.NewReader(connection)
	response, err := http.ReadResponse(reader, request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %s to CONNECT %s", response.Status, address)
	}
	return peeked{connection, reader}, nil
}
