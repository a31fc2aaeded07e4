package ca

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAnAuthorityFromAFileIsTheOneThatWasWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ca.pem")
	made, err := Create(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "the key is in it")
	_, err = Create(path)
	require.ErrorIs(t, err, os.ErrExist)

	read, err := Open(path)
	require.NoError(t, err)
	require.Equal(t, made.SPKIHash(), read.SPKIHash())
	leaf, err := read.Certificate("api.example.com")
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(leaf.Certificate[0])
	require.NoError(t, err)
	_, err = parsed.Verify(x509.VerifyOptions{DNSName: "api.example.com", Roots: made.Pool()})
	require.NoError(t, err)
	require.Less(t, parsed.NotAfter.Sub(parsed.NotBefore), 398*24*time.Hour, "Chromium refuses what lasts longer")
}

func TestAFileThatIsNoAuthoritySaysWhy(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "ca.pem")
	_, err := Create(path)
	require.NoError(t, err)
	_, err = Create(filepath.Join(folder, "other.pem"))
	require.NoError(t, err)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	certificate, rest := pem.Decode(content)
	other, err := os.ReadFile(filepath.Join(folder, "other.pem"))
	require.NoError(t, err)
	_, otherKey := pem.Decode(other)
	expired, err := newAuthority(-time.Minute)
	require.NoError(t, err)
	expiredKey, err := x509.MarshalPKCS8PrivateKey(expired.key)
	require.NoError(t, err)
	join := func(blocks ...[]byte) (all []byte) {
		for _, block := range blocks {
			all = append(all, block...)
		}
		return all
	}
	for want, content := range map[string][]byte{
		"is not what crosscheck has written": []byte("hello"),
		"the key in ":                        join(pem.EncodeToMemory(certificate), otherKey),
		"read the CA's certificate":          join(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}), rest),
		"read the CA's key":                  join(pem.EncodeToMemory(certificate), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})),
		"expired on": join(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: expired.certificate.Raw}),
			pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: expiredKey})),
	} {
		bad := filepath.Join(folder, "bad.pem")
		require.NoError(t, os.WriteFile(bad, content, 0o600))
		_, err := Open(bad)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, bad)
	}
	_, err = Open(filepath.Join(folder, "missing.pem"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
