package audit

import "slices"

// Severity says how bad a finding is.
type Severity string

// The severities. Info asks for a decision, and nothing has to be wrong.
const (
	High   Severity = "high"
	Medium Severity = "medium"
	Low    Severity = "low"
	Info   Severity = "info"
)

// Severities are all of them, the worst first.
func Severities() []Severity { return []Severity{High, Medium, Low, Info} }

// rank is higher for worse; 0 for none.
func (s Severity) rank() int {
	if i := slices.Index(Severities(), s); i >= 0 {
		return len(Severities()) - i
	}
	return 0
}

// AtLeast tells whether s is as bad as other, or worse.
func (s Severity) AtLeast(other Severity) bool { return s.rank() >= other.rank() }

// Rule is a class of findings.
type Rule struct {
	ID string
	// Title says in a few words what is wrong, Text why it matters.
	Title, Text string
	// Severity is that of the worst case.
	Severity Severity
	// URL is where the rule comes from.
	URL string
}

// The rules' ids.
const (
	ruleAnyOriginCredentials = "any-origin-with-credentials"
	ruleAnyOrigin            = "any-origin"
	ruleAnyOriginSends       = "any-origin-may-send"
	ruleNull                 = "null-origin"
	rulePrefix               = "prefix-match"
	ruleSuffix               = "suffix-match"
	ruleDot                  = "unescaped-dot"
	rulePublicSuffix         = "public-suffix"
	ruleSubdomain            = "any-subdomain"
	ruleScheme               = "insecure-origin"
	rulePort                 = "any-port"
	ruleLocalhost            = "localhost-origin"
	ruleLoose                = "loose-comparison"
	ruleRefused              = "declared-origin-refused"
	ruleInvalidOrigin        = "invalid-allow-origin"
	ruleWildcardCredentials  = "wildcard-with-credentials"
	ruleLiteralWildcard      = "literal-wildcard"
	ruleVary                 = "missing-vary"
	ruleMaxAge               = "max-age"
	rulePreflightBypass      = "preflight-before-authentication"
	rulePreflightFails       = "preflight-fails"
	ruleAnnotation           = "annotation-misread"
	ruleUnknownAnnotation    = "unknown-annotation"
	ruleSnippet              = "snippet-answers-cors"
	ruleWhatever             = "whatever-is-asked"
)

const (
	corsCheck   = "https://fetch.spec.whatwg.org/#cors-check"
	corsHeaders = "https://fetch.spec.whatwg.org/#http-new-header-syntax"
	preflights  = "https://fetch.spec.whatwg.org/#cors-preflight-fetch"
	varySection = "https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches"
	annotations = "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#enable-cors"
)

// Rules are all of them.
func Rules() []Rule {
	return []Rule{
		{ruleAnyOriginCredentials, "Any site can read as the signed-in user", "The policy echoes every Origin and allows credentials: whatever page a user visits can ask in the user's name, and read the answers.", High, corsCheck},
		{ruleAnyOrigin, "Any site can read without credentials", "Fine for public data. It is not fine where the network is the protection: a page in an employee's browser reads from inside.", High, corsCheck},
		{ruleAnyOriginSends, "Any site may send requests that need leave", "The preflight of every origin is allowed: methods and headers that no other site could use without it, with the user's cookies where credentials are allowed.", High, preflights},
		{ruleNull, "The origin null is allowed", "Every sandboxed frame, on any site, has the origin null.", High, corsCheck},
		{rulePrefix, "Origins that begin alike are allowed", "The comparison ends before the origin does: somebody else registers a domain that begins like an allowed one.", High, corsCheck},
		{ruleSuffix, "Origins that end alike are allowed", "The comparison begins after the origin does: somebody else registers a domain that ends like an allowed one.", High, corsCheck},
		{ruleDot, "A dot of the pattern matches any character", "The pattern is a regular expression with dots that are not quoted: somebody else registers the domain with another character there.", High, corsCheck},
		{rulePublicSuffix, "Every domain under a public suffix is allowed", "Anybody can get a name under a public suffix, such as github.io.", High, "https://publicsuffix.org/"},
		{ruleSubdomain, "Every sub-domain is allowed", "One sub-domain that is taken over, or has cross-site scripting, is enough.", Medium, corsCheck},
		{ruleScheme, "A page that came without TLS is allowed", "Who controls a user's network writes such a page, and reads what the API sends by TLS.", Medium, corsCheck},
		{rulePort, "Every port of an allowed host is allowed", "Other programs on that host, development servers for instance, are let in with it.", Low, corsCheck},
		{ruleLocalhost, "Pages of the user's own machine are allowed", "Any program that listens there, and whoever serves a page through it, is let in.", Medium, corsCheck},
		{ruleLoose, "Origins are compared loosely", "The comparison accepts what no browser sends. It is harmless until some other client sends it.", Info, corsCheck},
		{ruleRefused, "An origin of the list is refused", "The policy names the origin, and a browser refuses its page.", Medium, corsCheck},
		{ruleInvalidOrigin, "Access-Control-Allow-Origin is no origin", "A browser takes one origin, or *, and compares byte by byte: lists and patterns allow nobody.", Medium, corsHeaders},
		{ruleWildcardCredentials, "A star together with credentials", "A browser refuses every credentialed request whose answer allows *: the two headers contradict each other.", Medium, corsCheck},
		{ruleLiteralWildcard, "A star that is none", "For a request with credentials, * in Allow-Methods, Allow-Headers and Expose-Headers is a name and no wildcard.", Low, corsHeaders},
		{ruleVary, "Vary: Origin is missing", "The answer depends on Origin and does not say so: a cache gives one origin's answer to another, which then is refused, or let in.", Medium, varySection},
		{ruleMaxAge, "The age of preflights is beyond what browsers keep, or not said", "Chromium keeps a preflight's answer for 7200 seconds at most, Firefox for 86400, and both for 5 seconds where nothing is said.", Low, "https://fetch.spec.whatwg.org/#http-access-control-max-age"},
		{rulePreflightBypass, "Preflights pass by authentication and limits", "A preflight carries no credentials, so it has to be answered without; what answers it is open to everybody, whatever guards the rest.", Low, preflights},
		{rulePreflightFails, "The preflight of an allowed origin fails", "Pages of the origin can read, and can send only what needs no preflight.", Medium, preflights},
		{ruleAnnotation, "An annotation does not do what it says", "The controller does not take the value as it is written, and does something else.", High, annotations},
		{ruleUnknownAnnotation, "An annotation that the controller does not know", "The controller ignores it without a word.", Medium, annotations},
		{ruleWhatever, "Whatever is asked for is allowed", "The preflight's answer repeats the question: a method or header that the API gets one day is open to other origins from its first day.", Low, preflights},
		{ruleSnippet, "A snippet writes CORS headers", "The model runs no snippets, so what browsers make of these headers is not part of this audit.", Info, annotations},
	}
}

// IsRule tells whether there is a rule of this id.
func IsRule(id string) bool {
	return slices.ContainsFunc(Rules(), func(rule Rule) bool { return rule.ID == id })
}
