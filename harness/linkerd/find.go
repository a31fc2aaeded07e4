package linkerd

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// injectorSelector finds the injector of a control plane, whoever installed it and in whichever namespace.
const injectorSelector = "linkerd.io/control-plane-component=proxy-injector"

// versionLabel has the release of Linkerd on the parts of its control plane.
const versionLabel = "app.kubernetes.io/version"

// Find looks for a control plane that injects proxies in the cluster, and gives its release, as in "edge-26.8.3". Where there is none, found is false.
func Find(ctx context.Context, clients kubernetes.Interface) (version string, found bool, err error) {
	injectors, err := clients.AppsV1().Deployments(metav1.NamespaceAll).List(ctx, metav1.ListOptions{LabelSelector: injectorSelector})
	if err != nil {
		return "", false, fmt.Errorf("look for Linkerd's injector among the Deployments of all namespaces: %w", err)
	}
	if len(injectors.Items) == 0 {
		return "", false, nil
	}
	return injectors.Items[0].Labels[versionLabel], true, nil
}
