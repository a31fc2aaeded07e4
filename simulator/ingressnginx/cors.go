package ingressnginx

import (
	"regexp"
	"strconv"
	"strings"
)

// The values that the controller uses where an annotation gives none.
const (
	defaultMethods = "GET, PUT, POST, DELETE, PATCH, OPTIONS"
	defaultHeaders = "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization"
	defaultMaxAge  = 1728000
)

// CORS is the effective CORS configuration of an Ingress.
type CORS struct {
	Enabled bool
	// AllowOrigin is the list that requests are compared with, or the one
	// element "*". When it is empty CORS is off, whatever Enabled says.
	AllowOrigin []string
	// AllowMethods and AllowHeaders are sent as they stand; no request is compared with them.
	AllowMethods string
	AllowHeaders string
	// ExposeHeaders is empty when no such header is sent.
	ExposeHeaders    string
	AllowCredentials bool
	// MaxAge is in seconds; a negative value is sent as it stands.
	MaxAge int

	anyOrigin bool
	patterns  []originPattern
}

// corsGrammar holds the forms that one controller version accepts.
type corsGrammar struct {
	// list is the annotation validator's view of cors-allow-origin, blanks
	// removed. Commas are optional to it, so it accepts any sequence of schemes,
	// "*." labels, ports and host characters.
	list *regexp.Regexp
	// origin is the parser's view of one element.
	origin *regexp.Regexp
	// methods, headers and expose hold for validator and parser, with and without blanks.
	methods, headers, expose *regexp.Regexp
}

// Until v1.11 only http and https are schemes; then (pull request 11153) any
// run of lower-case letters, and null is an origin (12402), for which the list needs
// no rule: it is letters.
var (
	grammarV1_11_0 = newCORSGrammar("https?", "")
	grammarV1_15_1 = newCORSGrammar("[a-z]+", "null")
)

func corsGrammarOf(version Version) corsGrammar {
	if version == V1_11_0 {
		return grammarV1_11_0
	}
	return grammarV1_15_1
}

func newCORSGrammar(scheme, opaque string) corsGrammar {
	return corsGrammar{
		list:    regexp.MustCompile(`^(?:(?:` + scheme + `://|\*\.|:[0-9]+|[A-Za-z0-9.,-])*|\*)$`),
		origin:  regexp.MustCompile(`^(?:` + scheme + `://(?:\*\.)?[A-Za-z0-9.-]*(?::[0-9]+)?|` + opaque + `)$`),
		methods: regexp.MustCompile(`^(?:[A-Za-z]+,?\s?)+$`),
		headers: regexp.MustCompile(`^[A-Za-z0-9_, -]*$`),
		expose:  regexp.MustCompile(`^(?:(?:[A-Za-z0-9_-]+|\*),?\s?)+$`),
	}
}

// ParseCORS reads the CORS annotations of an Ingress as a controller does,
// which never refuses them: what it does not understand it replaces by a
// default or leaves out, and the findings tell. The error is an
// *UnknownAnnotationError or a *NotModelledError.
func ParseCORS(options Options, ingress Ingress) (CORS, []Finding, error) {
	ingress, version, validate, err := options.settle(ingress)
	if err != nil {
		return CORS{}, nil, err
	}
	values, err := newAnnotations(ingress, version, validate)
	if err != nil {
		return CORS{}, nil, err
	}
	cors, err := values.cors(corsGrammarOf(version))
	return cors, values.findings, err
}

func (a *annotations) cors(grammar corsGrammar) (CORS, error) {
	var cors CORS
	var found presence

	cors.Enabled, found = a.boolean("enable-cors")
	a.fallBack("enable-cors", found, `is not a boolean: taken for "false", CORS is off`)

	if found == missing {
		for _, name := range sortedKeys(a.values) {
			if strings.HasPrefix(name, "cors-") {
				a.find(name, `has no effect without enable-cors "true"`, false)
			}
		}
	}

	cors.AllowOrigin = a.origins(grammar)
	cors.AllowMethods = a.list("cors-allow-methods", grammar.methods, defaultMethods)
	cors.AllowHeaders = a.list("cors-allow-headers", grammar.headers, defaultHeaders)
	cors.ExposeHeaders = a.list("cors-expose-headers", grammar.expose, "")

	cors.AllowCredentials, found = a.boolean("cors-allow-credentials")
	if found != accepted {
		cors.AllowCredentials = true
	}
	a.fallBack("cors-allow-credentials", found, `is not a boolean: taken for "true", credentials are allowed`)

	cors.MaxAge, found = a.integer("cors-max-age")
	if found != accepted {
		cors.MaxAge = defaultMaxAge
	}
	a.fallBack("cors-max-age", found, "is not an integer: "+strconv.Itoa(defaultMaxAge)+" is sent")

	for _, list := range []struct{ annotation, value string }{
		{"cors-allow-methods", cors.AllowMethods}, {"cors-expose-headers", cors.ExposeHeaders},
	} {
		if strings.ContainsAny(list.value, "\r\n") {
			// Without the validator a line break reaches nginx.conf and splits the response.
			return CORS{}, &NotModelledError{Ingress: a.ingress, Annotation: list.annotation, Detail: "its value has a line break that the controller sends to clients"}
		}
	}

	cors.anyOrigin = len(cors.AllowOrigin) == 1 && cors.AllowOrigin[0] == "*"
	if !cors.anyOrigin {
		for _, origin := range cors.AllowOrigin {
			cors.patterns = append(cors.patterns, newOriginPattern(origin))
		}
	}
	return cors, nil
}

// list reads an annotation that is copied into a header.
func (a *annotations) list(name string, pattern *regexp.Regexp, instead string) string {
	value, found := a.text(name, matching(pattern, true))
	if found == accepted && !pattern.MatchString(value) {
		found = malformed
	}
	if found == accepted {
		return value
	}
	if found != missing && a.values[name] != "" {
		consequence := "does not have the form of a list: the default is sent, " + instead
		if instead == "" {
			consequence = "does not have the form of a list: the header is not sent"
		}
		a.find(name, consequence, found == invalid)
	}
	return instead
}

// origins reads cors-allow-origin. A value that the validator refuses opens the
// service to every origin; an element that only the parser refuses is left out.
func (a *annotations) origins(grammar corsGrammar) []string {
	const name = "cors-allow-origin"
	value, found := a.text(name, matching(grammar.list, true))
	if found != accepted {
		a.fallBack(name, found, `is invalid: every origin is allowed ("*")`)
		return []string{"*"}
	}
	var origins []string
	for element := range strings.SplitSeq(value, ",") {
		element = strings.TrimSpace(element)
		switch {
		case element == "":
		case element == "*":
			if strings.Trim(value, ", ") != "*" {
				a.find(name, `holds "*": every origin is allowed, whatever else is listed`, false)
			}
			return []string{"*"}
		case !grammar.origin.MatchString(element):
			a.find(name, "the origin "+strconv.Quote(element)+" is left out: it is not scheme://host[:port]", true)
		default:
			origins = append(origins, element)
		}
	}
	if origins == nil {
		a.find(name, "no origin is left: CORS is off, OPTIONS requests go to the service", false)
	}
	return origins
}

// originPattern is one alternative of the regular expression that nginx
// compares the Origin header with: case-insensitive, anchored at the end only,
// "*" for one label.
type originPattern struct {
	// head is what stands before the "*", tail what stands after it. Without a "*" all is tail.
	head, tail string
	wildcard   bool
}

func newOriginPattern(origin string) originPattern {
	if head, tail, found := strings.Cut(origin, "*"); found {
		return originPattern{head: head, tail: tail, wildcard: true}
	}
	return originPattern{tail: origin}
}

func (p originPattern) matches(origin string) bool {
	rest, found := cutSuffixFold(origin, p.tail)
	if !found || !p.wildcard {
		return found
	}
	label := len(rest)
	for label > 0 && isLabelByte(rest[label-1]) {
		label--
	}
	// The head ends in "//", which no label contains: the label is all of the run.
	if label == len(rest) {
		return false
	}
	_, found = cutSuffixFold(rest[:label], p.head)
	return found
}

func isLabelByte(c byte) bool {
	return c == '-' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// cutSuffixFold is strings.CutSuffix without regard to the case of ASCII letters.
func cutSuffixFold(s, suffix string) (string, bool) {
	start := len(s) - len(suffix)
	if start < 0 {
		return s, false
	}
	for i := range len(suffix) {
		if lower(s[start+i]) != lower(suffix[i]) {
			return s, false
		}
	}
	return s[:start], true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// AllowOriginFor returns the Access-Control-Allow-Origin value for a request
// with this Origin header ("" for none), and whether the request is one that
// gets CORS headers at all.
func (c *CORS) AllowOriginFor(origin string) (string, bool) {
	if !c.Enabled {
		return "", false
	}
	if c.anyOrigin {
		return "*", true
	}
	for _, pattern := range c.patterns {
		if pattern.matches(origin) {
			return origin, true
		}
	}
	return "", false
}
