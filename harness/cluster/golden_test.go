package cluster

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// What the real controllers answered in the scenarios keeps their model honest where there is no cluster.
func TestTheModelAnswersAsTheControllersDidWhenRecorded(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../fixtures/golden/exchanges/*.jsonl")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			head, exchanges, err := ReadGolden(bytes.NewReader(content))
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
	require.Equal(t, 2, golden.Len())
	var file bytes.Buffer
	require.NoError(t, golden.Write(&file, GoldenHead{Controller: "v1.11.0", Recorded: "2026-11-26"}))
	head, exchanges, err := ReadGolden(&file)
	require.NoError(t, err)
	require.Equal(t, GoldenHead{Controller: "v1.11.0", Recorded: "2026-11-26"}, head)
	require.Equal(t, []string{"GET", "OPTIONS"}, []string{exchanges[0].Method, exchanges[1].Method})
	_, _, err = ReadGolden(bytes.NewReader([]byte("{}\n")))
	require.ErrorContains(t, err, "does not name the controller")
	_, _, err = ReadGolden(bytes.NewReader([]byte("no JSON\n")))
	require.ErrorContains(t, err, "line 1")
}
