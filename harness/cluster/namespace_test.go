package cluster

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// The controller serves the oldest of several Ingresses for a host, so those of earlier runs go, and nothing of anybody else.
func TestTheHostsOfEarlierRunsAreCleared(t *testing.T) {
	t.Parallel()
	mine := map[string]string{ownerLabel: owner}
	var objects []runtime.Object
	for name, labels := range map[string]map[string]string{
		"crosscheck": mine, "crosscheck-1": {ownerLabel: owner, temporaryLabel: "true"}, "crosscheck-2": {ownerLabel: owner, temporaryLabel: "true"}, "shop": nil,
	} {
		objects = append(objects, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}})
	}
	clients := fake.NewClientset(objects...)
	e := &Environment{options: Options{Namespace: "crosscheck-2", Temporary: true, NoMesh: "this cluster has no Linkerd"}, clientset: clients}
	require.NoError(t, e.claimNamespace(t.Context()))

	var cleared, left []string
	for _, action := range clients.Actions() {
		if deletion, is := action.(clienttesting.DeleteCollectionAction); is && deletion.GetResource().Resource == "ingresses" {
			require.Equal(t, ours.LabelSelector, deletion.GetListRestrictions().Labels.String(), "what somebody put there stays")
			cleared = append(cleared, deletion.GetNamespace())
		}
	}
	namespaces, err := clients.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	for _, item := range namespaces.Items {
		left = append(left, item.Name)
	}
	require.ElementsMatch(t, []string{"crosscheck", "crosscheck-1", "crosscheck-2"}, cleared)
	require.ElementsMatch(t, []string{"crosscheck", "crosscheck-2", "shop"}, left, "those that are kept, and this run's own")
}
