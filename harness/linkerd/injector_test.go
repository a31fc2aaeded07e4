package linkerd_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

// answers is an API that answers the creation of pods with these, one after the other, and the last for ever.
func answers(list ...any) (*fake.Clientset, *int) {
	client, calls := fake.NewClientset(), 0
	client.PrependReactor("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		answer := list[min(calls, len(list)-1)]
		calls++
		if err, is := answer.(error); is {
			return true, nil, err
		}
		made := action.(clienttesting.CreateAction).GetObject().(*corev1.Pod).DeepCopy()
		if answer == "injected" {
			made.Spec.InitContainers = append(made.Spec.InitContainers, corev1.Container{Name: linkerd.ProxyContainer})
		}
		return true, made, nil
	})
	return client, &calls
}

func TestTheInjectorIsWaitedFor(t *testing.T) {
	t.Parallel()
	refused := apierrors.NewInternalError(errors.New(`failed calling webhook "linkerd-proxy-injector.linkerd.io": connection refused`))
	client, calls := answers(refused, "as it was", "injected")
	require.NoError(t, linkerd.AwaitInjector(t.Context(), client.CoreV1().Pods("default")))
	require.Equal(t, 3, *calls)
	require.Equal(t, []string{"All"}, client.Actions()[0].(clienttesting.CreateActionImpl).CreateOptions.DryRun, "no pod is made")
}

func TestAnInjectorThatDoesNotCome(t *testing.T) {
	t.Parallel()
	client, _ := answers("as it was")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := linkerd.AwaitInjector(ctx, client.CoreV1().Pods("default"))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "it put no proxy into a pod")

	client, calls := answers(apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "", errors.New("no rights")))
	require.ErrorContains(t, linkerd.AwaitInjector(t.Context(), client.CoreV1().Pods("default")), "no rights")
	require.Equal(t, 1, *calls)
}
