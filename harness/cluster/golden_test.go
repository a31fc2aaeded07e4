package cluster

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
	"github.com/crosscheck-dev/crosscheck/harness/service"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

// What the real controllers answered in the scenarios keeps their model honest where there is no cluster.
func TestTheModelAnswersAsTheControllersDidWhenRecorded(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../fixtures/golden/exchanges/ingress-nginx-*.jsonl")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			head, exchanges, err := ReadGolden[GoldenExchange](bytes.NewReader(content))
			require.NoError(t, err)
			require.NotEmpty(t, exchanges)
			e := &Environment{options: Options{Controller: Controller{Version: head.Controller}}}
			for _, golden := range exchanges {
				s, err := e.serviceOf(harness.Service{Name: "API", Origin: golden.Origin, App: golden.App, Ingress: &harness.Ingress{Annotations: golden.Annotations}})
				require.NoError(t, err)
				traffic := &traffic{environment: e, session: e.newSession()}
				model, err := e.model(s.Service, modelBackend(s.Service))
				require.NoError(t, err)
				var reached *pod.Request
				if golden.ReachedApp {
					reached = &pod.Request{Status: golden.AppStatus, ResponseHeader: golden.AppHeader}
				}
				predicted := predict(t.Context(), model, s, traffic.session, simulator.Exchange{Method: golden.Method, URL: golden.URL, RequestHeader: golden.Request}, reached)
				name := golden.Method + " " + golden.URL
				require.Equal(t, golden.Status, predicted.Status, "%s: %+v", name, golden)
				require.Equal(t, golden.ReachedApp, predicted.ReachedApp, "%s: %+v", name, golden)
				require.Equal(t, corsOf(golden.Header), corsOf(predicted.Header), "%s: %+v", name, golden)
				require.Equal(t, golden.Header["Vary"], predicted.Header["Vary"], "%s: %+v", name, golden)
			}
		})
	}
}

// So do the real proxies, and what they counted, Linkerd's.
func TestTheModelDoesAndCountsAsLinkerdsProxiesDidWhenRecorded(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../fixtures/golden/exchanges/linkerd-*.jsonl")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		_, requests, err := ReadGolden[GoldenRequest](bytes.NewReader(content))
		require.NoError(t, err)
		require.NotEmpty(t, requests)
		for _, golden := range requests {
			s, err := service.New(harness.Service{Name: "API", Origin: "https://api.example.com", App: golden.App, Linkerd: &golden.Linkerd})
			require.NoError(t, err)
			placed := &placedService{Service: s, mesh: &mesh{}}
			proxy := linkerd.New(linkerd.Options{Denied: golden.Linkerd.Denied, SetHeaders: golden.Linkerd.AddedHeaders}, modelBackend(s))
			for _, seen := range golden.Exchanges {
				var reached *pod.Request
				if seen.ReachedApp {
					reached = &pod.Request{Status: seen.AppStatus, ResponseHeader: seen.AppHeader}
				}
				exchange := simulator.Exchange{Method: seen.Method, URL: seen.URL, RequestHeader: seen.Request}
				predicted := predictMesh(t.Context(), proxy, placed, (&Environment{}).newSession(), exchange, reached)
				require.Equal(t, seen.Status, predicted.Status, "%+v", golden)
				require.Equal(t, seen.ReachedApp, predicted.ReachedApp, "%+v", golden)
				require.Equal(t, seen.Header, decisive(predicted.Header), "%+v", golden)
			}
			require.Equal(t, golden.Counted, seriesOf(proxy.ResponseTotal()), "%+v", golden)
		}
	}
}

func TestGoldenExchangesAreWrittenOnceEachInAFixedOrder(t *testing.T) {
	t.Parallel()
	e := &Environment{options: Options{Controller: Controller{Version: "v1.11.0"}}}
	s, err := e.serviceOf(behindIngress(corsAnnotations()))
	require.NoError(t, err)
	limited, err := e.serviceOf(behindIngress(map[string]string{"limit-rpm": "1"}))
	require.NoError(t, err)
	var golden Golden
	get, options := exchange("GET", 200, nil, "User-Agent", "one"), exchange("OPTIONS", 204, nil)
	again := exchange("GET", 200, nil, "User-Agent", "another")
	for _, seen := range []simulator.Exchange{options, get, again} {
		require.NoError(t, golden.note(s, seen, nil))
	}
	require.NoError(t, golden.note(limited, get, nil))
	require.NoError(t, golden.note(s, exchange("GET", 0, nil), nil), "nothing was answered")
	require.NoError(t, (*Golden)(nil).note(s, get, nil), "nobody records")
	inMesh := &placedService{Service: s.Service, mesh: &mesh{}}
	inMesh.Linkerd = &harness.Linkerd{}
	require.NoError(t, golden.note(inMesh, exchange("GET", 500, nil), &pod.Request{}), "the proxy answered")
	require.Equal(t, 2, golden.Controller.Len())
	var file bytes.Buffer
	require.NoError(t, golden.Controller.Write(&file, GoldenHead{Controller: "v1.11.0", Recorded: "2026-11-26"}))
	head, exchanges, err := ReadGolden[GoldenExchange](&file)
	require.NoError(t, err)
	require.Equal(t, GoldenHead{Controller: "v1.11.0", Recorded: "2026-11-26"}, head)
	require.Equal(t, []string{"GET", "OPTIONS"}, []string{exchanges[0].Method, exchanges[1].Method})
	_, _, err = ReadGolden[GoldenExchange](bytes.NewReader([]byte("{}\n")))
	require.ErrorContains(t, err, "does not name the controller")
	_, _, err = ReadGolden[GoldenExchange](bytes.NewReader([]byte("no JSON\n")))
	require.ErrorContains(t, err, "line 1")
}

func TestWhatIsRecordedOfTheMesh(t *testing.T) {
	t.Parallel()
	through := func(hops ...harness.HopResponse) harness.Observation {
		return harness.Observation{
			Transits:      []harness.Transit{{Service: "API", Method: "GET", URL: api, RequestHeader: http.Header{"Origin": {page}, "User-Agent": {"x"}}, ReachedApp: len(hops) > 1, Hops: hops}},
			ResponseTotal: map[string][]linkerd.ResponseTotal{"API": {{Classification: "success", StatusCode: 200, ClientID: memberIdentity, Value: 1}}},
		}
	}
	app, proxied := harness.HopResponse{Hop: "app", Status: 200, Header: http.Header{"Etag": {"x"}}}, harness.HopResponse{Hop: hopLinkerd, Status: 200, Header: http.Header{"Vary": {"Origin"}, "Date": {"now"}}}
	for name, test := range map[string]struct {
		service  harness.Service
		seen     harness.Observation
		recorded int
	}{
		"a request":         {meshedAPI(nil), through(app, proxied), 1},
		"behind an ingress": {meshedAPI(func(s *harness.Service) { s.Ingress = &harness.Ingress{} }), through(app, proxied), 0},
		"behind a cache":    {meshedAPI(func(s *harness.Service) { s.SharedCache = true }), through(app, proxied), 0},
		"nothing":           {meshedAPI(nil), harness.Observation{}, 0},
		"not waited for":    {meshedAPI(nil), through(app, harness.HopResponse{Hop: hopLinkerd}), 0},
		"past the mesh":     {meshedAPI(nil), through(app), 0},
		"another service's": {meshedAPI(func(s *harness.Service) { s.Name = "Other" }), through(app, proxied), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := service.New(test.service)
			require.NoError(t, err)
			var golden Golden
			require.NoError(t, golden.noteMesh(&placedService{Service: s}, test.seen))
			require.NoError(t, golden.noteMesh(&placedService{Service: s}, test.seen))
			require.Equal(t, test.recorded, golden.Mesh.Len())
			require.NoError(t, (*Golden)(nil).noteMesh(&placedService{Service: s}, test.seen), "nobody records")
			if test.recorded == 0 {
				return
			}
			var file bytes.Buffer
			require.NoError(t, golden.Mesh.Write(&file, GoldenHead{Linkerd: "edge-26.8.3", Recorded: "2026-11-26"}))
			head, requests, err := ReadGolden[GoldenRequest](&file)
			require.NoError(t, err)
			require.Equal(t, "edge-26.8.3", head.Linkerd)
			require.Equal(t, []string{"success 200: 1"}, requests[0].Counted)
			require.Equal(t, []GoldenTransit{{
				Method: "GET", URL: api, Request: http.Header{"Origin": {page}}, ReachedApp: true, AppStatus: 200,
				Status: 200, Header: http.Header{"Vary": {"Origin"}},
			}}, requests[0].Exchanges)
		})
	}
}
