// Package ca is the throw-away certificate authority of a run: every host of
// every scenario gets a certificate from it, and nothing outside the run trusts it, but
// browsers that are told to.
package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"net"
	"sync"
	"time"
)

// lifetime is longer than any run. Chromium refuses more than 398 days.
const lifetime = 48 * time.Hour

// Authority issues certificates. It is safe for concurrent use.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	leafKey     *ecdsa.PrivateKey

	mutex   sync.Mutex
	leaves  map[string]*tls.Certificate
	configs map[string]*tls.Config
}

// New makes an authority with a fresh key (ECDSA P-256).
func New() (*Authority, error) { return newAuthority(lifetime) }

func newAuthority(lifetime time.Duration) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the CA's key: %w", err)
	}
	// One key serves all leaves: generating it is what a certificate costs most.
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the servers' key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{CommonName: "Crosscheck throw-away CA"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(lifetime),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("sign the CA's certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("parse the CA's certificate: %w", err)
	}
	return authorityOf(certificate, key, leafKey), nil
}

func authorityOf(certificate *x509.Certificate, key, leafKey *ecdsa.PrivateKey) *Authority {
	return &Authority{certificate: certificate, key: key, leafKey: leafKey, leaves: map[string]*tls.Certificate{}, configs: map[string]*tls.Config{}}
}

// Certificate returns the certificate for a host name or IP address.
func (a *Authority) Certificate(host string) (*tls.Certificate, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if leaf, ok := a.leaves[host]; ok {
		return leaf, nil
	}
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: host},
		NotBefore:    a.certificate.NotBefore,
		NotAfter:     a.certificate.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &a.leafKey.PublicKey, a.key)
	if err != nil {
		return nil, fmt.Errorf("sign a certificate for %s: %w", host, err)
	}
	leaf := &tls.Certificate{Certificate: [][]byte{der, a.certificate.Raw}, PrivateKey: a.leafKey}
	a.leaves[host] = leaf
	return leaf, nil
}

// HostConfig is the TLS configuration of a host's servers, by its name or IP address. The same host and ALPN
// protocols, in order of preference, have the same one, so that clients resume sessions, which
// spares both sides most of a handshake.
func (a *Authority) HostConfig(host string, protocols ...string) (*tls.Config, error) {
	certificate, err := a.Certificate(host)
	if err != nil {
		return nil, err
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	key := fmt.Sprint(host, protocols)
	if a.configs[key] == nil {
		config := configOf(protocols)
		config.Certificates = []tls.Certificate{*certificate}
		a.configs[key] = config
	}
	return a.configs[key], nil
}

func configOf(protocols []string) *tls.Config {
	// Nothing here outlives the run: the post-quantum exchange would be most of a handshake's cost.
	return &tls.Config{NextProtos: protocols, CurvePreferences: []tls.CurveID{tls.X25519}}
}

// ServerConfig is a server's TLS configuration that answers every host name
// with its certificate, and connections without a name (to an IP address) with
// one for the local address. protocols are the ALPN protocols offered, in order of preference.
func (a *Authority) ServerConfig(protocols ...string) *tls.Config {
	config := configOf(protocols)
	config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hello.ServerName != "" {
			return a.Certificate(hello.ServerName)
		}
		host, _, err := net.SplitHostPort(hello.Conn.LocalAddr().String())
		if err != nil {
			return nil, fmt.Errorf("find the local address of a connection without a server name: %w", err)
		}
		return a.Certificate(host)
	}
	return config
}

// Pool holds the CA's certificate, for clients.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// SPKIHash is the base64 SHA-256 of the CA's SubjectPublicKeyInfo, the form of
// Chromium's --ignore-certificate-errors-spki-list. That switch keeps the HTTP
// cache working, which --ignore-certificate-errors does not (measured, Chromium 156).
func (a *Authority) SPKIHash() string {
	sum := sha256.Sum256(a.certificate.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func serial() *big.Int {
	limit := new(big.Int).Lsh(big.NewInt(1), 120)
	n, err := rand.Int(rand.Reader, limit)
	if err != nil {
		// crypto/rand does not fail on any supported platform.
		return big.NewInt(time.Now().UnixNano())
	}
	return n
}
