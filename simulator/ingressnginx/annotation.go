package ingressnginx

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Prefix of every annotation.
const annotationPrefix = "nginx.ingress.kubernetes.io/"

// modelledAnnotations are the annotations whose effect the model knows.
func modelledAnnotations() []string {
	return []string{
		"auth-realm", "auth-secret", "auth-secret-type", "auth-signin", "auth-signin-redirect-param", "auth-type", "auth-url",
		"cors-allow-credentials", "cors-allow-headers", "cors-allow-methods", "cors-allow-origin", "cors-expose-headers", "cors-max-age",
		"custom-http-errors", "default-backend", "enable-cors", "force-ssl-redirect",
		"limit-burst-multiplier", "limit-rpm", "limit-rps", "permanent-redirect", "permanent-redirect-code",
		"preserve-trailing-slash", "proxy-body-size", "proxy-read-timeout", "rewrite-target", "ssl-redirect",
		"temporal-redirect", "use-regex", "whitelist-source-range", "allowlist-source-range",
	}
}

// unmodelledAnnotations are the others that the controller knows, by version.
func unmodelledAnnotations(version Version) []string {
	names := strings.Fields(`
		affinity affinity-canary-behavior affinity-mode app-root
		auth-always-set-cookie auth-cache-duration auth-cache-key auth-keepalive auth-keepalive-requests
		auth-keepalive-share-vars auth-keepalive-timeout auth-method auth-proxy-set-headers auth-request-redirect
		auth-response-headers auth-snippet
		auth-tls-error-page auth-tls-match-cn auth-tls-pass-certificate-to-upstream auth-tls-secret
		auth-tls-verify-client auth-tls-verify-depth
		backend-protocol canary canary-by-cookie canary-by-header canary-by-header-pattern canary-by-header-value
		canary-weight canary-weight-total client-body-buffer-size configuration-snippet connection-proxy-header
		custom-headers denylist-source-range disable-proxy-intercept-errors
		enable-access-log enable-global-auth enable-modsecurity enable-opentelemetry enable-owasp-core-rules
		enable-rewrite-log fastcgi-index fastcgi-params-configmap from-to-www-redirect http2-push-preload
		limit-allowlist limit-connections limit-rate limit-rate-after limit-whitelist load-balance
		mirror-host mirror-request-body mirror-target modsecurity-snippet modsecurity-transaction-id
		opentelemetry-operation-name opentelemetry-trust-incoming-span
		proxy-buffer-size proxy-buffering proxy-buffers-number proxy-connect-timeout proxy-cookie-domain
		proxy-cookie-path proxy-http-version proxy-max-temp-file-size proxy-next-upstream proxy-next-upstream-timeout
		proxy-next-upstream-tries proxy-redirect-from proxy-redirect-to proxy-request-buffering proxy-send-timeout
		proxy-ssl-ciphers proxy-ssl-name proxy-ssl-protocols proxy-ssl-secret proxy-ssl-server-name proxy-ssl-verify
		proxy-ssl-verify-depth satisfy server-alias server-snippet service-upstream
		session-cookie-change-on-failure session-cookie-conditional-samesite-none session-cookie-domain
		session-cookie-expires session-cookie-max-age session-cookie-name session-cookie-path session-cookie-samesite
		session-cookie-secure ssl-ciphers ssl-passthrough ssl-prefer-server-ciphers stream-snippet
		upstream-hash-by upstream-hash-by-subset upstream-hash-by-subset-size upstream-vhost use-port-in-redirects
		x-forwarded-prefix`)
	switch version {
	case V1_11_0:
		return append(names, "global-rate-limit", "global-rate-limit-ignored-cidrs", "global-rate-limit-key", "global-rate-limit-window")
	default:
		return append(names, "proxy-busy-buffers-size", "relative-redirects", "temporal-redirect-code")
	}
}

// UnknownAnnotationError says that an Ingress has an annotation that the
// controller does not know, and would ignore without a word.
type UnknownAnnotationError struct {
	Ingress    string
	Annotation string
	// Nearest is the known annotation that is spelled most alike.
	Nearest string
}

// Error names the annotation and the nearest known one.
func (e *UnknownAnnotationError) Error() string {
	return fmt.Sprintf("Ingress %q: ingress-nginx knows no annotation %q: did you mean %q?", e.Ingress, e.Annotation, e.Nearest)
}

// NotModelledError says that the controller knows what was asked for, and the
// model does not: it does not guess.
type NotModelledError struct {
	Ingress    string
	Annotation string
	// Detail says what of the annotation is not modelled; empty when nothing of it is.
	Detail string
}

// Error names the annotation.
func (e *NotModelledError) Error() string {
	detail := e.Detail
	if detail == "" {
		detail = "its effect is outside this model"
	}
	return fmt.Sprintf("Ingress %q: the annotation %q is not modelled (%s): remove it, or run against the real controller", e.Ingress, e.Annotation, detail)
}

// Finding is something about an Ingress that its author would want to know:
// an annotation that does not do what it says.
type Finding struct {
	Ingress    string
	Annotation string
	Value      string
	// Consequence says what the controller does instead.
	Consequence string
	// Logged tells whether the controller says so in its log; otherwise nothing but the behaviour shows it.
	Logged bool
}

// String gives the finding in one line.
func (f Finding) String() string {
	return fmt.Sprintf("Ingress %q: %s %q: %s", f.Ingress, f.Annotation, f.Value, f.Consequence)
}

// annotations reads the annotations of one Ingress the way the controller does
// and collects what it finds.
type annotations struct {
	ingress  string
	values   map[string]string
	validate bool
	findings []Finding
}

// newAnnotations strips the prefix and refuses what the model cannot answer for.
func newAnnotations(ingress Ingress, version Version, validate bool) (*annotations, error) {
	known := modelledAnnotations()
	unmodelled := unmodelledAnnotations(version)
	parsed := &annotations{ingress: ingress.Name, values: make(map[string]string, len(ingress.Annotations)), validate: validate}
	for _, written := range sortedKeys(ingress.Annotations) {
		name := strings.TrimPrefix(written, annotationPrefix)
		switch {
		case slices.Contains(known, name):
			parsed.values[name] = ingress.Annotations[written]
		case slices.Contains(unmodelled, name):
			return nil, &NotModelledError{Ingress: ingress.Name, Annotation: name}
		default:
			return nil, &UnknownAnnotationError{Ingress: ingress.Name, Annotation: written, Nearest: nearest(name, slices.Concat(known, unmodelled))}
		}
	}
	return parsed, nil
}

// presence says what became of an annotation's value.
type presence int

const (
	// missing: not there, or empty, which the controller takes for the same.
	missing presence = iota
	// accepted: there, and of the right form.
	accepted
	// malformed: it passed the validator (or there was none) and cannot be read; not logged.
	malformed
	// invalid: refused by the annotation validator; logged.
	invalid
)

// validator decides on a value; nil means that every value passes.
type validator func(value string) bool

// matching is the validator of most annotations. The controller removes blanks
// before some of them are looked at.
func matching(pattern *regexp.Regexp, removeBlanks bool) validator {
	return func(value string) bool {
		if removeBlanks {
			value = strings.ReplaceAll(value, " ", "")
		}
		return pattern.MatchString(value) && !strings.ContainsAny(value, "\r\n")
	}
}

// text reads a string: each line is trimmed.
func (a *annotations) text(name string, valid validator) (string, presence) {
	value, there := a.values[name]
	if !there {
		return "", missing
	}
	if value != "" && a.validate && valid != nil && !valid(value) {
		return "", invalid
	}
	lines := strings.Split(value, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	if value = strings.Join(lines, "\n"); value == "" {
		return "", malformed
	}
	return value, accepted
}

// boolean reads what strconv.ParseBool reads.
func (a *annotations) boolean(name string) (bool, presence) {
	return parsed(a, name, strconv.ParseBool)
}

// integer reads what strconv.Atoi reads.
func (a *annotations) integer(name string) (int, presence) {
	return parsed(a, name, strconv.Atoi)
}

// parsed reads a value that has to be parsed as it stands, untrimmed.
func parsed[T any](a *annotations, name string, parse func(string) (T, error)) (T, presence) {
	var zero T
	value, there := a.values[name]
	if !there {
		return zero, missing
	}
	result, err := parse(value)
	switch {
	case err == nil:
		return result, accepted
	case value != "" && a.validate:
		return zero, invalid
	default:
		return zero, malformed
	}
}

// find adds a finding about an annotation that is there.
func (a *annotations) find(name, consequence string, logged bool) {
	a.findings = append(a.findings, Finding{
		Ingress: a.ingress, Annotation: name, Value: a.values[name], Consequence: consequence, Logged: logged,
	})
}

// fallBack adds a finding when a value was not taken. An empty one is not worth a word.
func (a *annotations) fallBack(name string, found presence, consequence string) {
	if found == invalid || found == malformed && a.values[name] != "" {
		a.find(name, consequence, found == invalid)
	}
}
