package helm

import (
	"context"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// revisionAnnotation is what a Deployment counts its ReplicaSets with.
const revisionAnnotation = "deployment.kubernetes.io/revision"

// isSuperseded tells whether the pod is of an earlier state of the release, so that its trouble is none of the state that began then:
// of an older ReplicaSet, which stays until the newest is ready, or of a hook's Job that broke off before.
func isSuperseded(ctx context.Context, clients kubernetes.Interface, pod *corev1.Pod, began time.Time) bool {
	owner := metav1.GetControllerOf(pod)
	switch {
	case owner == nil:
		return false
	case owner.Kind == "Job":
		return pod.CreationTimestamp.Time.Before(began.Truncate(time.Second)) // the API's times are whole seconds
	case owner.Kind != "ReplicaSet":
		return false
	}
	own, err := clients.AppsV1().ReplicaSets(pod.Namespace).Get(ctx, owner.Name, metav1.GetOptions{})
	if err != nil {
		return false
	}
	all, err := clients.AppsV1().ReplicaSets(pod.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return false
	}
	deployment, revision := metav1.GetControllerOf(own), revisionOf(own.Annotations)
	if deployment == nil {
		return false
	}
	for _, other := range all.Items {
		of := metav1.GetControllerOf(&other)
		if of != nil && of.UID == deployment.UID && revisionOf(other.Annotations) > revision {
			return true
		}
	}
	return false
}

func revisionOf(annotations map[string]string) int {
	revision, _ := strconv.Atoi(annotations[revisionAnnotation]) // a ReplicaSet that is not counted yet is the oldest
	return revision
}
