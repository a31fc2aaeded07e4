package embedded

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
)

// origin is a parsed tuple origin.
type origin struct {
	scheme string
	// host is serialized as browsers do: lower case, IDNA, IPv6 in brackets.
	host string
	port int
}

// parseOrigin parses an origin as browsers parse the URL of a page at it.
func parseOrigin(text string) (origin, error) {
	parsed, err := whatwg.Parse(text)
	if err != nil {
		return origin{}, fmt.Errorf("%q is no origin: %w", text, err)
	}
	scheme := parsed.Scheme()
	switch {
	case scheme != "http" && scheme != "https":
		return origin{}, fmt.Errorf("%q is no origin of a server: its scheme is %q, not http or https", text, scheme)
	case parsed.Hostname() == "":
		return origin{}, fmt.Errorf("%q is no origin: it has no host", text)
	case parsed.Username() != "" || parsed.Password() != "":
		return origin{}, fmt.Errorf("%q is no origin: an origin has no user name or password", text)
	case parsed.Pathname() != "/" || parsed.Search() != "" || parsed.Hash() != "":
		return origin{}, fmt.Errorf("%q is no origin: an origin ends after the host or the port", text)
	}
	port := defaultPort(scheme)
	if parsed.Port() != "" {
		if port, err = strconv.Atoi(parsed.Port()); err != nil {
			return origin{}, fmt.Errorf("%q is no origin: its port: %w", text, err)
		}
	}
	if port == 0 {
		return origin{}, fmt.Errorf("%q is no origin of a server: nothing can listen on port 0", text)
	}
	return origin{scheme: scheme, host: parsed.Hostname(), port: port}, nil
}

// String serializes the origin: https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin
func (o origin) String() string {
	if o.port == defaultPort(o.scheme) {
		return o.scheme + "://" + o.host
	}
	return o.scheme + "://" + o.host + ":" + strconv.Itoa(o.port)
}

// name is the host as certificates and connections know it: an IPv6 address without brackets.
func (o origin) name() string {
	return strings.TrimSuffix(strings.TrimPrefix(o.host, "["), "]")
}

// address is what a client connects to.
func (o origin) address() string { return net.JoinHostPort(o.name(), strconv.Itoa(o.port)) }

// defaultPort is the port that URLs of the scheme do not write.
func defaultPort(scheme string) int {
	if scheme == "https" {
		return 443
	}
	return 80
}
