package cluster

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/apps"
	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
	"github.com/crosscheck-dev/crosscheck/harness/service"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// modelTimeScale makes the model's timeouts a thousandth of the configured ones: the real controller has waited already.
const modelTimeScale = 0.001

// reachedKey is the context key of the request that reached the app for real.
type reachedKey struct{}

// model is what the edge model makes of a service's Ingress, for one session: it
// counts requests for rate limits as the controller does. t is nil to find out only whether there is a model.
func (e *Environment) model(s *service.Service, t *traffic) (*ingressnginx.Controller, error) {
	var backend http.Handler
	if t != nil {
		backend = modelBackend(s)
	}
	return ingressnginx.New(
		ingressnginx.Options{Version: ingressnginx.Version(e.options.Controller.Version), Users: Users(), TimeScale: modelTimeScale},
		ingressnginx.Ingress{
			Name: s.Name, Host: s.At.Host, TLS: s.At.Scheme == "https", Annotations: s.Ingress.Annotations,
			Paths: []ingressnginx.Path{{Path: "/", Backend: backend}},
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

// predict asks a model what the controller answers to an exchange of a session.
func predict(ctx context.Context, model *ingressnginx.Controller, s *placedService, session netip.Addr, exchange simulator.Exchange, reached *pod.Request) *harness.Prediction {
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
	answer := model.Answer(request)
	prediction := &harness.Prediction{
		Hop: "ingress-nginx " + string(model.Version()) + " (model)", Status: answer.Status, Header: http.Header{},
		// Where nothing listens, the controller tries in vain.
		ReachedApp: answer.ReachedApp && !s.Down(),
	}
	for _, field := range answer.Header {
		prediction.Header.Add(field.Name, field.Value)
	}
	return prediction
}
