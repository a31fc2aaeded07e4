package ca

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"
)

// FileLifetime is how long an authority in a file is good for.
const FileLifetime = 90 * 24 * time.Hour

// Create makes an authority that outlives the run, for browsers that were started before
// it, and writes it with its key to a new file that only its owner can read. A file that is there already is an error
// that is os.ErrExist.
func Create(path string) (*Authority, error) {
	a, err := newAuthority(FileLifetime)
	if err != nil {
		return nil, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return nil, fmt.Errorf("write the CA's key: %w", err)
	}
	content := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
	content = append(content, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("write the CA: %w", err)
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("write the CA: %w", errors.Join(err, os.Remove(path)))
	}
	return a, nil
}

// Open reads an authority that Create wrote.
func Open(path string) (*Authority, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the CA: %w", err)
	}
	block, rest := pem.Decode(content)
	second, _ := pem.Decode(rest)
	if block == nil || second == nil {
		return nil, fmt.Errorf("read the CA: %s is not what crosscheck has written: a certificate and its key, as PEM", path)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read the CA's certificate in %s: %w", path, err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(second.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read the CA's key in %s: %w", path, err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || !key.PublicKey.Equal(certificate.PublicKey) {
		return nil, fmt.Errorf("read the CA: the key in %s is not that of the certificate", path)
	}
	if time.Now().After(certificate.NotAfter) {
		return nil, fmt.Errorf("the CA in %s expired on %s: delete the file, and start the browsers anew that trust it", path, certificate.NotAfter.Format(time.DateOnly))
	}
	leafKey, err := ecdsa.GenerateKey(key.Curve, rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the servers' key: %w", err)
	}
	return authorityOf(certificate, key, leafKey), nil
}
