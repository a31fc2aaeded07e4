package kind

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const cniManifest = `# would you kindly template this file
# would you kindly patch this file
---
kind: ServiceAccount
apiVersion: v1
metadata: {name: cni}
---
---
kind: DaemonSet
apiVersion: apps/v1
spec:
  template:
    spec:
      containers:
      - name: cni
        env:
        - name: POD_SUBNET
          value: {{ .PodSubnet }}
        - name: ON
          value: "true"
`

func TestTheCNIManifestIsFilledInAndPatched(t *testing.T) {
	t.Parallel()
	objects, err := cniObjects(cniManifest, "172.17.0.2:6443")
	require.NoError(t, err)
	require.Len(t, objects, 2, "an empty document is none")
	daemon, err := firstContainer(objects[1])
	require.NoError(t, err)
	require.Equal(t, []any{
		map[string]any{"name": "POD_SUBNET", "value": "10.244.0.0/16"},
		map[string]any{"name": "ON", "value": "true"},
		map[string]any{"name": "CONTROL_PLANE_ENDPOINT", "value": "172.17.0.2:6443"},
	}, daemon["env"])
}

func TestAManifestThatAsksForNothingStaysAsItIs(t *testing.T) {
	t.Parallel()
	objects, err := cniObjects("kind: DaemonSet\ntext: '{{ .PodSubnet }}'\n", "172.17.0.2:6443")
	require.NoError(t, err)
	require.Equal(t, []map[string]any{{"kind": "DaemonSet", "text": "{{ .PodSubnet }}"}}, objects)
}

func TestManifestsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for manifest, want := range map[string]string{
		"# would you kindly template this file\na: {{ .Nothing }}": "can't evaluate field Nothing",
		"# would you kindly template this file\na: {{ ":            "unclosed action",
		"a: [": "sequence",
		"# would you kindly patch this file\nkind: DaemonSet":                                                            "found no spec",
		"# would you kindly patch this file\nkind: DaemonSet\nspec: {template: {spec: {containers: []}}}":                "found none",
		"# would you kindly patch this file\nkind: DaemonSet\nspec: {template: {spec: {containers: [only-a-string]}}}\n": "a container was expected as a mapping",
	} {
		_, err := cniObjects(manifest, "172.17.0.2:6443")
		require.ErrorContains(t, err, want, manifest)
	}
}
