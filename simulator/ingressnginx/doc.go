// Package ingressnginx predicts what the ingress-nginx controller answers: an
// edge model that turns Ingresses with annotations into the answers of a given
// controller version, CORS above all.
//
//	controller, err := ingressnginx.New(
//		ingressnginx.Options{Version: ingressnginx.V1_15_1},
//		ingressnginx.Ingress{
//			Host:        "api.example.com",
//			Annotations: map[string]string{"enable-cors": "true"},
//			Paths:       []ingressnginx.Path{{Path: "/", Backend: app}},
//		})
//	answer := controller.Answer(request)
//
// The model follows a request through nginx's phases, because where the CORS
// rules stand among them explains most of what surprises people: they run in the
// rewrite phase, so a preflight is answered before any authentication, rate
// limit or address check; an error that comes earlier (a body that is too
// large) or that is served from another location (custom-http-errors) has no
// CORS headers.
//
// Controller is an http.Handler too. Over net/http the answer is the same but
// for the order of the headers, and for the "Content-Length: 0" that nginx sends
// with a 204 and net/http does not.
//
// Not modelled: what the admission webhook refuses, protocol upgrades,
// streaming (an answer is buffered), the limit on the size of an upstream's
// header. An annotation outside the model is an error, see NotModelledError.
package ingressnginx
