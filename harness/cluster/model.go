package cluster

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/apps"
	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
	"github.com/crosscheck-dev/crosscheck/harness/service"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

// hungTimeScale makes the model's timeouts a thousandth of the configured ones where an app never answers: the real controller has waited already.
// Elsewhere nobody waits, and a machine that is busy would be taken for an app that is slow.
const hungTimeScale = 0.001

// timeScale is how long the model's timeouts last in front of an app.
func timeScale(app harness.App) float64 {
	if slices.ContainsFunc(app.Responses, func(r harness.Response) bool { return r.Fault == harness.FaultHang }) {
		return hungTimeScale
	}
	return 1
}

// reachedKey is the context key of the request that reached the app for real.
type reachedKey struct{}

// model is what the edge model makes of a service's Ingress, for one session: it
// counts requests for rate limits as the controller does. backend is nil to find out only whether there is a model.
func (e *Environment) model(s *service.Service, backend http.Handler) (*ingressnginx.Controller, error) {
	return ingressnginx.New(
		ingressnginx.Options{Version: ingressnginx.Version(e.options.Controller.Version), Users: Users(), TimeScale: timeScale(s.App)},
		s.Ingresses(backend)...)
}

// modelled stands for what is behind the controller: Linkerd's proxies, where they are, and the app.
func (t *traffic) modelled(s *placedService) http.Handler {
	app := modelBackend(s.Service)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if proxy := t.proxies[s.Name]; proxy != nil {
			proxy.ServeHTTP(w, r)
			return
		}
		app.ServeHTTP(w, r)
	})
}

// modelBackend answers the model as the app does. Apps of ours answer again, so
// that they do when the real controller let nothing through; of the others the recorded answer is given.
func modelBackend(s *service.Service) http.Handler {
	if app, err := apps.New(s.App); err == nil {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s.Down() {
				panic(ingressnginx.ErrUpstreamRefused)
			}
			app.ServeHTTP(w, r)
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached, _ := r.Context().Value(reachedKey{}).(*pod.Request)
		if reached == nil || reached.Status == 0 {
			panic(http.ErrAbortHandler)
		}
		for name, values := range reached.ResponseHeader {
			w.Header()[name] = values
		}
		w.WriteHeader(reached.Status)
	})
}

// modelRequest is an exchange of a session as a hop in this process gets it; nil for an exchange that is no request.
func modelRequest(ctx context.Context, session netip.Addr, exchange simulator.Exchange, reached *pod.Request) *http.Request {
	request, err := http.NewRequestWithContext(context.WithValue(ctx, reachedKey{}, reached), exchange.Method, exchange.URL, http.NoBody)
	if err != nil {
		return nil
	}
	request.Header = http.Header{}
	for name, values := range exchange.RequestHeader {
		for _, value := range values {
			request.Header.Add(name, value)
		}
	}
	request.RequestURI = request.URL.RequestURI()
	request.RemoteAddr = netip.AddrPortFrom(session, 50000).String()
	if strings.HasPrefix(exchange.URL, "https:") {
		request.TLS = &tls.ConnectionState{}
	}
	if length, err := strconv.ParseInt(request.Header.Get("Content-Length"), 10, 64); err == nil {
		request.ContentLength = length
	}
	return request
}

// predict asks a model what the controller answers to an exchange of a session.
func predict(ctx context.Context, model *ingressnginx.Controller, s *placedService, session netip.Addr, exchange simulator.Exchange, reached *pod.Request) *harness.Prediction {
	request := modelRequest(ctx, session, exchange, reached)
	if request == nil {
		return nil
	}
	answer := model.Answer(request)
	prediction := &harness.Prediction{
		Hop: "ingress-nginx " + string(model.Version()) + " (model)", Status: answer.Status, Header: http.Header{},
		ReachedApp: answer.ReachedApp && s.reachable(),
	}
	for _, field := range answer.Header {
		prediction.Header.Add(field.Name, field.Value)
	}
	return prediction
}

// reachable tells whether what a hop passes on gets as far as the app: not where nothing listens, which is tried in
// vain, nor where the mesh denies it.
func (s *placedService) reachable() bool {
	return !s.Down() && (!s.meshed() || !s.Linkerd.Denied)
}

// predictMesh asks the model of Linkerd's proxies what they answer, where they are the outermost hop.
func predictMesh(ctx context.Context, proxy *linkerd.Proxy, s *placedService, session netip.Addr, exchange simulator.Exchange, reached *pod.Request) *harness.Prediction {
	request := modelRequest(ctx, session, exchange, reached)
	if request == nil {
		return nil
	}
	answer := &modelAnswer{header: http.Header{}}
	func() {
		// A connection that is closed is no answer: the status stays 0.
		defer func() { _ = recover() }()
		proxy.ServeHTTP(answer, request)
	}()
	return &harness.Prediction{Hop: hopLinkerd + " (model)", Status: answer.status, Header: answer.sent, ReachedApp: s.reachable()}
}

// modelAnswer is the head of what a model answers.
type modelAnswer struct {
	header, sent http.Header
	status       int
}

// Header is what WriteHeader will send.
func (a *modelAnswer) Header() http.Header { return a.header }

// WriteHeader notes the first status that is not informational.
func (a *modelAnswer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status, a.sent = status, a.header.Clone()
	}
}

// Write drops the body: no CORS in it.
func (a *modelAnswer) Write(body []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return len(body), nil
}
