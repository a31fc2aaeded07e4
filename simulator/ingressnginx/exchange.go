package ingressnginx

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// exchange is one request on its way through nginx's phases.
type exchange struct {
	controller *Controller
	request    *http.Request
	server     *server
	location   *location
	now        time.Time

	// corsFor is set once the rewrite phase has found that the answer gets CORS headers.
	corsFor     *CORS
	allowOrigin string
	// cookie is the auth service's Set-Cookie.
	cookie string
	// elsewhere is set when the answer does not come from the Ingress's location,
	// where alone the controller's Lua filter adds Strict-Transport-Security.
	elsewhere  bool
	reachedApp bool
}

// answer goes through the phases in nginx's order.
func (e *exchange) answer() Answer {
	policy := e.location.policy
	// Find-config phase, before any rule of the location runs.
	if policy.maxBody > 0 && e.request.ContentLength > policy.maxBody {
		return e.fail(http.StatusRequestEntityTooLarge)
	}
	// Rewrite phase. A denied location has no rule but "return 503", and no error pages.
	if policy.denied != "" {
		return e.errorPage(http.StatusServiceUnavailable, nil)
	}
	if allowOrigin, allowed := policy.cors.AllowOriginFor(firstOrigin(e.request)); allowed {
		e.corsFor, e.allowOrigin = &policy.cors, allowOrigin
		if e.request.Method == http.MethodOptions {
			return e.preflight()
		}
	}
	if policy.redirectURL != "" {
		return e.redirect(policy.redirectCode, expand(policy.redirectURL, e.request))
	}
	if e.wantsTLS() {
		return e.redirectToTLS()
	}
	backend := e.backend()
	if backend == nil {
		return e.fail(http.StatusServiceUnavailable)
	}
	// Preaccess phase.
	client := clientAddress(e.request)
	if policy.limiter != nil && !policy.limiter.allow(client, e.now) {
		return e.fail(http.StatusServiceUnavailable)
	}
	// Access phase.
	if !policy.admits(client) {
		return e.fail(http.StatusForbidden)
	}
	if policy.basicAuth && !authenticated(e.request, e.controller.options.Users) {
		return e.unauthorized([]string{"Basic realm=" + strconv.Quote(policy.realm)})
	}
	if policy.authURL != "" {
		decision := e.controller.askAuthService(e.request, policy)
		e.cookie = decision.cookie
		switch decision.status {
		case 0:
		case http.StatusUnauthorized:
			return e.unauthorized(decision.challenge)
		default:
			return e.fail(decision.status)
		}
	}
	// Content phase.
	return e.proxy(backend)
}

// firstOrigin is $http_origin: of several Origin headers nginx 1.22, with which
// the answers were recorded, takes the first. (From 1.23 on nginx joins them; browsers send one.)
func firstOrigin(request *http.Request) string { return request.Header.Get("Origin") }

// preflight answers every OPTIONS request of an allowed origin, whether or not a browser would call it a preflight.
func (e *exchange) preflight() Answer {
	var list headerList
	list.addCORS(e.corsFor, e.allowOrigin)
	// The template also sets a Content-Type, which nginx drops from a 204.
	list.set("Content-Length", "0")
	return e.seal(Answer{Status: http.StatusNoContent, Header: list})
}

// wantsTLS decides on the redirect to https.
func (e *exchange) wantsTLS() bool {
	policy := e.location.policy
	return e.request.TLS == nil && (policy.forceSSLRedirect || policy.sslRedirect && e.server.hasTLS)
}

func (e *exchange) redirectToTLS() Answer {
	uri := requestURI(e.request)
	if !e.location.policy.preserveTrailingSlash {
		uri = strings.TrimSuffix(uri, "/")
	}
	host, _, _ := strings.Cut(e.request.Host, ":")
	return e.redirect(http.StatusPermanentRedirect, "https://"+host+uri)
}

func (e *exchange) redirect(status int, target string) Answer {
	if strings.HasPrefix(target, "/") {
		target = scheme(e.request) + "://" + hostname(e.request) + target
	}
	return e.fail(status, "Location", target)
}

// backend is what the location proxies to; nil means that there are no endpoints.
func (e *exchange) backend() http.Handler {
	switch {
	case e.location.isDefault:
		return notFound()
	case e.location.backend == nil && e.location.policy.defaultBackend != nil:
		return e.location.policy.defaultBackend
	default:
		return e.location.backend
	}
}

// notFound is the default backend that is built into the controller.
func notFound() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusNotFound)
		// A capture does not fail.
		_, _ = w.Write(errorPage(r, http.StatusNotFound))
	})
}

func (e *exchange) unauthorized(challenge []string) Answer {
	policy := e.location.policy
	if policy.authURL != "" && policy.signinURL != "" {
		// The error page for 401 is a location of its own, with the CORS rules and a "return 302".
		e.elsewhere = true
		return e.errorPage(http.StatusFound, headerList{{Name: "Location", Value: policy.signin(e.request)}})
	}
	var fields []string
	for _, value := range challenge {
		fields = append(fields, "WWW-Authenticate", value)
	}
	return e.fail(http.StatusUnauthorized, fields...)
}

// proxy asks the backend.
func (e *exchange) proxy(backend http.Handler) Answer {
	policy := e.location.policy
	request, err := e.proxyRequest()
	if err != nil {
		return e.fail(http.StatusRequestEntityTooLarge)
	}
	e.reachedApp = !e.location.isDefault && e.location.backend != nil
	answer, err := roundTrip(backend, request, e.controller.options.lasting(policy.readTimeout))
	switch {
	case errors.Is(err, errGatewayTimeout):
		return e.fail(http.StatusGatewayTimeout)
	case err != nil:
		return e.fail(http.StatusBadGateway)
	case policy.customErrors[answer.status]:
		return e.fail(answer.status)
	}
	list := answer.fields(e.request)
	if e.corsFor != nil {
		list.addCORS(e.corsFor, e.allowOrigin)
	}
	return e.seal(Answer{Status: answer.status, Header: list, Body: answer.body.Bytes()})
}

// errBodyTooLarge is a body without a Content-Length that grew over proxy-body-size.
var errBodyTooLarge = errors.New("the request body is larger than proxy-body-size")

// proxyRequest is the request as nginx sends it to the backend.
func (e *exchange) proxyRequest() (*http.Request, error) {
	policy := e.location.policy
	request := e.request.Clone(e.request.Context())
	if policy.maxBody > 0 && request.ContentLength < 0 {
		body, err := io.ReadAll(io.LimitReader(request.Body, policy.maxBody+1))
		if err != nil || int64(len(body)) > policy.maxBody {
			return nil, errBodyTooLarge
		}
		request.Body, request.ContentLength, request.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	}
	for name := range request.Header {
		if strings.ContainsFunc(name, func(r rune) bool { return r > 0x7f || !isLabelByte(byte(r)) }) {
			// nginx drops header names with an underscore, among others.
			delete(request.Header, name)
		}
	}
	if origin := request.Header.Get("Origin"); origin != "" {
		request.Header.Set("Origin", origin)
	}
	if policy.basicAuth {
		request.Header.Del("Authorization")
	}
	port := "80"
	if e.request.TLS != nil {
		port = "443"
	}
	if client := clientAddress(e.request); client.IsValid() {
		request.Header.Set("X-Real-Ip", client.String())
		request.Header.Set("X-Forwarded-For", client.String())
	}
	request.Header.Set("X-Forwarded-Host", e.request.Host)
	request.Header.Set("X-Forwarded-Port", port)
	request.Header.Set("X-Forwarded-Proto", scheme(e.request))
	request.Header.Set("X-Forwarded-Scheme", scheme(e.request))
	request.Header.Set("X-Scheme", scheme(e.request))
	request.Header.Del("Proxy")
	e.rewritePath(request)
	return request, nil
}

// rewritePath applies rewrite-target, with $1 and so on for the path's groups.
func (e *exchange) rewritePath(request *http.Request) {
	if e.location.rewrite == nil {
		return
	}
	uri := normalize(request.URL.Path)
	groups := e.location.rewrite.FindStringSubmatch(uri)
	if groups == nil {
		return
	}
	request.URL.Path = expandGroups(e.location.policy.rewriteTarget, groups)
	request.URL.RawPath = ""
	request.RequestURI = request.URL.RequestURI()
}

// expandGroups replaces $0 to $9; anything else stays as it is.
func expandGroups(target string, groups []string) string {
	var expanded strings.Builder
	for i := 0; i < len(target); i++ {
		if target[i] == '$' && i+1 < len(target) && '0' <= target[i+1] && target[i+1] <= '9' {
			if group := int(target[i+1] - '0'); group < len(groups) {
				expanded.WriteString(groups[group])
			}
			i++
			continue
		}
		expanded.WriteByte(target[i])
	}
	return expanded.String()
}

// fail answers with nginx's own page, or with the default backend's when
// custom-http-errors lists the status. Extra fields are names and values in turn.
func (e *exchange) fail(status int, fields ...string) Answer {
	if e.location.policy.customErrors[status] {
		return e.customError(status)
	}
	var list headerList
	for i := 0; i+1 < len(fields); i += 2 {
		list.add(fields[i], fields[i+1])
	}
	return e.errorPage(status, list)
}

func (e *exchange) errorPage(status int, fields headerList) Answer {
	body := errorPage(e.request, status)
	list := append(headerList{
		{Name: "Content-Type", Value: "text/html"},
		{Name: "Content-Length", Value: strconv.Itoa(len(body))},
	}, fields...)
	if e.corsFor != nil {
		list.addCORS(e.corsFor, e.allowOrigin)
	}
	return e.seal(Answer{Status: status, Header: list, Body: body})
}

// customError is the internal redirect to a named location, which proxies to
// the default backend and has no CORS rules: whatever was decided before is forgotten.
func (e *exchange) customError(status int) Answer {
	e.corsFor, e.cookie, e.elsewhere = nil, "", true
	backend := e.location.policy.defaultBackend
	if backend == nil {
		backend = notFound()
	}
	request := e.request.Clone(e.request.Context())
	request.Header.Set("X-Code", strconv.Itoa(status))
	request.Header.Set("X-Format", e.request.Header.Get("Accept"))
	request.Header.Set("X-Original-Uri", requestURI(e.request))
	request.URL.Path, request.URL.RawPath = "/", ""
	request.RequestURI = request.URL.RequestURI()
	answer, err := roundTrip(backend, request, e.controller.options.lasting(e.location.policy.readTimeout))
	switch {
	case errors.Is(err, errGatewayTimeout):
		return e.errorPage(http.StatusGatewayTimeout, nil)
	case err != nil:
		return e.errorPage(http.StatusBadGateway, nil)
	}
	return e.seal(Answer{Status: answer.status, Header: answer.fields(e.request), Body: answer.body.Bytes()})
}

// seal adds what does not depend on the rules.
func (e *exchange) seal(answer Answer) Answer {
	list := headerList(answer.Header)
	if e.cookie != "" && addsHeaders(answer.Status) {
		list.add("Set-Cookie", e.cookie)
	}
	if e.request.TLS != nil && !e.elsewhere {
		list.set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	answer.Header = list
	if e.request.Method == http.MethodHead || answer.Status == http.StatusNoContent || answer.Status == http.StatusNotModified {
		answer.Body = nil
	}
	answer.ReachedApp = e.reachedApp
	return answer
}

// addsHeaders lists the statuses at which nginx's add_header acts.
func addsHeaders(status int) bool {
	switch status {
	case 200, 201, 204, 206, 301, 302, 303, 304, 307, 308:
		return true
	}
	return false
}
