package steps

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// declare adds a service to the deployment.
func (w *world) declare(origin string, app harness.App) error {
	if err := checkOrigin(origin); err != nil {
		return err
	}
	if w.running != nil {
		return mistake("the API at %q is declared after the first request: declare everything before the first When", origin)
	}
	name := "API"
	if len(w.deployment.Services) > 0 {
		name = "API at " + origin
	}
	w.deployment.Services = append(w.deployment.Services, harness.Service{Name: name, Origin: origin, App: app})
	return nil
}

// checkOrigin refuses what is not a scheme, a host and perhaps a port.
func checkOrigin(origin string) error {
	parsed, err := url.Parse(origin)
	if err != nil {
		return mistake("%q is not an origin: %v", origin, err)
	}
	if (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" || parsed.Path != "" || parsed.RawQuery != "" || parsed.Fragment != "" || parsed.User != nil {
		return mistake(`%q is not an origin: write a scheme, a host and perhaps a port, such as "https://api.example.com" or "http://localhost:3000"`, origin)
	}
	return nil
}

// body is what an API answers where a scenario says nothing of it.
const body = `{"ok":true}`

func plainAPI() harness.App {
	return harness.App{Kind: harness.AppScripted, Responses: []harness.Response{{
		Status: 200, Body: body, Headers: []simulator.Field{{Name: "Content-Type", Value: "application/json"}},
	}}}
}

func (w *world) anAPIThatKnowsNothingAboutCORS(origin string) error {
	return w.declare(origin, plainAPI())
}

func (w *world) anAPIThatAnswersWithHeaders(origin string, table *godog.Table) error {
	if err := w.declare(origin, harness.App{Kind: harness.AppScripted}); err != nil {
		return err
	}
	return w.itAnswersWithStatusAndHeaders("every request", 200, table)
}

func (w *world) anAPIThatAnswersOnly(origin string) error {
	return w.declare(origin, harness.App{Kind: harness.AppScripted})
}

// scripted returns the service declared last, whose app must be scripted.
func (w *world) scripted() (*harness.Service, error) {
	service, err := w.service()
	if err != nil {
		return nil, err
	}
	if service.App.Kind != harness.AppScripted {
		return nil, mistake("the API at %s is a %s app, whose answers its own code decides: only an API declared with its answers can be told what to answer", service.Origin, service.App.Kind)
	}
	return service, nil
}

// script adds a response in front of those that are there: the more special ones come last in a scenario.
func (w *world) script(what string, response harness.Response) error {
	service, err := w.scripted()
	if err != nil {
		return err
	}
	if what != "every request" {
		method, path, found := strings.Cut(what, " ")
		if !found || !strings.HasPrefix(path, "/") {
			return mistake(`%q does not name requests: write a method and a path, such as "OPTIONS /api/user", or: every request`, what)
		}
		response.Method, response.Path = method, path
	}
	service.App.Responses = append([]harness.Response{response}, service.App.Responses...)
	return nil
}

func (w *world) itAnswersWithStatus(what string, status int) error {
	return w.script(what, harness.Response{Status: status, Body: bodyFor(status, nil)})
}

func (w *world) itAnswersWithStatusAndHeaders(what string, status int, table *godog.Table) error {
	headers, err := fields(table)
	if err != nil {
		return err
	}
	return w.script(what, harness.Response{Status: status, Headers: headers, Body: bodyFor(status, headers)})
}

// pixel is an image of one transparent pixel, in GIF.
const pixel = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00\x21\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// bodyFor gives a body to the statuses that may have one (RFC 9110, section
// 6.4.1), of the declared type: browsers look into what they are told is a script or an image.
func bodyFor(status int, headers []simulator.Field) string {
	if status == 204 || status == 304 || status < 200 {
		return ""
	}
	for _, header := range headers {
		switch {
		case !strings.EqualFold(header.Name, "Content-Type"):
		case strings.Contains(header.Value, "javascript"):
			return `"use strict";`
		case strings.HasPrefix(header.Value, "image/"):
			return pixel
		}
	}
	return body
}

func (w *world) itEchoesTheOrigin(table *godog.Table) error {
	headers, err := fields(table)
	if err != nil {
		return err
	}
	return w.script("every request", harness.Response{Status: 200, EchoOrigin: true, Headers: headers, Body: bodyFor(200, headers)})
}

func (w *world) itClosesTheConnection(what string) error {
	return w.script(what, harness.Response{Fault: harness.FaultClose})
}

func (w *world) itNeverAnswers(what string) error {
	return w.script(what, harness.Response{Fault: harness.FaultHang})
}

func (w *world) itAnswersNoHTTP(what string) error {
	return w.script(what, harness.Response{Fault: harness.FaultMalformed})
}

func (w *world) itIsDown() error {
	return w.script("every request", harness.Response{Fault: harness.FaultDown})
}

func (w *world) itSpeaksOnly(protocol string) error {
	service, err := w.service()
	if err != nil {
		return err
	}
	service.Protocols = []string{map[string]string{"HTTP/1.1": "http/1.1", "HTTP/2": "h2"}[protocol]}
	return nil
}

func (w *world) theGoAPIWithPolicy(origin string, table *godog.Table) error {
	rows, err := fields(table)
	if err != nil {
		return err
	}
	policy := &harness.CORSPolicy{}
	for _, row := range rows {
		switch row.Name {
		case "allowed origins":
			policy.AllowedOrigins = list(row.Value)
		case "allowed methods":
			policy.AllowedMethods = list(row.Value)
		case "allowed headers":
			policy.AllowedHeaders = list(row.Value)
		case "exposed headers":
			policy.ExposedHeaders = list(row.Value)
		case "credentials":
			if policy.AllowCredentials, err = strconv.ParseBool(row.Value); err != nil {
				return mistake("credentials is %q: write true or false", row.Value)
			}
		case "max age":
			seconds, err := strconv.Atoi(row.Value)
			if err != nil {
				return mistake("max age is %q: write a number of seconds", row.Value)
			}
			policy.MaxAge = time.Duration(seconds) * time.Second
		default:
			return mistake("%q is no part of a CORS policy: there are allowed origins, allowed methods, allowed headers, exposed headers, credentials, max age", row.Name)
		}
	}
	return w.declare(origin, harness.App{Kind: harness.AppGo, CORS: policy})
}

func (w *world) theGoAPIWithoutCORS(origin string) error {
	return w.declare(origin, harness.App{Kind: harness.AppGo})
}

func (w *world) theExpressAPI(major, origin string) error {
	return w.declare(origin, harness.App{Kind: map[string]harness.AppKind{"4": harness.AppExpress4, "5": harness.AppExpress5}[major]})
}

func (w *world) itsIngressHasTheAnnotations(table *godog.Table) error {
	return w.itsIngressUnderVersionHasTheAnnotations("", table)
}

func (w *world) itsIngressUnderVersionHasTheAnnotations(version string, table *godog.Table) error {
	service, err := w.service()
	if err != nil {
		return err
	}
	rows, err := fields(table)
	if err != nil {
		return err
	}
	annotations := make(map[string]string, len(rows))
	for _, row := range rows {
		if _, twice := annotations[row.Name]; twice {
			return mistake("the annotation %q is there twice", row.Name)
		}
		annotations[row.Name] = row.Value
	}
	service.Ingress = &harness.Ingress{Version: version, Annotations: annotations}
	return nil
}

func (w *world) itsPodsAreMeshed() error {
	service, err := w.service()
	if err != nil {
		return err
	}
	if service.Linkerd == nil {
		service.Linkerd = &harness.Linkerd{}
	}
	return nil
}

func (w *world) theMeshSetsTheResponseHeaders(table *godog.Table) error {
	if err := w.itsPodsAreMeshed(); err != nil {
		return err
	}
	headers, err := fields(table)
	if err != nil {
		return err
	}
	w.deployment.Services[len(w.deployment.Services)-1].Linkerd.AddedHeaders = headers
	return nil
}

func (w *world) anAuthorizationPolicyDenies() error {
	if err := w.itsPodsAreMeshed(); err != nil {
		return err
	}
	w.deployment.Services[len(w.deployment.Services)-1].Linkerd.Denied = true
	return nil
}

func (w *world) aProxyAppendsTheHeaders(table *godog.Table) error {
	service, err := w.service()
	if err != nil {
		return err
	}
	headers, err := fields(table)
	if err != nil {
		return err
	}
	service.Edge = &harness.Edge{AppendedHeaders: headers}
	return nil
}

func (w *world) aSharedCacheStandsInFront() error {
	service, err := w.service()
	if err != nil {
		return err
	}
	service.SharedCache = true
	return nil
}

func (w *world) theBrowserHoldsTheCookie(ctx context.Context, setCookie, url string) error {
	return w.perform(ctx, "", action{cookie: &cookie{url: url, setCookie: setCookie}})
}
