package manifest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const api = `# Source: api/templates/ingress.yaml
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/enable-cors: "true"
    nginx.ingress.kubernetes.io/cors-allow-origin: https://app.example.com
spec:
  ingressClassName: nginx
  rules:
    - host: api.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: api
                port:
                  number: 80
`

const other = `apiVersion: v1
kind: Service
metadata:
  name: api
  unknown: of no interest
`

func load(t *testing.T, text string) (*Manifests, error) {
	t.Helper()
	return Load(strings.NewReader(text), Stdin)
}

func TestAFileHasSeveralDocuments(t *testing.T) {
	t.Parallel()
	loaded, err := load(t, "---\n"+other+"---\n\n---\n"+api+"--- # the next\n"+strings.Replace(api, "namespace: shop", "labels: {a: b}", 1)+
		"---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: internal}\nspec: {controller: k8s.io/ingress-nginx}\n")
	require.NoError(t, err)
	require.Len(t, loaded.Ingresses, 2)
	first, second := loaded.Ingresses[0], loaded.Ingresses[1]
	require.Equal(t, "shop/api", first.ID())
	require.Equal(t, "api", second.ID())
	require.Equal(t, "api.example.com", first.Spec.Rules[0].Host)
	require.Equal(t, 11, first.Line)
	line, column := first.Position("metadata", "annotations", "nginx.ingress.kubernetes.io/cors-allow-origin")
	require.Equal(t, []int{18, 5}, []int{line, column})
	line, _ = first.Position("spec", "rules", "0", "host")
	require.Equal(t, 22, line)
	line, _ = first.Position("metadata", "annotations", "not-there")
	require.Equal(t, 16, line)
	require.Equal(t, map[string]string{"internal": "k8s.io/ingress-nginx"}, loaded.Controllers)
}

func TestAListHasIngresses(t *testing.T) {
	t.Parallel()
	item := "  - " + strings.ReplaceAll(strings.TrimSpace(strings.SplitAfterN(api, "\n", 2)[1]), "\n", "\n    ") + "\n"
	loaded, err := load(t, "apiVersion: v1\nkind: List\nitems:\n"+item+item)
	require.NoError(t, err)
	require.Len(t, loaded.Ingresses, 2)
	line, _ := loaded.Ingresses[1].Position("metadata", "name")
	require.Equal(t, 28, line)
}

func TestWhatAnAPIServerWouldNotAcceptIsSaidWithItsPlace(t *testing.T) {
	t.Parallel()
	replace := func(old, new string) string { return other + "---\n" + strings.Replace(api, old, new, 1) }
	for name, test := range map[string]struct{ text, expected string }{
		"a boolean":                 {replace(`"true"`, `true`), `<stdin>:14:5: the annotation nginx.ingress.kubernetes.io/enable-cors is true, and an API server takes strings only: write it in quotes, "true"`},
		"yes":                       {replace(`"true"`, `yes`), `<stdin>:14:5: the annotation nginx.ingress.kubernetes.io/enable-cors is true`},
		"a number":                  {replace(`"true"`, `600`), `in quotes, "600"`},
		"an unknown field":          {replace("rules:", "rulez:"), `<stdin>:18:3: an Ingress has no field "rulez"`},
		"a string for a list":       {replace("ingressClassName: nginx", "tls: x"), "<stdin>:17:3: spec.tls cannot be a string"},
		"a key that is there twice": {replace("  namespace: shop", "  name: b"), `<stdin>:12:`},
		"bad indentation":           {replace("  rules:", "   rules:"), "<stdin>:"},
		"an old version":            {replace("networking.k8s.io/v1", "extensions/v1beta1"), "<stdin>:8:1: apiVersion extensions/v1beta1 is served by no Kubernetes since 1.22"},
		"a template":                {replace("name: api", "name: {{ .Release.Name }}"), "looks like a Helm template"},
		"no name":                   {replace("  name: api\n", ""), "<stdin>:10:1: the Ingress has no name"},
		"no Ingress":                {other, "-: there is no Ingress"},
		"nothing":                   {"", "there is no Ingress"},
		"no YAML":                   {"a: b: c: [", "<stdin>:1:"},
		"a list for an Ingress":     {"- a\n- b\n", "there is no Ingress"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, test.text)
			require.ErrorContains(t, err, test.expected)
		})
	}
}

func TestAFolderIsReadWithEveryMistakeInIt(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	put := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	put("a/api.yaml", api)
	put("b.yml", api)
	put("values.yaml", "replicas: 2\n")
	put("README.md", "{{ no YAML")
	loaded, err := Load(nil, folder)
	require.NoError(t, err)
	require.Len(t, loaded.Ingresses, 2)
	require.Equal(t, filepath.Join(folder, "a/api.yaml"), loaded.Ingresses[0].File)

	put("c.yaml", strings.Replace(api, "rules:", "rulez:", 1))
	put("d.yaml", strings.Replace(api, `"true"`, "true", 1))
	_, err = Load(nil, folder)
	require.ErrorContains(t, err, "c.yaml:12:3")
	require.ErrorContains(t, err, "d.yaml:8:5")

	_, err = Load(nil, filepath.Join(folder, "nowhere"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = Load(nil, filepath.Join(folder, "values.yaml"))
	require.ErrorIs(t, err, ErrNoIngress)
}

func FuzzLoad(f *testing.F) {
	f.Add(api)
	f.Add("- a: &b [*b]\n--- x\n? a\n: b")
	f.Fuzz(func(_ *testing.T, text string) {
		// Whatever a file has: an answer or an error, no panic.
		loaded, err := Load(strings.NewReader(text), Stdin)
		if err == nil {
			for _, ingress := range loaded.Ingresses {
				ingress.Position("metadata", "annotations", "x")
			}
		}
	})
}
