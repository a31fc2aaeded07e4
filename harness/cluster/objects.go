package cluster

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/util/retry"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
	"github.com/crosscheck-dev/crosscheck/harness/service"
)

// owner is the label, and the field manager, of all objects that are ours.
const (
	ownerLabel = "app.kubernetes.io/managed-by"
	owner      = "crosscheck"
)

// annotationPrefix is that of ingress-nginx's annotations.
const annotationPrefix = "nginx.ingress.kubernetes.io/"

// objects applies objects to a namespace of the cluster.
type objects struct {
	dynamic   dynamic.Interface
	namespace string
}

// resources are the plural names of the kinds that are applied here.
var resources = map[string]string{
	"Service": "services", "Secret": "secrets", "Ingress": "ingresses", "EndpointSlice": "endpointslices",
	"Server": "servers", "AuthorizationPolicy": "authorizationpolicies", "MeshTLSAuthentication": "meshtlsauthentications", "HTTPRoute": "httproutes",
}

// apply makes the object as it is described here, whether it is there or not.
func (o *objects) apply(ctx context.Context, object interface {
	runtime.Object
	metav1.Object
},
) error {
	kinds, _, err := scheme.Scheme.ObjectKinds(object)
	if err != nil {
		return fmt.Errorf("apply an object: %w", err)
	}
	kind := kinds[0]
	object.GetObjectKind().SetGroupVersionKind(kind)
	labels := map[string]string{ownerLabel: owner}
	maps.Copy(labels, object.GetLabels())
	object.SetLabels(labels)
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return fmt.Errorf("apply the %s %s: %w", kind.Kind, object.GetName(), err)
	}
	delete(content, "status")
	body, err := json.Marshal(content)
	if err != nil {
		return fmt.Errorf("apply the %s %s: %w", kind.Kind, object.GetName(), err)
	}
	force := true
	err = retry.OnError(webhookBackoff, isUnansweredWebhook, func() error {
		_, err := o.resource(kind).Patch(ctx, object.GetName(), types.ApplyPatchType, body, metav1.PatchOptions{FieldManager: owner, Force: &force})
		return err
	})
	return refusal(kind.Kind, object.GetName(), err)
}

// webhookBackoff is how often, and after which pauses, something is applied again about which an admission webhook did not answer.
var webhookBackoff = wait.Backoff{Duration: 200 * time.Millisecond, Factor: 3, Steps: 4}

// isUnansweredWebhook tells a webhook that did not say no, but nothing: the API server had a connection that the webhook was about to close.
func isUnansweredWebhook(err error) bool {
	return apierrors.IsInternalError(err) && strings.Contains(err.Error(), "failed calling webhook")
}

// resource is where the objects of a kind are.
func (o *objects) resource(kind schema.GroupVersionKind) dynamic.ResourceInterface {
	return o.dynamic.Resource(schema.GroupVersionResource{Group: kind.Group, Version: kind.Version, Resource: resources[kind.Kind]}).Namespace(o.namespace)
}

// refusal makes a scenario's mistake of what the API or an admission webhook says no to. What
// this program may not do, or what fails on the way, is not the scenario's.
func refusal(kind, name string, err error) error {
	switch {
	case err == nil:
		return nil
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), strings.Contains(err.Error(), "denied the request"):
		return &harness.InvalidDeployment{Reason: fmt.Sprintf("the cluster refuses the %s: %v", kind, err)}
	default:
		return fmt.Errorf("apply the %s %s: %w", kind, name, err)
	}
}

// adminServiceName leads to the admin interface of the pod with the apps.
const adminServiceName = "crosscheck-admin"

// port is the port of every Service.
const port = 80

// appService leads to the port of an app in its pod. Its endpoints are written here rather
// than selected, so that they are there as soon as the Service is. They name the pod: by that Linkerd finds its identity.
func appService(name string, podPort int, p *appsPod) (*corev1.Service, *discoveryv1.EndpointSlice) {
	ready, portName, number, protocol := true, "http", int32(podPort), corev1.ProtocolTCP
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: portName, Port: port, Protocol: protocol}}},
	}
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Name: name, Labels: map[string]string{discoveryv1.LabelServiceName: name}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Endpoints: []discoveryv1.Endpoint{{
			Addresses: []string{p.ip}, Conditions: discoveryv1.EndpointConditions{Ready: &ready},
			TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: p.name, Namespace: p.namespace, UID: types.UID(p.uid)},
		}},
		Ports: []discoveryv1.EndpointPort{{Name: &portName, Port: &number, Protocol: &protocol}},
	}
	return service, slice
}

// hostLabel tells for which host a scenario's Ingress is.
const hostLabel = "crosscheck.dev/host"

// scenarioIngresses are the Ingresses as the scenario, or the manifest that it names, writes them. The controller takes
// the oldest first, and of those that were made in the same second the one whose name is the last in the alphabet: the names
// keep the order of the manifest, and the probe's Ingress behind them. The first one decides about paths that no Ingress has.
func scenarioIngresses(s *service.Service, class, backend string) []*networkingv1.Ingress {
	resources := s.Ingress.Resources
	if resources == nil {
		resources = []harness.IngressResource{{
			Annotations: s.Ingress.Annotations, TLS: s.At.Scheme == "https", Paths: []harness.IngressPath{{Path: "/", Type: string(networkingv1.PathTypePrefix)}},
		}}
	}
	var ingresses []*networkingv1.Ingress
	for i, resource := range resources {
		name := "host-" + short(s.At.Host)
		if i > 0 {
			name = fmt.Sprintf("further-%s-%03d", short(s.At.Host), 999-i)
		}
		var paths []networkingv1.HTTPIngressPath
		for _, path := range resource.Paths {
			paths = append(paths, ingressPath(path.Path, networkingv1.PathType(path.Type), backend))
		}
		ingress := ingressTo(s, name, class, paths...)
		ingress.Labels = map[string]string{hostLabel: short(s.At.Host)}
		ingress.Annotations = map[string]string{}
		for name, value := range resource.Annotations {
			ingress.Annotations[annotationPrefix+name] = value
		}
		if resource.TLS {
			ingress.Spec.TLS = []networkingv1.IngressTLS{{Hosts: []string{s.At.Host}, SecretName: tlsSecretName(s)}}
		}
		if len(paths) == 0 {
			// A rule without paths is valid, an empty list of them is not.
			ingress.Spec.Rules[0].HTTP = nil
		}
		ingresses = append(ingresses, ingress)
	}
	return ingresses
}

// prune deletes the Ingresses of a host that an earlier configuration had, and this one has not.
func (o *objects) prune(ctx context.Context, host string, kept []*networkingv1.Ingress) error {
	ingresses := o.resource(networkingv1.SchemeGroupVersion.WithKind("Ingress"))
	list, err := ingresses.List(ctx, metav1.ListOptions{LabelSelector: hostLabel + "=" + short(host)})
	if err != nil {
		return fmt.Errorf("list the Ingresses of %s: %w", host, err)
	}
	for _, found := range list.Items {
		if slices.ContainsFunc(kept, func(ingress *networkingv1.Ingress) bool { return ingress.Name == found.GetName() }) {
			continue
		}
		if err := ingresses.Delete(ctx, found.GetName(), metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("delete the Ingress %s: %w", found.GetName(), err)
		}
	}
	return nil
}

// The paths of a configuration's probe: one leads past the app, the other to the program around it.
func configurationProbe(configuration string) string { return pod.ProbePath + configuration }

func appProbe(configuration string) string { return pod.ProbePath + configuration + "/app" }

// probeIngress gives the host two paths more, which lead past all annotations. It is
// applied after the scenario's: who serves it, serves that. The first path does not lead to the app,
// which an earlier configuration of the host may have under every path; the second tells whether the app is reached.
func probeIngress(s *service.Service, class, backend, configuration string) *networkingv1.Ingress {
	return ingressTo(s, "await-"+short(s.At.Host), class,
		ingressPath(configurationProbe(configuration), networkingv1.PathTypeExact, adminServiceName),
		ingressPath(appProbe(configuration), networkingv1.PathTypeExact, backend))
}

func ingressTo(s *service.Service, name, class string, paths ...networkingv1.HTTPIngressPath) *networkingv1.Ingress {
	return &networkingv1.Ingress{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: networkingv1.IngressSpec{
			IngressClassName: &class,
			Rules: []networkingv1.IngressRule{{Host: s.At.Host, IngressRuleValue: networkingv1.IngressRuleValue{
				HTTP: &networkingv1.HTTPIngressRuleValue{Paths: paths},
			}}},
		},
	}
}

func ingressPath(path string, kind networkingv1.PathType, backend string) networkingv1.HTTPIngressPath {
	return networkingv1.HTTPIngressPath{Path: path, PathType: &kind, Backend: networkingv1.IngressBackend{
		Service: &networkingv1.IngressServiceBackend{Name: backend, Port: networkingv1.ServiceBackendPort{Number: port}},
	}}
}

func tlsSecretName(s *service.Service) string { return "tls-" + short(s.At.Host) }

// tlsSecret holds the certificate of a host.
func tlsSecret(s *service.Service, certificate *tls.Certificate) (*corev1.Secret, error) {
	chain, key, err := pemOf(certificate)
	if err != nil {
		return nil, err
	}
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: tlsSecretName(s)}, Type: corev1.SecretTypeTLS,
		Data: map[string][]byte{corev1.TLSCertKey: chain, corev1.TLSPrivateKeyKey: key},
	}, nil
}

// pemOf gives the certificate's chain and its key.
func pemOf(certificate *tls.Certificate) (chain, key []byte, err error) {
	for _, der := range certificate.Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		return nil, nil, fmt.Errorf("write a certificate's key: %w", err)
	}
	return chain, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// authSecret is what an auth-secret annotation names: one user.
func authSecret(name string, users map[string]string) *corev1.Secret {
	var file string
	for _, user := range slices.Sorted(maps.Keys(users)) {
		// The hash that nginx calls {PLAIN}: nobody else ever sees the file.
		file += user + ":{PLAIN}" + users[user] + "\n"
	}
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string][]byte{"auth": []byte(file)}}
}

// short is a name for a content.
func short(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:6])
}
