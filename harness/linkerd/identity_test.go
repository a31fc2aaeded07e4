package linkerd_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

func certificate(t *testing.T, text string) *x509.Certificate {
	t.Helper()
	block, rest := pem.Decode([]byte(text))
	require.NotNil(t, block)
	require.Empty(t, rest)
	found, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	return found
}

// What Linkerd asks of the certificates: https://linkerd.io/2/tasks/generate-certificates/
func TestTheIdentityIsAValidChain(t *testing.T) {
	t.Parallel()
	identity, err := linkerd.NewIdentity()
	require.NoError(t, err)
	anchor, issuer := certificate(t, identity.Anchor), certificate(t, identity.Issuer)

	require.Equal(t, "root.linkerd.cluster.local", anchor.Subject.CommonName)
	require.Equal(t, "identity.linkerd.cluster.local", issuer.Subject.CommonName)
	for _, authority := range []*x509.Certificate{anchor, issuer} {
		key, ok := authority.PublicKey.(*ecdsa.PublicKey)
		require.True(t, ok)
		require.Equal(t, elliptic.P256(), key.Curve)
		require.Equal(t, x509.ECDSAWithSHA256, authority.SignatureAlgorithm)
		require.True(t, authority.IsCA)
		require.Equal(t, []string{authority.Subject.CommonName}, authority.DNSNames)
		require.NotZero(t, authority.KeyUsage&x509.KeyUsageCertSign)
	}
	require.Equal(t, 1, anchor.MaxPathLen)
	require.Zero(t, issuer.MaxPathLen)
	require.True(t, issuer.MaxPathLenZero, "the issuer makes no authorities")

	roots := x509.NewCertPool()
	roots.AddCert(anchor)
	_, err = issuer.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	require.NoError(t, err)
	_, err = tls.X509KeyPair([]byte(identity.Issuer), []byte(identity.IssuerKey))
	require.NoError(t, err, "the key is the issuer's")
	require.Equal(t, identity.NotAfter, issuer.NotAfter)
	require.WithinDuration(t, time.Now().Add(linkerd.Lifetime), identity.NotAfter, time.Minute)
}

// A proxy's certificate, signed by the issuer as the control plane does it, is valid under the anchor.
func TestTheIssuerCertifiesAProxy(t *testing.T) {
	t.Parallel()
	identity, err := linkerd.NewIdentity()
	require.NoError(t, err)
	pair, err := tls.X509KeyPair([]byte(identity.Issuer), []byte(identity.IssuerKey))
	require.NoError(t, err)
	const name = "default.shop.serviceaccount.identity.linkerd.cluster.local"
	proxy := linkerd.CertifyProxy(t, pair, name)
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(certificate(t, identity.Anchor))
	between.AddCert(certificate(t, identity.Issuer))
	_, err = proxy.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	require.NoError(t, err)
}

func TestIdentitiesDiffer(t *testing.T) {
	t.Parallel()
	one, err := linkerd.NewIdentity()
	require.NoError(t, err)
	two, err := linkerd.NewIdentity()
	require.NoError(t, err)
	require.NotEqual(t, one.Anchor, two.Anchor)
	require.NotEqual(t, certificate(t, one.Anchor).SerialNumber, certificate(t, two.Anchor).SerialNumber)
}
