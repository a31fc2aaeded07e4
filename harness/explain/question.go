package explain

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	whatwg "github.com/nlnwa/whatwg-url/url"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// opaqueOrigin is how an opaque origin is written.
const opaqueOrigin = "null"

// Question is one request of a page's script.
type Question struct {
	// Profile is the engine that the simulator follows.
	Profile simulator.Profile
	// Origin is the page's origin; "null" is a page with an opaque origin.
	Origin  string
	Request simulator.Request
	// Cookies are in the jar of the request's host before the request, each as a
	// Set-Cookie header says it. One without attributes is made as widely sent as its URL allows.
	Cookies []string
	// Roots are the certificate authorities that are trusted; nil means the system's.
	Roots *x509.CertPool
	// RootsFile is the file that Roots come from, for the curl commands; "" for the system's.
	RootsFile string
	// Resolutions say where hosts are, in place of the system's resolver.
	Resolutions []Resolution
	// Timeout bounds everything: every exchange and the body.
	Timeout time.Duration
}

// InvalidQuestion says which part of a question cannot be meant so.
type InvalidQuestion struct {
	// Part is the flag or argument, such as "--origin"; Reason what is wrong and how to write it.
	Part, Reason string
}

// Error gives the part and the reason.
func (e *InvalidQuestion) Error() string { return e.Part + ": " + e.Reason }

func invalid(part, format string, values ...any) error {
	return &InvalidQuestion{Part: part, Reason: fmt.Sprintf(format, values...)}
}

// ParseHeader reads "Name: value".
func ParseHeader(text string) (simulator.Field, error) {
	name, value, found := strings.Cut(text, ":")
	value = strings.TrimSpace(value)
	switch {
	case !found:
		return simulator.Field{}, invalid("-H", "%q has no colon: write it as \"Name: value\"", text)
	case !isToken(name):
		return simulator.Field{}, invalid("-H", "%q is no header name: letters, digits and !#$%%&'*+-.^_`|~ only, and no space before the colon", name)
	case strings.ContainsFunc(value, isForbiddenInValue):
		return simulator.Field{}, invalid("-H", "the value of %s has a control character, or a character that is not one byte long: %q", name, value)
	}
	return simulator.Field{Name: name, Value: value}, nil
}

// isForbiddenInValue is for what fetch() throws at, or HTTP cannot carry.
func isForbiddenInValue(r rune) bool { return r < ' ' && r != '\t' || r == 0x7F || r > 0xFF }

// isToken is https://httpwg.org/specs/rfc9110.html#tokens
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
	})
}

// Resolution says where a host is.
type Resolution struct {
	// Host and Port are the URL's, Address an IP address with or without a port.
	Host, Port, Address string
}

// ParseResolution reads "host:port:address" as curl does. The address may have
// a port, which leads to that port instead; an IPv6 address is in brackets then.
func ParseResolution(text string) (Resolution, error) {
	fields := strings.SplitN(text, ":", 3)
	if len(fields) < 3 || fields[0] == "" || fields[1] == "" {
		return Resolution{}, invalid("--resolve", "%q is not host:port:address, such as api.example.com:443:127.0.0.1", text)
	}
	resolution := Resolution{Host: strings.ToLower(fields[0]), Port: fields[1], Address: fields[2]}
	if _, err := netip.ParseAddrPort(resolution.dialed()); err != nil {
		return Resolution{}, invalid("--resolve", "%q does not end in an IP address and, if you like, a port: %v", text, err)
	}
	if _, err := netip.ParseAddrPort("0.0.0.0:" + resolution.Port); err != nil {
		return Resolution{}, invalid("--resolve", "%q has no port after the host: %v", text, err)
	}
	return resolution, nil
}

// dialed is the address to connect to.
func (r Resolution) dialed() string {
	if _, err := netip.ParseAddrPort(r.Address); err == nil {
		return r.Address
	}
	return net.JoinHostPort(strings.Trim(r.Address, "[]"), r.Port)
}

// check reads what only makes sense as a whole.
func (q *Question) check() error {
	if !isToken(q.Request.Method) {
		return invalid("METHOD", "%q is no method: write GET, PUT, ...", q.Request.Method)
	}
	if err := checkHTTPURL("URL", q.Request.URL, "https://api.example.com/orders"); err != nil {
		return err
	}
	if body := q.Request.Body; body != nil && !utf8.ValidString(body.Text) {
		return invalid("-d", "the body is not UTF-8, and a script's text always is")
	}
	if q.Timeout <= 0 {
		return invalid("--timeout", "%s is no time for a request", q.Timeout)
	}
	return checkOrigin(q.Origin)
}

// CheckURL reports why text is no absolute HTTP(S) URL, as an *[InvalidQuestion] about the part.
func CheckURL(part, text string) error {
	return checkHTTPURL(part, text, "https://api.example.com/orders")
}

// CheckOrigin reports why text is no origin of a page, as an *[InvalidQuestion] about --origin.
func CheckOrigin(text string) error { return checkOrigin(text) }

// checkHTTPURL reports why text is not an absolute HTTP(S) URL.
func checkHTTPURL(part, text, example string) error {
	parsed, err := whatwg.Parse(text)
	switch {
	case !strings.Contains(text, "://"):
		return invalid(part, "%q has no scheme and host: write it like %s", text, example)
	case err != nil:
		return invalid(part, "%q cannot be parsed: %v; write it like %s", text, err, example)
	case parsed.Scheme() != "http" && parsed.Scheme() != "https":
		return invalid(part, "%q has the scheme %s: only http and https are explained", text, parsed.Scheme())
	}
	return nil
}

// checkOrigin reports why text is no origin of a page.
func checkOrigin(text string) error {
	const part, example = "--origin", "https://app.example.com"
	if text == opaqueOrigin {
		return nil
	}
	if text == "" {
		return invalid(part, "it is missing: say which page asks, such as --origin %s, or --origin null", example)
	}
	if err := checkHTTPURL(part, text, example); err != nil {
		return err
	}
	parsed, err := whatwg.Parse(text)
	if err != nil {
		return invalid(part, "%q cannot be parsed: %v", text, err)
	}
	if _, rest, _ := strings.Cut(text, "://"); strings.ContainsAny(rest, `/\?#@`) {
		return invalid(part, "%q has more than an origin, which is scheme, host and port only: write %s://%s", text, parsed.Scheme(), parsed.Host())
	}
	return nil
}

// page is the page that asks. A data: URL is the simplest document with an opaque origin.
func (q *Question) page() simulator.PageSpec {
	if q.Origin == opaqueOrigin {
		return simulator.PageSpec{URL: "data:text/html,"}
	}
	return simulator.PageSpec{URL: q.Origin}
}

// fillJar puts the cookies into the browser's jar.
func (q *Question) fillJar(browser *simulator.Browser) error {
	for _, cookie := range q.Cookies {
		if !strings.Contains(cookie, "=") || strings.HasPrefix(cookie, "=") {
			return invalid("--cookie", "%q is not name=value", cookie)
		}
		if strings.Contains(cookie, ";") {
			if err := browser.SetCookie(q.Request.URL, cookie); err != nil {
				return invalid("--cookie", "a browser does not take %q for %s: %v", cookie, q.Request.URL, err)
			}
			continue
		}
		if browser.SetCookie(q.Request.URL, cookie+"; Path=/; Secure; SameSite=None") == nil {
			continue
		}
		// By http there is no SameSite=None.
		if err := browser.SetCookie(q.Request.URL, cookie+"; Path=/"); err != nil {
			return invalid("--cookie", "a browser does not take %q for %s: %v", cookie, q.Request.URL, err)
		}
	}
	return nil
}
