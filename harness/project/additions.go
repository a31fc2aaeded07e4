package project

import (
	"crypto/tls"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness/live"
)

// checkAdditions finds what cannot be meant so of the certificates and headers that requests get on their way.
func (p *Project) checkAdditions() error {
	var problems []error
	for _, host := range slices.Sorted(maps.Keys(p.Live.ClientCertificates)) {
		path := []string{"live", "client_certificates", host}
		if err := live.CheckName(host); err != nil {
			problems = append(problems, p.mistake(path, "%v", err))
		}
		if files := p.Live.ClientCertificates[host]; files.Certificate == "" || files.Key == "" {
			problems = append(problems, p.mistake(path, "a client certificate needs certificate and key, the PEM files of both"))
		}
	}
	for _, host := range slices.Sorted(maps.Keys(p.Live.Headers)) {
		if err := live.CheckName(host); err != nil {
			problems = append(problems, p.mistake([]string{"live", "headers", host}, "%v", err))
		}
		for _, name := range slices.Sorted(maps.Keys(p.Live.Headers[host])) {
			if err := live.CheckHeader(name, p.Live.Headers[host][name]); err != nil {
				problems = append(problems, p.mistake([]string{"live", "headers", host, name}, "%v", err))
			}
		}
	}
	return errors.Join(problems...)
}

// Additions are what requests get on their way, by host. expand puts secrets into the values of headers.
func (p *Project) Additions(expand func(string) (string, error)) (map[string]live.Addition, error) {
	additions := map[string]live.Addition{}
	for host, files := range p.Live.ClientCertificates {
		certificate, err := p.certificate(host, files)
		if err != nil {
			return nil, err
		}
		additions[host] = live.Addition{Certificate: certificate}
	}
	for host, headers := range p.Live.Headers {
		addition := additions[host]
		addition.Header = http.Header{}
		for name, text := range headers {
			value, err := expand(text)
			if err == nil {
				err = live.CheckHeader(name, value)
			}
			if err != nil {
				return nil, p.mistake([]string{"live", "headers", host, name}, "%v", err)
			}
			addition.Header.Set(name, value)
		}
		additions[host] = addition
	}
	return additions, nil
}

// certificate reads a client certificate, which must be valid now.
func (p *Project) certificate(host string, files ClientCertificate) (*tls.Certificate, error) {
	path := []string{"live", "client_certificates", host}
	certificate, err := tls.LoadX509KeyPair(p.path(files.Certificate), p.path(files.Key))
	if err != nil {
		return nil, p.mistake(path, "the client certificate cannot be used: %v: name PEM files, a certificate and the key that belongs to it, which has no passphrase", err)
	}
	if leaf := certificate.Leaf; time.Now().After(leaf.NotAfter) || time.Now().Before(leaf.NotBefore) {
		return nil, p.mistake(path, "the client certificate %s is valid from %s to %s: have it renewed, or set this machine's clock",
			files.Certificate, leaf.NotBefore.UTC().Format(time.DateOnly), leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	return &certificate, nil
}
