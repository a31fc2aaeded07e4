// Package kind runs a kind cluster through testcontainers-go, which has no module for it: a node image of kind
// (kindest/node) as one container, and in it a Kubernetes cluster of this one node, set up with kubeadm in the way
// that kind's own create cluster does it.
//
//	cluster, err := kind.Run(ctx, "kindest/node:v1.34.4",
//		testcontainers.WithExposedPorts("80/tcp"),
//		kind.WithImages("example.com/my-app:dev"))
//	defer testcontainers.TerminateContainer(cluster)
//	if err != nil { … }
//	kubeconfig, err := cluster.KubeConfig(ctx)
//
// In a test, testcontainers.CleanupContainer(t, cluster) takes the place of the defer. [Run] returns when the node and
// all pods of kube-system are Ready: after about half a minute on two cores. Taking down takes a second.
//
// # Ports
//
// The Kubernetes API is published always. Other ports of the node are published with testcontainers.WithExposedPorts,
// where Docker picks the number on this machine, or [WithHostPort]: 80 and 443 for an ingress controller with host ports, 30000 to
// 32767 for services of type NodePort. They listen on 127.0.0.1 only, except where Docker runs on another machine.
// [Container.PortEndpoint] tells where each is reached.
//
// # Images
//
// [WithImages] and [Container.LoadImage] copy images from the local Docker into the node, without a registry and
// without a file in between; [WithImageArchive], [Container.LoadImageFile] and [Container.LoadImageArchive] take what docker save
// wrote, which is all that a machine without a network needs. Pods must not ask for such an image anew: a tag other than latest, or
// imagePullPolicy IfNotPresent or Never. What is not loaded, the node pulls, by way of this process's HTTP_PROXY and HTTPS_PROXY.
//
// # Steps and failures
//
// Each [Step] is shown to the observer of [WithObserver] as it begins and ends. Every error of [Run] is a [*StepError]:
// the step, the cause in one sentence, and the folder with the logs, where [WithLogs] asked for them: the same as
// [Container.CollectLogs] gathers at any time. The container that comes with an error has to be terminated as any other.
//
// # What it leaves
//
// Nothing, once the container is terminated, also when the context is cancelled in the middle of a step: no container, volume,
// network, process or file. A process that is killed cannot terminate anything; testcontainers' reaper Ryuk does it then, unless
// TESTCONTAINERS_RYUK_DISABLED is set. systemd and the kubelet in a node want to set parameters of the whole machine's kernel
// (kernel.panic and vm.overcommit_memory among them); here they write to files that stand in for these, so the machine stays as it is.
//
// # A cluster that is kept
//
// With testcontainers.WithReuseByName, Run finds a cluster that an earlier process left running and returns in a second or
// two ([Container.Reused]). Ryuk has to be off, or it takes the cluster down with the process that made it. [Find] looks for
// such a cluster and starts nothing.
//
// # Needs
//
// Docker 20.10 or newer with the right to run privileged containers, not rootless; Linux containers; a node image of Kubernetes 1.24 or newer.
// The network of the pods is the one that comes with the node image.
package kind
