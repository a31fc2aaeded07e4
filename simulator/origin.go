package simulator

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// opaqueOrigin is the serialization that every opaque origin shares.
const opaqueOrigin = "null"

// origin is an origin. An opaque origin is the same origin with nothing but
// itself, which is why origins are compared through sameOrigin and passed by
// pointer.
// https://html.spec.whatwg.org/#concept-origin
type origin struct {
	scheme     string
	serialized string
	// url is the serialization as a URL, for the Referer header.
	url string
	// host is the registrable domain, or the host where there is none; with
	// the scheme it is the origin's site.
	registrableDomain string
	host              string
	opaque            bool
}

// newOpaqueOrigin returns an origin that is the same origin with no other.
func newOpaqueOrigin() *origin {
	return &origin{serialized: opaqueOrigin, opaque: true}
}

// newTupleOrigin returns the origin of a scheme, a host and a port ("" for the default port).
func newTupleOrigin(scheme, host, port string) *origin {
	serialized := scheme + "://" + host
	if port != "" {
		serialized += ":" + port
	}
	return &origin{scheme: scheme, host: host, serialized: serialized, url: serialized + "/", registrableDomain: registrableDomain(host)}
}

// registrableDomain returns the host's registrable domain, or the host itself
// where it has none: an IP address, or a public suffix.
// https://url.spec.whatwg.org/#host-registrable-domain
func registrableDomain(host string) string {
	if isIPAddress(host) {
		return host
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host
	}
	return domain
}

// isIPAddress reports whether a parsed URL's host is an address and not a
// domain: the URL parser leaves no domain whose last label is a number.
func isIPAddress(host string) bool {
	if host == "" {
		return false
	}
	if host[0] == '[' {
		return true
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	return last != "" && strings.Trim(last, "0123456789") == ""
}

// sameOrigin is https://html.spec.whatwg.org/#same-origin
func sameOrigin(a, b *origin) bool {
	if a.opaque || b.opaque {
		return a == b
	}
	return a.serialized == b.serialized
}

// sameSite is schemeful: https://html.spec.whatwg.org/#same-site
func sameSite(a, b *origin) bool {
	if a.opaque || b.opaque {
		return a == b
	}
	return a.scheme == b.scheme && a.registrableDomain == b.registrableDomain
}

// schemelesslySameSite is https://html.spec.whatwg.org/#schemelessly-same-site
func schemelesslySameSite(a, b *origin) bool {
	if a.opaque || b.opaque {
		return a == b
	}
	return a.registrableDomain == b.registrableDomain
}

// site serializes the origin's site; "" for an opaque origin, which has none to share.
// https://html.spec.whatwg.org/#obtain-a-site
func (o *origin) site() string {
	if o.opaque {
		return ""
	}
	return o.scheme + "://" + o.registrableDomain
}

// isPotentiallyTrustworthy is
// https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy
func (o *origin) isPotentiallyTrustworthy() bool {
	if o.opaque {
		return false
	}
	return o.scheme == "https" || o.scheme == "wss" || o.scheme == "file" || isLoopback(o.host)
}

// isLoopback reports whether the host names this machine whatever the resolver says.
func isLoopback(host string) bool {
	host = strings.TrimSuffix(host, ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "[::1]" {
		return true
	}
	return strings.HasPrefix(host, "127.") && isIPAddress(host)
}
