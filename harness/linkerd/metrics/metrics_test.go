package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/linkerd/metrics"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

const (
	ingress = "ingress-nginx.ingress-nginx.serviceaccount.identity.linkerd.cluster.local"
	member  = "default.crosscheck.serviceaccount.identity.linkerd.cluster.local"
)

// text is what a proxy of edge-26.8.3 says, shortened.
const text = `# HELP response_latency_ms Elapsed times between a request's headers being received and its response stream completing
# TYPE response_latency_ms histogram
response_latency_ms_bucket{direction="inbound",srv_port="38925",status_code="200",le="1"} 1
# HELP response_total Total count of HTTP responses.
# TYPE response_total counter
response_total{direction="inbound",target_addr="10.244.0.10:38925",tls="true",client_id="` + member + `",srv_kind="default",srv_name="all-unauthenticated",srv_port="38925",authz_name="a",status_code="200",classification="success",grpc_status="",error=""} 2
response_total{direction="inbound",target_addr="10.244.0.10:38925",tls="true",client_id="` + member + `",srv_kind="default",srv_name="all-unauthenticated",srv_port="38925",authz_name="b",status_code="200",classification="success",grpc_status="",error=""} 1
response_total{direction="inbound",target_addr="10.244.0.10:38925",tls="true",client_id="` + ingress + `",srv_kind="default",srv_name="all-unauthenticated",srv_port="38925",status_code="503",classification="failure",grpc_status="",error=""} 4
response_total{direction="inbound",target_addr="10.244.0.10:38925",tls="no_identity",no_tls_reason="no_tls_from_remote",srv_port="38925",status_code="200",classification="success",grpc_status="",error=""} 5
response_total{direction="inbound",target_addr="10.244.0.10:38925",tls="true",client_id="` + member + `",srv_port="38925",classification="failure",grpc_status="",error="unexpected end of file"} 1
response_total{direction="inbound",target_addr="10.244.0.10:1",tls="true",client_id="` + member + `",srv_port="1",status_code="502",classification="failure",grpc_status="",error=""} 10
response_total{direction="outbound",target_addr="10.244.0.10:38925",tls="true",srv_port="38925",status_code="200",classification="success"} 99
# HELP inbound_http_authz_deny_total The total number of inbound HTTP requests that could not be processed due to an authorization policy.
# TYPE inbound_http_authz_deny_total counter
inbound_http_authz_deny_total{target_addr="10.244.0.10:38925",srv_kind="server",srv_name="app",srv_port="38925",tls="true",client_id="` + ingress + `"} 31
inbound_http_authz_deny_total{target_addr="10.244.0.10:38925",srv_kind="server",srv_name="app",srv_port="38925",tls="true",client_id="` + member + `"} 6
`

func TestWhatAProxyCountedForAPort(t *testing.T) {
	t.Parallel()
	read, err := metrics.Read(strings.NewReader(text), 38925)
	require.NoError(t, err)
	require.ElementsMatch(t, []linkerd.ResponseTotal{
		{Classification: "success", StatusCode: 200, ClientID: member, Value: 2},
		{Classification: "success", StatusCode: 200, ClientID: member, Value: 1},
		{Classification: "failure", StatusCode: 503, ClientID: ingress, Value: 4},
		{Classification: "success", StatusCode: 200, Value: 5},
		{Classification: "failure", StatusCode: 0, ClientID: member, Value: 1},
	}, read.Responses)
	require.Equal(t, 37, read.Denied)
	require.Equal(t, 13, read.Count())

	other, err := metrics.Read(strings.NewReader(text), 80)
	require.NoError(t, err)
	require.Equal(t, metrics.Inbound{Responses: []linkerd.ResponseTotal{}}, other)
}

func TestWhatWasCountedSince(t *testing.T) {
	t.Parallel()
	before := metrics.Inbound{Denied: 1, Responses: []linkerd.ResponseTotal{
		{Classification: "success", StatusCode: 200, ClientID: member, Value: 2}, {Classification: "failure", StatusCode: 500, ClientID: member, Value: 1},
	}}
	after := metrics.Inbound{Denied: 3, Responses: []linkerd.ResponseTotal{
		{Classification: "success", StatusCode: 200, ClientID: member, Value: 3},
		{Classification: "success", StatusCode: 200, ClientID: member, Value: 1}, // another series: it differs in a label that is not read
		{Classification: "success", StatusCode: 200, ClientID: ingress, Value: 1},
		{Classification: "failure", StatusCode: 500, ClientID: member, Value: 1},
	}}
	require.Equal(t, metrics.Inbound{Denied: 2, Responses: []linkerd.ResponseTotal{
		{Classification: "success", StatusCode: 200, ClientID: member, Value: 2}, {Classification: "success", StatusCode: 200, ClientID: ingress, Value: 1},
	}}, after.Since(before))
	require.Equal(t, metrics.Inbound{Responses: []linkerd.ResponseTotal{}}, after.Since(after))
}

func TestMetricsThatAreNone(t *testing.T) {
	t.Parallel()
	_, err := metrics.Read(strings.NewReader(`response_total{direction="inbound`+"\n"), 1)
	require.ErrorContains(t, err, "read the metrics of a Linkerd proxy")
	_, err = metrics.Read(strings.NewReader(`response_total{direction="inbound",srv_port="1",status_code="teapot"} 1`+"\n"), 1)
	require.ErrorContains(t, err, `the status_code "teapot"`)
}

func TestAskingAProxy(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
	}))
	read, err := metrics.Ask(t.Context(), http.DefaultTransport, proxy.URL, 1)
	require.NoError(t, err)
	require.Equal(t, 10, read.Count())
	status = http.StatusForbidden
	_, err = metrics.Ask(t.Context(), http.DefaultTransport, proxy.URL, 1)
	require.ErrorContains(t, err, "status 403")
	proxy.Close()
	_, err = metrics.Ask(t.Context(), http.DefaultTransport, proxy.URL, 1)
	require.ErrorContains(t, err, "ask Linkerd's proxy what it counted")
}
