package harness

import (
	"context"
	"fmt"
	"net/http"

	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

// Environment makes a deployment reachable.
type Environment interface {
	// Name is the name that --env and the reports use, such as "embedded".
	Name() string
	// Versions are the versions of everything under test, by component.
	Versions() map[string]string
	// Apply makes the deployment run. Equal deployments are shared, not rebuilt.
	// A *Unavailable error means that the environment lacks what the deployment
	// needs: the scenario is skipped with that reason. An *InvalidDeployment
	// error means that the scenario is wrong.
	Apply(ctx context.Context, deployment Deployment) (Running, error)
	// Close stops everything that the environment started.
	Close() error
}

// Running is a deployment that runs.
type Running interface {
	// NewTraffic gives one browser session its own view of the deployment:
	// nothing recorded, counted or cached yet.
	NewTraffic(ctx context.Context) (Traffic, error)
	// Release says that the scenario for which the deployment was applied has
	// ended, and its traffics with it.
	Release()
}

// Noter is a Running that has something to say of the deployment to whoever wrote
// it: what does not do what it seems to say, and what is not predicted.
type Noter interface{ Notes() []string }

// Traffic is the way of one session's requests through a deployment, with
// what was seen of them at every hop.
type Traffic interface {
	Network
	// Inside is the network as another pod of the cluster sees it: a service is at
	// "api:80" (Service.Name in lower case), and neither ingress, edge nor shared
	// cache is in the way.
	Inside() Network
	// Begin comes before a request: what was seen until then is not told any more. Where hops are shared and do not
	// tell sessions apart, it waits until no other session uses them, and Observe or Close gives them free.
	Begin(ctx context.Context) error
	// Observe tells what the deployment saw since Begin or the last call. exchanges are what
	// the session's client had on the wire meanwhile, in order: where a real ingress
	// controller is the outermost hop, nobody else knows what it answered.
	Observe(ctx context.Context, exchanges []simulator.Exchange) (Observation, error)
	// Close ends listeners and connections.
	Close() error
}

// Announced is a Traffic that has to know of a page's request what is not on the
// wire, such as its credentials mode. Announce comes before the request is made.
type Announced interface {
	Announce(request simulator.Request)
}

// Observation is what a deployment saw of a session.
type Observation struct {
	// Transits are the requests that arrived, in order.
	Transits []Transit
	// ResponseTotal is what the mesh proxies counted, by service; services that are not meshed have no entry.
	ResponseTotal map[string][]linkerd.ResponseTotal
	// PredictedTotal is what their model says that real proxies should have counted; nil where there are none.
	PredictedTotal map[string][]linkerd.ResponseTotal
}

// Transit is one request's way through the hops of a service, and its answer's way back.
type Transit struct {
	// Service is the name of the service that was asked.
	Service string `json:"service"`
	Method  string `json:"method"`
	URL     string `json:"url"`
	// Protocol is as in http.Request.Proto, such as "HTTP/2.0".
	Protocol string `json:"protocol"`
	// RequestHeader is as it arrived at the first hop.
	RequestHeader http.Header `json:"request_header"`
	// ReachedApp tells whether the app's own code saw the request.
	ReachedApp bool `json:"reached_app"`
	// Hops holds the answer as it left each hop that saw it, the innermost first.
	Hops []HopResponse `json:"hops"`
	// Predicted is what the models of real hops, an ingress controller or the mesh, say of the
	// answer of the outermost one and of the way there; nil where no such hop is in the path, or
	// no model covers its version or its annotations.
	Predicted *Prediction `json:"predicted,omitempty"`
}

// Prediction is what an edge model says in the place of a real hop.
type Prediction struct {
	// Hop names the real hop, with the remark that this is its model; Status and Header are those of the answer.
	Hop    string      `json:"hop"`
	Status int         `json:"status"`
	Header http.Header `json:"header"`
	// ReachedApp tells whether the hop passes the request on to the app.
	ReachedApp bool `json:"reached_app"`
}

// HopResponse is an answer as it left one hop.
type HopResponse struct {
	// Hop names the program, such as "app", "linkerd-proxy", "ingress-nginx v1.15.1".
	Hop string `json:"hop"`
	// Status is 0 when the hop closed the connection without an answer.
	Status int         `json:"status"`
	Header http.Header `json:"header"`
}

// Unavailable says that an environment lacks what a deployment needs, such as Node.js.
type Unavailable struct{ Reason string }

// Error gives the reason.
func (e *Unavailable) Error() string { return e.Reason }

// InvalidDeployment says that a deployment asks for something that does not
// exist or make sense, such as an unknown annotation.
type InvalidDeployment struct{ Reason string }

// Error gives the reason.
func (e *InvalidDeployment) Error() string { return e.Reason }

// Unreachable says that a server which is not ours could not be asked: there is
// no way to it, or nothing that a browser would trust listens there.
type Unreachable struct {
	// Tried is the address, "host:port"; Advice says what to do.
	Tried, Advice string
	Cause         error
}

// Error says what was tried, what happened and what to do.
func (e *Unreachable) Error() string {
	return fmt.Sprintf("%s: %v: %s", e.Tried, e.Cause, e.Advice)
}

// Unwrap gives the cause.
func (e *Unreachable) Unwrap() error { return e.Cause }
