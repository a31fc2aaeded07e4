package ingressnginx

import (
	"crypto/subtle"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

func (p *policyParser) readBasicAuth() {
	kind, found := p.text("auth-type", matching(authTypeForm, true))
	switch {
	case found == invalid:
		p.reject("auth-type")
		return
	case found == malformed:
		p.find("auth-type", "is empty: nothing is protected", false)
		return
	case found == missing:
		return
	case !authTypeForm.MatchString(kind):
		p.deny("auth-type", strconv.Quote(kind)+" is neither basic nor digest")
		return
	}
	secretType, found := p.text("auth-secret-type", matching(authSecretForm, true))
	switch {
	case found == invalid:
		p.reject("auth-secret-type")
		return
	case found == accepted && secretType != "auth-file" && secretType != "auth-map":
		p.deny("auth-secret-type", strconv.Quote(secretType)+" is neither auth-file nor auth-map")
		return
	}
	secret, found := p.text("auth-secret", matching(namespacedForm, true))
	switch {
	case found != accepted || strings.Count(secret, "/") > 1:
		p.deny("auth-secret", "the name of the secret cannot be read")
		return
	case strings.Contains(secret, "/"):
		p.notModelled("auth-secret", "a secret of a named namespace")
		return
	case p.options.Users == nil:
		p.deny("auth-secret", "the secret "+strconv.Quote(secret)+" does not exist")
		return
	}
	if p.policy.realm, found = p.text("auth-realm", matching(realmForm, false)); found == invalid {
		p.reject("auth-realm")
		return
	}
	if kind != "basic" {
		p.notModelled("auth-type", "digest authentication")
		return
	}
	if p.policy.realm == "off" {
		// To nginx "off" is not a realm.
		p.find("auth-realm", "turns authentication off: nothing is protected", false)
		return
	}
	p.policy.basicAuth = true
}

func (p *policyParser) readAuthRequest() {
	target, found := p.template("auth-url", matching(urlVariableForm, true))
	switch found {
	case invalid:
		p.reject("auth-url")
		return
	case missing:
		return
	case malformed:
		p.find("auth-url", "is empty: nothing is protected", false)
		return
	}
	parsed, err := url.Parse(target)
	if err != nil || parsed.Scheme == "" || parsed.Host == "" || strings.Contains(parsed.Host, "..") {
		p.deny("auth-url", "it is not an absolute URL")
		return
	}
	p.policy.authURL = target
	p.policy.signinURL, found = p.template("auth-signin", matching(urlVariableForm, true))
	p.fallBack("auth-signin", found, "is invalid: clients get the 401")
	p.policy.signinRedirectArg, found = p.text("auth-signin-redirect-param", matching(urlForm, true))
	p.fallBack("auth-signin-redirect-param", found, `is invalid: "rd" is used`)
}

// signin is where a client without a session is sent: the annotation's URL, with
// the request's URL as an argument unless it has one of that name.
func (p *policy) signin(request *http.Request) string {
	argument := p.signinRedirectArg
	if argument == "" {
		argument = "rd"
	}
	target := p.signinURL
	parsed, err := url.Parse(target)
	if err == nil && parsed.Query().Get(argument) == "" {
		separator := "?"
		if len(parsed.Query()) > 0 {
			separator = "&"
		}
		target += separator + argument + "=$pass_access_scheme://$http_host$escaped_request_uri"
	}
	return expand(target, request)
}

// admits is nginx's access module with "allow" lines and a "deny all".
func (p *policy) admits(client netip.Addr) bool {
	if p.allowed == nil {
		return true
	}
	for _, prefix := range p.allowed {
		if prefix.Contains(client) {
			return true
		}
	}
	return false
}

// clientAddress is the peer's address; invalid when the request does not say.
func clientAddress(request *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(request.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return peer.Addr().Unmap()
}

// authenticated checks the request's Basic credentials.
func authenticated(request *http.Request, users map[string]string) bool {
	user, password, given := request.BasicAuth()
	expected, known := users[user]
	return given && known && subtle.ConstantTimeCompare([]byte(password), []byte(expected)) == 1
}

// authDecision is the auth service's answer, as nginx's auth_request takes it.
type authDecision struct {
	// status is 0 when the request may pass.
	status    int
	challenge []string
	cookie    string
}

// askAuthService makes the subrequest: a GET with the request's headers, and without its body.
func (c *Controller) askAuthService(request *http.Request, policy *policy) authDecision {
	if c.options.AuthService == nil {
		return authDecision{status: http.StatusInternalServerError}
	}
	target, err := url.Parse(expand(policy.authURL, request))
	if err != nil {
		return authDecision{status: http.StatusInternalServerError}
	}
	subrequest := request.Clone(request.Context())
	subrequest.Method, subrequest.URL, subrequest.Host = http.MethodGet, target, target.Hostname()
	subrequest.RequestURI = target.RequestURI()
	subrequest.Body, subrequest.ContentLength, subrequest.TransferEncoding = http.NoBody, 0, nil
	for name, value := range map[string]string{
		"X-Original-Url":          scheme(request) + "://" + request.Host + requestURI(request),
		"X-Original-Method":       request.Method,
		"X-Sent-From":             "nginx-ingress-controller",
		"X-Auth-Request-Redirect": requestURI(request),
	} {
		subrequest.Header.Set(name, value)
	}
	subrequest.Header.Del("Content-Length")
	answer, err := roundTrip(c.options.AuthService, subrequest, c.options.lasting(policy.readTimeout))
	switch {
	case err != nil:
		return authDecision{status: http.StatusInternalServerError}
	case answer.status >= 200 && answer.status < 300:
		return authDecision{cookie: answer.sent.Get("Set-Cookie")}
	case answer.status == http.StatusUnauthorized:
		return authDecision{status: answer.status, challenge: answer.sent.Values("WWW-Authenticate"), cookie: answer.sent.Get("Set-Cookie")}
	case answer.status == http.StatusForbidden:
		return authDecision{status: answer.status}
	default:
		return authDecision{status: http.StatusInternalServerError}
	}
}
