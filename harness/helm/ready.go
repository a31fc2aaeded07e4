package helm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	release "helm.sh/helm/v4/pkg/release/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// defaultPullPatience is how long a pod may be without its image before the release is given up. The kubelet tries again after ten
// and twenty seconds, so a registry that stumbles once is forgiven.
const defaultPullPatience = 25 * time.Second

// A NotReadyError says that the API took a release, and that its pods do not become ready.
type NotReadyError struct {
	Name, Namespace string
	// Pods is what they say about it: each pod's state, its warnings, the last lines of its logs.
	Pods []PodState
	// Err is how the waiting ended.
	Err error
}

// Error names the release and what one of its pods says.
func (e *NotReadyError) Error() string {
	text := e.Name + " is not ready: "
	switch len(e.Pods) {
	case 0:
		return fmt.Sprintf("%sthe namespace %s has no pod that says why: %s", text, e.Namespace, e.Err)
	case 1:
		return text + e.Pods[0].String()
	case 2:
		return text + e.Pods[0].String() + "; nor is another pod"
	}
	return fmt.Sprintf("%s%s; nor are %d more pods", text, e.Pods[0], len(e.Pods)-1)
}

// Unwrap returns how the waiting ended.
func (e *NotReadyError) Unwrap() error { return e.Err }

// isWaiting tells whether the failure came while Helm waited, and not from what it asked of the API.
func isWaiting(failure error) bool {
	var hopeless *errHopeless
	return errors.As(failure, &hopeless) || errors.Is(failure, context.DeadlineExceeded)
}

// errHopeless ends the waiting for pods that cannot become ready.
type errHopeless struct{ pod, reason string }

func (e *errHopeless) Error() string { return fmt.Sprintf("the pod %s: %s", e.pod, e.reason) }

// withPodsWatched does the work, and ends it when a pod of the namespace can be seen never to become ready.
func (c *Client) withPodsWatched(ctx context.Context, namespace string, work func(context.Context) (*release.Release, error)) (*release.Release, error) {
	ctx, giveUp := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		c.watchPods(ctx, namespace, giveUp)
	}()
	made, err := work(ctx)
	ended := context.Cause(ctx)
	giveUp(nil)
	<-watched
	if err != nil && ended != nil {
		return nil, ended // what ended the work; its own error only tells that it was ended
	}
	return made, err
}

// watchPods calls giveUp for a pod that has been without its image for too long. It returns when ctx is done.
func (c *Client) watchPods(ctx context.Context, namespace string, giveUp context.CancelCauseFunc) {
	clients, err := c.clients(ctx)
	if err != nil {
		return // the work has the same trouble, and tells of it
	}
	began := time.Now()
	type trouble struct {
		pod    *corev1.Pod
		reason string
		since  time.Time
	}
	without := map[string]trouble{} // the pods without their image
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for ctx.Err() == nil {
		pods, err := clients.CoreV1().Pods(namespace).Watch(ctx, metav1.ListOptions{})
		if err != nil {
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
			continue
		}
		for open := true; open; {
			select {
			case event, more := <-pods.ResultChan():
				open = more
				pod, ok := event.Object.(*corev1.Pod)
				if !ok {
					continue
				}
				had, known := without[pod.Name]
				reason := imageTrouble(pod)
				switch {
				case event.Type == watch.Deleted:
					delete(without, pod.Name)
				case reason != "" && !known:
					without[pod.Name] = trouble{pod, reason, time.Now()}
				case reason != "":
					without[pod.Name] = trouble{pod, reason, had.since}
				case !waitsForImage(pod): // between two tries the reason is gone for a moment
					delete(without, pod.Name)
				}
			case <-tick.C:
				for name, has := range without {
					patience := c.pullPatience
					if has.pod.CreationTimestamp.Time.Before(began) {
						patience *= 2 // it may be about to be replaced: Helm has only begun
					}
					if time.Since(has.since) > patience && !isSuperseded(ctx, clients, has.pod, began) {
						giveUp(&errHopeless{pod: name, reason: has.reason})
					}
				}
			case <-ctx.Done():
				open = false
			}
		}
		pods.Stop()
	}
}

// imageTrouble says why a container of the pod has no image; empty where none is without.
func imageTrouble(pod *corev1.Pod) string {
	for _, status := range containerStatuses(pod) {
		if reason := imageReason(status); reason != "" {
			return reason
		}
	}
	return ""
}

func imageReason(status corev1.ContainerStatus) string {
	waiting := status.State.Waiting
	if waiting == nil {
		return ""
	}
	switch waiting.Reason {
	case "ErrImageNeverPull":
		return fmt.Sprintf("the node does not have the image %s, and is told not to pull it", status.Image)
	case "InvalidImageName":
		return fmt.Sprintf("%q is no name of an image", status.Image)
	case "ErrImagePull", "ImagePullBackOff":
		// The kubelet's message repeats itself at each layer that it went through; what matters comes last.
		layers := strings.Split(waiting.Message, ": ")
		return oneLine(fmt.Sprintf("the image %s is not in the node and cannot be pulled: %s", status.Image, strings.Join(layers[max(0, len(layers)-2):], ": ")))
	}
	return ""
}

// waitsForImage tells whether a container of the pod has not begun.
func waitsForImage(pod *corev1.Pod) bool {
	for _, status := range containerStatuses(pod) {
		if status.State.Waiting != nil && status.ImageID == "" {
			return true
		}
	}
	return false
}
