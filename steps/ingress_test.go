package steps_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/harness/simulated"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/steps"
)

const shopIngress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: orders
  annotations:
    nginx.ingress.kubernetes.io/enable-cors: "true"
    nginx.ingress.kubernetes.io/cors-allow-origin: https://app.example.com
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http:
        paths:
          - {path: /orders, pathType: Prefix, backend: {service: {name: orders, port: {number: 80}}}}
`

const manifestFeature = `Feature: F
  Scenario: S
    Given an API at "https://shop.example.com" that knows nothing about CORS
    And its Ingress is that of "FILE"
    And a page at "https://app.example.com"
    When the page fetches "GET https://shop.example.com/orders/1"
    Then the page can read the response
`

// predicted runs the scenario in the simulator, before the edge model.
func predicted(t *testing.T, files map[string]string, feature string) report.Scenario {
	t.Helper()
	system := fstest.MapFS{"team/features/a.feature": {Data: []byte(feature)}}
	for name, content := range files {
		system[name] = &fstest.MapFile{Data: []byte(content)}
	}
	authority, err := ca.New()
	require.NoError(t, err)
	environment := embedded.New(authority)
	defer func() { require.NoError(t, environment.Close()) }()
	plan, err := steps.Read(steps.Selection{Files: system, Paths: []string{"team/features"}})
	require.NoError(t, err)
	suite := &steps.Suite{Environment: environment, Browsers: []harness.Browser{simulated.New(simulator.Chromium, steps.Simulator, authority.Pool())}}
	return suite.Run(t.Context(), plan, nil)[0]
}

func TestAnIngressIsFoundBesideTheFeatureInAFileOrAFolder(t *testing.T) {
	files := map[string]string{"team/k8s/ingress.yaml": shopIngress, "team/k8s/values.yaml": "replicas: 3\n", "team/k8s/other.yaml": strings.ReplaceAll(shopIngress, "shop.", "blog.")}
	for _, name := range []string{"../k8s/ingress.yaml", "../k8s"} {
		result := predicted(t, files, strings.ReplaceAll(manifestFeature, "FILE", name))
		require.Equal(t, report.Pass, result.Verdict, result.Message)
		require.Empty(t, result.Notes)
	}
}

func TestWhatAManifestCannotMeanIsSaidWithItsPlace(t *testing.T) {
	for name, test := range map[string]struct {
		old, new string
		verdict  report.Verdict
		message  string
	}{
		"no such host":              {"shop.example.com", "blog.example.com", report.UnexpectedOutcome, "k8s/i.yaml has no Ingress for the host shop.example.com: it has some for blog.example.com"},
		"a controller that is none": {"ingressClassName: nginx", "ingressClassName: edge", report.UnexpectedOutcome, "team/k8s/i.yaml:1: the Ingress orders is of the class edge, and nothing says whose that is"},
		"an unknown annotation":     {"enable-cors", "enable-cross", report.UnexpectedOutcome, `team/k8s/i.yaml:6:5: Ingress "orders": ingress-nginx knows no annotation "enable-cross": did you mean "enable-cors"?`},
		"an unmodelled annotation":  {"nginx.ingress.kubernetes.io/enable-cors: \"true\"", "nginx.ingress.kubernetes.io/configuration-snippet: more_set_headers", report.Skipped, `the annotation "configuration-snippet" is not modelled`},
		"an unquoted boolean":       {`"true"`, "true", report.UnexpectedOutcome, "team/k8s/i.yaml:6:5: the annotation nginx.ingress.kubernetes.io/enable-cors is true, and an API server takes strings only"},
		"an unknown field":          {"rules:", "rulez:", report.UnexpectedOutcome, `team/k8s/i.yaml:10:3: an Ingress has no field "rulez"`},
		"a Helm template":           {"name: orders\n", "name: {{ .Release.Name }}\n", report.UnexpectedOutcome, "this looks like a Helm template: render it first"},
		"no Ingress at all":         {"kind: Ingress", "kind: Service", report.UnexpectedOutcome, "there is no Ingress"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, shopIngress, test.old)
			files := map[string]string{"team/k8s/i.yaml": strings.ReplaceAll(shopIngress, test.old, test.new)}
			result := predicted(t, files, strings.ReplaceAll(manifestFeature, "FILE", "../k8s/i.yaml"))
			require.Equal(t, test.verdict, result.Verdict, result.Message)
			require.Contains(t, result.Message, test.message)
		})
	}
	result := predicted(t, nil, strings.ReplaceAll(manifestFeature, "FILE", "../k8s/i.yaml"))
	require.Equal(t, report.UnexpectedOutcome, result.Verdict)
	require.Contains(t, result.Message, "team/k8s/i.yaml")
}

func TestAClassThatAnIngressClassExplainsIsWhatItSays(t *testing.T) {
	class := "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: edge}\nspec: {controller: CONTROLLER}\n"
	of := func(controller string) report.Scenario {
		text := strings.ReplaceAll(shopIngress, "ingressClassName: nginx", "ingressClassName: edge") + strings.ReplaceAll(class, "CONTROLLER", controller)
		return predicted(t, map[string]string{"team/i.yaml": text}, strings.ReplaceAll(manifestFeature, "FILE", "../i.yaml"))
	}
	require.Equal(t, report.Pass, of("k8s.io/ingress-nginx").Verdict)
	result := of("traefik.io/ingress-controller")
	require.Equal(t, report.UnexpectedOutcome, result.Verdict)
	require.Contains(t, result.Message, "whose controller is traefik.io/ingress-controller: only ingress-nginx is modelled")
}

func TestWhatIsNotPredictedAndWhatDoesNotDoWhatItSaysIsNoted(t *testing.T) {
	text := strings.Replace(shopIngress, "  annotations:\n", "  annotations:\n    nginx.ingress.kubernetes.io/proxy-send-timeout: \"5\"\n    nginx.ingress.kubernetes.io/cors-max-age: soon\n", 1) +
		"          - {path: /search, pathType: Prefix, backend: {service: {name: search, port: {number: 80}}}}\n"
	result := predicted(t, map[string]string{"team/i.yaml": text}, strings.ReplaceAll(manifestFeature, "FILE", "../i.yaml"))
	require.Equal(t, report.Pass, result.Verdict, result.Message)
	require.Len(t, result.Notes, 3, result.Notes)
	notes := strings.Join(result.Notes, "\n")
	require.Contains(t, notes, `Ingress "orders (team/i.yaml:1)": cors-max-age "soon"`)
	require.Contains(t, notes, "proxy-send-timeout is not predicted")
	require.Contains(t, notes, "the manifest leads to the service orders, the service search, and API stands for all of them")
}

func TestWildcardsAndDefaultBackendsAreForTheirHosts(t *testing.T) {
	for rule, readable := range map[string]bool{`"*.example.com"`: true, `"*.com"`: false} {
		result := predicted(t, map[string]string{"team/i.yaml": strings.ReplaceAll(shopIngress, "host: shop.example.com", "host: "+rule)},
			strings.ReplaceAll(manifestFeature, "FILE", "../i.yaml"))
		require.Equal(t, readable, result.Verdict == report.Pass, "%s: %s", rule, result.Message)
	}
	before, _, _ := strings.Cut(shopIngress, "  rules:")
	result := predicted(t, map[string]string{"team/i.yaml": before + "  defaultBackend: {service: {name: all, port: {number: 80}}}\n"}, strings.ReplaceAll(manifestFeature, "FILE", "../i.yaml"))
	require.Equal(t, report.Pass, result.Verdict, result.Message)
}
