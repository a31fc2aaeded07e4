package cluster

import (
	"context"
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// claimNamespace makes the namespace, or takes over one that an earlier run left: then
// all that leads to apps of that run goes. A namespace of somebody else is left alone.
func (e *Environment) claimNamespace(ctx context.Context) error {
	if err := e.clearHosts(ctx); err != nil {
		return err
	}
	namespaces := e.clientset.CoreV1().Namespaces()
	name := e.options.Namespace
	existing, err := namespaces.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		labels := map[string]string{ownerLabel: owner, temporaryLabel: strconv.FormatBool(e.options.Temporary)}
		_, err = namespaces.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}, metav1.CreateOptions{})
		if err != nil {
			return fmt.Errorf("make the namespace %s: %w", name, err)
		}
		return nil
	}
	switch {
	case err != nil:
		return fmt.Errorf("look for the namespace %s: %w", name, err)
	case existing.Labels[ownerLabel] != owner:
		return fmt.Errorf("the namespace %s is there and was not made by crosscheck: name another one", name)
	case existing.DeletionTimestamp != nil:
		return fmt.Errorf("the namespace %s is being deleted: wait, or name another one", name)
	}
	services := e.clientset.CoreV1().Services(name) // of which no collection can be deleted by a client
	listed, err := services.List(ctx, ours)
	if err != nil {
		return fmt.Errorf("list the Services of an earlier run: %w", err)
	}
	for i := range listed.Items {
		if err := services.Delete(ctx, listed.Items[i].Name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("delete the Service %s of an earlier run: %w", listed.Items[i].Name, err)
		}
	}
	if err := e.clientset.DiscoveryV1().EndpointSlices(name).DeleteCollection(ctx, metav1.DeleteOptions{}, ours); err != nil {
		return fmt.Errorf("delete the EndpointSlices of an earlier run: %w", err)
	}
	return e.leaveMesh(ctx)
}

// temporaryLabel tells, on a namespace, whether it is there for one run.
const temporaryLabel = "crosscheck.temporary"

// ours selects what this program made.
var ours = metav1.ListOptions{LabelSelector: ownerLabel + "=" + owner}

// clearHosts deletes the Ingresses of earlier runs, whichever of our namespaces they were in: of several for one host, the controller
// serves the oldest. A namespace that was for one run goes, which only one that was killed leaves: one run at a time is at work in a cluster.
func (e *Environment) clearHosts(ctx context.Context) error {
	namespaces, err := e.clientset.CoreV1().Namespaces().List(ctx, ours)
	if err != nil {
		return fmt.Errorf("look for namespaces of earlier runs: %w", err)
	}
	for i := range namespaces.Items {
		left := &namespaces.Items[i]
		if err := e.clientset.NetworkingV1().Ingresses(left.Name).DeleteCollection(ctx, metav1.DeleteOptions{}, ours); err != nil {
			return fmt.Errorf("delete the Ingresses of an earlier run in the namespace %s: %w", left.Name, err)
		}
		if left.Labels[temporaryLabel] != "true" || left.Name == e.options.Namespace || left.DeletionTimestamp != nil {
			continue
		}
		if err := e.clientset.CoreV1().Namespaces().Delete(ctx, left.Name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("delete the namespace %s of a run that was killed: %w", left.Name, err)
		}
	}
	return nil
}

// leaveMesh deletes what an earlier run told the mesh to do.
func (e *Environment) leaveMesh(ctx context.Context) error {
	if e.options.NoMesh != "" {
		return nil
	}
	for kind, version := range meshKinds {
		if err := e.objects.resource(version.WithKind(kind)).DeleteCollection(ctx, metav1.DeleteOptions{}, ours); err != nil {
			return fmt.Errorf("delete each %s of an earlier run: %w", kind, err)
		}
	}
	return nil
}
