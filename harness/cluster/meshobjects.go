package cluster

import (
	"context"
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

// The groups of the kinds by which a mesh is told what to do.
const (
	policyGroup  = "policy.linkerd.io"
	gatewayGroup = "gateway.networking.k8s.io"
)

// meshKinds are the kinds that are applied here, in the versions of their groups that are.
var meshKinds = map[string]schema.GroupVersion{
	"Server":                {Group: policyGroup, Version: "v1beta3"},
	"AuthorizationPolicy":   {Group: policyGroup, Version: "v1alpha1"},
	"MeshTLSAuthentication": {Group: policyGroup, Version: "v1alpha1"},
	"HTTPRoute":             {Group: gatewayGroup, Version: "v1"},
}

// meshObjects are what makes the mesh do with a service what the scenario says.
func meshObjects(s *placedService) []*unstructured.Unstructured {
	var list []*unstructured.Unstructured
	if s.Linkerd.Denied {
		list = append(list, denial(s)...)
	}
	if len(s.Linkerd.AddedHeaders) > 0 {
		list = append(list, headerRoute(s))
	}
	return list
}

// denial allows requests to the app to one identity only, which nobody has.
// https://linkerd.io/2-edge/reference/authorization-policy/
func denial(s *placedService) []*unstructured.Unstructured {
	nobody := linkerd.ServiceAccountIdentity("nobody", s.pod.namespace)
	return []*unstructured.Unstructured{
		meshObject("MeshTLSAuthentication", s.id, map[string]any{"identities": []any{nobody}}),
		meshObject("AuthorizationPolicy", s.id, map[string]any{
			"targetRef":                  map[string]any{"group": policyGroup, "kind": "Server", "name": s.id},
			"requiredAuthenticationRefs": []any{map[string]any{"group": policyGroup, "kind": "MeshTLSAuthentication", "name": s.id}},
		}),
		meshObject("Server", s.id, map[string]any{
			"podSelector":   map[string]any{"matchLabels": map[string]any{podNameLabel: s.pod.name}},
			"port":          int64(s.port),
			"proxyProtocol": "HTTP/1",
		}),
	}
}

// headerRoute sets headers on every response of the Service.
// https://gateway-api.sigs.k8s.io/guides/http-header-modifier/
func headerRoute(s *placedService) *unstructured.Unstructured {
	var set []any
	for _, field := range s.Linkerd.AddedHeaders {
		set = append(set, map[string]any{"name": field.Name, "value": field.Value})
	}
	return meshObject("HTTPRoute", s.id, map[string]any{
		"parentRefs": []any{map[string]any{"group": "", "kind": "Service", "name": s.id, "port": int64(port)}},
		"rules": []any{map[string]any{
			"filters":     []any{map[string]any{"type": "ResponseHeaderModifier", "responseHeaderModifier": map[string]any{"set": set}}},
			"backendRefs": []any{map[string]any{"group": "", "kind": "Service", "name": s.id, "port": int64(port)}},
		}},
	})
}

func meshObject(kind, name string, spec map[string]any) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	object.SetGroupVersionKind(meshKinds[kind].WithKind(kind))
	object.SetName(name)
	return object
}

// explainMesh adds what Linkerd says of the HTTPRoute of a service with which the mesh does not do what it should.
func (e *Environment) explainMesh(ctx context.Context, s *placedService, err error) error {
	if len(s.Linkerd.AddedHeaders) == 0 {
		return err
	}
	route, missing := e.objects.resource(meshKinds["HTTPRoute"].WithKind("HTTPRoute")).Get(ctx, s.id, metav1.GetOptions{})
	if missing != nil {
		return fmt.Errorf("%w; and its HTTPRoute: %w", err, missing)
	}
	return fmt.Errorf("%w; its HTTPRoute %s has the status %v", err, s.id, route.Object["status"])
}

// throughService has the controller connect to the address of the Service in the place of the pod's: of an
// address of a pod, Linkerd's proxy does not know to which Service, and so to which HTTPRoutes, it belongs.
// https://linkerd.io/2-edge/tasks/using-ingress/#nginx-community-version
func throughService(ingresses ...*networkingv1.Ingress) {
	for _, ingress := range ingresses {
		if ingress.Annotations == nil {
			ingress.Annotations = map[string]string{}
		}
		if _, decided := ingress.Annotations[annotationPrefix+serviceUpstream]; !decided {
			ingress.Annotations[annotationPrefix+serviceUpstream] = "true"
		}
	}
}

const serviceUpstream = "service-upstream"
