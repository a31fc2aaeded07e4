package cluster

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
)

func TestWhatTheClusterRefusesIsTheScenariosMistake(t *testing.T) {
	t.Parallel()
	resource := schema.GroupResource{Group: "networking.k8s.io", Resource: "ingresses"}
	for name, test := range map[string]struct {
		err     error
		mistake bool
	}{
		"the API":                {apierrors.NewInvalid(schema.GroupKind{Kind: "Ingress"}, "host-1", nil), true},
		"a webhook":              {apierrors.NewBadRequest(`admission webhook "validate.nginx.ingress.kubernetes.io" denied the request: nginx.ingress.kubernetes.io/configuration-snippet annotation cannot be used`), true},
		"another webhook":        {apierrors.NewForbidden(resource, "host-1", errors.New(`admission webhook "policy.example.com" denied the request: no`)), true},
		"no rights":              {apierrors.NewForbidden(resource, "host-1", errors.New(`User "me" cannot patch resource "ingresses"`)), false},
		"a webhook that is gone": {apierrors.NewInternalError(errors.New(`failed calling webhook "validate.nginx.ingress.kubernetes.io": connection refused`)), false},
		"an end":                 {context.Canceled, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := refusal("Ingress", "host-1", test.err)
			var invalid *harness.InvalidDeployment
			require.Equal(t, test.mistake, errors.As(err, &invalid))
			require.ErrorContains(t, err, test.err.Error())
			if !test.mistake {
				require.ErrorIs(t, err, test.err)
			}
		})
	}
	require.NoError(t, refusal("Ingress", "host-1", nil))
}

// A webhook that does not answer is asked again; one that says no is not.
func TestAWebhookThatDoesNotAnswerIsAskedAgain(t *testing.T) {
	t.Parallel()
	silent := apierrors.NewInternalError(errors.New(`failed calling webhook "linkerd-policy-validator.linkerd.io": failed to call webhook: EOF`))
	for name, test := range map[string]struct {
		answers []error // from the first on; the last stays
		asked   int
		want    string
	}{
		"once silent":  {[]error{silent, nil}, 2, ""},
		"gone":         {[]error{silent}, webhookBackoff.Steps, "apply the Secret users: "},
		"refusing":     {[]error{apierrors.NewBadRequest(`admission webhook "x" denied the request: no`)}, 1, "the cluster refuses the Secret"},
		"other errors": {[]error{apierrors.NewInternalError(errors.New("etcd is gone"))}, 1, "etcd is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, asked := dynamicfake.NewSimpleDynamicClient(runtime.NewScheme()), 0
			client.PrependReactor("patch", "secrets", func(clienttesting.Action) (bool, runtime.Object, error) {
				asked++
				return true, nil, test.answers[min(asked, len(test.answers))-1]
			})
			err := (&objects{dynamic: client, namespace: "crosscheck"}).apply(t.Context(), authSecret("users", Users()))
			require.Equal(t, test.asked, asked)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestTheScenariosIngressIsAsItIsWritten(t *testing.T) {
	t.Parallel()
	e := &Environment{options: Options{Controller: Controller{Class: "nginx", Version: "v1.11.0"}}}
	s, err := e.serviceOf(behindIngress(corsAnnotations()))
	require.NoError(t, err)
	ingress := scenarioIngresses(s.Service, "nginx", "app-1")[0]
	require.Equal(t, map[string]string{
		"nginx.ingress.kubernetes.io/enable-cors": "true", "nginx.ingress.kubernetes.io/cors-allow-origin": page,
	}, ingress.Annotations)
	require.Len(t, ingress.Spec.Rules, 1)
	require.Equal(t, "api.example.com", ingress.Spec.Rules[0].Host)
	require.Len(t, ingress.Spec.Rules[0].HTTP.Paths, 1)
	require.Equal(t, "/", ingress.Spec.Rules[0].HTTP.Paths[0].Path)
	require.Equal(t, []string{"api.example.com"}, ingress.Spec.TLS[0].Hosts)

	authority, err := ca.New()
	require.NoError(t, err)
	certificate, err := authority.Certificate("api.example.com")
	require.NoError(t, err)
	secret, err := tlsSecret(s.Service, certificate)
	require.NoError(t, err)
	require.Equal(t, ingress.Spec.TLS[0].SecretName, secret.Name)
	block, _ := pem.Decode(secret.Data["tls.crt"])
	parsed, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	require.NoError(t, parsed.VerifyHostname("api.example.com"))
	require.Equal(t, "user:{PLAIN}password\n", string(authSecret("basic-auth", Users()).Data["auth"]))

	probe := probeIngress(s.Service, "nginx", "app-1", s.configuration)
	require.Empty(t, probe.Annotations)
	require.NotEqual(t, ingress.Name, probe.Name)
	require.Equal(t, adminServiceName, probe.Spec.Rules[0].HTTP.Paths[0].Backend.Service.Name, "the app answers under the earlier configuration, too")
}
