package explain

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Unreachable says that a server could not be asked. A server that was reached
// and then misbehaved is not unreachable: that is its answer.
type Unreachable struct {
	// Tried is the method and the URL, Advice what to do.
	Tried, Advice string
	Cause         error
}

// Error says what was tried, what happened and what to do.
func (e *Unreachable) Error() string {
	return fmt.Sprintf("%s: %v; %s", e.Tried, e.Cause, e.Advice)
}

// Unwrap gives the cause.
func (e *Unreachable) Unwrap() error { return e.Cause }

// unreachable is the error of the last exchange, when it is the environment's.
func unreachable(question *Question, outcome simulator.Outcome, sent []sentRequest) error {
	last := lastExchange(outcome)
	if last.Method == "" || last.Status != 0 || outcome.Kind != simulator.KindNetworkError {
		return nil
	}
	err := context.DeadlineExceeded
	if len(sent) == len(outcome.Exchanges) {
		err = sent[len(sent)-1].err
	}
	advice := Remedy(err, question.Timeout)
	if advice == "" {
		return nil
	}
	return &Unreachable{Tried: last.Method + " " + last.URL, Cause: err, Advice: advice}
}

// Remedy says what to do about an error of the way to a server, which was given
// so much time; "" for an error of the server's own making.
func Remedy(err error, timeout time.Duration) string {
	var dns *net.DNSError
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var noTLS tls.RecordHeaderError
	var alert tls.AlertError
	var dial *net.OpError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no answer within %s: is the server hanging, or a firewall dropping packets? Wait longer with --timeout", timeout)
	case errors.As(err, &dns):
		return "check the spelling of the host, or say where it is with --resolve host:port:address"
	case errors.As(err, &authority):
		return "a browser would not trust the certificate either, unless its CA is installed: name the CA's file with --cacert FILE"
	case errors.As(err, &verification):
		return "a browser refuses this certificate too: replace it by one that is valid today and for this host"
	case errors.As(err, &noTLS), errors.Is(err, http.ErrSchemeMismatch):
		return "what listens there speaks no TLS: is it http:// instead of https://?"
	case errors.As(err, &alert):
		return "the TLS handshake failed: compare the protocol versions and host names that the server offers"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there: start the server, correct the port, or say where it is with --resolve host:port:address"
	case errors.As(err, &dial) && dial.Op == "dial":
		return "there is no way to that address: check the network, or say where the host is with --resolve host:port:address"
	}
	return ""
}
