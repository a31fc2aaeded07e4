package cluster

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
)

func behindManifest(resources ...harness.IngressResource) harness.Service {
	s := behindIngress(nil)
	s.Ingress = &harness.Ingress{Resources: resources}
	return s
}

func to(path, backend string) []harness.IngressPath {
	return []harness.IngressPath{{Path: path, Type: "Prefix", Backend: "the service " + backend}}
}

func TestTheIngressesOfAManifestAreAppliedAsTheyAreAndEveryChangeIsSaid(t *testing.T) {
	t.Parallel()
	e := &Environment{options: Options{Namespace: "crosscheck", Controller: Controller{Class: "nginx", Version: "v1.11.0"}}}
	s, err := e.serviceOf(behindManifest(
		harness.IngressResource{
			Name: "shop/orders", Source: "k8s/shop.yaml:12", Host: "api.example.com", TLS: true, Paths: to("/orders", "orders"),
			Annotations: map[string]string{"enable-cors": "true", "proxy-send-timeout": "5", "auth-type": "basic", "auth-secret": "shop/users"},
			Foreign:     []string{"cert-manager.io/cluster-issuer"},
		},
		harness.IngressResource{Name: "shop/catalogue", Source: "k8s/shop.yaml:34", Host: "api.example.com", Paths: to("/catalogue", "catalogue"), Annotations: map[string]string{"enable-cors": "false"}},
		harness.IngressResource{Name: "shop/rest", Source: "k8s/shop.yaml:50", Host: "*.example.com", Paths: to("/", "rest")},
	))
	require.NoError(t, err)
	ingresses := scenarioIngresses(s.Service, "nginx", "app-1")
	require.Len(t, ingresses, 2)
	require.Equal(t, map[string]string{
		"nginx.ingress.kubernetes.io/enable-cors": "true", "nginx.ingress.kubernetes.io/proxy-send-timeout": "5",
		"nginx.ingress.kubernetes.io/auth-type": "basic", "nginx.ingress.kubernetes.io/auth-secret": "users",
	}, ingresses[0].Annotations)
	require.Equal(t, "/orders", ingresses[0].Spec.Rules[0].HTTP.Paths[0].Path)
	require.Equal(t, "app-1", ingresses[0].Spec.Rules[0].HTTP.Paths[0].Backend.Service.Name)
	require.Equal(t, []string{"api.example.com"}, ingresses[0].Spec.TLS[0].Hosts)
	require.Equal(t, "/catalogue", ingresses[1].Spec.Rules[0].HTTP.Paths[0].Path)
	require.Empty(t, ingresses[1].Spec.TLS)
	require.Greater(t, ingresses[0].Name, ingresses[1].Name, "the controller takes them in this order")
	require.Greater(t, ingresses[1].Name, probeIngress(s.Service, "nginx", "app-1", "c").Name)
	require.Equal(t, ingresses[0].Labels, ingresses[1].Labels)

	require.Equal(t, []string{
		`Ingress "shop/rest (k8s/shop.yaml:50)" is not applied: its rule is for *.example.com, and another one is nearer to api.example.com`,
		`Ingress "shop/orders (k8s/shop.yaml:12)" is applied with its paths and annotations, and with the namespace crosscheck, the class nginx, API in the place of the service orders, a certificate of this run, the users of this run in the Secret users; without cert-manager.io/cluster-issuer`,
		`Ingress "shop/catalogue (k8s/shop.yaml:34)" is applied with its paths and annotations, and with the namespace crosscheck, the class nginx, API in the place of the service catalogue`,
		`Ingress "shop/orders (k8s/shop.yaml:12)": proxy-send-timeout is not predicted: it is between the controller and the application`,
		`the manifest leads to the service catalogue, the service orders, and API stands for all of them`,
	}, (&running{services: []*placedService{s}}).Notes())
}

func TestAnIngressForMoreHostsIsForTheScenariosHere(t *testing.T) {
	t.Parallel()
	e := &Environment{options: Options{Namespace: "crosscheck", Controller: Controller{Class: "nginx", Version: "v1.11.0"}}}
	for host, said := range map[string]string{"*.example.com": "*.example.com", "": "any host"} {
		declared := behindManifest(harness.IngressResource{Name: "rest", Source: "a.yaml:1", Host: host, Paths: to("/", "rest")})
		s, err := e.serviceOf(declared)
		require.NoError(t, err)
		ingresses := scenarioIngresses(s.Service, "nginx", "app-1")
		require.Equal(t, "api.example.com", ingresses[0].Spec.Rules[0].Host, "nobody else's host is touched")
		require.NotEmpty(t, ingresses[0].Spec.TLS)
		require.Contains(t, s.notes[0], "spec.tls is added for api.example.com")
		require.Contains(t, s.notes[1], "the host api.example.com in the place of "+said)
		require.False(t, declared.Ingress.Resources[0].TLS, "what the scenario declares stays as it is")
		require.Equal(t, host, declared.Ingress.Resources[0].Host)
	}
}

func TestWhatHasNoModelIsAppliedAllTheSameAndSaid(t *testing.T) {
	t.Parallel()
	e := &Environment{options: Options{Namespace: "crosscheck", Controller: Controller{Class: "nginx", Version: "v1.11.0"}}}
	s, err := e.serviceOf(behindManifest(harness.IngressResource{Name: "a", Source: "a.yaml:1", Host: "api.example.com", TLS: true, Annotations: map[string]string{"affinity": "cookie"}}))
	require.NoError(t, err)
	require.Equal(t, "cookie", scenarioIngresses(s.Service, "nginx", "app-1")[0].Annotations["nginx.ingress.kubernetes.io/affinity"])
	require.Nil(t, scenarioIngresses(s.Service, "nginx", "app-1")[0].Spec.Rules[0].HTTP)
	require.Contains(t, s.notes[1], "what the controller answers is not predicted: ")
	require.Contains(t, s.notes[1], "affinity")
}
