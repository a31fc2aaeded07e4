package service

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
)

// Origin is a parsed tuple origin.
type Origin struct {
	Scheme string
	// Host is serialized as browsers do: lower case, IDNA, IPv6 in brackets.
	Host string
	Port int
}

// ParseOrigin parses an origin as browsers parse the URL of a page at it.
func ParseOrigin(text string) (Origin, error) {
	parsed, err := whatwg.Parse(text)
	if err != nil {
		return Origin{}, fmt.Errorf("%q is no origin: %w", text, err)
	}
	scheme := parsed.Scheme()
	switch {
	case scheme != "http" && scheme != "https":
		return Origin{}, fmt.Errorf("%q is no origin of a server: its scheme is %q, not http or https", text, scheme)
	case parsed.Hostname() == "":
		return Origin{}, fmt.Errorf("%q is no origin: it has no host", text)
	case parsed.Username() != "" || parsed.Password() != "":
		return Origin{}, fmt.Errorf("%q is no origin: an origin has no user name or password", text)
	case parsed.Pathname() != "/" || parsed.Search() != "" || parsed.Hash() != "":
		return Origin{}, fmt.Errorf("%q is no origin: an origin ends after the host or the port", text)
	}
	port := DefaultPort(scheme)
	if parsed.Port() != "" {
		if port, err = strconv.Atoi(parsed.Port()); err != nil {
			return Origin{}, fmt.Errorf("%q is no origin: its port: %w", text, err)
		}
	}
	if port == 0 {
		return Origin{}, fmt.Errorf("%q is no origin of a server: nothing can listen on port 0", text)
	}
	return Origin{Scheme: scheme, Host: parsed.Hostname(), Port: port}, nil
}

// String serializes the origin: https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin
func (o Origin) String() string {
	if o.Port == DefaultPort(o.Scheme) {
		return o.Scheme + "://" + o.Host
	}
	return o.Scheme + "://" + o.Host + ":" + strconv.Itoa(o.Port)
}

// Name is the host as certificates and connections know it: an IPv6 address without brackets.
func (o Origin) Name() string {
	return strings.TrimSuffix(strings.TrimPrefix(o.Host, "["), "]")
}

// Address is what a client connects to.
func (o Origin) Address() string { return net.JoinHostPort(o.Name(), strconv.Itoa(o.Port)) }

// DefaultPort is the port that URLs of the scheme do not write.
func DefaultPort(scheme string) int {
	if scheme == "https" {
		return 443
	}
	return 80
}
