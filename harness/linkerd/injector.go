package linkerd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	typed "k8s.io/client-go/kubernetes/typed/core/v1"
)

// The annotation by which the injector knows the pods that are its business.
const (
	InjectAnnotation = "linkerd.io/inject"
	Inject           = "enabled"
)

// HasProxy tells whether a pod has Linkerd's proxy.
func HasProxy(pod *corev1.Pod) bool {
	isProxy := func(container corev1.Container) bool { return container.Name == ProxyContainer }
	// As a native sidecar, the proxy is an init container that goes on running.
	return slices.ContainsFunc(pod.Spec.InitContainers, isProxy) || slices.ContainsFunc(pod.Spec.Containers, isProxy)
}

// How long the injector may take by default to be reached once it is rolled out, and how often that is tried.
const (
	injectorTimeout  = time.Minute
	injectorInterval = 200 * time.Millisecond
)

// awaitInjector makes a pod, for show only, until the injector puts a proxy into it. Its own pod is ready some time
// before the node leads to it, and what is made meanwhile is refused.
func awaitInjector(ctx context.Context, pods typed.PodInterface) error {
	probe := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "injected-", Annotations: map[string]string{InjectAnnotation: Inject}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "nothing", Image: "nothing.invalid/nothing"}}},
	}
	var last error
	for {
		made, err := pods.Create(ctx, probe, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		switch {
		case err == nil && HasProxy(made):
			return nil
		case err == nil:
			err = errors.New("it put no proxy into a pod")
		case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
			return fmt.Errorf("ask Linkerd's injector for a proxy: %w", err)
		}
		if ctx.Err() == nil || last == nil {
			last = err
		}
		select {
		case <-time.After(injectorInterval):
		case <-ctx.Done():
			return fmt.Errorf("wait for Linkerd's injector: %w: %w", ctx.Err(), last)
		}
	}
}
