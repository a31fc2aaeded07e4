package audit

import (
	"net"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Class says what an origin tries.
type Class string

// The classes.
const (
	// Declared: the policy names it.
	Declared Class = "declared"
	// Foreign: any site at all.
	Foreign Class = "foreign"
	// Opaque: a sandboxed frame of any site.
	Opaque Class = "opaque"
	// Prefix, Suffix and Dot: a domain that anybody can register, spelled like an allowed one.
	Prefix Class = "prefix"
	Suffix Class = "suffix"
	Dot    Class = "dot"
	// Subdomain: a name under an allowed one.
	Subdomain Class = "subdomain"
	// PublicSuffix: a name under a public suffix.
	PublicSuffix Class = "public-suffix"
	// Insecure: an allowed host without TLS.
	Insecure Class = "insecure"
	// Port: an allowed host at another port.
	Port Class = "port"
	// Localhost: the user's own machine.
	Localhost Class = "localhost"
	// Loose: what no browser sends.
	Loose Class = "loose"
)

// origin is a page's origin that is tried.
type origin struct {
	value string
	class Class
	// of is the declared origin that it is spelled like.
	of string
}

// foreignHost is a site that nobody has: RFC 2606 keeps the name.
const foreignHost = "crosscheck-audit.example"

// foreignOrigin is any site's origin for a URL: a page with TLS may not ask an http URL.
func foreignOrigin(url string) string {
	scheme, _, _ := strings.Cut(url, "://")
	return strings.ToLower(scheme) + "://" + foreignHost
}

// opaqueOrigin is how an opaque origin is written.
const opaqueOrigin = "null"

// base are the declared origins, any site, and a frame of any site.
func base(declared []string, url string) []origin {
	var list []origin
	for _, of := range declared {
		if parsed, ok := parseOrigin(of); ok && parsed.label == "" {
			list = append(list, origin{parsed.String(), Declared, of})
		}
	}
	return append(list, origin{value: foreignOrigin(url), class: Foreign}, origin{value: opaqueOrigin, class: Opaque})
}

// tricks are what an attacker makes of a declared origin.
func tricks(of string) []origin {
	var list []origin
	if parsed, ok := parseOrigin(of); ok {
		parsed.tricks(func(value string, class Class) { list = append(list, origin{value, class, of}) })
	}
	return list
}

// localhosts are pages of the user's own machine.
func localhosts() []origin {
	return []origin{
		{value: "http://localhost:3000", class: Localhost}, {value: "http://localhost", class: Localhost}, {value: "http://127.0.0.1:8080", class: Localhost},
	}
}

// webOrigin is a declared origin in its parts.
type webOrigin struct {
	scheme, host, port string
	// label is "*." where the origin stands for all names under host.
	label string
}

// parseOrigin reads a declared origin, which may have a "*." before its host.
func parseOrigin(text string) (webOrigin, bool) {
	scheme, rest, found := strings.Cut(strings.ToLower(strings.TrimSpace(text)), "://")
	if !found || scheme != "http" && scheme != "https" {
		return webOrigin{}, false
	}
	o := webOrigin{scheme: scheme}
	if strings.HasPrefix(rest, "*.") {
		o.label, rest = "*.", rest[2:]
	}
	parsed, err := url.Parse(scheme + "://" + rest)
	if err != nil || parsed.Hostname() == "" || strings.Contains(parsed.Host, "*") || parsed.Path != "" || parsed.RawQuery != "" || parsed.User != nil {
		return webOrigin{}, false
	}
	o.host, o.port = parsed.Hostname(), parsed.Port()
	if o.port == map[string]string{"http": "80", "https": "443"}[scheme] {
		o.port = ""
	}
	return o, true
}

// String is the origin as a browser writes it.
func (o webOrigin) String() string { return o.with(o.label + o.host) }

// with is the origin with another host.
func (o webOrigin) with(host string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if o.port != "" {
		host += ":" + o.port
	}
	return o.scheme + "://" + host
}

// tricks are the origins that are spelled like an allowed one.
func (o webOrigin) tricks(add func(value string, class Class)) {
	if net.ParseIP(o.host) != nil || !strings.Contains(o.host, ".") {
		// An address or a bare name has neither sub-domains nor look-alikes.
		add(webOrigin{scheme: o.scheme, host: o.host, port: "8443"}.String(), Port)
		return
	}
	suffix, _ := publicsuffix.PublicSuffix(o.host)
	registrable, err := publicsuffix.EffectiveTLDPlusOne(o.host)
	if err != nil {
		registrable = o.host
	}
	under := Subdomain
	if suffix == o.host {
		under = PublicSuffix
	}
	host := o.host
	if o.label != "" {
		// What stands for the star is ours to choose.
		host = "www." + o.host
	}
	add(o.with(host+"."+foreignHost), Prefix)
	add(o.with(host+"-audit.example"), Prefix)
	if under != PublicSuffix {
		add(o.with("audit"+registrable), Suffix)
	}
	// The dots of the host, one by one, but the last: every result is a name that can be registered.
	for i, c := range o.host {
		if c == '.' && i < strings.LastIndexByte(o.host, '.') {
			add(o.with(host[:len(host)-len(o.host)]+o.host[:i]+"x"+o.host[i+1:]), Dot)
		}
	}
	add(o.with("crosscheck-audit."+o.host), under)
	add(o.with("a.crosscheck-audit."+o.host), under)
	if registrable != o.host && under != PublicSuffix {
		add(o.with("crosscheck-audit."+registrable), Subdomain)
	}
	insecure := o
	insecure.scheme, insecure.port = "http", ""
	add(insecure.with(host), Insecure)
	elsewhere := o
	elsewhere.port = "8443"
	if o.port == elsewhere.port {
		elsewhere.port = "9443"
	}
	add(elsewhere.with(host), Port)
}

// looseOrigins are spellings of a declared origin that no browser sends.
func looseOrigins(declared []string) []origin {
	for _, of := range declared {
		if parsed, ok := parseOrigin(of); ok {
			if parsed.label != "" {
				parsed.label, parsed.host = "", "www."+parsed.host
			}
			return []origin{{"x" + parsed.String(), Loose, of}, {strings.ToUpper(parsed.String()), Loose, of}}
		}
	}
	return nil
}
