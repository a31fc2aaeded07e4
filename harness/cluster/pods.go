package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	toolswatch "k8s.io/client-go/tools/watch"

	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
)

// The pods. The last two are in the mesh, where there is one.
const (
	appsPodName         = "crosscheck-apps"
	clientPodName       = "crosscheck-client"
	meshedAppsPodName   = "crosscheck-meshed-apps"
	meshedClientPodName = "crosscheck-meshed-client"
)

// podNameLabel tells the pods apart for those who select them.
const podNameLabel = "app.kubernetes.io/name"

// containerName is the container of this program in its pods.
const containerName = "crosscheck"

// podTimeout bounds how long a pod may take to be ready, the pull of its image included.
const podTimeout = 3 * time.Minute

// startPods makes the pods run this environment's image, and gives them by name as they are when they are ready.
func (e *Environment) startPods(ctx context.Context) (map[string]*corev1.Pod, error) {
	ctx, cancel := context.WithTimeout(ctx, e.options.within(podTimeout))
	defer cancel()
	wanted := []*corev1.Pod{podOf(appsPodName, e.options.Image), podOf(clientPodName, e.options.Image)}
	if e.options.NoMesh == "" {
		wanted = append(wanted, meshed(podOf(meshedAppsPodName, e.options.Image)), meshed(podOf(meshedClientPodName, e.options.Image)))
	}
	for _, p := range wanted {
		if err := e.replacePod(ctx, p); err != nil {
			return nil, err
		}
	}
	started := map[string]*corev1.Pod{}
	for _, p := range wanted {
		ready, err := e.waitForPod(ctx, p.Name)
		if err != nil {
			return nil, err
		}
		if isMeshed(p) {
			if err := requireProxy(ready); err != nil {
				return nil, err
			}
		}
		started[p.Name] = ready
	}
	return started, nil
}

// replacePod makes the pod, after deleting one of another image that an earlier run left.
func (e *Environment) replacePod(ctx context.Context, wanted *corev1.Pod) error {
	name := wanted.Name
	pods := e.clientset.CoreV1().Pods(e.options.Namespace)
	existing, err := pods.Get(ctx, name, metav1.GetOptions{})
	switch {
	case err == nil && imageOf(existing) == e.options.Image && existing.DeletionTimestamp == nil && existing.Status.Phase != corev1.PodFailed:
		return nil
	case err == nil:
		now := int64(0)
		if err := pods.Delete(ctx, name, metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("delete the pod %s of an earlier run: %w", name, err)
		}
	case !apierrors.IsNotFound(err):
		return fmt.Errorf("look for the pod %s: %w", name, err)
	}
	_, err = pods.Create(ctx, wanted, metav1.CreateOptions{})
	for apierrors.IsAlreadyExists(err) || lacksAccount(err) { // the deleted one is not quite gone, or its namespace not quite there
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("make the pod %s: %w: %w", name, ctx.Err(), err)
		}
		if _, again := pods.Create(ctx, wanted, metav1.CreateOptions{}); ctx.Err() == nil {
			err = again
		}
	}
	if err != nil {
		return fmt.Errorf("make the pod %s: %w", name, err)
	}
	return nil
}

// lacksAccount tells whether a pod was refused since its namespace is so young that the controllers have not made the
// default service account yet. On a busy machine that takes them seconds. The refusal has no more of its own than its text.
func lacksAccount(err error) bool {
	return apierrors.IsForbidden(err) && strings.Contains(err.Error(), "error looking up service account")
}

// imageOf is the image of this program's container, which others may have been put beside.
func imageOf(p *corev1.Pod) string {
	for _, container := range p.Spec.Containers {
		if container.Name == containerName {
			return container.Image
		}
	}
	return ""
}

func podOf(name, image string) *corev1.Pod {
	none, now := false, int64(0)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{ownerLabel: owner, podNameLabel: name}},
		Spec: corev1.PodSpec{
			AutomountServiceAccountToken:  &none,
			EnableServiceLinks:            &none,
			TerminationGracePeriodSeconds: &now,
			Containers: []corev1.Container{{
				Name: containerName, Image: image, ImagePullPolicy: corev1.PullIfNotPresent,
				ReadinessProbe: &corev1.Probe{
					ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/ready", Port: intstr.FromInt(pod.AdminPort)}},
					PeriodSeconds: 1, FailureThreshold: 60,
				},
			}},
		},
	}
}

// waitForPod watches the pod until it is ready, and gives it as it is then.
func (e *Environment) waitForPod(ctx context.Context, name string) (*corev1.Pod, error) {
	byName := fields.OneTermEqualSelector(metav1.ObjectNameField, name).String()
	pods := e.clientset.CoreV1().Pods(e.options.Namespace)
	list := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			options.FieldSelector = byName
			return pods.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.FieldSelector = byName
			return pods.Watch(ctx, options)
		},
	}
	said := "it was not scheduled"
	last, err := toolswatch.UntilWithSync(ctx, list, &corev1.Pod{}, nil, func(event watch.Event) (bool, error) {
		p, ok := event.Object.(*corev1.Pod)
		if !ok || event.Type == watch.Deleted {
			return false, nil
		}
		said = stateOf(p)
		for _, condition := range p.Status.Conditions {
			if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
				return true, nil
			}
		}
		if p.Status.Phase == corev1.PodFailed {
			return false, errors.New(said)
		}
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("wait until the pod %s is ready: %s: %w", name, said, err)
	}
	return last.Object.(*corev1.Pod), nil
}

// stateOf says in a few words what a pod is doing.
func stateOf(p *corev1.Pod) string {
	for _, status := range p.Status.ContainerStatuses {
		switch {
		case status.State.Waiting != nil:
			return status.State.Waiting.Reason + " " + status.State.Waiting.Message
		case status.State.Terminated != nil:
			return fmt.Sprintf("its program ended with code %d: %s", status.State.Terminated.ExitCode, status.State.Terminated.Message)
		case !status.Ready:
			return "its program runs but is not ready"
		}
	}
	for _, condition := range p.Status.Conditions {
		if condition.Status == corev1.ConditionFalse && condition.Message != "" {
			return condition.Message
		}
	}
	return string(p.Status.Phase)
}
