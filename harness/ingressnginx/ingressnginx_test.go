package ingressnginx_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	chart "helm.sh/helm/v4/pkg/chart/v2"

	"github.com/crosscheck-dev/crosscheck/harness/helm"
	"github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
)

// module is a commit of the controller's Go module that brings its chart 4.11.0.
const module = "k8s.io/ingress-nginx@v0.0.0-20240708192948-52c50467d67d"

// loadChart is the chart of INGRESS_NGINX_CHART, else the one that comes with the controller's Go module.
func loadChart(t *testing.T) *chart.Chart {
	t.Helper()
	source := os.Getenv("INGRESS_NGINX_CHART")
	if source == "" {
		command := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", module)
		command.Dir = t.TempDir() // no module of ours needs it
		said, err := command.Output()
		if err != nil {
			t.Skipf("INGRESS_NGINX_CHART names no chart, and %s cannot be downloaded: %v", module, err)
		}
		var downloaded struct{ Dir string }
		require.NoError(t, json.Unmarshal(said, &downloaded))
		source = filepath.Join(downloaded.Dir, "charts", "ingress-nginx")
	}
	loaded, err := ingressnginx.Load(t.Context(), ingressnginx.Options{Source: source})
	require.NoError(t, err)
	return loaded
}

// objects are what the release renders to, by kind.
func objects(t *testing.T, r helm.Release) map[string][]map[string]any {
	t.Helper()
	rendered, err := helm.Render(t.Context(), r, "v1.34.4")
	require.NoError(t, err)
	listed, err := helm.Objects(rendered)
	require.NoError(t, err)
	found := map[string][]map[string]any{}
	for _, object := range listed {
		kind := object["kind"].(string)
		found[kind] = append(found[kind], object)
	}
	return found
}

func at(t *testing.T, object any, path ...any) any {
	t.Helper()
	for _, key := range path {
		switch key := key.(type) {
		case string:
			fields, ok := object.(map[string]any)
			require.True(t, ok, "%v of %v", key, object)
			object = fields[key]
		case int:
			list, ok := object.([]any)
			require.True(t, ok, "%v of %v", key, object)
			require.Greater(t, len(list), key)
			object = list[key]
		}
	}
	return object
}

func TestTheControllerServesAtTheNodesPorts(t *testing.T) {
	t.Parallel()
	loaded := loadChart(t)
	found := objects(t, ingressnginx.Release(loaded, ingressnginx.Options{}, nil))
	require.Len(t, found["Deployment"], 1)
	deployment := found["Deployment"][0]
	require.Equal(t, map[string]any{"type": "Recreate"}, at(t, deployment, "spec", "strategy"))
	container := at(t, deployment, "spec", "template", "spec", "containers", 0)
	var ports []any
	for _, port := range at(t, container, "ports").([]any) {
		ports = append(ports, at(t, port, "hostPort"))
	}
	require.Subset(t, ports, []any{float64(80), float64(443)})
	require.Contains(t, at(t, container, "image"), "@sha256:", "a registry confirms the digest")
	require.Equal(t, float64(1), at(t, container, "readinessProbe", "periodSeconds"))
	require.Contains(t, at(t, container, "args"), "--sync-rate-limit=10")

	require.Len(t, found["IngressClass"], 1)
	require.Equal(t, ingressnginx.Class, at(t, found["IngressClass"][0], "metadata", "name"))
	require.Equal(t, "true", at(t, found["IngressClass"][0], "metadata", "annotations", "ingressclass.kubernetes.io/is-default-class"))
	require.Len(t, found["ValidatingWebhookConfiguration"], 1)
	require.NotEmpty(t, found["Job"])
	require.Nil(t, at(t, deployment, "spec", "template", "metadata", "annotations"))
	for _, service := range found["Service"] {
		require.NotEqual(t, "LoadBalancer", at(t, service, "spec", "type"))
	}
}

func TestOptionsOfTheController(t *testing.T) {
	t.Parallel()
	loaded := loadChart(t)
	o := ingressnginx.Options{WithoutWebhook: true, ProxyProtocol: true, Meshed: true, Values: map[string]any{
		"controller": map[string]any{"config": map[string]any{"server-tokens": "true"}},
	}}
	found := objects(t, ingressnginx.Release(loaded, o, func(string) bool { return true }))
	require.Empty(t, found["ValidatingWebhookConfiguration"])
	require.Empty(t, found["Job"])
	require.Subset(t, at(t, found["ConfigMap"][0], "data"), map[string]any{"server-tokens": "true", "use-proxy-protocol": "true"})
	pod := at(t, found["Deployment"][0], "spec", "template")
	require.Equal(t, "enabled", at(t, pod, "metadata", "annotations", "linkerd.io/inject"))
	require.Equal(t, "80,443", at(t, pod, "metadata", "annotations", "config.linkerd.io/skip-inbound-ports"))
	require.Equal(t, "1-79,81-442,444-65535", at(t, pod, "metadata", "annotations", "config.linkerd.io/skip-outbound-ports"))
	require.NotContains(t, at(t, pod, "spec", "containers", 0, "image"), "@", "an image that is there is asked for by its tag")
}

// Only the image that is there loses its digest.
func TestADigestStaysWhereARegistryIsAsked(t *testing.T) {
	t.Parallel()
	loaded := loadChart(t)
	var asked []string
	found := objects(t, ingressnginx.Release(loaded, ingressnginx.Options{}, func(ref string) bool {
		asked = append(asked, ref)
		return ref == "registry.k8s.io/ingress-nginx/controller:v"+loaded.AppVersion()
	}))
	require.Len(t, asked, 2)
	require.NotContains(t, at(t, found["Deployment"][0], "spec", "template", "spec", "containers", 0, "image"), "@")
	for _, job := range found["Job"] {
		require.Contains(t, at(t, job, "spec", "template", "spec", "containers", 0, "image"), "kube-webhook-certgen")
		require.Contains(t, at(t, job, "spec", "template", "spec", "containers", 0, "image"), "@sha256:")
	}
}

// From 4.12 on, the chart names the registry once for all images.
func TestADigestIsDroppedWhereTheRegistryIsNamedOnceForAll(t *testing.T) {
	t.Parallel()
	loaded := loadChart(t)
	controller := loaded.Values["controller"].(map[string]any)
	for _, holder := range []any{controller, at(t, controller, "admissionWebhooks", "patch")} {
		delete(holder.(map[string]any)["image"].(map[string]any), "registry")
	}
	loaded.Values["global"] = map[string]any{"image": map[string]any{"registry": "registry.example.com"}}
	var asked []string
	release := ingressnginx.Release(loaded, ingressnginx.Options{}, func(ref string) bool {
		asked = append(asked, ref)
		return true
	})
	require.Len(t, asked, 2)
	require.Equal(t, "registry.example.com/ingress-nginx/controller:v"+loaded.AppVersion(), asked[0])
	changed := release.Values["controller"].(map[string]any)
	require.Equal(t, map[string]any{"digest": ""}, changed["image"])
	require.Equal(t, map[string]any{"digest": ""}, at(t, changed, "admissionWebhooks", "patch", "image"))
}

func TestVersionsAreThoseOfTheChartOrTheController(t *testing.T) {
	t.Parallel()
	loaded := loadChart(t)
	require.Equal(t, ingressnginx.Name, loaded.Name())
	folder := os.Getenv("INGRESS_NGINX_CHART")
	if folder == "" {
		return // the chart of the module was found above, by no version
	}
	_, err := ingressnginx.Load(t.Context(), ingressnginx.Options{Source: folder, Version: "v" + loaded.AppVersion()})
	require.NoError(t, err)
	_, err = ingressnginx.Load(t.Context(), ingressnginx.Options{Source: folder, Version: "v0.1.2"})
	require.ErrorContains(t, err, "there is no chart ingress-nginx v0.1.2 in "+folder)
}
