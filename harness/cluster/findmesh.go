package cluster

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

// Mesh is what a cluster has of Linkerd.
type Mesh struct {
	// Version is its release, such as "edge-26.8.3"; empty where it is not installed.
	Version string
	// Outside is why nothing can be in the mesh, as [Options].NoMesh has it; empty where Linkerd is there and the controller is in the mesh.
	Outside string
}

// FindMesh finds out whether Linkerd is in a cluster that somebody else installed, and the ingress-nginx of the namespace in its mesh.
func FindMesh(ctx context.Context, clients kubernetes.Interface, controllerNamespace string) (Mesh, error) {
	version, found, err := linkerd.Find(ctx, clients)
	if err != nil {
		return Mesh{}, err
	}
	if !found {
		return Mesh{Outside: "this cluster has no Linkerd"}, nil
	}
	controllers, err := controllerPods(ctx, clients, controllerNamespace)
	if err != nil {
		return Mesh{}, err
	}
	for i := range controllers {
		if !linkerd.HasProxy(&controllers[i]) {
			return Mesh{Version: version, Outside: fmt.Sprintf("this cluster has Linkerd, but ingress-nginx is not in its mesh (the pod %s/%s has no container %s)",
				controllers[i].Namespace, controllers[i].Name, linkerd.ProxyContainer)}, nil
		}
	}
	return Mesh{Version: version}, nil
}

// controllerPods are the pods of the ingress-nginx in the namespace, at least one.
func controllerPods(ctx context.Context, clients kubernetes.Interface, namespace string) ([]corev1.Pod, error) {
	listed, err := clients.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: podNameLabel + "=ingress-nginx,app.kubernetes.io/component=controller"})
	if err != nil {
		return nil, fmt.Errorf("look for the proxy of the ingress controller: %w", err)
	}
	if len(listed.Items) == 0 {
		return nil, fmt.Errorf("look for the proxy of the ingress controller: the namespace %q has no pod of ingress-nginx: --ingress-namespace names another", namespace)
	}
	return listed.Items, nil
}
