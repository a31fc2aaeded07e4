package cluster

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// hopLinkerd is the name of Linkerd's proxies in reports.
const hopLinkerd = "linkerd-proxy"

// Observe joins what reached the apps with what the client had on the wire: the
// apps tell of the way in, the client of the answer as it left the controller, Linkerd's proxies of what they counted.
func (t *traffic) Observe(ctx context.Context, exchanges []simulator.Exchange) (harness.Observation, error) {
	defer t.closeWindow()
	ctx, cancel := context.WithTimeout(ctx, observeTimeout)
	defer cancel()
	var seen harness.Observation
	arrived, err := t.arrived(ctx)
	if err != nil {
		return seen, err
	}
	if err := t.count(ctx, arrived, &seen); err != nil {
		return seen, err
	}
	for _, exchange := range exchanges {
		if transit, way := t.transit(exchange); transit != nil && way.front == nil {
			if err := t.follow(ctx, transit, way, exchange, &arrived); err != nil {
				return seen, err
			}
			seen.Transits = append(seen.Transits, transit.Transit)
		}
	}
	for _, f := range t.fronts {
		all := f.Transits()
		for _, before := range all[f.told:] {
			whole, err := t.behind(ctx, f, before, &arrived)
			if err != nil {
				return seen, err
			}
			seen.Transits = append(seen.Transits, whole)
		}
		f.told = len(all)
	}
	// A request of which the client tells nothing, such as one that it gave up.
	for i := range arrived {
		transit := &transit{harness.Transit{Method: arrived[i].Method, URL: urlOf(arrived[i]), RequestHeader: arrived[i].Header}}
		transit.reached(&arrived[i])
		for _, s := range t.services {
			if s.id == arrived[i].App {
				transit.Service = s.Name
			}
		}
		seen.Transits = append(seen.Transits, transit.Transit)
	}
	return seen, t.settle(ctx, &seen)
}

// arrived are the requests that reached apps and that were not told of yet.
func (t *traffic) arrived(ctx context.Context) ([]pod.Request, error) {
	var fresh []pod.Request
	for _, p := range t.pods() {
		requests, err := p.requests(ctx, t.session)
		if err != nil {
			return nil, err
		}
		fresh = append(fresh, unique(requests[min(t.told[p], len(requests)):])...)
		t.told[p] = len(requests)
	}
	return fresh, nil
}

// follow finds out what became of an exchange in the cluster.
func (t *traffic) follow(ctx context.Context, transit *transit, way entrance, exchange simulator.Exchange, arrived *[]pod.Request) error {
	reached := take(arrived, exchange)
	if reached != nil {
		transit.reached(reached)
	}
	switch s := way.service; {
	case way.mesh:
		transit.Hops = append(transit.Hops, harness.HopResponse{Hop: hopLinkerd, Status: exchange.Status, Header: present(exchange.ResponseHeader)})
		if proxy := t.proxies[s.Name]; proxy != nil && exchange.Status != 0 {
			transit.Predicted = predictMesh(ctx, proxy, s, t.session, exchange, reached)
		}
	case way.controller:
		if s.meshed() && t.window != nil && exchange.Status != 0 && (reached != nil || t.window.counted[s.Name].Denied > 0) {
			hop, err := t.throughMeshOnly(ctx, s, exchange)
			if err != nil {
				return err
			}
			transit.Hops = append(transit.Hops, hop)
		}
		transit.Hops = append(transit.Hops, harness.HopResponse{
			Hop: "ingress-nginx " + t.environment.options.Controller.Version, Status: exchange.Status, Header: present(exchange.ResponseHeader),
		})
		if model := t.models[s.Name]; model != nil {
			transit.Predicted = predict(ctx, model, s, t.session, exchange, reached)
		}
		return t.environment.options.Golden.note(s, exchange, reached)
	}
	return nil
}

// behind is a transit through a front, with the hops of the cluster in the place of the one that stands for them.
func (t *traffic) behind(ctx context.Context, f *front, before harness.Transit, arrived *[]pod.Request) (harness.Transit, error) {
	exchange, passed := passed(before)
	whole := before
	whole.ReachedApp = false
	if !passed {
		return whole, nil
	}
	inside, way := t.transit(exchange)
	if inside == nil {
		return whole, nil
	}
	way.mesh, way.controller = f.mesh, !f.mesh && way.controller
	err := t.follow(ctx, inside, way, exchange, arrived)
	whole.ReachedApp, whole.Predicted = inside.ReachedApp, inside.Predicted
	whole.Hops = append(inside.Hops, before.Hops[1:]...)
	return whole, err
}

// transit is a request on its way through the deployment.
type transit struct{ harness.Transit }

// transit begins with what the client knows; nil is an exchange that did not
// arrive here: with somebody else, such as the page's own server, or never begun.
func (t *traffic) transit(exchange simulator.Exchange) (*transit, entrance) {
	target, err := url.Parse(exchange.URL)
	if err != nil || exchange.Status == 0 && len(exchange.RequestHeader) == 0 {
		return nil, entrance{}
	}
	address := strings.ToLower(target.Host)
	if target.Port() == "" {
		address += ":" + map[string]string{"http": "80", "https": "443"}[target.Scheme]
	}
	for _, entrances := range []map[string]entrance{t.outside, t.inside} {
		if e, served := entrances[address]; served {
			return &transit{harness.Transit{
				Service: e.service.Name, Method: exchange.Method, URL: exchange.URL, RequestHeader: present(exchange.RequestHeader),
			}}, e
		}
	}
	return nil, entrance{}
}

// present is a header that is there, if empty.
func present(header http.Header) http.Header {
	if header == nil {
		return http.Header{}
	}
	return header
}

// reached notes what the app saw and answered.
func (t *transit) reached(request *pod.Request) {
	t.ReachedApp, t.Protocol = true, request.Protocol
	t.Hops = append([]harness.HopResponse{{Hop: "app", Status: request.Status, Header: present(request.ResponseHeader)}}, t.Hops...)
}

// unique leaves out the requests that the controller repeated because the app
// broke the first one off: they are one request of the client's.
func unique(requests []pod.Request) []pod.Request {
	var list []pod.Request
	for _, request := range requests {
		repeated := request.RequestID != "" && slices.ContainsFunc(list, func(other pod.Request) bool { return other.RequestID == request.RequestID })
		if !repeated {
			list = append(list, request)
		}
	}
	return list
}

// take finds the request that an exchange became, and takes it out of the list:
// the first of the same method, path and, for preflights, question.
func take(arrived *[]pod.Request, exchange simulator.Exchange) *pod.Request {
	target, err := url.Parse(exchange.URL)
	if err != nil {
		return nil
	}
	for i, request := range *arrived {
		same := request.Method == exchange.Method && strings.EqualFold(request.Host, target.Host) && request.URI == target.RequestURI()
		for _, name := range []string{"Origin", "Access-Control-Request-Method"} {
			same = same && request.Header.Get(name) == http.Header(exchange.RequestHeader).Get(name)
		}
		if same {
			found := request
			*arrived = slices.Delete(*arrived, i, i+1)
			return &found
		}
	}
	return nil
}

// urlOf is the URL that the client asked for.
func urlOf(request pod.Request) string {
	scheme := request.Header.Get("X-Forwarded-Proto")
	switch {
	case scheme != "":
	case request.TLS:
		scheme = "https"
	default:
		scheme = "http"
	}
	return scheme + "://" + request.Host + request.URI
}
