package cluster

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

func TestWhetherAClusterHasLinkerd(t *testing.T) {
	t.Parallel()
	injector := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{
		Namespace: "mesh-of-ours", Name: "linkerd-proxy-injector",
		Labels: map[string]string{"linkerd.io/control-plane-component": "proxy-injector", "app.kubernetes.io/version": "edge-26.8.3"},
	}}
	controller := func(containers ...string) *corev1.Pod {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
			Namespace: "edge", Name: "controller-1",
			Labels: map[string]string{"app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller"},
		}}
		for _, name := range containers {
			p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: name})
		}
		return p
	}
	for name, test := range map[string]struct {
		objects []runtime.Object
		want    Mesh
		failure string
	}{
		"none":                {[]runtime.Object{controller("controller")}, Mesh{Outside: "this cluster has no Linkerd"}, ""},
		"with the controller": {[]runtime.Object{injector, controller("controller", linkerd.ProxyContainer)}, Mesh{Version: "edge-26.8.3"}, ""},
		"without the controller": {
			[]runtime.Object{injector, controller("controller")},
			Mesh{Version: "edge-26.8.3", Outside: "this cluster has Linkerd, but ingress-nginx is not in its mesh (the pod edge/controller-1 has no container linkerd-proxy)"},
			"",
		},
		"no controller": {[]runtime.Object{injector}, Mesh{}, `the namespace "edge" has no pod of ingress-nginx: --ingress-namespace names another`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := FindMesh(t.Context(), fake.NewClientset(test.objects...), "edge")
			if test.failure != "" {
				require.ErrorContains(t, err, test.failure)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, found)
		})
	}
}
