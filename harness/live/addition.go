package live

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Addition is what the requests to a host get on their way, after the browser has
// sent them: no page, and no rule of CORS, knows of it.
type Addition struct {
	// Certificate is shown to a server that asks for one, as the standard has it: not with
	// a preflight, and not with a request without credentials. nil means none.
	Certificate *tls.Certificate
	// Header is set on every request, preflights too, in place of the browser's own of these names.
	Header http.Header
}

// addition is what requests to "host:port" get: what is said of exactly that, beside what is said of the host.
func (o Options) addition(address string) (Addition, bool) {
	address = strings.ToLower(address)
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return Addition{}, false
	}
	host, known := o.Additions[name]
	exact, more := o.Additions[address]
	header := http.Header{}
	maps.Copy(header, host.Header)
	maps.Copy(header, exact.Header)
	return Addition{Certificate: cmp.Or(exact.Certificate, host.Certificate), Header: header}, known || more
}

// browsersOwn are headers that only a browser may say; those with a prefix of "Sec-" and
// "Access-Control-" are too.
var browsersOwn = []string{
	"Connection", "Content-Length", "Cookie", "Host", "Keep-Alive", "Origin", "Proxy-Connection", "Referer", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// CheckHeader reports what is wrong with a header that requests are to get on their way.
func CheckHeader(name, value string) error {
	canonical := textproto.CanonicalMIMEHeaderKey(name)
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		return fmt.Errorf("%q is no name of a header", name)
	case slices.Contains(browsersOwn, canonical), strings.HasPrefix(canonical, "Sec-"), strings.HasPrefix(canonical, "Access-Control-"):
		return fmt.Errorf("%s is what the browser itself says, and a test that changes it proves nothing: leave it out (a cookie is written under live.cookies)", name)
	case !httpguts.ValidHeaderFieldValue(value):
		// The value may be a secret.
		return fmt.Errorf("the value of %s has characters that no header may have, such as a line's end", name)
	}
	return nil
}
