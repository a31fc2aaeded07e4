package helm

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// lastLines is how much of a container's log is told.
const lastLines = 5

// A PodState is what a pod that is not ready says of itself.
type PodState struct {
	// Name is the pod's name, or that of the workload which cannot make one.
	Name string
	// Reason is its state: why a container waits or ended, or why no node takes it.
	Reason string
	// Warnings are the messages of its events of type Warning, the newest last.
	Warnings []string
	// Log holds the last lines of the container that is not ready.
	Log []string
}

// String is the state in one sentence.
func (p PodState) String() string {
	text := p.Name + ": " + p.Reason
	if len(p.Log) > 0 {
		text += "; it wrote last: " + p.Log[len(p.Log)-1]
	} else if n := len(p.Warnings); n > 0 && strings.HasPrefix(p.Reason, phaseReason) {
		text += ": " + p.Warnings[n-1]
	}
	return text
}

// phaseReason begins the reason of a pod whose containers say nothing: its warnings say more.
const phaseReason = "is "

// explain asks the pods of the release's namespace why they are not ready; nil where the failure is not about that.
func (c *Client) explain(ctx context.Context, r Release, began time.Time, failure error) error {
	clients, err := c.clients(ctx)
	if err != nil {
		return nil
	}
	listed, err := clients.CoreV1().Pods(r.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil
	}
	warnings := warningsOf(ctx, clients, r.Namespace)
	var states []PodState
	for i := range listed.Items {
		pod := &listed.Items[i]
		reason, container := whyNotReady(pod)
		if reason == "" || isSuperseded(ctx, clients, pod, began) {
			continue
		}
		state := PodState{Name: pod.Name, Reason: reason, Warnings: warnings[pod.Name]}
		if container != "" {
			state.Log = lastLog(ctx, clients, pod, container)
		}
		states = append(states, state)
	}
	// Where the API refuses the pods, as a webhook can, the events of their ReplicaSet or Job have its words.
	for name, said := range warnings {
		if !slices.ContainsFunc(listed.Items, func(pod corev1.Pod) bool { return pod.Name == name }) && len(listed.Items) == 0 {
			states = append(states, PodState{Name: name, Reason: said[len(said)-1]})
		}
	}
	slices.SortFunc(states, func(a, b PodState) int { return strings.Compare(a.Name, b.Name) })
	if len(states) == 0 && !isWaiting(failure) {
		return nil
	}
	return &NotReadyError{Name: r.Name, Namespace: r.Namespace, Pods: states, Err: failure}
}

// warningsOf are the messages of the namespace's warnings, by the name of the object that they are about.
func warningsOf(ctx context.Context, clients kubernetes.Interface, namespace string) map[string][]string {
	found := map[string][]string{}
	events, err := clients.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{FieldSelector: "type=" + corev1.EventTypeWarning})
	if err != nil {
		return found
	}
	slices.SortFunc(events.Items, func(a, b corev1.Event) int { return a.LastTimestamp.Compare(b.LastTimestamp.Time) })
	for _, event := range events.Items {
		found[event.InvolvedObject.Name] = append(found[event.InvolvedObject.Name], oneLine(event.Message))
	}
	return found
}

// whyNotReady says what keeps the pod from being ready, and which container it is about, where that one has run.
// It is empty for a pod that is ready or done.
func whyNotReady(pod *corev1.Pod) (reason, container string) {
	if pod.Status.Phase == corev1.PodSucceeded {
		return "", ""
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
			return "", ""
		}
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			return oneLine("no node takes it: " + condition.Message), ""
		}
	}
	for _, status := range containerStatuses(pod) {
		state, has := status.State, status.RestartCount > 0
		switch {
		case imageReason(status) != "":
			return imageReason(status), ""
		case state.Waiting != nil && state.Waiting.Reason != "PodInitializing" && state.Waiting.Reason != "ContainerCreating":
			reason = oneLine(status.Name + " waits: " + state.Waiting.Reason + " " + state.Waiting.Message)
		case state.Terminated != nil && state.Terminated.ExitCode != 0:
			reason, has = oneLine(fmt.Sprintf("%s ended with code %d: %s %s", status.Name, state.Terminated.ExitCode, state.Terminated.Reason, state.Terminated.Message)), true
		case state.Running != nil && !status.Ready && (status.Started == nil || *status.Started):
			reason, has = status.Name+" runs, and its readiness probe fails", true
		case state.Running != nil && !status.Ready:
			reason, has = status.Name+" runs, and its startup probe fails", true
		default:
			continue
		}
		if has {
			container = status.Name
		}
		return reason, container
	}
	return oneLine(fmt.Sprintf("%s%s %s", phaseReason, pod.Status.Phase, pod.Status.Message)), ""
}

func containerStatuses(pod *corev1.Pod) []corev1.ContainerStatus {
	return slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses)
}

// lastLog are the last lines of the container's log; of its run before where it is being started again.
func lastLog(ctx context.Context, clients kubernetes.Interface, pod *corev1.Pod, container string) []string {
	for _, previous := range []bool{false, true} {
		tail := int64(lastLines)
		stream, err := clients.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, &corev1.PodLogOptions{Container: container, Previous: previous, TailLines: &tail}).Stream(ctx)
		if err != nil {
			continue
		}
		text, _ := io.ReadAll(io.LimitReader(stream, 64<<10)) // half a log is better than none
		_ = stream.Close()
		if lines := strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' }); len(lines) > 0 {
			for i := range lines {
				lines[i] = oneLine(lines[i])
			}
			return lines
		}
	}
	return nil
}

// oneLine is text on one line, of a length that a terminal can show.
func oneLine(text string) string {
	const most = 400
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + " …"
	}
	return text
}
