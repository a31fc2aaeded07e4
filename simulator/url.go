package simulator

import (
	"fmt"
	"net/url"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
)

// parsedURL is a URL record, parsed once: everything that the algorithms ask
// of it is a field. It is never changed.
// https://url.spec.whatwg.org/#concept-url
type parsedURL struct {
	// record is the base for relative references; nil for a plain URL.
	record *whatwg.Url
	// serialized is the URL with userinfo, without fragment.
	serialized string
	// fragment includes the "#"; it is "" when the fragment is null.
	fragment string
	// wire is the URL without userinfo and fragment: what an exchange carries.
	wire                string
	scheme              string
	host                string
	port                string
	path                string
	includesCredentials bool
	origin              *origin
	// target is the URL as net/http wants it.
	target *url.URL
}

// isHTTP reports whether the scheme is an HTTP(S) scheme.
func (u *parsedURL) isHTTP() bool { return u.scheme == "http" || u.scheme == "https" }

// isPotentiallyTrustworthy is
// https://w3c.github.io/webappsec-secure-contexts/#is-url-trustworthy
func (u *parsedURL) isPotentiallyTrustworthy() bool {
	if u.scheme == "data" || u.serialized == "about:blank" || u.serialized == "about:srcdoc" {
		return true
	}
	return u.origin.isPotentiallyTrustworthy()
}

// urlParser is the library's, with the path percent-encode set of the standard,
// which has had the "^" since 2023.
// https://url.spec.whatwg.org/#path-percent-encode-set
var urlParser = whatwg.NewParser(whatwg.WithPathPercentEncodeSet(whatwg.PathPercentEncodeSet.Set('^')))

// parseURL runs the URL parser on input with an optional base URL.
// https://url.spec.whatwg.org/#concept-url-parser
func parseURL(input string, base *parsedURL) (*parsedURL, error) {
	if plain, ok := parsePlainURL(input); ok {
		return plain, nil
	}
	var record *whatwg.Url
	var err error
	if base == nil {
		record, err = urlParser.Parse(input)
	} else {
		record, err = base.parseRelative(input)
	}
	if err != nil {
		return nil, fmt.Errorf("parse URL %q: %w", input, err)
	}
	return newParsedURL(record), nil
}

func newParsedURL(record *whatwg.Url) *parsedURL {
	u := &parsedURL{
		record:              record,
		serialized:          record.Href(true),
		scheme:              record.Scheme(),
		host:                record.Hostname(),
		port:                record.Port(),
		path:                record.Pathname(),
		includesCredentials: record.Username() != "" || record.Password() != "",
	}
	u.fragment = record.Href(false)[len(u.serialized):]
	u.wire = u.serialized
	if u.includesCredentials {
		start := len(u.scheme) + len("://")
		end := start + strings.IndexAny(u.serialized[start:]+"/", "/?")
		if at := strings.LastIndexByte(u.serialized[:end], '@'); at >= start {
			u.wire = u.serialized[:start] + u.serialized[at+1:]
		}
	}
	u.origin = originOfURL(u)
	u.target = targetOf(u)
	return u
}

// originOfURL is https://url.spec.whatwg.org/#concept-url-origin
func originOfURL(u *parsedURL) *origin {
	switch u.scheme {
	case "http", "https", "ws", "wss", "ftp":
		return newTupleOrigin(u.scheme, u.host, u.port)
	case "blob":
		inner, err := parseURL(strings.TrimPrefix(u.serialized, "blob:"), nil)
		if err == nil && inner.isHTTP() {
			return inner.origin
		}
	}
	return newOpaqueOrigin()
}

// targetOf gives net/http the path and query byte for byte as the URL parser
// serialized them. Where net/url would escape them differently, its Opaque
// field carries them.
func targetOf(u *parsedURL) *url.URL {
	if !u.isHTTP() {
		return nil
	}
	authority := len(u.scheme) + len("://")
	path := authority + strings.IndexAny(u.wire[authority:]+"/", "/?")
	requestTarget := u.wire[path:]
	target := &url.URL{Scheme: u.scheme, Host: u.wire[authority:path]}
	escaped, query, hasQuery := strings.Cut(requestTarget, "?")
	target.RawQuery, target.ForceQuery = query, hasQuery && query == ""
	if unescaped, err := url.PathUnescape(escaped); err == nil {
		target.Path, target.RawPath = unescaped, escaped
		if target.EscapedPath() == escaped {
			return target
		}
	}
	target.Path, target.RawPath, target.Opaque = "", "", escaped
	return target
}

// maximumRememberedURLs bounds the memory of a session that visits ever new URLs.
const maximumRememberedURLs = 1024

// urlMemory remembers parsed URLs, because a session asks for the same few
// again and again and parsing costs more than everything else in a fetch.
type urlMemory map[[2]string]*parsedURL

// parse is parseURL, remembered.
func (m urlMemory) parse(input string, base *parsedURL) (*parsedURL, error) {
	key := [2]string{input}
	if base != nil {
		key[1] = base.serialized
	}
	if known, found := m[key]; found {
		return known, nil
	}
	parsed, err := parseURL(input, base)
	if err != nil {
		return nil, err
	}
	if len(m) >= maximumRememberedURLs {
		clear(m)
	}
	m[key] = parsed
	return parsed, nil
}
