package ingressnginx

import (
	"net/http"
	"syscall"
	"time"
)

// PathType says how an Ingress path is compared with a request's path.
type PathType string

// The path types of the networking.k8s.io/v1 API.
const (
	// Prefix compares element by element of the path. It is the default.
	Prefix PathType = "Prefix"
	Exact  PathType = "Exact"
	// ImplementationSpecific is Prefix to ingress-nginx.
	ImplementationSpecific PathType = "ImplementationSpecific"
)

// Path is one path of an Ingress and the program behind it.
type Path struct {
	// Path starts with a slash; "/" when empty.
	Path string
	// Type is Prefix when empty.
	Type PathType
	// Backend answers the requests; nil means a service without endpoints (503).
	// It reports its failures by panicking with http.ErrAbortHandler when it closes
	// the connection early, or with ErrUpstreamRefused when it does not listen:
	// both are a 502. Any other panic is passed on.
	Backend http.Handler
}

// Ingress is an Ingress for one host.
type Ingress struct {
	// Name is used in findings and errors; the host when empty.
	Name string
	// Host is a host name without a port; "*.example.com" and "" (any host) are allowed.
	Host string
	// TLS tells whether spec.tls lists the host. Plain requests are then
	// redirected to https unless ssl-redirect is "false".
	TLS bool
	// Annotations may carry the prefix nginx.ingress.kubernetes.io/ or not.
	Annotations map[string]string
	// Paths are matched as nginx does, independent of their order.
	Paths []Path
}

// Options are the controller's flags, and what the annotations refer to by name.
type Options struct {
	// Version is V1_15_1 when empty.
	Version Version
	// AnnotationValidation is the flag --enable-annotation-validation; nil means the version's default.
	AnnotationValidation *bool
	// Users are the passwords by user of every auth-secret; nil means that the secret does not exist.
	Users map[string]string
	// AuthService is what every auth-url reaches. nil means that it cannot be reached.
	AuthService http.Handler
	// DefaultBackend is what every default-backend annotation refers to; nil
	// means that the service does not exist, and the annotation has no effect.
	DefaultBackend http.Handler
	// TimeScale is how long a timeout lasts here, relative to what its annotation
	// says: 0.1 makes a minute six seconds. 1 when 0.
	TimeScale float64
}

// lasting is how long a timeout that is configured to be d lasts here.
func (o Options) lasting(d time.Duration) time.Duration {
	if o.TimeScale == 0 {
		return d
	}
	return time.Duration(float64(d) * o.TimeScale)
}

// ErrUpstreamRefused is what a backend panics with to act as a port that nobody
// listens on; errors that wrap it do as well.
const ErrUpstreamRefused = syscall.ECONNREFUSED

// settle fills in the defaults.
func (o Options) settle(ingress Ingress) (named Ingress, version Version, validate bool, err error) {
	if version, err = o.version(); err != nil {
		return ingress, "", false, err
	}
	if ingress.Name == "" {
		ingress.Name = ingress.Host
	}
	validate = version.validatesAnnotations()
	if o.AnnotationValidation != nil {
		validate = *o.AnnotationValidation
	}
	return ingress, version, validate, nil
}

func (o Options) version() (Version, error) {
	if o.Version == "" {
		return V1_15_1, nil
	}
	return ParseVersion(string(o.Version))
}
