package audit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/manifest"
	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// ingress is a manifest with annotations: names without the prefix and values in turn.
func ingress(name string, annotations ...string) string {
	text := "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: " + name + "\n  annotations:\n"
	for i := 0; i+1 < len(annotations); i += 2 {
		prefix := annotationPrefix
		if strings.Contains(annotations[i], "/") {
			prefix = ""
		}
		text += fmt.Sprintf("    %s%s: %q\n", prefix, annotations[i], annotations[i+1])
	}
	return text + "spec:\n  ingressClassName: nginx\n  rules:\n    - host: api.example.com\n      http: {paths: [{path: /v1, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}\n"
}

func auditManifest(t testing.TB, text string, version ingressnginx.Version, classes ...string) Result {
	t.Helper()
	read, err := manifest.Load(strings.NewReader(text), manifest.Stdin)
	require.NoError(t, err)
	result, err := Ingresses(t.Context(), read, IngressOptions{Version: version, Classes: classes})
	require.NoError(t, err)
	return result
}

// found are the findings as "severity rule", without those that every Ingress has.
func found(result Result) []string {
	var list []string
	for _, policy := range result.Without(ruleVary, ruleMaxAge, ruleLoose).Policies {
		for _, finding := range policy.Findings {
			list = append(list, string(finding.Severity)+" "+finding.Rule)
		}
	}
	return list
}

func TestWhatAnIngressLetsIn(t *testing.T) {
	t.Parallel()
	const app = "https://app.example.com"
	for name, test := range map[string]struct {
		version     ingressnginx.Version
		annotations []string
		expected    []string
	}{
		"a sound list":            {"", []string{"enable-cors", "true", "cors-allow-origin", app}, nil},
		"no CORS":                 {"", []string{"ssl-redirect", "true"}, nil},
		"the defaults":            {"", []string{"enable-cors", "true"}, []string{"medium any-origin", "medium wildcard-with-credentials"}},
		"a star, no credentials":  {"", []string{"enable-cors", "true", "cors-allow-credentials", "false"}, []string{"medium any-origin"}},
		"a star behind addresses": {"", []string{"enable-cors", "true", "cors-allow-credentials", "false", "whitelist-source-range", "10.0.0.0/8"}, []string{"high any-origin", "low preflight-before-authentication"}},
		"a star behind sign-in":   {"", []string{"enable-cors", "true", "cors-allow-credentials", "false", "auth-url", "https://auth.example.com/"}, []string{"low any-origin", "info preflight-before-authentication"}},
		"null":                    {"", []string{"enable-cors", "true", "cors-allow-origin", app + ", null"}, []string{"high null-origin"}},
		"null, no credentials":    {"", []string{"enable-cors", "true", "cors-allow-origin", app + ", null", "cors-allow-credentials", "false"}, []string{"medium null-origin"}},
		"null, before it was one": {ingressnginx.V1_11_0, []string{"enable-cors", "true", "cors-allow-origin", app + ", null"}, []string{"medium annotation-misread"}},
		"every sub-domain":        {"", []string{"enable-cors", "true", "cors-allow-origin", "https://*.example.com"}, []string{"medium any-subdomain"}},
		"every github page":       {"", []string{"enable-cors", "true", "cors-allow-origin", "https://*.github.io"}, []string{"high public-suffix"}},
		"no TLS":                  {"", []string{"enable-cors", "true", "cors-allow-origin", app + ", http://app.example.com"}, []string{"medium insecure-origin"}},
		"a developer":             {"", []string{"enable-cors", "true", "cors-allow-origin", app + ", http://localhost:3000"}, []string{"medium localhost-origin"}},
		"a slash at the end":      {"", []string{"enable-cors", "true", "cors-allow-origin", app + "/"}, []string{"high annotation-misread", "medium any-origin", "medium wildcard-with-credentials"}},
		"the same, before":        {ingressnginx.V1_11_0, []string{"enable-cors", "true", "cors-allow-origin", app + "/"}, []string{"medium annotation-misread", "medium annotation-misread"}},
		"credentials that are no": {"", []string{"enable-cors", "true", "cors-allow-origin", app, "cors-allow-credentials", "no"}, []string{"high annotation-misread"}},
		"CORS that is not on":     {"", []string{"cors-allow-origin", app}, []string{"low annotation-misread"}},
		"a rate limit":            {"", []string{"enable-cors", "true", "cors-allow-origin", app, "limit-rps", "1"}, []string{"low preflight-before-authentication"}},
		"exposing a star":         {"", []string{"enable-cors", "true", "cors-allow-origin", app, "cors-expose-headers", "*"}, []string{"low literal-wildcard"}},
		"a misspelt annotation":   {"", []string{"enable-cors", "true", "cors-allow-origins", app}, []string{"medium unknown-annotation", "medium any-origin", "medium wildcard-with-credentials"}},
		"a snippet":               {"", []string{"configuration-snippet", "more_set_headers 'access-control-allow-origin: *';"}, []string{"info snippet-answers-cors"}},
		"beyond the model":        {"", []string{"enable-cors", "true", "cors-allow-origin", app, "backend-protocol", "HTTPS", "auth-url", "https://$remote_user.example.com/"}, []string{"info preflight-before-authentication"}},
		"others' annotations":     {"", []string{"enable-cors", "true", "cors-allow-origin", app, "cert-manager.io/cluster-issuer", "x"}, nil},
		"a scheme of its own":     {"", []string{"enable-cors", "true", "cors-allow-origin", "tauri://localhost"}, nil},
		"an address":              {"", []string{"enable-cors", "true", "cors-allow-origin", "https://10.1.2.3:8443"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			version := test.version
			if version == "" {
				version = ingressnginx.V1_15_1
			}
			result := auditManifest(t, ingress("api", test.annotations...), version)
			require.Equal(t, test.expected, found(result))
			for _, finding := range result.Policies[0].Findings {
				require.True(t, IsRule(finding.Rule), finding.Rule)
				require.NotEmpty(t, finding.Fix)
				require.Greater(t, finding.Line, 3)
			}
		})
	}
}

func TestWhatTheModelDoesNotKnowIsSaid(t *testing.T) {
	t.Parallel()
	result := auditManifest(t, ingress("api", "enable-cors", "true", "cors-allow-origin", "https://app.example.com", "backend-protocol", "HTTPS", "auth-url", "https://$remote_user.example.com/"), ingressnginx.V1_15_1)
	notes := strings.Join(result.Policies[0].Notes, "\n")
	require.Contains(t, notes, "does not know backend-protocol:")
	require.Contains(t, notes, "does not know auth-url (the variable $remote_user)")
}

func TestIngressesOfOtherControllersAreSkippedAndSaid(t *testing.T) {
	t.Parallel()
	of := func(class string) string { return strings.Replace(ingress("api"), "ingressClassName: nginx", class, 1) }
	class := "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: %s}\nspec: {controller: %s}\n"
	join := func(documents ...string) string { return strings.Join(documents, "---\n") }
	for name, test := range map[string]struct {
		text    string
		classes []string
		audited bool
		said    string
	}{
		"another class":                       {of("ingressClassName: traefik"), nil, false, `its class is "traefik", and only ingress-nginx is modelled: if the class is ingress-nginx's, say so with --ingress-class traefik`},
		"a class that is named":               {of("ingressClassName: internal"), []string{"internal"}, true, ""},
		"a class that its IngressClass tells": {join(of("ingressClassName: internal"), fmt.Sprintf(class, "internal", "k8s.io/ingress-nginx")), nil, true, ""},
		"nginx of somebody else":              {join(fmt.Sprintf(class, "nginx", "nginx.org/ingress-controller"), of("ingressClassName: nginx")), nil, false, `its class "nginx" is of the controller nginx.org/ingress-controller`},
		"no class":                            {of("defaultBackend: {service: {name: api, port: {number: 80}}}"), nil, true, "It names no class"},
		"the old annotation":                  {strings.Replace(of("tls: []"), "annotations:", "annotations:\n    kubernetes.io/ingress.class: haproxy", 1), nil, false, `its class is "haproxy"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := auditManifest(t, test.text, ingressnginx.V1_15_1, test.classes...)
			require.Equal(t, test.audited, len(result.Policies) == 1)
			require.Equal(t, test.audited, len(result.Skipped) == 0)
			said := ""
			for _, skipped := range result.Skipped {
				said += skipped.Reason
			}
			for _, policy := range result.Policies {
				said += strings.Join(policy.Notes, "\n")
			}
			require.Contains(t, said, test.said)
		})
	}
}

func TestHostsAndPathsOfAllKindsHaveAURL(t *testing.T) {
	t.Parallel()
	text := strings.Replace(ingress("api", "enable-cors", "true", "use-regex", "true"), "    - host: api.example.com\n", "    - host: '*.example.com'\n    - {}\n    - host: api.example.com\n", 1)
	text = strings.Replace(text, "path: /v1,", "path: '/v1(/|$)(.*)',", 1)
	policy := auditManifest(t, text, ingressnginx.V1_15_1).Policies[0]
	require.Equal(t, "https://www.example.com/", policy.URL)
	require.Equal(t, []string{"https://any-host.example/", "https://api.example.com/"}, policy.Also)
	require.Equal(t, 204, ofClass(pointers(policy.Reach), Foreign).preflight.Status)
}
