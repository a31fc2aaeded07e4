package ingressnginx

import (
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// policy is what the annotations of one Ingress make of its locations.
type policy struct {
	cors CORS
	// denied is why the controller lets nothing through (503 without any of the other rules); empty when it does.
	denied string
	// rejected is why the controller ignores the Ingress altogether; empty when it does not.
	rejected string

	redirectURL  string
	redirectCode int

	sslRedirect, forceSSLRedirect, preserveTrailingSlash bool

	rewriteTarget string
	useRegex      bool

	allowed []netip.Prefix
	limiter *limiter

	basicAuth bool
	realm     string

	authURL           string
	signinURL         string
	signinRedirectArg string

	// maxBody is in bytes; 0 means that there is no limit.
	maxBody     int64
	readTimeout time.Duration

	customErrors   map[int]bool
	defaultBackend http.Handler
}

// The forms that the annotation validator accepts, beside CORS.
var (
	urlForm          = regexp.MustCompile(`^[A-Za-z0-9._~/:,?&= -]*$`)
	urlVariableForm  = regexp.MustCompile(`^[A-Za-z0-9._~/:, ?&=$-]*$`)
	namespacedForm   = regexp.MustCompile(`^[A-Za-z0-9._~/:-]*$`)
	realmForm        = regexp.MustCompile(`^[A-Za-z0-9._~/: -]*$`)
	authTypeForm     = regexp.MustCompile(`basic|digest`)
	authSecretForm   = regexp.MustCompile(`auth-file|auth-map`)
	rewriteForm      = regexp.MustCompile(`^[A-Za-z0-9._~/:$-]*$`)
	bodySizeForm     = regexp.MustCompile(`^(?i)[0-9]+[bkmg]?$`)
	nginxSizeForm    = regexp.MustCompile(`^([0-9]+)([kKmMgG]?)$`)
	customErrorsForm = regexp.MustCompile(`^(?:[45,][0-9]{2},?)*$`)
	serviceNameForm  = regexp.MustCompile(`^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$`)
)

// policyParser builds a policy step by step; the first error ends it.
type policyParser struct {
	*annotations
	options Options
	version Version
	policy  policy
	err     error
}

// parsePolicy reads all annotations of an Ingress.
func parsePolicy(options Options, ingress Ingress) (policy, []Finding, error) {
	ingress, version, validate, err := options.settle(ingress)
	if err != nil {
		return policy{}, nil, err
	}
	values, err := newAnnotations(ingress, version, validate)
	if err != nil {
		return policy{}, nil, err
	}
	p := &policyParser{annotations: values, options: options, version: version}
	if p.policy.cors, err = values.cors(corsGrammarOf(version)); err != nil {
		return policy{}, nil, err
	}
	for _, read := range []func(){
		p.readRedirect, p.readRewrite, p.readAllowlist, p.readLimits, p.readBasicAuth, p.readAuthRequest, p.readProxy, p.readCustomErrors,
	} {
		if read(); p.err != nil {
			return policy{}, nil, p.err
		}
	}
	return p.policy, values.findings, nil
}

// reject records that an invalid value makes the controller drop the whole Ingress.
func (p *policyParser) reject(name string) {
	p.find(name, "is invalid: the controller ignores the whole Ingress", true)
	p.policy.rejected = name
}

// deny records that the controller answers 503 to everything.
func (p *policyParser) deny(name, reason string) {
	p.find(name, reason+": every request is answered 503, without CORS headers", true)
	p.policy.denied = reason
}

func (p *policyParser) notModelled(name, detail string) {
	p.err = &NotModelledError{Ingress: p.ingress, Annotation: name, Detail: detail}
}

// template reads a URL that may have nginx variables in it.
func (p *policyParser) template(name string, valid validator) (string, presence) {
	value, found := p.text(name, valid)
	if variable := unknownVariable(value); variable != "" {
		p.notModelled(name, "the variable "+variable)
	}
	return value, found
}

// readRedirect: temporal-redirect wins over permanent-redirect. A value that cannot be read disables both.
func (p *policyParser) readRedirect() {
	const temporal, permanent, codeName = "temporal-redirect", "permanent-redirect", "permanent-redirect-code"
	target, found := p.template(temporal, matching(urlForm, false))
	switch found {
	case invalid:
		p.reject(temporal)
		return
	case malformed:
		p.find(temporal, "is empty: no redirect is made", false)
		return
	case accepted:
		if parsed, err := url.Parse(target); err != nil || !strings.HasPrefix(parsed.Scheme, "http") {
			p.find(temporal, "is no http URL: no redirect is made", false)
			return
		}
		p.policy.redirectURL, p.policy.redirectCode = target, http.StatusFound
		return
	}
	target, found = p.template(permanent, matching(urlForm, false))
	code, codeFound := p.integer(codeName)
	switch {
	case found == invalid:
		p.reject(permanent)
		return
	case found == accepted && codeFound == invalid:
		p.reject(codeName)
		return
	case found != accepted || codeFound == malformed:
		p.fallBack(codeName, codeFound, "is not an integer: no redirect is made")
		return
	case codeFound == accepted && (code < 300 || code > 308):
		p.find(codeName, "is not between 300 and 308: 301 is sent", false)
		code = http.StatusMovedPermanently
	case codeFound == missing:
		code = http.StatusMovedPermanently
	}
	switch code {
	case 300, 304, 305, 306:
		p.notModelled(codeName, "nginx sends the URL as the body of a "+strconv.Itoa(code))
		return
	}
	p.policy.redirectURL, p.policy.redirectCode = target, code
}

func (p *policyParser) readRewrite() {
	var found presence
	p.policy.rewriteTarget, found = p.text("rewrite-target", matching(rewriteForm, false))
	p.fallBack("rewrite-target", found, "is invalid: nothing is rewritten")
	for _, flag := range []struct {
		name     string
		value    *bool
		fallback bool
	}{
		{"ssl-redirect", &p.policy.sslRedirect, true},
		{"force-ssl-redirect", &p.policy.forceSSLRedirect, false},
		{"preserve-trailing-slash", &p.policy.preserveTrailingSlash, false},
		{"use-regex", &p.policy.useRegex, false},
	} {
		value, found := p.boolean(flag.name)
		if found != accepted {
			value = flag.fallback
		}
		*flag.value = value
		p.fallBack(flag.name, found, "is not a boolean: taken for "+strconv.Quote(strconv.FormatBool(flag.fallback)))
	}
}

// readAllowlist: whitelist-source-range is the older name, and counts where the newer one is absent or empty.
func (p *policyParser) readAllowlist() {
	name := "allowlist-source-range"
	if p.values[name] == "" && p.values["whitelist-source-range"] != "" {
		name = "whitelist-source-range"
	}
	value, there := p.values[name]
	if !there {
		return
	}
	for element := range strings.SplitSeq(strings.TrimSpace(value), ",") {
		element = strings.TrimSpace(element)
		prefix, err := netip.ParsePrefix(element)
		if err != nil {
			address, addressErr := netip.ParseAddr(element)
			if addressErr != nil {
				p.deny(name, strconv.Quote(element)+" is neither an address nor a network")
				return
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		p.policy.allowed = append(p.policy.allowed, prefix.Masked())
	}
}

func (p *policyParser) readLimits() {
	var limits [2]int
	for i, name := range []string{"limit-rps", "limit-rpm"} {
		value, found := p.integer(name)
		if found == invalid {
			p.reject(name)
			return
		}
		p.fallBack(name, found, "is not an integer: there is no limit")
		limits[i] = value
	}
	multiplier, found := p.integer("limit-burst-multiplier")
	if found != accepted {
		multiplier = 5
	}
	p.fallBack("limit-burst-multiplier", found, "is not an integer: 5 is used")
	var rates []rate
	for i, seconds := range []int64{1, 60} {
		if limit := int64(limits[i]); limit > 0 {
			rates = append(rates, rate{perSecond: limit * 1000 / seconds, burst: limit * int64(multiplier) * 1000})
		}
	}
	if rates == nil {
		return
	}
	if multiplier <= 0 {
		p.notModelled("limit-burst-multiplier", "nginx refuses a configuration whose burst is not positive")
		return
	}
	p.policy.limiter = newLimiter(rates)
}

func (p *policyParser) readProxy() {
	p.policy.maxBody = 1 << 20
	size, found := p.text("proxy-body-size", matching(bodySizeForm, true))
	parts := nginxSizeForm.FindStringSubmatch(size)
	if found == accepted && parts == nil {
		found = malformed
	}
	p.fallBack("proxy-body-size", found, "is not a size: 1m is the limit")
	if parts != nil {
		shift := map[string]uint{"": 0, "k": 10, "m": 20, "g": 30}[strings.ToLower(parts[2])]
		number, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil || number > (1<<62)>>shift {
			p.notModelled("proxy-body-size", "nginx refuses a size that large")
			return
		}
		p.policy.maxBody = number << shift
	}

	seconds, found := p.integer("proxy-read-timeout")
	if found != accepted {
		seconds = 60
	}
	p.fallBack("proxy-read-timeout", found, "is not a number of seconds: 60 is used")
	if seconds <= 0 {
		p.notModelled("proxy-read-timeout", "a timeout of no time")
		return
	}
	p.policy.readTimeout = time.Duration(seconds) * time.Second
}

func (p *policyParser) readCustomErrors() {
	const name = "custom-http-errors"
	value, found := p.text(name, matching(customErrorsForm, true))
	if found == invalid {
		p.reject(name)
		return
	}
	if found == accepted {
		p.policy.customErrors = p.statusList(name, value)
	}
	if service, found := p.text("default-backend", serviceNameForm.MatchString); found == invalid {
		p.reject("default-backend")
	} else if found == accepted {
		if p.options.DefaultBackend == nil {
			p.find("default-backend", "names the service "+strconv.Quote(service)+", which does not exist: the annotation has no effect", false)
		}
		p.policy.defaultBackend = p.options.DefaultBackend
	}
}

func (p *policyParser) statusList(name, value string) map[int]bool {
	statuses := make(map[int]bool)
	for element := range strings.SplitSeq(value, ",") {
		if p.version != V1_11_0 {
			// Trimming came with later versions; before, "404, 500" was no list.
			if element = strings.TrimSpace(element); element == "" {
				continue
			}
		}
		status, err := strconv.Atoi(element)
		if err != nil {
			p.find(name, strconv.Quote(element)+" is not a status: the annotation has no effect", false)
			return nil
		}
		if status < 300 || status > 599 {
			p.notModelled(name, "nginx refuses an error_page for "+strconv.Itoa(status))
			return nil
		}
		statuses[status] = true
	}
	return statuses
}
