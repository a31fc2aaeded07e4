package bringup

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// dialProxyProtocol begins a connection as a proxy that tells no address does.
// https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt, section 2.1
func dialProxyProtocol(ctx context.Context, network, address string) (net.Conn, error) {
	connection, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if _, err := connection.Write([]byte("PROXY UNKNOWN\r\n")); err != nil {
		return nil, fmt.Errorf("begin with the PROXY protocol: %w", errors.Join(err, connection.Close()))
	}
	return connection, nil
}
