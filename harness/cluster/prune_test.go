package cluster

import (
	"testing"

	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/scheme"
)

func TestTheIngressesThatAHostHasNoMoreAreDeleted(t *testing.T) {
	t.Parallel()
	of := func(name, host string) *networkingv1.Ingress {
		return &networkingv1.Ingress{
			TypeMeta:   metav1.TypeMeta{Kind: "Ingress", APIVersion: "networking.k8s.io/v1"},
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "crosscheck", Labels: map[string]string{hostLabel: short(host)}},
		}
	}
	const host, other = "api.example.com", "shop.example.com"
	o := &objects{namespace: "crosscheck", dynamic: fake.NewSimpleDynamicClient(scheme.Scheme, of("host-1", host), of("host-1-001", host), of("host-2-001", other))}
	require.NoError(t, o.prune(t.Context(), host, []*networkingv1.Ingress{of("host-1", host)}))
	left, err := o.resource(networkingv1.SchemeGroupVersion.WithKind("Ingress")).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	var names []string
	for _, item := range left.Items {
		names = append(names, item.GetName())
	}
	require.ElementsMatch(t, []string{"host-1", "host-2-001"}, names)
}
