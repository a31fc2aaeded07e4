package audit

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	networking "k8s.io/api/networking/v1"

	"github.com/crosscheck-dev/crosscheck/harness/explain"
	"github.com/crosscheck-dev/crosscheck/harness/manifest"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// IngressOptions say how Ingresses are audited.
type IngressOptions struct {
	// Version is the controller's.
	Version ingressnginx.Version
	// Classes are the names of ingress-nginx's classes, beside "nginx" and those that an IngressClass tells.
	Classes []string
}

const (
	annotationPrefix = "nginx.ingress.kubernetes.io/"
	controllerName   = "k8s.io/ingress-nginx"
)

// Ingresses audits the Ingresses of ingress-nginx in manifests, each on its
// own, with the model of the controller. Those of other controllers are skipped, and said.
func Ingresses(ctx context.Context, read *manifest.Manifests, options IngressOptions) (Result, error) {
	result := Result{Schema: Schema, Policies: []Policy{}, Skipped: []Skipped{}}
	for _, ingress := range read.Ingresses {
		class := ingress.Class()
		if reason := foreignClass(class, read.Controllers, options.Classes); reason != "" {
			result.Skipped = append(result.Skipped, Skipped{Name: "Ingress " + ingress.ID(), File: ingress.File, Line: ingress.Line, Reason: reason})
			continue
		}
		target, err := newIngressTarget(ingress, options)
		if err != nil {
			return result, err
		}
		if class == "" {
			target.note("It names no class: it is audited as if ingress-nginx took it.")
		}
		policy, err := target.audit(ctx)
		if err != nil {
			return result, err
		}
		result.Policies = append(result.Policies, policy)
	}
	return result, nil
}

// foreignClass says why a class is not ingress-nginx's; "" when it is.
func foreignClass(class string, controllers map[string]string, named []string) string {
	controller, known := controllers[class]
	switch {
	case slices.Contains(named, class), known && controller == controllerName:
		return ""
	case known:
		return fmt.Sprintf("its class %q is of the controller %s", class, controller)
	case class == "" || class == "nginx":
		return ""
	}
	return fmt.Sprintf("its class is %q, and only ingress-nginx is modelled: if the class is ingress-nginx's, say so with --ingress-class %s", class, class)
}

func (t *target) note(format string, values ...any) {
	t.policy.Notes = append(t.policy.Notes, fmt.Sprintf(format, values...))
}

// newIngressTarget puts an Ingress before the model of its controller.
func newIngressTarget(ingress *manifest.Ingress, options IngressOptions) (*target, error) {
	t := &target{
		ingress: true,
		// The user has signed in.
		cookies: []string{"session=1; Path=/; Secure; SameSite=None"},
		policy: Policy{
			Name: "Ingress " + ingress.ID(), File: ingress.File, Line: ingress.Line,
			Answered: "ingress-nginx " + string(options.Version) + " (model)",
		},
		curl: func(exchange simulator.Exchange) string { return explain.Curl(exchange, "", nil) },
		place: func(annotation string) (int, int) {
			return ingress.Position("metadata", "annotations", annotationPrefix+annotation)
		},
	}
	t.locate(ingress)
	modelled := ingressnginx.Ingress{Name: ingress.ID(), Annotations: map[string]string{}}
	for name, value := range ingress.Annotations {
		if short, ours := strings.CutPrefix(name, annotationPrefix); ours {
			modelled.Annotations[short] = value
		}
	}
	t.readGuards(modelled.Annotations)
	t.readSnippets(modelled.Annotations)

	asked, err := http.NewRequest(http.MethodGet, t.policy.URL, nil)
	if err != nil {
		return nil, fmt.Errorf("%s:%d: Ingress %s has a host or path that makes no URL: %w", ingress.File, ingress.Line, ingress.ID(), err)
	}
	modelled.Host = asked.URL.Hostname()
	modelled.TLS = true
	modelled.Paths = []ingressnginx.Path{{Path: asked.URL.Path, Backend: http.HandlerFunc(answerSomething)}}
	controllerOptions := ingressnginx.Options{Version: options.Version, Users: map[string]string{}, AuthService: http.HandlerFunc(refuseStrangers)}
	controller, err := t.model(controllerOptions, modelled)
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", ingress.File, ingress.Line, err)
	}
	cors, _, err := ingressnginx.ParseCORS(controllerOptions, modelled)
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", ingress.File, ingress.Line, err)
	}
	if cors.Enabled && !slices.Equal(cors.AllowOrigin, []string{"*"}) {
		t.declared, t.known = cors.AllowOrigin, true
	}
	if !cors.Enabled {
		t.note("CORS is off at the Ingress (enable-cors): the application answers it. Audit the URL over the wire.")
	} else {
		t.note("What the application answers is not known. For origins that are not listed its own CORS headers pass, since the list is no filter: audit the URL over the wire, too.")
	}
	for _, finding := range controller.Findings() {
		t.misread(finding)
	}
	t.transport = &modelTransport{controller: controller, client: clientIn(modelled.Annotations)}
	return t, nil
}

// locate finds a URL of the Ingress, and the others at which its policy holds.
func (t *target) locate(ingress *manifest.Ingress) {
	var urls []string
	for _, rule := range ingress.Spec.Rules {
		paths := []networking.HTTPIngressPath{{Path: "/"}}
		if rule.HTTP != nil && len(rule.HTTP.Paths) > 0 {
			paths = rule.HTTP.Paths
		}
		for _, path := range paths {
			urls = append(urls, "https://"+t.host(rule.Host)+plainPath(path.Path))
		}
	}
	if len(urls) == 0 {
		urls = []string{"https://" + t.host("") + "/"}
	}
	slices.Sort(urls[1:])
	t.policy.URL, t.policy.Also = urls[0], slices.Compact(urls[1:])
}

// host is a host name that a rule is for.
func (t *target) host(host string) string {
	if host == "" {
		return "any-host.example"
	}
	return strings.Replace(host, "*.", "www.", 1)
}

var simplePath = regexp.MustCompile(`^/[A-Za-z0-9/_.~-]*$`)

// plainPath is a path under the rule's; the policy of a host's first Ingress holds for "/" in any case.
func plainPath(path string) string {
	if simplePath.MatchString(path) {
		return path
	}
	return "/"
}

// readGuards names what stands before the application.
func (t *target) readGuards(annotations map[string]string) {
	for _, guard := range []struct{ annotation, name string }{
		{"auth-url", "authentication (auth-url)"},
		{"auth-type", "authentication (auth-type)"},
		{"auth-tls-secret", "client certificates (auth-tls-secret)"},
		{"whitelist-source-range", "the address check (whitelist-source-range)"},
		{"allowlist-source-range", "the address check (allowlist-source-range)"},
		{"limit-rps", "the rate limit (limit-rps)"},
		{"limit-rpm", "the rate limit (limit-rpm)"},
	} {
		if annotations[guard.annotation] != "" {
			t.guards = append(t.guards, guard.name)
		}
	}
}

// readSnippets finds CORS headers that are written by hand.
func (t *target) readSnippets(annotations map[string]string) {
	for _, name := range []string{"configuration-snippet", "server-snippet", "auth-snippet", "custom-headers"} {
		if strings.Contains(strings.ToLower(annotations[name]), "access-control-") {
			t.find(ruleSnippet, Info, name, name+" writes Access-Control headers itself. The model runs no snippets: what browsers make of it is not part of this audit.",
				"Use the cors annotations, and audit the URL over the wire until then.")
		}
	}
}

// model makes the controller. What the model does not know is left out, and said.
func (t *target) model(options ingressnginx.Options, ingress ingressnginx.Ingress) (*ingressnginx.Controller, error) {
	for {
		controller, err := ingressnginx.New(options, ingress)
		var unmodelled *ingressnginx.NotModelledError
		var unknown *ingressnginx.UnknownAnnotationError
		name := ""
		switch {
		case errors.As(err, &unmodelled):
			name = unmodelled.Annotation
			detail := ""
			if unmodelled.Detail != "" {
				detail = " (" + unmodelled.Detail + ")"
			}
			t.note("The model does not know %s%s: what it does is not part of this audit.", name, detail)
		case errors.As(err, &unknown):
			name = unknown.Annotation
			severity := Low
			if strings.Contains(name, "cors") || strings.Contains(unknown.Nearest, "cors") || strings.HasPrefix(unknown.Nearest, "auth-") {
				severity = Medium
			}
			t.find(ruleUnknownAnnotation, severity, name, fmt.Sprintf("ingress-nginx knows no annotation %s and ignores it.", name),
				fmt.Sprintf("Did you mean %s? Otherwise remove it.", unknown.Nearest))
		default:
			return controller, err
		}
		if _, there := ingress.Annotations[name]; !there {
			return nil, err
		}
		delete(ingress.Annotations, name)
	}
}

// misread is for an annotation that does not do what it says.
func (t *target) misread(finding ingressnginx.Finding) {
	severity, fix := Low, "Correct the value, or remove the annotation if this is what you want."
	opens := strings.Contains(finding.Consequence, "every origin is allowed") || strings.Contains(finding.Consequence, "nothing is protected")
	switch {
	case opens && strings.Contains(finding.Consequence, "invalid"):
		severity = High
		fix = "Write scheme://host[:port] for each origin, separated by commas: no path, no slash at the end, no underscore. One bad element makes the whole list invalid."
	case opens, strings.Contains(finding.Consequence, "credentials are allowed"):
		severity = High
	case strings.HasPrefix(finding.Annotation, "cors-") || finding.Annotation == "enable-cors":
		severity = Medium
	}
	if strings.Contains(finding.Consequence, "has no effect without enable-cors") {
		severity, fix = Low, "Set enable-cors to \"true\", or remove the annotation."
	}
	logged := " Nothing says so but the behaviour."
	if finding.Logged {
		logged = " The controller's log says so."
	}
	t.find(ruleAnnotation, severity, finding.Annotation, fmt.Sprintf("%s %q: %s.%s", finding.Annotation, finding.Value, finding.Consequence, logged), fix)
}

// answerSomething is the application: it knows nothing about CORS.
func answerSomething(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
}

// refuseStrangers is the auth service.
func refuseStrangers(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Cookie") == "" && r.Header.Get("Authorization") == "" {
		w.WriteHeader(http.StatusUnauthorized)
	}
}

// modelTransport asks the model.
type modelTransport struct {
	controller *ingressnginx.Controller
	// client is an address that is let in; another one for each request, so that no
	// rate limit is reached, when it is not valid.
	client netip.Addr
	asked  atomic.Uint32
}

// clientIn is an address of the first range that is let in.
func clientIn(annotations map[string]string) netip.Addr {
	for _, name := range []string{"allowlist-source-range", "whitelist-source-range"} {
		first, _, _ := strings.Cut(annotations[name], ",")
		first = strings.TrimSpace(first)
		if prefix, err := netip.ParsePrefix(first); err == nil {
			return prefix.Addr()
		}
		if address, err := netip.ParseAddr(first); err == nil {
			return address
		}
	}
	return netip.Addr{}
}

// RoundTrip implements http.RoundTripper.
func (t *modelTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	client := t.client
	if !client.IsValid() {
		// The addresses of RFC 2544, for benchmarks.
		n := t.asked.Add(1)
		client = netip.AddrFrom4([4]byte{198, 18 + byte(n>>16)&1, byte(n >> 8), byte(n)})
	}
	incoming := request.Clone(request.Context())
	incoming.RemoteAddr = netip.AddrPortFrom(client, 49152).String()
	incoming.Host, incoming.RequestURI = request.URL.Host, request.URL.RequestURI()
	incoming.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true}
	answer := t.controller.Answer(incoming)
	header := http.Header{}
	for _, field := range answer.Header {
		header.Add(field.Name, field.Value)
	}
	return &http.Response{
		StatusCode: answer.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, Request: request,
		Body: io.NopCloser(bytes.NewReader(answer.Body)), ContentLength: int64(len(answer.Body)),
	}, nil
}
