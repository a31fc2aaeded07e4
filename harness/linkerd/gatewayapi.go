package linkerd

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	clientset "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/gateway-api/pkg/consts"
	"sigs.k8s.io/yaml"
)

// GatewayAPIVersion is the version of the Gateway API whose kinds [InstallGatewayAPI] installs: the newest that Linkerd's
// own tests run with.
const GatewayAPIVersion = consts.BundleVersion

// gatewayAPI holds the definitions of the kinds that Linkerd reads, as the module sigs.k8s.io/gateway-api brings them.
// Go does not embed files of another module, so they are copies; a test holds them to the module, and makes them anew.
//
//go:embed gatewayapi/*.yaml
var gatewayAPI embed.FS

// fieldManager is the name under which the API notes who applied what.
const fieldManager = "crosscheck"

// InstallGatewayAPI applies the definitions of the Gateway API's kinds that Linkerd reads, and waits until the API serves them.
// It returns their names.
func InstallGatewayAPI(ctx context.Context, config *rest.Config) ([]string, error) {
	clients, err := clientset.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("install the Gateway API: %w", err)
	}
	files, err := fs.Glob(gatewayAPI, "gatewayapi/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("install the Gateway API: %w", err)
	}
	var names []string
	for _, file := range files {
		text, err := gatewayAPI.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("install the Gateway API: %w", err)
		}
		var definition apiextensions.CustomResourceDefinition
		if err := yaml.Unmarshal(text, &definition); err != nil {
			return nil, fmt.Errorf("install the Gateway API: %s: %w", file, err)
		}
		asJSON, err := yaml.YAMLToJSON(text)
		if err != nil {
			return nil, fmt.Errorf("install the Gateway API: %s: %w", file, err)
		}
		force := true
		_, err = clients.ApiextensionsV1().CustomResourceDefinitions().Patch(ctx, definition.Name, types.ApplyPatchType, asJSON,
			metav1.PatchOptions{FieldManager: fieldManager, Force: &force})
		if err != nil {
			return nil, fmt.Errorf("install the Gateway API: apply %s: %w", definition.Name, err)
		}
		names = append(names, definition.Name)
	}
	for _, name := range names {
		if err := awaitEstablished(ctx, clients, name); err != nil {
			return nil, fmt.Errorf("install the Gateway API: %w", err)
		}
	}
	return names, nil
}

// awaitEstablished watches the definition until the API serves its kind.
func awaitEstablished(ctx context.Context, clients clientset.Interface, name string) error {
	for {
		watched, err := clients.ApiextensionsV1().CustomResourceDefinitions().Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + name})
		if err != nil {
			return fmt.Errorf("watch %s: %w", name, err)
		}
		said := "the API has not said whether it serves it"
		for event := range watched.ResultChan() { // ends with ctx, or when the API server closes the watch
			definition, ok := event.Object.(*apiextensions.CustomResourceDefinition)
			if !ok {
				break
			}
			for _, condition := range definition.Status.Conditions {
				if condition.Type == apiextensions.Established && condition.Status == apiextensions.ConditionTrue {
					watched.Stop()
					return nil
				}
				said = fmt.Sprintf("%s is %s: %s", condition.Type, condition.Status, condition.Message)
			}
		}
		watched.Stop()
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%s is not served: %s: %w", name, said, err)
		}
	}
}
