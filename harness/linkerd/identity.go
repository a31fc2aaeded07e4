package linkerd

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// Lifetime is how long the certificates of an identity are valid. A cluster is not kept for longer.
const Lifetime = 30 * 24 * time.Hour

// clockSkew lets machines differ a little about what time it is.
const clockSkew = time.Minute

// TrustDomain is the root of all identities of the mesh. It is the cluster's domain, as Linkerd's charts have it.
const TrustDomain = "cluster.local"

// ProxyContainer is the name of the container that the injector adds to a pod.
const ProxyContainer = "linkerd-proxy"

// ServiceAccountIdentity is the name that the proxies of a service account's pods have in their certificates.
func ServiceAccountIdentity(account, namespace string) string {
	return account + "." + namespace + ".serviceaccount.identity." + Namespace + "." + TrustDomain
}

// An Identity is what Linkerd's control plane needs to certify its proxies: a trust anchor, and an issuer that it signed.
// The anchor's key is not kept, so nobody can make another issuer.
type Identity struct {
	// Anchor is the certificate of the trust anchor, Issuer that of the issuer, IssuerKey its key; all in PEM.
	Anchor, Issuer, IssuerKey string
	// NotAfter is when the issuer's certificate expires.
	NotAfter time.Time
}

// NewIdentity makes an identity as Linkerd asks for it: ECDSA keys on P-256, and names under the trust domain.
// https://linkerd.io/2/tasks/generate-certificates/
func NewIdentity() (Identity, error) {
	anchorKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Identity{}, fmt.Errorf("make the key of Linkerd's trust anchor: %w", err)
	}
	issuerKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Identity{}, fmt.Errorf("make the key of Linkerd's issuer: %w", err)
	}
	now := time.Now().UTC().Truncate(time.Second) // certificates have whole seconds
	anchor := authority("root.linkerd."+TrustDomain, now, 1, false)
	anchorDER, err := x509.CreateCertificate(rand.Reader, anchor, anchor, anchorKey.Public(), anchorKey)
	if err != nil {
		return Identity{}, fmt.Errorf("make Linkerd's trust anchor: %w", err)
	}
	issuer := authority("identity.linkerd."+TrustDomain, now, 0, true)
	issuerDER, err := x509.CreateCertificate(rand.Reader, issuer, anchor, issuerKey.Public(), anchorKey)
	if err != nil {
		return Identity{}, fmt.Errorf("make Linkerd's issuer: %w", err)
	}
	keyDER, err := x509.MarshalECPrivateKey(issuerKey) // "EC PRIVATE KEY" is what the control plane reads
	if err != nil {
		return Identity{}, fmt.Errorf("encode the key of Linkerd's issuer: %w", err)
	}
	return Identity{
		Anchor: encode("CERTIFICATE", anchorDER), Issuer: encode("CERTIFICATE", issuerDER),
		IssuerKey: encode("EC PRIVATE KEY", keyDER), NotAfter: issuer.NotAfter,
	}, nil
}

// authority is the certificate of an authority with at most depth authorities below it.
func authority(name string, now time.Time, depth int, zero bool) *x509.Certificate {
	serial := make([]byte, 16)
	_, _ = rand.Read(serial) // never fails: see its documentation
	return &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial),
		Subject:      pkix.Name{CommonName: name},
		DNSNames:     []string{name},
		NotBefore:    now.Add(-clockSkew),
		NotAfter:     now.Add(Lifetime),
		KeyUsage:     x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:         true, BasicConstraintsValid: true,
		MaxPathLen: depth, MaxPathLenZero: zero,
	}
}

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// identityOf reads the identity that an installed control plane was given; false where its values hold none.
func identityOf(values map[string]any) (Identity, bool) {
	anchor, _ := values["identityTrustAnchorsPEM"].(string)
	tls := values
	for _, key := range []string{"identity", "issuer", "tls"} {
		tls, _ = tls[key].(map[string]any)
	}
	issuer, _ := tls["crtPEM"].(string)
	key, _ := tls["keyPEM"].(string)
	block, _ := pem.Decode([]byte(issuer))
	if anchor == "" || key == "" || block == nil {
		return Identity{}, false
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return Identity{}, false
	}
	return Identity{Anchor: anchor, Issuer: issuer, IssuerKey: key, NotAfter: certificate.NotAfter}, true
}
