package simulator

import (
	"fmt"
	"strconv"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
)

// parsePlainURL parses an http or https URL that the URL parser takes as it is:
// a lower-case name, a port that is not the scheme's own, and a path and a query of
// characters that mean nothing. It is not ok for any other URL, which is not to
// say that it is invalid. Nearly all URLs are plain, and the URL parser costs
// more than all of a fetch besides.
func parsePlainURL(input string) (*parsedURL, bool) {
	scheme, rest, found := strings.Cut(input, "://")
	if !found || scheme != "http" && scheme != "https" {
		return nil, false
	}
	authority, path := rest, "/"
	serialized := input
	if slash := strings.IndexByte(rest, '/'); slash >= 0 {
		authority, path = rest[:slash], rest[slash:]
	} else {
		serialized += "/"
	}
	path, query, _ := strings.Cut(path, "?")
	host, port, hasPort := strings.Cut(authority, ":")
	if !isPlainHost(host) || hasPort && !isPlainPort(scheme, port) || !isPlain(path, "/") || strings.Contains(path, "/.") || !isPlain(query, "/=&") {
		return nil, false
	}
	u := &parsedURL{serialized: serialized, wire: serialized, scheme: scheme, host: host, port: port, path: path}
	u.origin = originOfURL(u)
	u.target = targetOf(u)
	return u, true
}

// isPlainHost reports whether a host is a domain that stays as it is: of ASCII
// labels, without one in Punycode, and with a last one that is no number.
// https://url.spec.whatwg.org/#concept-host-parser
func isPlainHost(host string) bool {
	label := ""
	for label = range strings.SplitSeq(host, ".") {
		if label == "" || strings.HasPrefix(label, "xn--") || strings.ContainsAny(label, "_~") || !isPlain(label, "") || byteLowercase(label) != label {
			return false
		}
	}
	return 'a' <= label[0] && label[0] <= 'z'
}

// isPlainPort reports whether a port is written as it is serialized, and not the scheme's own.
func isPlainPort(scheme, port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return err == nil && strconv.FormatUint(number, 10) == port && (scheme != "http" || number != 80) && (scheme != "https" || number != 443)
}

// isPlain reports whether a part of a URL has letters, digits and harmless marks only.
func isPlain(part, marks string) bool {
	for i := range len(part) {
		switch b := part[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '-', b == '_', b == '.', b == '~':
		case strings.IndexByte(marks, b) < 0:
			return false
		}
	}
	return true
}

// parseRelative parses input with the URL as its base.
func (u *parsedURL) parseRelative(input string) (*whatwg.Url, error) {
	record := u.record
	if record == nil {
		var err error
		if record, err = urlParser.Parse(u.serialized); err != nil {
			return nil, fmt.Errorf("parse the base URL %q: %w", u.serialized, err)
		}
	}
	return record.Parse(input)
}
