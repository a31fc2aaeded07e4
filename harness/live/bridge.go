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
	var trusted *tls.Conn
	accepted := tls.Server(client, &tls.Config{
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			trusted = tls.Client(server, &tls.Config{RootCAs: t.options.Roots, ServerName: host, NextProtos: hello.SupportedProtos})
			if err := trusted.HandshakeContext(ctx); err != nil {
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
