package pod

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// sniffTimeout bounds how long a connection may take to say what it is.
const sniffTimeout = 30 * time.Second

// frontDoor accepts connections for one app and tells by their first bytes
// what they are: with a PROXY protocol header or not, TLS or not.
type frontDoor struct {
	net.Listener
	config   *tls.Config // nil without TLS
	accepted chan net.Conn
	ended    context.Context
	end      context.CancelFunc
	work     sync.WaitGroup
}

// open starts accepting.
func open(listener net.Listener, config *tls.Config) *frontDoor {
	d := &frontDoor{Listener: listener, config: config, accepted: make(chan net.Conn)}
	d.ended, d.end = context.WithCancel(context.Background())
	d.work.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				d.end()
				return
			}
			d.work.Go(func() { d.sniff(connection) })
		}
	})
	return d
}

// Accept gives a connection that has said what it is.
func (d *frontDoor) Accept() (net.Conn, error) {
	select {
	case connection := <-d.accepted:
		return connection, nil
	case <-d.ended.Done():
		return nil, net.ErrClosed
	}
}

// Close stops accepting and waits for connections that have said nothing yet.
func (d *frontDoor) Close() error {
	err := d.Listener.Close()
	d.end()
	d.work.Wait()
	return err
}

func (d *frontDoor) sniff(raw net.Conn) {
	stop := context.AfterFunc(d.ended, func() { _ = raw.Close() })
	connection, err := d.understand(raw)
	if !stop() || err != nil {
		_ = raw.Close()
		return
	}
	select {
	case d.accepted <- connection:
	case <-d.ended.Done():
		_ = raw.Close()
	}
}

// understand reads the PROXY protocol header, if there is one, and begins TLS, if that is spoken.
func (d *frontDoor) understand(raw net.Conn) (net.Conn, error) {
	if err := raw.SetReadDeadline(time.Now().Add(sniffTimeout)); err != nil {
		return nil, err
	}
	c := &sniffed{Conn: raw, reader: bufio.NewReader(raw), from: raw.RemoteAddr()}
	first, err := c.reader.Peek(1)
	if err != nil {
		return nil, err
	}
	if first[0] == 'P' {
		// POST, PUT and PATCH begin so too.
		start, err := c.reader.Peek(len(proxyMark))
		if err == nil && string(start) == proxyMark {
			if c.from, err = readProxyHeader(c.reader); err != nil {
				return nil, err
			}
			c.proxied = true
			if first, err = c.reader.Peek(1); err != nil {
				return nil, err
			}
		}
	}
	if err := raw.SetReadDeadline(time.Time{}); err != nil {
		return nil, err
	}
	const handshake = 0x16 // TLS record type (RFC 8446, section 5.1)
	if d.config != nil && first[0] == handshake {
		return tls.Server(c, d.config), nil
	}
	return c, nil
}

// sniffed is a connection whose first bytes have been looked at.
type sniffed struct {
	net.Conn
	reader *bufio.Reader
	from   net.Addr
	// proxied tells that a PROXY protocol header said where it is from.
	proxied bool
}

// Read reads what was looked at, and then the rest.
func (c *sniffed) Read(p []byte) (int, error) { return c.reader.Read(p) }

// RemoteAddr is the client's address, by the PROXY protocol header where there was one.
func (c *sniffed) RemoteAddr() net.Addr { return c.from }

// proxyMark begins a PROXY protocol header, version 1.
const proxyMark = "PROXY "

// maximumProxyHeader is the longest header that the protocol allows.
const maximumProxyHeader = 107

// readProxyHeader reads "PROXY TCP4 source destination port port".
// https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, section 2.1
func readProxyHeader(reader *bufio.Reader) (net.Addr, error) {
	var line strings.Builder
	for line.Len() < maximumProxyHeader {
		b, err := reader.ReadByte()
		if err != nil {
			return nil, err
		}
		line.WriteByte(b)
		if b == '\n' {
			break
		}
	}
	fields := strings.Fields(line.String())
	if len(fields) != 6 || !strings.HasSuffix(line.String(), "\r\n") {
		return nil, fmt.Errorf("%q is no PROXY protocol header", line.String())
	}
	address := net.ParseIP(fields[2])
	if address == nil {
		return nil, errors.New("the PROXY protocol header has no address")
	}
	return &net.TCPAddr{IP: address}, nil
}
