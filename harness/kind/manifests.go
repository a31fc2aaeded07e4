package kind

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"text/template"

	"github.com/goccy/go-yaml"
)

// The manifests in a node image, and the comments by which they ask for changes.
const (
	networkManifest  = "/kind/manifests/default-cni.yaml"
	storageManifest  = "/kind/manifests/default-storage.yaml"
	askedForTemplate = "would you kindly template this file"
	askedForPatch    = "would you kindly patch this file"
)

// installNetwork applies the CNI manifest of the node image.
func (c *Container) installNetwork(ctx context.Context) (string, error) {
	manifest, err := c.output(ctx, "cat", networkManifest)
	if err != nil {
		return "", because(err, "the node image has no %s: is it a kindest/node image?", networkManifest)
	}
	objects, err := cniObjects(string(manifest), c.endpoint.String())
	if err != nil {
		return "", because(err, "%s of the node image cannot be read", networkManifest)
	}
	return fmt.Sprintf("%d objects", len(objects)), c.create(ctx, objects)
}

// installStorage applies the manifest with the default storage class of the node image.
func (c *Container) installStorage(ctx context.Context) (string, error) {
	manifest, err := c.output(ctx, "cat", storageManifest)
	if err != nil {
		return "", because(err, "the node image has no %s: is it a kindest/node image?", storageManifest)
	}
	objects, err := decodeObjects(string(manifest))
	if err != nil {
		return "", because(err, "%s of the node image cannot be read", storageManifest)
	}
	if err := c.create(ctx, objects); err != nil {
		return "", err
	}
	// The cluster has all its parts: from here on it may be used again.
	return fmt.Sprintf("%d objects", len(objects)), c.run(ctx, nil, nil, "touch", completeMark)
}

// create sends the objects as one list in JSON, which leaves nothing to YAML's quoting.
func (c *Container) create(ctx context.Context, objects []map[string]any) error {
	list, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": objects})
	if err != nil {
		return err
	}
	_, err = c.Kubectl(ctx, bytes.NewReader(list), "create", "-f", "-")
	return err
}

// cniObjects fills the CNI manifest in. Its daemon gets the API server's address (endpoint), so that it need not
// wait for kube-proxy to route the one of the service.
func cniObjects(manifest, endpoint string) ([]map[string]any, error) {
	if strings.Contains(manifest, askedForTemplate) {
		parsed, err := template.New("cni").Parse(manifest)
		if err != nil {
			return nil, err
		}
		var filled bytes.Buffer
		if err := parsed.Execute(&filled, struct{ PodSubnet string }{podSubnet}); err != nil {
			return nil, err
		}
		// The rest of this function looks for the other comment, which a template leaves as it is.
		manifest = filled.String()
	}
	objects, err := decodeObjects(manifest)
	if err != nil || !strings.Contains(manifest, askedForPatch) {
		return objects, err
	}
	for _, object := range objects {
		if object["kind"] != "DaemonSet" {
			continue
		}
		first, err := firstContainer(object)
		if err != nil {
			return nil, err
		}
		env, _ := first["env"].([]any)
		first["env"] = append(env, map[string]any{"name": "CONTROL_PLANE_ENDPOINT", "value": endpoint})
	}
	return objects, nil
}

// firstContainer is the first container of a DaemonSet's pod.
func firstContainer(daemonSet map[string]any) (map[string]any, error) {
	at := daemonSet
	for _, key := range []string{"spec", "template", "spec"} {
		next, ok := at[key].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("a DaemonSet with spec.template.spec was expected, found no %s", key)
		}
		at = next
	}
	containers, _ := at["containers"].([]any)
	if len(containers) == 0 {
		return nil, errors.New("a DaemonSet with a container was expected, found none")
	}
	first, ok := containers[0].(map[string]any)
	if !ok {
		return nil, errors.New("a container was expected as a mapping")
	}
	return first, nil
}

// documentMark is the line between two documents of a manifest. Within a document it would be indented.
var documentMark = regexp.MustCompile(`(?m)^---([ \t].*)?$`)

// decodeObjects reads the documents of a manifest, empty ones left out. It takes them apart itself,
// because the YAML decoder takes an empty document for the end.
func decodeObjects(manifest string) ([]map[string]any, error) {
	var objects []map[string]any
	for _, document := range documentMark.Split(manifest, -1) {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			return nil, err
		}
		if len(object) > 0 {
			objects = append(objects, object)
		}
	}
	return objects, nil
}
