package linkerd_test

import (
	"encoding/base64"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/helm"
	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

// charts are Linkerd's own, from the repository or folder in LINKERD_CHARTS; a machine without them skips, and says so.
func charts(t *testing.T) linkerd.Charts {
	t.Helper()
	source := os.Getenv("LINKERD_CHARTS")
	if source == "" {
		t.Skip("LINKERD_CHARTS names no repository or folder with Linkerd's charts")
	}
	loaded, err := linkerd.Load(t.Context(), linkerd.Options{Source: source, Version: os.Getenv("LINKERD_VERSION")})
	require.NoError(t, err)
	return loaded
}

// The charts take the values, and render what the values say.
func TestTheChartsTakeTheValues(t *testing.T) {
	t.Parallel()
	loaded := charts(t)
	identity, err := linkerd.NewIdentity()
	require.NoError(t, err)
	releases := linkerd.Releases(loaded, identity, linkerd.Options{Values: map[string]any{"controllerLogLevel": "debug"}})
	require.Len(t, releases, 2)

	crds, err := helm.Render(t.Context(), releases[0], "v1.34.4")
	require.NoError(t, err)
	require.Contains(t, string(crds), "name: authorizationpolicies.policy.linkerd.io")
	require.NotContains(t, string(crds), "gateway.networking.k8s.io/bundle-version", "the Gateway API comes from its own module")

	rendered, err := helm.Render(t.Context(), releases[1], "v1.34.4")
	require.NoError(t, err)
	objects, err := helm.Objects(rendered)
	require.NoError(t, err)
	found := map[string]map[string]any{}
	for _, object := range objects {
		metadata, _ := object["metadata"].(map[string]any)
		found[object["kind"].(string)+"/"+metadata["name"].(string)] = object
	}
	secret := found["Secret/linkerd-identity-issuer"]["data"].(map[string]any)
	for key, want := range map[string]string{"crt.pem": identity.Issuer, "key.pem": identity.IssuerKey} {
		text, err := base64.StdEncoding.DecodeString(secret[key].(string))
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(want), strings.TrimSpace(string(text)))
	}
	anchors := found["ConfigMap/linkerd-identity-trust-roots"]["data"].(map[string]any)
	require.Equal(t, strings.TrimSpace(identity.Anchor), strings.TrimSpace(anchors["ca-bundle.crt"].(string)))
	webhook := found["MutatingWebhookConfiguration/linkerd-proxy-injector-webhook-config"]["webhooks"].([]any)[0].(map[string]any)
	require.Equal(t, "Fail", webhook["failurePolicy"])
	require.NotContains(t, found, "CronJob/linkerd-heartbeat")
	require.Contains(t, string(rendered), "-log-level=debug")
	require.NotRegexp(t, `timeoutSeconds: 1\n`, string(rendered), "a busy machine's probes take longer")

	images, err := helm.Images(rendered)
	require.NoError(t, err)
	require.Contains(t, images, "cr.l5d.io/linkerd/controller:"+loaded.Version)
	require.Contains(t, images, "cr.l5d.io/linkerd/proxy:"+loaded.Version)

	again, has := linkerd.IdentityOf(releases[1].Values)
	require.True(t, has)
	require.True(t, again.NotAfter.Equal(identity.NotAfter))
	require.Equal(t, identity.IssuerKey, again.IssuerKey)
}

func TestValuesWithoutAnIdentity(t *testing.T) {
	t.Parallel()
	for _, values := range []map[string]any{
		nil,
		{"identityTrustAnchorsPEM": "x"},
		{"identityTrustAnchorsPEM": "x", "identity": map[string]any{"issuer": map[string]any{"tls": map[string]any{"crtPEM": "no PEM", "keyPEM": "y"}}}},
	} {
		_, has := linkerd.IdentityOf(values)
		require.False(t, has)
	}
}

func TestChartsThatAreNotThere(t *testing.T) {
	t.Parallel()
	_, err := linkerd.Load(t.Context(), linkerd.Options{Source: t.TempDir()})
	var missing *helm.ChartNotFoundError
	require.ErrorAs(t, err, &missing)
	require.Equal(t, linkerd.ControlPlane, missing.Chart.Name)
}
