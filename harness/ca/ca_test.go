package ca_test

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/ca"
)

func TestClientsThatTrustThePoolReachEveryHost(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", authority.ServerConfig("http/1.1"))
	require.NoError(t, err)
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0)}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-served, http.ErrServerClosed)
	})

	for _, name := range []string{"api.example.com", "xn--bcher-kva.example", "127.0.0.1"} {
		t.Run(name, func(t *testing.T) {
			connection, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{RootCAs: authority.Pool(), ServerName: name})
			require.NoError(t, err)
			require.NoError(t, connection.Close())
		})
	}

	stranger, err := ca.New()
	require.NoError(t, err)
	_, err = tls.Dial("tcp", listener.Addr().String(), &tls.Config{RootCAs: stranger.Pool(), ServerName: "api.example.com"})
	require.ErrorAs(t, err, new(*tls.CertificateVerificationError))
}

func TestSPKIHashIsThatOfTheCertificateInTheChain(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	leaf, err := authority.Certificate("api.example.com")
	require.NoError(t, err)
	root, err := x509.ParseCertificate(leaf.Certificate[1])
	require.NoError(t, err)
	sum := sha256.Sum256(root.RawSubjectPublicKeyInfo)
	require.Equal(t, base64.StdEncoding.EncodeToString(sum[:]), authority.SPKIHash())

	again, err := authority.Certificate("api.example.com")
	require.NoError(t, err)
	require.Same(t, leaf, again)
}

func TestClientsResumeTheSessionsOfAHost(t *testing.T) {
	authority, err := ca.New()
	require.NoError(t, err)
	client := &tls.Config{RootCAs: authority.Pool(), ServerName: "api.example.com", ClientSessionCache: tls.NewLRUClientSessionCache(1)}
	resumed := func() bool {
		t.Helper()
		config, err := authority.HostConfig("api.example.com", "http/1.1")
		require.NoError(t, err)
		near, far := net.Pipe()
		server, served := tls.Server(far, config), make(chan error, 1)
		go func() {
			_, err := server.Write([]byte("1"))
			served <- err
		}()
		connection := tls.Client(near, client)
		_, err = connection.Read(make([]byte, 1))
		require.NoError(t, err)
		require.NoError(t, <-served)
		require.NoError(t, errors.Join(near.Close(), far.Close()))
		return connection.ConnectionState().DidResume
	}
	require.False(t, resumed())
	require.True(t, resumed())
}
