// Package harness holds what the steps know of real things: the data that
// describes a deployment, and the interfaces of browsers and environments. Its
// sub-packages are the real things.
package harness

import (
	"encoding/json"
	"time"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Deployment is what a scenario declares to run: pure data, comparable by its JSON form.
type Deployment struct {
	Services []Service `json:"services"`
}

// Service is one program behind one origin, and the hops in front of it. From
// the browser inwards: shared cache, edge, ingress, mesh proxy, app.
type Service struct {
	// Name is how the scenario calls the service, such as "API".
	Name string `json:"name"`
	// Origin is where browsers reach it, such as "https://api.example.com".
	Origin string `json:"origin"`
	App    App    `json:"app"`
	// Linkerd is nil when the pods are not meshed.
	Linkerd *Linkerd `json:"linkerd,omitempty"`
	// Ingress is nil when the service is reached without an ingress controller.
	Ingress *Ingress `json:"ingress,omitempty"`
	// Edge is nil when no other proxy stands in front.
	Edge *Edge `json:"edge,omitempty"`
	// SharedCache puts a shared HTTP cache (RFC 9111) in front of everything.
	SharedCache bool `json:"shared_cache,omitempty"`
	// Protocols are the ALPN protocols offered for https: "h2" and "http/1.1" when empty.
	Protocols []string `json:"protocols,omitempty"`
}

// AppKind names an app under test.
type AppKind string

// The apps under test.
const (
	// AppScripted answers exactly what the scenario lists.
	AppScripted AppKind = "scripted"
	// AppGo is a Go API with rs/cors.
	AppGo AppKind = "go"
	// AppExpress4 and AppExpress5 are an Express API with the cors package.
	AppExpress4 AppKind = "express-4"
	AppExpress5 AppKind = "express-5"
	// AppDeployed runs already, at the service's origin: nothing is started, and
	// nothing is seen of it but its answers. Only the environment "live" has such apps.
	AppDeployed AppKind = "deployed"
)

// App is the program that a service runs.
type App struct {
	Kind AppKind `json:"kind"`
	// CORS is the policy of an AppGo; nil means that it knows nothing about CORS.
	CORS *CORSPolicy `json:"cors,omitempty"`
	// CORSOptions change what the code of an Express app passes to its cors package: by the
	// option's name, as JSON; null leaves it out. Only environments without a cluster have such apps.
	CORSOptions map[string]json.RawMessage `json:"cors_options,omitempty"`
	// Responses are what an AppScripted answers: the first match. Nothing
	// matches: 404 without a body.
	Responses []Response `json:"responses,omitempty"`
}

// CORSPolicy is the configuration of an app's CORS middleware.
type CORSPolicy struct {
	AllowedOrigins   []string      `json:"allowed_origins,omitempty"`
	AllowedMethods   []string      `json:"allowed_methods,omitempty"`
	AllowedHeaders   []string      `json:"allowed_headers,omitempty"`
	ExposedHeaders   []string      `json:"exposed_headers,omitempty"`
	AllowCredentials bool          `json:"allow_credentials,omitempty"`
	MaxAge           time.Duration `json:"max_age,omitempty"`
}

// Fault is a way in which an app fails to answer.
type Fault string

// The faults.
const (
	FaultNone Fault = ""
	// FaultClose closes the connection before a response.
	FaultClose Fault = "close"
	// FaultHang never answers.
	FaultHang Fault = "hang"
	// FaultMalformed sends bytes that are no HTTP response. It implies http/1.1.
	FaultMalformed Fault = "malformed"
	// FaultDown is an app that does not listen.
	FaultDown Fault = "down"
)

// Response is what a scripted app answers to the requests it is for.
type Response struct {
	// Method is "" for every method.
	Method string `json:"method,omitempty"`
	// Path is "" for every path; the query is not compared.
	Path string `json:"path,omitempty"`
	// EchoOrigin sets Access-Control-Allow-Origin to the request's Origin, when it has one.
	EchoOrigin bool              `json:"echo_origin,omitempty"`
	Status     int               `json:"status"`
	Headers    []simulator.Field `json:"headers,omitempty"`
	Body       string            `json:"body,omitempty"`
	Fault      Fault             `json:"fault,omitempty"`
}

// Linkerd is a service's membership in the mesh.
type Linkerd struct {
	// Denied makes an authorization policy deny every request to the service.
	Denied bool `json:"denied,omitempty"`
	// AddedHeaders are response headers that the mesh is made to set on every response.
	AddedHeaders []simulator.Field `json:"added_headers,omitempty"`
}

// Ingress is an Ingress of the networking.k8s.io/v1 API under ingress-nginx,
// for the host of the service's origin and the path "/".
type Ingress struct {
	// Version is the controller's, such as "v1.15.1"; the environment's default when empty.
	Version string `json:"version,omitempty"`
	// Annotations are without the prefix nginx.ingress.kubernetes.io/.
	Annotations map[string]string `json:"annotations"`
	// Resources are the Ingresses of a team's own manifests that are for the host,
	// in their order; Annotations are empty then. The service's app stands for everything behind them.
	Resources []IngressResource `json:"resources,omitempty"`
}

// IngressResource is what an Ingress of a manifest says of one host.
type IngressResource struct {
	// Name is "namespace/name", Source the place in the manifests: "file:line".
	Name   string `json:"name"`
	Source string `json:"source"`
	// Host is the rule's: a name, "*.example.com", or "" for any.
	Host string `json:"host"`
	// TLS tells whether spec.tls lists the host.
	TLS bool `json:"tls,omitempty"`
	// Annotations are without the prefix nginx.ingress.kubernetes.io/.
	Annotations map[string]string `json:"annotations"`
	// Foreign names the annotations that are for other programs than the controller.
	Foreign []string      `json:"foreign,omitempty"`
	Paths   []IngressPath `json:"paths"`
}

// IngressPath is a path of an IngressResource.
type IngressPath struct {
	Path string `json:"path"`
	// Type is the pathType, such as "Prefix".
	Type string `json:"type"`
	// Backend names what is behind it.
	Backend string `json:"backend"`
}

// Edge is a proxy that appends response headers, as nginx's add_header does.
type Edge struct {
	// AppendedHeaders are added to every response beside those that are there.
	AppendedHeaders []simulator.Field `json:"appended_headers,omitempty"`
}
