package kind

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// completeMark is a file in a node whose cluster has all its parts.
const completeMark = "/kind/complete"

// bootScript ends when systemd has started everything and containerd answers. Nothing tells of
// either before systemd's own bus is there, so it asks again and again, inside the node.
const bootScript = `until systemctl is-active --quiet multi-user.target && ctr version; do sleep 0.1; done >/dev/null 2>&1`

// againScript ends when the API server and the kubelet answer, in a container that may just have been started again.
const againScript = `until kubectl get --raw /readyz && kubectl get --raw /api/v1/nodes/` + nodeName + `/proxy/healthz; do sleep 0.2; done >/dev/null 2>&1`

// waitPodsScript waits for the workloads, whose pods may not be there yet, and then for all pods: those of the control plane have no workload.
const waitPodsScript = `set -e
for w in $(kubectl -n kube-system get deployments,daemonsets,statefulsets -o name); do
  kubectl -n kube-system rollout status "$w" --timeout=1h
done
kubectl -n kube-system wait --for=condition=Ready pods --all --timeout=1h`

// boot waits for systemd and containerd.
func (c *Container) boot(ctx context.Context) (string, error) {
	if err := c.run(ctx, nil, nil, "sh", "-c", bootScript); err != nil {
		return "", err
	}
	version, err := c.output(ctx, "cat", "/kind/version")
	if err != nil {
		return "", because(err, "the image has no /kind/version: is it a kindest/node image?")
	}
	c.kubernetes = strings.TrimSpace(string(version))
	return c.lookInside(ctx)
}

// lookInside tells a container with a cluster in it, which testcontainers.WithReuseByName found, from a new one.
func (c *Container) lookInside(ctx context.Context) (string, error) {
	found, err := c.output(ctx, "sh", "-c", "ls -d "+completeMark+" "+adminConf+" 2>/dev/null || true")
	switch {
	case err != nil:
		return "", err
	case strings.Contains(string(found), completeMark):
		c.reused = true
		return "a cluster is there already", nil
	case strings.Contains(string(found), adminConf):
		id := c.GetContainerID()[:12]
		return "", because(nil, "the container %s holds a cluster that was never finished: docker rm -fv %s", id, id)
	}
	return "systemd and containerd are up", nil
}

// waitForNode waits until the node is Ready, which it is once its network is.
func (c *Container) waitForNode(ctx context.Context) (string, error) {
	if c.reused {
		if err := c.run(ctx, nil, nil, "sh", "-c", againScript); err != nil {
			return "", c.notReady(ctx, err, "node", nodeName)
		}
	}
	if _, err := c.Kubectl(ctx, nil, "wait", "--for=condition=Ready", "node/"+nodeName, "--timeout=1h"); err != nil {
		return "", c.notReady(ctx, err, "node", nodeName)
	}
	if c.reused {
		// A container that was started again shows what its cluster last knew, before the kubelet is up.
		return nodeName + " is Ready", nil
	}
	return nodeName + " is Ready", c.unguardSysctls(ctx)
}

// waitForPods waits until every pod of kube-system is Ready.
func (c *Container) waitForPods(ctx context.Context) (string, error) {
	if err := c.run(ctx, nil, nil, "sh", "-c", waitPodsScript); err != nil {
		return "", c.notReady(ctx, err, "pods", "--namespace=kube-system")
	}
	return "all pods of kube-system are Ready", nil
}

// notReady asks the cluster what is not Ready and why. The time is up by then, so it takes a little more.
func (c *Container) notReady(ctx context.Context, err error, get ...string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	args := append([]string{"get", "-o", "json", "--request-timeout=2s"}, get...)
	listed, asked := c.Kubectl(ctx, nil, args...)
	if asked != nil {
		return because(err, "the API server does not answer: %s", cause(asked))
	}
	if why := unready(listed); why != "" {
		return because(err, "%s", why)
	}
	return err
}

// unready finds what is not Ready in a Kubernetes object or list, and says why.
func unready(listed []byte) string {
	type state struct {
		Waiting *struct{ Reason, Message string }
	}
	type object struct {
		Metadata struct{ Name string }
		Status   struct {
			Phase             string
			Conditions        []struct{ Type, Status, Reason, Message string }
			ContainerStatuses []struct {
				Name  string
				State state
			}
		}
	}
	var list struct {
		object
		Items []object
	}
	if json.Unmarshal(listed, &list) != nil {
		return ""
	}
	var found []string
	for _, o := range append(list.Items, list.object) {
		why := ""
		for _, condition := range o.Status.Conditions {
			if condition.Type == "Ready" && condition.Status != "True" {
				why = oneLine(strings.TrimSpace(condition.Reason + " " + condition.Message))
			}
			if condition.Type == "PodScheduled" && condition.Status != "True" {
				why = oneLine(condition.Message)
				break
			}
		}
		for _, container := range o.Status.ContainerStatuses {
			if waiting := container.State.Waiting; why != "" && waiting != nil {
				why = oneLine(strings.TrimSpace(waiting.Reason + " " + waiting.Message))
			}
		}
		if why != "" {
			found = append(found, fmt.Sprintf("%s is not Ready: %s", o.Metadata.Name, why))
		}
	}
	return strings.Join(found, "; ")
}
