package cluster

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
	"github.com/crosscheck-dev/crosscheck/harness/linkerd/metrics"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

const (
	controllerIdentity = "ingress-nginx.ingress-nginx.serviceaccount.identity.linkerd.cluster.local"
	memberIdentity     = "default.crosscheck.serviceaccount.identity.linkerd.cluster.local"
)

// standIn stands for Linkerd's proxies, the app behind them, and the admin interface of their pod.
type standIn struct {
	// identity is what the proxy takes its client for; late is how long a response goes uncounted.
	identity string
	late     time.Duration
	status   int
	denies   bool

	mutex    sync.Mutex
	counted  metrics.Inbound
	requests map[string][]pod.Request
	address  string
}

func (p *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.denies {
		p.mutex.Lock()
		p.counted.Denied++
		p.mutex.Unlock()
		w.WriteHeader(http.StatusForbidden)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(p.status)
	p.mutex.Lock()
	session := r.Header.Get("X-Real-Ip")
	p.requests[session] = append(p.requests[session], pod.Request{
		App: "app-API", Method: r.Method, Host: r.Host, URI: r.RequestURI, Header: r.Header, Status: p.status, ResponseHeader: http.Header{},
	})
	p.mutex.Unlock()
	time.AfterFunc(p.late, func() {
		p.mutex.Lock()
		defer p.mutex.Unlock()
		classification := map[bool]string{true: "failure", false: "success"}[p.status >= 500]
		p.counted.Responses = append(p.counted.Responses, linkerd.ResponseTotal{Classification: classification, StatusCode: p.status, ClientID: p.identity, Value: 1})
	})
}

// admin is the admin interface of the pod.
func (p *standIn) admin(w http.ResponseWriter, r *http.Request) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	switch {
	case r.Method != http.MethodGet:
	case strings.HasPrefix(r.URL.Path, "/proxy/"):
		_ = json.NewEncoder(w).Encode(p.counted)
	default:
		_ = json.NewEncoder(w).Encode(p.requests[strings.TrimPrefix(r.URL.Path, "/sessions/")])
	}
}

// DialContext connects to the proxies, whatever the address.
func (p *standIn) DialContext(ctx context.Context, network, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, p.address)
}

func (p *standIn) close() {}

// inMesh is an environment whose mesh is a stand-in, with a service in it.
func inMesh(t *testing.T, p *standIn, described harness.Service) (*Environment, *placedService) {
	t.Helper()
	proxies, admin := httptest.NewServer(p), httptest.NewServer(http.HandlerFunc(p.admin))
	t.Cleanup(proxies.Close)
	t.Cleanup(admin.Close)
	p.address, p.requests = proxies.Listener.Addr().String(), map[string][]pod.Request{}
	authority, err := ca.New()
	require.NoError(t, err)
	apps := &appsPod{name: meshedAppsPodName, namespace: "crosscheck", ip: "10.0.0.2", uid: "1", base: admin.URL, transport: &http.Transport{}}
	e := &Environment{
		options:   Options{Controller: Controller{Class: "nginx", Version: "v1.11.0"}},
		authority: authority, apps: &appsPod{}, mesh: meshOf(apps, p), hosts: newHosts(),
	}
	t.Cleanup(apps.close)
	e.mesh.controller, e.mesh.member = controllerIdentity, memberIdentity
	s, err := e.serviceOf(described)
	require.NoError(t, err)
	s.id, s.port, s.address = "app-API", 4711, "10.96.0.1:80"
	e.mesh.addresses[s.id] = s.address
	return e, s
}

func meshedAPI(change func(*harness.Service)) harness.Service {
	s := behindIngress(corsAnnotations())
	s.Ingress, s.Linkerd = nil, &harness.Linkerd{}
	if change != nil {
		change(&s)
	}
	return s
}

func session(t *testing.T, e *Environment, s *placedService) *traffic {
	t.Helper()
	opened, err := newTraffic(e, []*placedService{s})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	return opened
}

// get makes a request by a network, over TLS as a browser does.
func get(t *testing.T, e *Environment, n harness.Network, target string) *http.Response {
	t.Helper()
	transport := &http.Transport{DialContext: n.DialContext, TLSClientConfig: &tls.Config{RootCAs: e.authority.Pool()}}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	require.NoError(t, err)
	request.Header.Set("Origin", page)
	response, err := transport.RoundTrip(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response
}

func TestARequestThroughTheMeshIsHeldAgainstWhatTheProxyCounted(t *testing.T) {
	t.Parallel()
	p := &standIn{identity: memberIdentity, status: 200, late: 30 * time.Millisecond}
	e, s := inMesh(t, p, meshedAPI(nil))
	traffic := session(t, e, s)
	require.NoError(t, traffic.Begin(t.Context()))
	require.Equal(t, 200, get(t, e, traffic, api).StatusCode)
	seen, err := traffic.Observe(t.Context(), []simulator.Exchange{exchange("GET", 200, http.Header{})})
	require.NoError(t, err)
	require.Equal(t, map[string][]linkerd.ResponseTotal{"API": {{Classification: "success", StatusCode: 200, ClientID: memberIdentity, Value: 1}}}, seen.ResponseTotal)
	require.Equal(t, map[string][]linkerd.ResponseTotal{"API": {{Classification: "success", StatusCode: 200, Value: 1}}}, seen.PredictedTotal)
	require.Len(t, seen.Transits, 1, "the exchange is the one that the front saw")
	require.True(t, seen.Transits[0].ReachedApp)
	require.Equal(t, api, seen.Transits[0].URL)
	require.Equal(t, []string{"app", "linkerd-proxy"}, []string{seen.Transits[0].Hops[0].Hop, seen.Transits[0].Hops[1].Hop})
	require.Empty(t, seen.Transits[0].Hops[0].Header)
	require.Equal(t, []string{"*"}, seen.Transits[0].Hops[1].Header["Access-Control-Allow-Origin"])
	require.Equal(t, "linkerd-proxy (model)", seen.Transits[0].Predicted.Hop)
	require.Equal(t, 200, seen.Transits[0].Predicted.Status)

	// The same by another pod, which knows it by its name.
	require.NoError(t, traffic.Begin(t.Context()))
	require.Equal(t, 200, get(t, e, traffic.Inside(), "http://api/user").StatusCode)
	seen, err = traffic.Observe(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, seen.Transits, 1)
	require.Equal(t, "http://api/user", seen.Transits[0].URL)
	require.Equal(t, 1, seen.ResponseTotal["API"][0].Value, "what was counted before is not this request's")
}

func TestAnAnswerBehindTheControllerIsAskedForOnceMoreWithoutIt(t *testing.T) {
	t.Parallel()
	p := &standIn{identity: controllerIdentity, status: 200}
	e, s := inMesh(t, p, meshedAPI(func(s *harness.Service) { s.Ingress = &harness.Ingress{Annotations: corsAnnotations()} }))
	traffic := session(t, e, s)
	require.NoError(t, traffic.Begin(t.Context()))
	// What the controller asks in the session's name.
	request := httptest.NewRequest(http.MethodGet, api, nil)
	request.Header = http.Header{"X-Real-Ip": {traffic.session.String()}, "Origin": {page}}
	request.RequestURI = "/user"
	p.ServeHTTP(httptest.NewRecorder(), request)
	seen, err := traffic.Observe(t.Context(), []simulator.Exchange{exchange("GET", 200, http.Header{"Access-Control-Allow-Origin": {page}})})
	require.NoError(t, err)
	require.Len(t, seen.Transits, 1)
	var names []string
	for _, hop := range seen.Transits[0].Hops {
		names = append(names, hop.Hop)
	}
	require.Equal(t, []string{"app", "linkerd-proxy", "ingress-nginx v1.11.0"}, names)
	require.Equal(t, []string{"*"}, seen.Transits[0].Hops[1].Header["Access-Control-Allow-Origin"])
	require.Equal(t, 1, seen.ResponseTotal["API"][0].Value, "what was asked once more is not the client's")
	require.Equal(t, controllerIdentity, seen.ResponseTotal["API"][0].ClientID)
}

func TestADenialIsTheMeshesOnlyWhereItsProxySaysSo(t *testing.T) {
	t.Parallel()
	denied := meshedAPI(func(s *harness.Service) {
		s.Linkerd.Denied, s.Ingress = true, &harness.Ingress{Annotations: corsAnnotations()}
	})
	for name, denies := range map[string]bool{"the mesh's": true, "somebody else's": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &standIn{identity: controllerIdentity, denies: true}
			e, s := inMesh(t, p, denied)
			traffic := session(t, e, s)
			require.NoError(t, traffic.Begin(t.Context()))
			if denies {
				p.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, api, nil))
			}
			seen, err := traffic.Observe(t.Context(), []simulator.Exchange{exchange("GET", 403, http.Header{})})
			require.NoError(t, err)
			require.Len(t, seen.Transits, 1)
			require.False(t, seen.Transits[0].ReachedApp)
			require.Equal(t, denies, seen.Transits[0].Hops[0].Hop == "linkerd-proxy")
			require.Equal(t, 403, seen.Transits[0].Predicted.Status)
			require.False(t, seen.Transits[0].Predicted.ReachedApp)
			require.Empty(t, seen.ResponseTotal["API"])
			require.Empty(t, seen.PredictedTotal["API"])
		})
	}
}

func TestWithoutMutualTLSNothingIsTakenForTheMesh(t *testing.T) {
	t.Parallel()
	for identity, message := range map[string]string{
		"": "without mutual TLS", "somebody.else.serviceaccount.identity.linkerd.cluster.local": "somebody.else",
	} {
		p := &standIn{identity: identity, status: 200}
		e, s := inMesh(t, p, meshedAPI(nil))
		traffic := session(t, e, s)
		require.NoError(t, traffic.Begin(t.Context()))
		get(t, e, traffic, api)
		_, err := traffic.Observe(t.Context(), nil)
		require.ErrorContains(t, err, message)
	}
}

func TestOneSessionAtATimeAsksAnAppInTheMesh(t *testing.T) {
	t.Parallel()
	e, s := inMesh(t, &standIn{identity: memberIdentity, status: 200}, meshedAPI(nil))
	first, second := session(t, e, s), session(t, e, s)
	require.NoError(t, first.Begin(t.Context()))
	began := make(chan error, 1)
	go func() { began <- second.Begin(context.WithoutCancel(t.Context())) }()
	select {
	case <-began:
		require.Fail(t, "the second session did not wait")
	case <-time.After(50 * time.Millisecond):
	}
	_, err := first.Observe(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, <-began)

	// Who waits can give up, and who ends without observing holds nobody up.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, first.Begin(ctx), context.DeadlineExceeded)
	require.NoError(t, second.Close())
	require.NoError(t, first.Begin(t.Context()))
}

func TestTheMeshIsAskedUntilItDoesWhatTheScenarioSays(t *testing.T) {
	t.Parallel()
	allowing := &standIn{identity: memberIdentity, status: 200}
	e, s := inMesh(t, allowing, meshedAPI(func(s *harness.Service) { s.Linkerd.Denied = true }))
	require.ErrorContains(t, e.probeMesh(t.Context(), s), "it still answers 200")
	allowing.denies = true
	require.NoError(t, e.probeMesh(t.Context(), s))

	// The app answers to probes with its name, which the stand-in does not.
	e, s = inMesh(t, &standIn{identity: memberIdentity, status: 502}, meshedAPI(func(s *harness.Service) {
		s.App.Responses[0].Fault = harness.FaultDown
		s.Linkerd.AddedHeaders = []simulator.Field{{Name: "Access-Control-Allow-Origin", Value: "*"}}
	}))
	require.NoError(t, e.probeMesh(t.Context(), s))
	s.Linkerd.AddedHeaders[0].Value = "https://other.example"
	require.ErrorContains(t, e.probeMesh(t.Context(), s), "it still answers 502")
}

func TestAReleaseThatSetsNoHeadersIsSkipped(t *testing.T) {
	t.Parallel()
	described := meshedAPI(func(s *harness.Service) { s.Linkerd.AddedHeaders = []simulator.Field{{Name: "A", Value: "b"}} })
	e, _ := inMesh(t, &standIn{}, described)
	e.options.Versions = map[string]string{"linkerd": "edge-23.6.1"}
	_, err := e.serviceOf(described)
	var unavailable *harness.Unavailable
	require.ErrorAs(t, err, &unavailable)
	require.ErrorContains(t, err, "edge-23.6.1 is installed in this cluster, and edge-23.7.3 was the first")
	_, err = e.serviceOf(meshedAPI(nil))
	require.NoError(t, err)
}

func TestAPodWithoutAProxyIsNotInTheMesh(t *testing.T) {
	t.Parallel()
	p := meshed(podOf("apps", "image"))
	p.Namespace = "crosscheck"
	require.True(t, isMeshed(p))
	require.False(t, isMeshed(podOf("apps", "image")))
	require.ErrorContains(t, requireProxy(p), "the pod apps in crosscheck is to be in the mesh")
	beside, before := p.DeepCopy(), p.DeepCopy()
	beside.Spec.Containers = append([]corev1.Container{{Name: "linkerd-proxy", Image: "proxy"}}, beside.Spec.Containers...)
	before.Spec.InitContainers = []corev1.Container{{Name: "linkerd-init"}, {Name: "linkerd-proxy"}}
	require.NoError(t, requireProxy(beside))
	require.NoError(t, requireProxy(before))
	require.Equal(t, "image", imageOf(beside), "the proxy is not the pod's own program")
	require.Equal(t, memberIdentity, identityOf(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "crosscheck"}, Spec: corev1.PodSpec{ServiceAccountName: "default"}}))
}

func TestWhatTheMeshIsToldToDo(t *testing.T) {
	t.Parallel()
	_, s := inMesh(t, &standIn{}, meshedAPI(nil))
	require.Empty(t, meshObjects(s))
	s.Linkerd = &harness.Linkerd{Denied: true, AddedHeaders: []simulator.Field{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}}}
	told := map[string]string{}
	for _, object := range meshObjects(s) {
		require.Equal(t, "app-API", object.GetName())
		content, err := json.Marshal(object.Object["spec"])
		require.NoError(t, err)
		told[object.GetAPIVersion()+" "+object.GetKind()] = string(content)
	}
	require.Len(t, told, 4)
	require.JSONEq(t, `{"identities": ["nobody.crosscheck.serviceaccount.identity.linkerd.cluster.local"]}`, told["policy.linkerd.io/v1alpha1 MeshTLSAuthentication"])
	require.JSONEq(t, `{"targetRef": {"group": "policy.linkerd.io", "kind": "Server", "name": "app-API"},
		"requiredAuthenticationRefs": [{"group": "policy.linkerd.io", "kind": "MeshTLSAuthentication", "name": "app-API"}]}`, told["policy.linkerd.io/v1alpha1 AuthorizationPolicy"])
	require.JSONEq(t, `{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "crosscheck-meshed-apps"}}, "port": `+strconv.Itoa(s.port)+`, "proxyProtocol": "HTTP/1"}`,
		told["policy.linkerd.io/v1beta3 Server"])
	require.JSONEq(t, `{"parentRefs": [{"group": "", "kind": "Service", "name": "app-API", "port": 80}], "rules": [{
		"filters": [{"type": "ResponseHeaderModifier", "responseHeaderModifier": {"set": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}}],
		"backendRefs": [{"group": "", "kind": "Service", "name": "app-API", "port": 80}]}]}`, told["gateway.networking.k8s.io/v1 HTTPRoute"])
}

func TestAnIngressInTheMeshLeadsToTheServicesAddress(t *testing.T) {
	t.Parallel()
	_, s := inMesh(t, &standIn{}, meshedAPI(func(s *harness.Service) { s.Ingress = &harness.Ingress{Annotations: corsAnnotations()} }))
	ingress, probe := scenarioIngresses(s.Service, "nginx", s.id)[0], probeIngress(s.Service, "nginx", s.id, s.configuration)
	throughService(ingress, probe)
	require.Equal(t, "true", ingress.Annotations["nginx.ingress.kubernetes.io/service-upstream"])
	require.Equal(t, "true", probe.Annotations["nginx.ingress.kubernetes.io/service-upstream"])
	ingress.Annotations["nginx.ingress.kubernetes.io/service-upstream"] = "false"
	throughService(ingress)
	require.Equal(t, "false", ingress.Annotations["nginx.ingress.kubernetes.io/service-upstream"], "the scenario decides")
}

func TestAnAppInTheMeshIsAnotherOneForEveryConfiguration(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for _, described := range []harness.Service{
		meshedAPI(nil),
		meshedAPI(func(s *harness.Service) { s.Linkerd.Denied = true }),
		meshedAPI(func(s *harness.Service) { s.Ingress = &harness.Ingress{Annotations: corsAnnotations()} }),
		meshedAPI(func(s *harness.Service) { s.Ingress = &harness.Ingress{Annotations: map[string]string{}} }),
		meshedAPI(func(s *harness.Service) { s.Linkerd = nil }),
	} {
		e, s := inMesh(t, &standIn{}, described)
		spec, id, err := e.spec(s)
		require.NoError(t, err)
		ids[id] = true
		require.Equal(t, s.Linkerd == nil, len(spec.Certificate) > 0, "TLS ends in front of the mesh")
	}
	require.Len(t, ids, 5)
}
