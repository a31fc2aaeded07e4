package errormatrix

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// fault is a deployment in which a route answers with an error.
type fault struct {
	status     int
	by, how    string
	deployment harness.Deployment
	request    simulator.Request
	// times is how often the request has to be made until the error comes.
	times int
}

// Who answers.
const (
	byApp     = "app"
	byIngress = "ingress"
	byMesh    = "mesh"
)

// statuses are those that apps answer with.
var statuses = []int{401, 403, 404, 405, 413, 429, 500, 502, 503, 504}

// signIn is where an app sends a user whose session has ended, at an origin of its own (RFC 2606 keeps the name).
const signIn = "https://login.crosscheck.example"

// check is the service that auth-url asks. No service of the deployment is there: requests
// without credentials of their own are refused.
const check = "https://auth.crosscheck.example/check"

// faults are the errors of a route. transits are those of the route without an error.
func (r *Route) faults(transits []harness.Transit) []fault {
	recorded := r.recorded(transits)
	var found []fault
	add := func(f fault, change func(*harness.Service)) {
		f.deployment = r.with(recorded, f.status, change)
		if f.request.URL == "" {
			f.request = r.Request
		}
		f.times = max(f.times, 1)
		found = append(found, f)
	}
	answer := func(status int, headers []simulator.Field) func(*harness.Service) {
		return func(s *harness.Service) {
			s.App.Responses = append([]harness.Response{{Method: r.method(), Path: r.path(), Status: status, Headers: headers}}, r.others(recorded)...)
		}
	}
	cors := r.corsHeaders(recorded)
	location := simulator.Field{Name: "Location", Value: signIn + "/"}
	for _, status := range statuses {
		if len(cors) > 0 {
			add(fault{status: status, by: byApp, how: "with the app's CORS headers"}, answer(status, cors))
		}
		add(fault{status: status, by: byApp, how: "without CORS headers"}, answer(status, nil))
	}
	if len(cors) > 0 {
		add(fault{status: 302, by: byApp, how: "a redirect to a sign-in page, with the app's CORS headers"}, answer(http.StatusFound, append(slices.Clone(cors), location)))
	}
	add(fault{status: 302, by: byApp, how: "a redirect to a sign-in page"}, answer(http.StatusFound, []simulator.Field{location}))
	service := r.deployment.Services[r.service]
	if service.Ingress != nil {
		r.ingressFaults(add)
	}
	if service.Linkerd != nil {
		add(fault{status: 403, by: byMesh, how: "an authorization policy"}, func(s *harness.Service) { s.Linkerd.Denied = true })
	}
	return found
}

// ingressFaults are the errors that an ingress controller makes itself.
func (r *Route) ingressFaults(add func(fault, func(*harness.Service))) {
	annotated := func(annotations ...string) func(*harness.Service) {
		return func(s *harness.Service) {
			for i := 0; i < len(annotations); i += 2 {
				annotate(s.Ingress, annotations[i], annotations[i+1])
			}
		}
	}
	add(fault{status: 401, by: byIngress, how: "auth-type: basic"}, annotated("auth-type", "basic", "auth-secret", "users"))
	add(fault{status: 401, by: byIngress, how: "auth-url"}, annotated("auth-url", check))
	add(fault{status: 302, by: byIngress, how: "auth-url with auth-signin, a redirect to a sign-in page"}, annotated("auth-url", check, "auth-signin", signIn+"/"))
	add(fault{status: 403, by: byIngress, how: "whitelist-source-range"}, annotated("whitelist-source-range", "192.0.2.0/24"))
	if method := r.method(); method != http.MethodGet && method != http.MethodHead {
		withBody := r.Request
		withBody.Body = &simulator.Body{Text: "more than eight bytes"}
		add(fault{status: 413, by: byIngress, how: "proxy-body-size", request: withBody}, annotated("proxy-body-size", "8"))
	}
	add(fault{status: 503, by: byIngress, how: "limit-rpm", times: 3}, annotated("limit-rpm", "1", "limit-burst-multiplier", "1"))
	add(fault{status: 502, by: byIngress, how: "an app that does not listen"}, func(s *harness.Service) {
		s.App.Responses = []harness.Response{{Fault: harness.FaultDown}}
	})
	add(fault{status: 504, by: byIngress, how: "an app that does not answer"}, func(s *harness.Service) {
		s.App.Responses = append([]harness.Response{{Method: r.method(), Path: r.path(), Fault: harness.FaultHang}}, r.others(s.App.Responses)...)
		annotate(s.Ingress, "proxy-read-timeout", "1")
	})
}

// annotate sets an annotation of the scenario's own Ingress, or of all that a manifest has.
func annotate(ingress *harness.Ingress, name, value string) {
	if len(ingress.Resources) == 0 {
		ingress.Annotations[name] = value
	}
	for _, resource := range ingress.Resources {
		resource.Annotations[name] = value
	}
}

func (r *Route) method() string {
	if r.Request.Method == "" {
		return http.MethodGet
	}
	// What fetch() normalizes is normalized by a form's methods too.
	if upper := strings.ToUpper(r.Request.Method); slices.Contains([]string{"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"}, upper) {
		return upper
	}
	return r.Request.Method
}

// recorded are the app's answers on the route, as answers of a scripted app.
func (r *Route) recorded(transits []harness.Transit) []harness.Response {
	var responses []harness.Response
	for _, transit := range transits {
		if transit.Service != r.deployment.Services[r.service].Name || !transit.ReachedApp {
			continue
		}
		for _, hop := range transit.Hops {
			if hop.Hop != byApp || hop.Status == 0 {
				continue
			}
			response := harness.Response{Method: transit.Method, Path: r.path(), Status: hop.Status}
			for _, name := range slices.Sorted(maps.Keys(hop.Header)) {
				for _, value := range hop.Header[name] {
					if decides(name) {
						response.Headers = append(response.Headers, simulator.Field{Name: name, Value: value})
					}
				}
			}
			responses = append(responses, response)
		}
	}
	return responses
}

// others are the answers to what goes before the request itself: its preflight.
func (r *Route) others(responses []harness.Response) []harness.Response {
	return slices.DeleteFunc(slices.Clone(responses), func(response harness.Response) bool { return response.Method == r.method() })
}

// decides tells whether a header is part of the answer's policy.
func decides(name string) bool {
	return strings.HasPrefix(name, "Access-Control-") || name == "Vary" || name == "Timing-Allow-Origin" || name == "Cross-Origin-Resource-Policy"
}

// corsHeaders are those of the app's answer to the request itself.
func (r *Route) corsHeaders(recorded []harness.Response) []simulator.Field {
	for _, response := range recorded {
		if response.Method == r.method() && slices.ContainsFunc(response.Headers, func(f simulator.Field) bool { return f.Name == "Access-Control-Allow-Origin" }) {
			return response.Headers
		}
	}
	return nil
}

// with is the deployment with a scripted app in the place of the route's, a change, and for
// a redirect where it leads to.
func (r *Route) with(recorded []harness.Response, status int, change func(*harness.Service)) harness.Deployment {
	deployment := harness.Deployment{Services: slices.Clone(r.deployment.Services)}
	service := &deployment.Services[r.service]
	service.App = harness.App{Kind: harness.AppScripted, Responses: slices.Clone(recorded)}
	if service.Ingress != nil {
		ingress := *service.Ingress
		ingress.Annotations = maps.Clone(ingress.Annotations)
		ingress.Resources = slices.Clone(ingress.Resources)
		for i := range ingress.Resources {
			resource := &ingress.Resources[i]
			if resource.Annotations = maps.Clone(resource.Annotations); resource.Annotations == nil {
				resource.Annotations = map[string]string{}
			}
		}
		service.Ingress = &ingress
	}
	if service.Linkerd != nil {
		mesh := *service.Linkerd
		service.Linkerd = &mesh
	}
	change(service)
	if status != http.StatusFound {
		return deployment
	}
	deployment.Services = append(deployment.Services, harness.Service{
		Name: "API at " + signIn, Origin: signIn, App: harness.App{Kind: harness.AppScripted, Responses: []harness.Response{{Status: http.StatusOK}}},
	})
	return deployment
}
