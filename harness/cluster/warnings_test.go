package cluster

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

func TestWarningsAboutAnIngressAreNotedForEachScenarioThatHasIt(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Add("Warning", `299 - "path /a.b cannot be used with pathType Exact"`)
		w.Header().Add("Warning", `299 - "path /a.b cannot be used with pathType Exact"`)
		_, _ = w.Write([]byte(`{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "users"}}`))
	}))
	defer server.Close()
	client, err := dynamic.NewForConfig(&rest.Config{Host: server.URL, WarningHandlerWithContext: warnings{}})
	require.NoError(t, err)
	o := &objects{dynamic: client, namespace: "crosscheck"}
	require.NoError(t, o.apply(t.Context(), authSecret("users", Users())), "nobody listens")
	var heard []string
	require.NoError(t, o.apply(listen(t.Context(), &heard), authSecret("users", Users())))

	e := &Environment{options: Options{Controller: Controller{Version: "v1.11.0"}}, warningsOf: map[string][]string{}}
	first, err := e.serviceOf(behindIngress(corsAnnotations()))
	require.NoError(t, err)
	again, err := e.serviceOf(behindIngress(corsAnnotations()))
	require.NoError(t, err)
	other, err := e.serviceOf(behindIngress(map[string]string{"enable-cors": "true"}))
	require.NoError(t, err)
	e.keepWarnings(first, heard)
	for _, s := range []*placedService{first, again, other} {
		e.noteWarnings(s)
	}
	require.Equal(t, []string{`the cluster warns about the Ingress of "API": path /a.b cannot be used with pathType Exact`}, first.notes)
	require.Equal(t, first.notes, again.notes)
	require.Empty(t, other.notes)
}
