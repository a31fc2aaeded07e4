package bringup_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"

	"github.com/crosscheck-dev/crosscheck/harness/bringup"
	"github.com/crosscheck-dev/crosscheck/harness/helm"
	"github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
	"github.com/crosscheck-dev/crosscheck/harness/kind"
	"github.com/crosscheck-dev/crosscheck/harness/kind/kindtest"
	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

// The tests that bring a cluster up need a Docker engine with the node's image and the controller's, and its chart: INGRESS_NGINX_CHART, else the one
// that comes with the controller's Go module. Where one is missing they are skipped, and say so; with CROSSCHECK_KIND=require in the environment
// they fail instead. go test -short leaves them out.
const (
	nodeImage   = "kindest/node:v1.34.4"
	chartModule = "k8s.io/ingress-nginx@v0.0.0-20240708192948-52c50467d67d"
)

// docker is a client of the engine, or a skip.
func docker(t *testing.T) *client.Client {
	t.Helper()
	return kindtest.Docker(t, nodeImage, controllerImage(t))
}

// controller is the release of the controller that the chart installs, and the version of the chart.
func controller(t *testing.T) (release, chart string) {
	t.Helper()
	loaded, err := ingressnginx.Load(t.Context(), ingress(t))
	require.NoError(t, err)
	return "v" + loaded.AppVersion(), loaded.Metadata.Version
}

func controllerImage(t *testing.T) string {
	t.Helper()
	release, _ := controller(t)
	return "registry.k8s.io/ingress-nginx/controller:" + release
}

// ingress is the controller that these tests install.
func ingress(t *testing.T) ingressnginx.Options {
	t.Helper()
	source := os.Getenv("INGRESS_NGINX_CHART")
	if source == "" {
		command := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", chartModule)
		command.Dir = t.TempDir()
		said, err := command.Output()
		if err != nil {
			kindtest.Missing(t, "INGRESS_NGINX_CHART names no chart, and %s cannot be downloaded: %v", chartModule, err)
		}
		var downloaded struct{ Dir string }
		require.NoError(t, json.Unmarshal(said, &downloaded))
		source = filepath.Join(downloaded.Dir, "charts", "ingress-nginx")
	}
	return ingressnginx.Options{Source: source, WithoutWebhook: true, ProxyProtocol: true}
}

// recorder keeps the events of a bring-up, and prints those that end.
type recorder struct {
	mu     sync.Mutex
	events []bringup.StepEvent
	began  func(bringup.Step)
}

func (r *recorder) observe(e bringup.StepEvent) {
	r.mu.Lock()
	r.events = append(r.events, e)
	r.mu.Unlock()
	if e.Ended {
		fmt.Println(e)
	} else if r.began != nil {
		r.began(e.Step)
	}
}

func (r *recorder) ended(step bringup.Step) (bringup.StepEvent, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Step == step && e.Ended {
			return e, true
		}
	}
	return bringup.StepEvent{}, false
}

var shared struct {
	sync.Once
	options bringup.Options
	cluster *bringup.Cluster
	events  recorder
	took    time.Duration
	err     error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.options.Name != "" {
		kept, err := bringup.Find(context.Background(), shared.options.Name)
		if err == nil && kept != nil {
			started := time.Now()
			err = kept.Down(context.Background())
			fmt.Printf("the cluster was down after %.1f s\n", time.Since(started).Seconds())
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "the cluster was not taken down:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// kept is the cluster that the tests share: one that is kept, without the mesh.
func kept(t *testing.T) (*bringup.Cluster, bringup.Options) {
	t.Helper()
	docker(t)
	shared.Do(func() {
		shared.options = bringup.Options{
			Name: fmt.Sprintf("crosscheck-bringup-test-%d", os.Getpid()), WithoutLinkerd: true, IngressNginx: ingress(t),
			Images: []string{"registry.invalid/nobody/has-this:1"}, Observe: shared.events.observe,
		}
		started := time.Now()
		shared.cluster, shared.err = bringup.Up(context.Background(), shared.options)
		if shared.err == nil {
			shared.err = shared.cluster.Close(context.Background()) // it is kept: the tests take turns in it
		}
		shared.took = time.Since(started)
		fmt.Printf("the cluster served after %.1f s\n", shared.took.Seconds())
	})
	require.NoError(t, shared.err)
	return shared.cluster, shared.options
}

func TestFromNothingToAControllerThatAnswers(t *testing.T) {
	cluster, _ := kept(t)
	require.False(t, cluster.Meshed)
	release, chart := controller(t)
	require.Equal(t, map[string]string{"kubernetes": "v1.34.4", "ingress-nginx": release, "ingress-nginx chart": chart}, cluster.Versions)
	for _, step := range []bringup.Step{bringup.StepCharts, bringup.StepFind, "kubeadm", bringup.StepLinkerd, bringup.StepIngress, bringup.StepServing} {
		event, ended := shared.events.ended(step)
		require.True(t, ended, step)
		require.NoError(t, event.Err)
		require.NotEmpty(t, event.Detail, step)
	}
	images, _ := shared.events.ended("images")
	require.Contains(t, images.Detail, "loaded "+controllerImage(t))
	require.Contains(t, images.Detail, "left for the node to pull: registry.invalid/nobody/has-this:1")
}

// A second Up finds the cluster, and does nothing again that was done.
func TestUpAgainChangesNothing(t *testing.T) {
	first, options := kept(t)
	var events recorder
	options.Observe = events.observe
	again, err := bringup.Up(t.Context(), options)
	require.NoError(t, err)
	_, made := events.ended(kind.StepKubeadm)
	require.False(t, made)
	require.True(t, again.Node.Reused())
	require.Equal(t, first.Node.GetContainerID(), again.Node.GetContainerID())
	require.Equal(t, first.HTTP, again.HTTP)
	require.Equal(t, first.Versions, again.Versions)
	installed, _ := events.ended(bringup.StepIngress)
	release, _ := controller(t)
	require.Equal(t, release+" is there already", installed.Detail)
	loaded, _ := events.ended(bringup.StepLoad)
	require.Equal(t, "loaded 0 images", loaded.Detail)
	require.NoError(t, again.Close(t.Context()), "Close leaves a cluster that is kept")

	options.Kubernetes = "v1.33.0"
	_, err = bringup.Up(t.Context(), options)
	var failed *bringup.StepError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, bringup.StepFind, failed.Step)
	require.ErrorContains(t, err, "was kept with the node image "+nodeImage+", and kindest/node:v1.33.0 was asked for")
}

func TestWhatIsKept(t *testing.T) {
	cluster, options := kept(t)
	found, err := bringup.Find(t.Context(), options.Name)
	require.NoError(t, err)
	require.True(t, found.Running)
	require.Equal(t, nodeImage, found.Image)
	require.WithinDuration(t, time.Now(), found.Created, 10*time.Minute)
	require.NoError(t, found.Look(t.Context()))
	require.Empty(t, found.Troubles)
	require.Equal(t, cluster.Versions, found.Versions)
	require.Equal(t, cluster.HTTP, found.HTTP)
	require.Equal(t, cluster.HTTPS, found.HTTPS)
	kubeconfig, err := found.KubeConfig(t.Context())
	require.NoError(t, err)
	require.Equal(t, string(cluster.KubeConfig), string(kubeconfig))
	inspect, err := cluster.Node.Inspect(t.Context())
	require.NoError(t, err)
	require.NotContains(t, inspect.Config.Labels, "org.testcontainers.reap", "the reaper would take it down with this process")

	none, err := bringup.Find(t.Context(), options.Name+"-other")
	require.NoError(t, err)
	require.Nil(t, none)
}

// A cluster whose container was stopped, as by a restart of the machine, is started again, at other ports.
func TestAStoppedClusterIsStartedAgain(t *testing.T) {
	cluster, options := kept(t)
	engine := docker(t)
	none := 0
	_, err := engine.ContainerStop(t.Context(), cluster.Node.GetContainerID(), client.ContainerStopOptions{Timeout: &none})
	require.NoError(t, err)
	found, err := bringup.Find(t.Context(), options.Name)
	require.NoError(t, err)
	require.False(t, found.Running)
	require.NoError(t, found.Look(t.Context()))
	require.Equal(t, []string{"its container does not run"}, found.Troubles)

	started := time.Now()
	again, err := bringup.Up(t.Context(), options)
	require.NoError(t, err)
	t.Logf("started again after %.1f s", time.Since(started).Seconds())
	require.Equal(t, cluster.Node.GetContainerID(), again.Node.GetContainerID())
	require.Equal(t, cluster.Versions, again.Versions)
	require.NoError(t, again.Close(t.Context()))
	*cluster = *again // the other tests go on with its ports
}

// A container that somebody else gave the name is left alone.
func TestAContainerOfSomebodyElse(t *testing.T) {
	engine := docker(t)
	name := fmt.Sprintf("crosscheck-bringup-other-%d", os.Getpid())
	made, err := engine.ContainerCreate(t.Context(), client.ContainerCreateOptions{Name: name, Image: nodeImage})
	require.NoError(t, err)
	defer func() {
		_, err := engine.ContainerRemove(context.Background(), made.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		require.NoError(t, err)
	}()
	_, err = bringup.Find(t.Context(), name)
	require.ErrorContains(t, err, "is not a cluster that was kept")
	_, err = bringup.Up(t.Context(), bringup.Options{Name: name, WithoutLinkerd: true, IngressNginx: ingress(t)})
	var failed *bringup.StepError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, bringup.StepFind, failed.Step)
	_, err = engine.ContainerInspect(t.Context(), made.ID, client.ContainerInspectOptions{})
	require.NoError(t, err)
}

// The kinds of the Gateway API are served when the call returns, and applying them again changes nothing.
func TestTheGatewayAPIIsServed(t *testing.T) {
	cluster, _ := kept(t)
	for range 2 {
		names, err := linkerd.InstallGatewayAPI(t.Context(), cluster.Helm.REST())
		require.NoError(t, err)
		require.Equal(t, []string{"grpcroutes.gateway.networking.k8s.io", "httproutes.gateway.networking.k8s.io"}, names)
		_, err = cluster.Node.Kubectl(t.Context(), nil, "get", "httproutes.v1.gateway.networking.k8s.io,grpcroutes.v1.gateway.networking.k8s.io", "-A")
		require.NoError(t, err)
	}
}

// Linkerd's charts are installed for real as far as this machine has their images: the API takes everything, and a control
// plane without images is given up soon, in the words of its pods.
func TestLinkerdIsInstalled(t *testing.T) {
	source := os.Getenv("LINKERD_CHARTS")
	if source == "" {
		t.Skip("LINKERD_CHARTS names no repository or folder with Linkerd's charts")
	}
	engine := docker(t)
	_, shared := kept(t)
	options := bringup.Options{Name: shared.Name + "-linkerd", IngressNginx: ingress(t), Linkerd: linkerd.Options{Source: source, Version: os.Getenv("LINKERD_VERSION")}}
	var events recorder
	options.Observe = events.observe
	needed, err := bringup.Images(t.Context(), options)
	require.NoError(t, err)
	lacking, err := bringup.LackingOf(t.Context(), engine, needed)
	require.NoError(t, err)
	options.Name = "" // a throw-away cluster: it is gone when this fails
	options.Logs = t.TempDir()
	cluster, err := bringup.Up(t.Context(), options)
	crds, _ := events.ended(bringup.StepGatewayAPI)
	require.NoError(t, crds.Err)
	if len(lacking) == 0 {
		require.NoError(t, err)
		defer func() { require.NoError(t, cluster.Close(context.Background())) }()
		require.True(t, cluster.Meshed)
		pods, err := cluster.Node.Kubectl(t.Context(), nil, "-n", ingressnginx.Name, "get", "pods", "-o", "yaml")
		require.NoError(t, err)
		require.Contains(t, string(pods), "name: linkerd-proxy")
		return
	}
	t.Logf("Docker lacks %s", strings.Join(lacking, ", "))
	var failed *bringup.StepError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, bringup.StepLinkerd, failed.Step)
	var notReady *helm.NotReadyError
	require.ErrorAs(t, err, &notReady)
	require.Contains(t, failed.Cause, "the image cr.l5d.io/linkerd/proxy:")
	require.Equal(t, options.Logs, failed.Logs)
	pods, err := os.ReadFile(filepath.Join(options.Logs, "kubectl", "pods.txt"))
	require.NoError(t, err)
	for _, component := range []string{"linkerd-destination", "linkerd-identity", "linkerd-proxy-injector"} {
		require.Contains(t, string(pods), component, "the API took it")
	}
}

// A bring-up that is cancelled in a step after the node's own leaves nothing behind.
func TestACancelledBringUpLeavesNothing(t *testing.T) {
	engine := docker(t)
	before := containers(t, engine)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var events recorder
	events.began = func(step bringup.Step) {
		if step == bringup.StepIngress {
			time.AfterFunc(time.Second, cancel)
		}
	}
	started := time.Now()
	cluster, err := bringup.Up(ctx, bringup.Options{WithoutLinkerd: true, IngressNginx: ingress(t), Observe: events.observe})
	require.Nil(t, cluster)
	require.ErrorIs(t, err, context.Canceled)
	var failed *bringup.StepError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, bringup.StepIngress, failed.Step)
	require.Equal(t, "it was interrupted", failed.Cause)
	require.Equal(t, before, containers(t, engine))
	t.Logf("cancelled and gone after %.1f s", time.Since(started).Seconds())
}

// containers are the nodes of these tests' own kind: others may come and go on the machine.
func containers(t *testing.T, engine *client.Client) []string {
	t.Helper()
	listed, err := engine.ContainerList(t.Context(), client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", "org.testcontainers.sessionId="+testcontainers.SessionID()),
	})
	require.NoError(t, err)
	var names []string
	for _, item := range listed.Items {
		names = append(names, item.Names...)
	}
	return names
}

func TestStepsThatFailBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	var failed *bringup.StepError
	_, err := bringup.Up(t.Context(), bringup.Options{IngressNginx: ingressnginx.Options{Source: t.TempDir()}})
	require.ErrorAs(t, err, &failed)
	require.Equal(t, bringup.StepCharts, failed.Step)
	require.ErrorContains(t, err, "(INGRESS_NGINX_CHART and INGRESS_NGINX_VERSION choose it)")
	var missing *helm.ChartNotFoundError
	require.ErrorAs(t, err, &missing)

	o := bringup.Options{IngressNginx: ingress(t), Linkerd: linkerd.Options{Source: t.TempDir()}}
	_, err = bringup.Images(t.Context(), o)
	require.ErrorContains(t, err, "LINKERD=off leaves Linkerd out")
	o.WithoutLinkerd = true
	images, err := bringup.Images(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, nodeImage, images[0])
	require.Contains(t, images, controllerImage(t))
}

// What Docker lacks comes from the archive; where it lacks nothing, the archive is not even opened.
func TestAnArchiveOfImages(t *testing.T) {
	engine := docker(t)
	said, err := bringup.LoadArchive(t.Context(), "/nowhere/images.tar", []string{nodeImage})
	require.NoError(t, err)
	require.Equal(t, "Docker has all images already", said)
	_, err = bringup.LoadArchive(t.Context(), "/nowhere/images.tar", []string{"registry.invalid/nobody/has-this:1"})
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "docker save writes such an archive")

	const name = "crosscheck.test/saved:1"
	_, err = engine.ImageTag(t.Context(), client.ImageTagOptions{Source: controllerImage(t), Target: name})
	require.NoError(t, err)
	defer func() {
		_, err := engine.ImageRemove(context.Background(), name, client.ImageRemoveOptions{})
		require.NoError(t, err)
	}()
	saved, err := engine.ImageSave(t.Context(), []string{name})
	require.NoError(t, err)
	archive, err := io.ReadAll(saved)
	require.NoError(t, errors.Join(err, saved.Close()))
	path := filepath.Join(t.TempDir(), "images.tar")
	require.NoError(t, os.WriteFile(path, archive, 0o600))
	_, err = engine.ImageRemove(t.Context(), name, client.ImageRemoveOptions{})
	require.NoError(t, err)

	said, err = bringup.LoadArchive(t.Context(), path, []string{name, "registry.invalid/nobody/has-this:1"})
	require.NoError(t, err)
	require.Equal(t, "loaded "+path+"; not in it, so left to be pulled: registry.invalid/nobody/has-this:1", said)
	_, err = engine.ImageInspect(t.Context(), name)
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte("no archive "), 100), 0o600))
	_, err = bringup.LoadArchive(t.Context(), path, []string{"registry.invalid/nobody/has-this:1"})
	require.ErrorContains(t, err, "load the images in "+path+" into Docker")
}
