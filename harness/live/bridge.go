package live

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
)

// bridge ends the client's TLS here and begins one with the server, which must
// have a certificate for the address's host. The client is offered the protocol that the
// server chose, so that neither side's bytes have to be changed.
func (t *Traffic) bridge(client, server net.Conn, address string) (inner, outer net.Conn, ok bool) {
	ctx, cancel := context.WithTimeout(t.ctx, connectTimeout)
	defer cancel()
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, nil, false
	}
	addition, _ := t.options.addition(address)
	var trusted *tls.Conn
	accepted := tls.Server(client, &tls.Config{
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			var err error
			if trusted, err = t.options.handshake(ctx, server, address, hello.SupportedProtos, addition.Certificate); err != nil {
				t.trouble(address, err)
				return nil, err
			}
			certificate, err := t.options.Authority.Certificate(host)
			if err != nil {
				return nil, err
			}
			config := &tls.Config{Certificates: []tls.Certificate{*certificate}}
			if chosen := trusted.ConnectionState().NegotiatedProtocol; chosen != "" {
				config.NextProtos = []string{chosen}
			}
			return config, nil
		},
	})
	if err := accepted.HandshakeContext(ctx); err != nil {
		return nil, nil, false
	}
	return accepted, trusted, true
}

// handshake begins TLS with the server of "host:port", which must have a certificate for
// the host. The client's own, where there is one, is shown if the server asks for it.
func (o Options) handshake(ctx context.Context, server net.Conn, address string, protocols []string, own *tls.Certificate) (*tls.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: o.Roots, ServerName: host, NextProtos: protocols}
	if own != nil {
		// Whatever authorities the server names: which certificate is meant was said.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own, nil }
	}
	trusted := tls.Client(attentive{server}, config)
	return trusted, trusted.HandshakeContext(ctx)
}

// attentive is a connection of which the last word is heard: in TLS 1.3 a server refuses a
// client after the client's handshake has ended, so that its alert and the first write cross.
type attentive struct{ net.Conn }

// alertTime is how long a write that failed leaves the reader to see the alert, which is there already.
const alertTime = 100 * time.Millisecond

// Write writes.
func (a attentive) Write(b []byte) (int, error) {
	n, err := a.Conn.Write(b)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		time.Sleep(alertTime)
	}
	return n, err
}

// remedy says what to do about a server that could not be reached.
func remedy(err error) string {
	var dns *net.DNSError
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var noTLS tls.RecordHeaderError
	var proxied *proxyError
	switch {
	case errors.As(err, &proxied):
		return "correct HTTPS_PROXY, or except the host by NO_PROXY, or say where it is under live.hosts in crosscheck.yaml"
	case errors.As(err, &dns):
		return "correct the host, or say where it is under live.hosts in crosscheck.yaml, as in api.example.com: 10.0.0.5:443"
	case errors.As(err, &authority):
		return "the certificate is of an authority that is not known here: name its PEM file as live.ca in crosscheck.yaml, or let the server send the certificates between its own and the authority's"
	case errors.As(err, &name):
		return "the certificate is for other hosts, and a browser refuses it: reach the server under one of its names, and say where that is under live.hosts in crosscheck.yaml"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("a browser refuses it too: renew the certificate (valid from %s to %s), or set this machine's clock",
			invalid.Cert.NotBefore.UTC().Format(time.DateOnly), invalid.Cert.NotAfter.UTC().Format(time.DateOnly))
	case errors.As(err, &verification):
		return "a browser refuses this certificate too: replace it by one that is valid today and for this host"
	case isRefusal(err):
		return "the server ended the TLS connection itself: if it demands a client certificate, name one that it accepts under live.client_certificates in crosscheck.yaml"
	case errors.As(err, &noTLS):
		return "what listens there speaks no TLS: is it http:// instead of https://?"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there: start the server, correct the port, or say where the host is under live.hosts in crosscheck.yaml"
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("there was no connection within %s: is a firewall dropping packets, or a VPN missing? Say where the host is under live.hosts in crosscheck.yaml", connectTimeout)
	default:
		return "check the way to the server, its name and its TLS, or say where the host is under live.hosts in crosscheck.yaml"
	}
}
