package helm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/helm"
)

func probe(t *testing.T, name string, values map[string]any) helm.Release {
	t.Helper()
	loaded, err := helm.Load(t.Context(), helm.Chart{Name: "probe", Source: "testdata"})
	require.NoError(t, err)
	return helm.Release{Name: name, Namespace: name, Chart: loaded, Values: values}
}

func TestRenderedImagesAreThoseOfHooksToo(t *testing.T) {
	t.Parallel()
	rendered, err := helm.Render(t.Context(), probe(t, "probe", map[string]any{"hook": true}), "v1.34.4")
	require.NoError(t, err)
	images, err := helm.Images(rendered)
	require.NoError(t, err)
	require.Equal(t, []string{"registry.invalid/hook:1", "registry.k8s.io/pause:3.10"}, images, "a digest is dropped where there is a tag")
}

func TestImageNames(t *testing.T) {
	t.Parallel()
	const digest = "@sha256:ee6521f290b2168b6e0935a181d4cff9be1ac3f505666ef0e3c98fae8199917a"
	for image, want := range map[string]string{
		"node:20-slim":                         "node:20-slim",
		"docker.io/library/node:20-slim":       "node:20-slim",
		"node":                                 "node:latest",
		"registry.example.com:5000/a/b:1":      "registry.example.com:5000/a/b:1",
		"registry.k8s.io/pause:3.10" + digest:  "registry.k8s.io/pause:3.10",
		"registry.k8s.io/pause" + digest:       "registry.k8s.io/pause" + digest,
		"registry.example.com:5000/a" + digest: "registry.example.com:5000/a" + digest,
	} {
		found, err := helm.Images([]byte("kind: Pod\nspec: {initContainers: [{image: '" + image + "'}]}"))
		require.NoError(t, err)
		require.Equal(t, []string{want}, found)
	}
	_, err := helm.Images([]byte("spec: {containers: [{image: 'No Image'}]}"))
	require.ErrorContains(t, err, `found "No Image"`)
	found, err := helm.Images([]byte("# only a comment\n---\n--- # named\nkind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{image: a:1}]}}}}}\n---\nproperties: {containers: {type: array}}\n"))
	require.NoError(t, err)
	require.Equal(t, []string{"a:1"}, found)
}

func TestValuesThatTheSchemaRefuses(t *testing.T) {
	t.Parallel()
	_, err := helm.Render(t.Context(), probe(t, "probe", map[string]any{"greeting": 5}), "v1.34.4")
	require.ErrorContains(t, err, "render probe: ")
	require.ErrorContains(t, err, "greeting")
	_, err = helm.Render(t.Context(), probe(t, "probe", nil), "moon")
	require.ErrorContains(t, err, `a version of Kubernetes such as v1.34.4 was expected, found "moon"`)
}

// Rendering leaves the caller's values alone.
func TestRenderKeepsTheValues(t *testing.T) {
	t.Parallel()
	values := map[string]any{"command": []string{"a"}}
	_, err := helm.Render(t.Context(), probe(t, "probe", values), "v1.34.4")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"command": []string{"a"}}, values)
}
