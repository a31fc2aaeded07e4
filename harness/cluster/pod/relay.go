package pod

import (
	"context"
	"io"
	"log"
	"net"
	"sync"

	"github.com/hashicorp/yamux"
	"github.com/things-go/go-socks5"
)

// Multiplexing is the configuration of both ends of the relay.
func Multiplexing() *yamux.Config {
	config := yamux.DefaultConfig()
	config.LogOutput = io.Discard
	return config
}

// halfCloser lets the SOCKS server pass on the end of one direction: closing a
// stream of yamux says that nothing more is sent, and still receives.
type halfCloser struct{ net.Conn }

// CloseWrite ends the direction to the client.
func (c halfCloser) CloseWrite() error { return c.Close() }

// serveRelay connects whoever asks, over SOCKS5 (RFC 1928), with what this pod
// can reach. One connection carries many streams, because port forwarding makes
// connections slowly and loses all of them when one is reset.
func serveRelay(ctx context.Context, listener net.Listener) error {
	server := socks5.NewServer(socks5.WithLogger(socks5.NewLogger(log.New(io.Discard, "", 0))))
	var work sync.WaitGroup
	defer work.Wait()
	for {
		connection, err := listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		work.Go(func() {
			session, err := yamux.Server(connection, Multiplexing())
			if err != nil {
				_ = connection.Close()
				return
			}
			defer session.Close()
			defer context.AfterFunc(ctx, func() { _ = session.Close() })()
			for {
				stream, err := session.Accept()
				if err != nil {
					return
				}
				work.Go(func() {
					defer stream.Close()
					_ = server.ServeConn(halfCloser{stream})
				})
			}
		})
	}
}
