package project_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/project"
)

// writeCertificate writes client.pem and client.key beside the project, valid until then.
func writeCertificate(t *testing.T, project string, until time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: until.Add(-48 * time.Hour), NotAfter: until}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	for name, block := range map[string]*pem.Block{
		"client.pem": {Type: "CERTIFICATE", Bytes: certificate}, "client.key": {Type: "PRIVATE KEY", Bytes: private},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(project), name), pem.EncodeToMemory(block), 0o600))
	}
}

const withAdditions = `features: [f]
live:
  client_certificates:
    api.example.com: {certificate: client.pem, key: client.key}
  headers:
    api.example.com:
      x-api-key: ${KEY}
`

func TestAdditionsAreCertificatesOfFilesAndHeadersWithSecrets(t *testing.T) {
	path := write(t, withAdditions)
	writeCertificate(t, path, time.Now().Add(time.Hour))
	read, err := project.Read(path)
	require.NoError(t, err)
	additions, err := read.Additions(func(text string) (string, error) { return strings.ReplaceAll(text, "${KEY}", "hunter2"), nil })
	require.NoError(t, err)
	require.Equal(t, http.Header{"X-Api-Key": {"hunter2"}}, additions["api.example.com"].Header)
	require.NotNil(t, additions["api.example.com"].Certificate)

	_, err = read.Additions(func(string) (string, error) { return "hunter2\nSet-Cookie: a", nil })
	require.ErrorContains(t, err, path+":7: the value of x-api-key has characters that no header may have")
	require.NotContains(t, err.Error(), "hunter2")
}

func TestACertificateThatCannotBeUsedIsSaidAtItsLine(t *testing.T) {
	path := write(t, withAdditions)
	read, err := project.Read(path)
	require.NoError(t, err)
	same := func(text string) (string, error) { return text, nil }
	_, err = read.Additions(same)
	require.ErrorContains(t, err, path+":4: the client certificate cannot be used: open ")
	writeCertificate(t, path, time.Now().Add(-24*time.Hour))
	_, err = read.Additions(same)
	require.ErrorContains(t, err, path+":4: the client certificate client.pem is valid from ")
	require.ErrorContains(t, err, "have it renewed")
}
