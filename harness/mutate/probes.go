package mutate

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// act is one thing that a page does in a session, after some time has passed.
type act struct {
	wait    time.Duration
	page    simulator.PageSpec
	request simulator.Request
}

// probe is a session: what it asks first may decide what it gets later.
type probe []act

// asked are the requests of a policy's scenarios, and what they are made from.
type asked struct {
	pages    []simulator.PageSpec
	requests []report.Request
	vocabulary
}

// readAsked collects what the scenarios of a policy ask for.
func readAsked(scenarios []report.Scenario) asked {
	var a asked
	for _, scenario := range scenarios {
		for _, request := range scenario.Requests {
			if request.Page.URL == "" {
				// curl is no browser, and needs no page.
				continue
			}
			a.requests = append(a.requests, request)
			add(&a.pages, request.Page)
			if request.Page.Frame == simulator.FrameNone {
				add(&a.origins, request.Page.URL)
			}
			add(&a.methods, request.Request.Method)
			for _, header := range request.Request.Headers {
				add(&a.headers, header.Name)
			}
		}
	}
	return a
}

// add adds what is not there yet, by its JSON form.
func add[T any](list *[]T, value T) {
	form := func(value T) string { content, _ := json.Marshal(value); return string(content) }
	if !slices.ContainsFunc(*list, func(there T) bool { return form(there) == form(value) }) {
		*list = append(*list, value)
	}
}

// The names that probes ask for beyond those of the policy and its scenarios.
var (
	probedMethods = []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodPatch}
	probedHeaders = []string{"Authorization", "Content-Type", foreignHeader}
)

// probesOf are the sessions by which a mutant of a policy is compared with the
// policy itself. For every URL of targets, and every page of the scenarios, of the
// origins that the policy names, a foreign one and a sandboxed frame: each method and each
// header that policy and scenarios name, and some that they do not, with credentials and
// without; updates over a day, for max-age; and behind a shared cache two pages one after the other.
func probesOf(deployment harness.Deployment, asked asked) []probe {
	declared := readDeclared(deployment)
	pages := slices.Clone(asked.pages)
	for _, origin := range declared.origins {
		add(&pages, simulator.PageSpec{URL: origin})
	}
	scheme := "https://"
	if len(deployment.Services) > 0 && strings.HasPrefix(deployment.Services[0].Origin, "http://") {
		// A secure page could not ask at all.
		scheme = "http://"
	}
	add(&pages, simulator.PageSpec{URL: scheme + strings.TrimPrefix(foreignOrigin, "https://")})
	add(&pages, simulator.PageSpec{URL: scheme + strings.TrimPrefix(foreignOrigin, "https://"), Frame: simulator.FrameSandboxedSrcdoc})

	var probes []probe
	for _, request := range asked.requests {
		add(&probes, probe{{page: request.Page, request: request.Request}})
	}
	for _, target := range targets(deployment, asked) {
		for _, page := range pages {
			for _, request := range requests(target, append(slices.Clone(asked.methods), declared.methods...), append(slices.Clone(asked.headers), declared.headers...)) {
				probes = append(probes, probe{{page: page, request: request}})
			}
			for _, method := range []string{http.MethodPut, http.MethodDelete} {
				probes = append(probes, overTime(page, simulator.Request{Method: method, URL: target}, declared.ages))
			}
		}
		if slices.ContainsFunc(deployment.Services, func(s harness.Service) bool { return s.SharedCache }) {
			probes = append(probes, cached(pages, target)...)
		}
	}
	return probes
}

// targets are the URLs that the scenarios ask for, and those that the policy
// speaks of: the paths of scripted answers and of the Ingresses of manifests.
func targets(deployment harness.Deployment, asked asked) []string {
	var found []string
	for _, request := range asked.requests {
		// What is relative to a page is a request to the page's own origin.
		if parsed, err := url.Parse(request.Request.URL); err == nil && parsed.Host != "" {
			add(&found, request.Request.URL)
		}
	}
	for _, service := range deployment.Services {
		for _, response := range service.App.Responses {
			if response.Path != "" {
				add(&found, service.Origin+response.Path)
			}
		}
		if service.Ingress == nil {
			continue
		}
		for _, resource := range service.Ingress.Resources {
			for _, path := range resource.Paths {
				// A regular expression is no path to ask for.
				if strings.HasPrefix(path.Path, "/") && !strings.ContainsAny(path.Path, `()[]*+?|^$\`) {
					add(&found, service.Origin+path.Path)
				}
			}
		}
	}
	if len(found) == 0 {
		for _, service := range deployment.Services {
			found = append(found, service.Origin+"/")
		}
	}
	return found
}

// requests are single ones for a URL: all methods, and by GET all headers.
func requests(target string, methods, headers []string) []simulator.Request {
	var found []simulator.Request
	for _, credentials := range []simulator.CredentialsMode{"", simulator.CredentialsInclude} {
		for _, method := range distinct(probedMethods, methods) {
			found = append(found, simulator.Request{Method: method, URL: target, Credentials: credentials})
		}
		for _, name := range distinct(probedHeaders, headers) {
			found = append(found, simulator.Request{
				Method: http.MethodGet, URL: target, Credentials: credentials, Headers: []simulator.Field{{Name: name, Value: headerValue(name)}},
			})
		}
	}
	return found
}

// distinct are the names of both lists that are tokens, each once; methods and headers alike
// are few enough to be compared as they are written.
func distinct(first, second []string) []string {
	var names []string
	for _, name := range slices.Concat(first, second) {
		if name != "*" && !strings.ContainsAny(name, " ;/") && !slices.Contains(names, name) && !strings.EqualFold(name, "trace") {
			names = append(names, name)
		}
	}
	return names
}

// headerValue is one that makes the header need leave.
func headerValue(name string) string {
	switch strings.ToLower(name) {
	case "content-type":
		return "application/json"
	case "authorization":
		return "Bearer x"
	case "range":
		return "bytes=-1"
	default:
		return "1"
	}
}

// overTime repeats a request around the ends of what a preflight's answer may
// be remembered for: Chromium's 5 seconds without a max-age, the declared ages, Chromium's 2 hours.
func overTime(page simulator.PageSpec, request simulator.Request, ages []time.Duration) probe {
	moments := []time.Duration{0, time.Second / 2, 4 * time.Second, 6 * time.Second, 2*time.Hour - time.Second, 2*time.Hour + time.Second}
	for _, age := range ages {
		moments = append(moments, age-time.Second/2, age+time.Second/2)
	}
	moments = slices.DeleteFunc(moments, func(moment time.Duration) bool { return moment < 0 || moment > 24*time.Hour })
	slices.Sort(moments)
	var session probe
	last := time.Duration(0)
	for _, moment := range slices.Compact(moments) {
		session = append(session, act{wait: moment - last, page: page, request: request})
		last = moment
	}
	return session
}

// cached are two pages that ask one after the other, or an image and then a page.
func cached(pages []simulator.PageSpec, target string) []probe {
	get := simulator.Request{Method: http.MethodGet, URL: target}
	image := simulator.Request{Method: http.MethodGet, URL: target, Initiator: simulator.InitiatorImage}
	var probes []probe
	for _, second := range pages {
		for _, first := range pages {
			probes = append(probes, probe{{page: first, request: get}, {page: second, request: get}})
		}
		probes = append(probes, probe{{page: second, request: image}, {page: second, request: get}})
	}
	return probes
}

// declared are the names that a policy has.
type declared struct {
	origins, methods, headers []string
	ages                      []time.Duration
}

func readDeclared(deployment harness.Deployment) declared {
	var d declared
	for _, service := range deployment.Services {
		fields := []simulator.Field{}
		for _, response := range service.App.Responses {
			fields = append(fields, response.Headers...)
		}
		if service.Linkerd != nil {
			fields = append(fields, service.Linkerd.AddedHeaders...)
		}
		if service.Edge != nil {
			fields = append(fields, service.Edge.AppendedHeaders...)
		}
		for _, field := range fields {
			d.read(strings.TrimPrefix(strings.ToLower(field.Name), "access-control-"), field.Value)
		}
		if service.Ingress != nil {
			for name, value := range service.Ingress.Annotations {
				d.read(strings.TrimPrefix(name, "cors-"), value)
			}
			for _, resource := range service.Ingress.Resources {
				for name, value := range resource.Annotations {
					d.read(strings.TrimPrefix(name, "cors-"), value)
				}
			}
		}
		if code, express := expressCode(service.App.Kind); express {
			d.read("allow-origin", strings.Join(code.Origins, ","))
			d.methods, d.headers = append(d.methods, code.Methods...), append(d.headers, code.AllowedHeaders...)
			d.ages = append(d.ages, time.Duration(code.MaxAge)*time.Second)
		}
		if policy := service.App.CORS; policy != nil {
			d.read("allow-origin", strings.Join(policy.AllowedOrigins, ","))
			d.methods, d.headers = append(d.methods, policy.AllowedMethods...), append(d.headers, policy.AllowedHeaders...)
			d.ages = append(d.ages, policy.MaxAge)
		}
	}
	slices.Sort(d.origins)
	slices.Sort(d.methods)
	slices.Sort(d.headers)
	return d
}

// read takes over a header or an annotation, by its name without the prefix.
func (d *declared) read(name, value string) {
	switch name {
	case "allow-origin":
		for _, origin := range split(value) {
			origin = strings.Replace(origin, "*.", "www.", 1)
			if parsed, err := url.Parse(origin); err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") && parsed.Path == "" && !strings.ContainsAny(parsed.Host, "* ") && parsed.Host != "" {
				d.origins = append(d.origins, origin)
			}
		}
	case "allow-methods":
		d.methods = append(d.methods, split(value)...)
	case "allow-headers":
		d.headers = append(d.headers, split(value)...)
	case "max-age":
		if seconds, err := strconv.Atoi(strings.TrimSpace(value)); err == nil {
			d.ages = append(d.ages, time.Duration(seconds)*time.Second)
		}
	}
}
