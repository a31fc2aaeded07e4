package ingressnginx_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// configure makes a controller of one Ingress and returns the error.
func configure(version ingressnginx.Version, annotations map[string]string) (*ingressnginx.Controller, error) {
	return ingressnginx.New(ingressnginx.Options{Version: version}, ingressnginx.Ingress{
		Name: "shop", Host: host, Annotations: annotations, Paths: []ingressnginx.Path{{Backend: app(200)}},
	})
}

func TestAVersionIsReadWithAndWithoutItsV(t *testing.T) {
	for _, text := range []string{"v1.11.0", "1.11.0"} {
		version, err := ingressnginx.ParseVersion(text)
		require.NoError(t, err)
		require.Equal(t, ingressnginx.V1_11_0, version)
	}
	_, err := ingressnginx.ParseVersion("v1.9.4")
	var unknown *ingressnginx.UnknownVersionError
	require.ErrorAs(t, err, &unknown)
	require.ErrorContains(t, err, "v1.11.0")
	require.ErrorContains(t, err, "v1.15.1")
	_, err = configure("v2", nil)
	require.ErrorAs(t, err, &unknown)
}

func TestThePrefixOfAnAnnotationIsOptional(t *testing.T) {
	controller, err := configure("", map[string]string{
		"nginx.ingress.kubernetes.io/enable-cors": "true", "cors-allow-origin": allowed,
	})
	require.NoError(t, err)
	require.Equal(t, allowed, value(controller.Answer(get("/", allowed)), "Access-Control-Allow-Origin"))
}

func TestAnUnknownAnnotationIsAnErrorThatNamesTheNearest(t *testing.T) {
	for written, nearest := range map[string]string{
		"cors-allowed-origin": "cors-allow-origin", "cors-allow-credential": "cors-allow-credentials", "enable-cor": "enable-cors",
		"nginx.ingress.kubernetes.io/cors-expose-header": "cors-expose-headers", "nginx.org/proxy-body-size": "proxy-body-size",
	} {
		_, err := configure("", map[string]string{written: "x"})
		var unknown *ingressnginx.UnknownAnnotationError
		require.ErrorAs(t, err, &unknown)
		require.Equal(t, written, unknown.Annotation)
		require.Equal(t, nearest, unknown.Nearest)
		require.ErrorContains(t, err, written)
		require.ErrorContains(t, err, nearest)
		require.ErrorContains(t, err, "shop")
	}
}

func TestAKnownAnnotationOutsideTheModelIsAnError(t *testing.T) {
	for name, annotations := range map[string]map[string]string{
		"configuration-snippet":   {"configuration-snippet": "more_set_headers 'A: b';"},
		"canary":                  {"canary": "true"},
		"auth-url":                {"auth-url": "https://$arg_host/check"},
		"auth-secret":             {"auth-type": "basic", "auth-secret": "other/users"},
		"permanent-redirect-code": {"permanent-redirect": "https://new.example.com", "permanent-redirect-code": "304"},
		"limit-burst-multiplier":  {"limit-rps": "1", "limit-burst-multiplier": "0"},
		"proxy-read-timeout":      {"proxy-read-timeout": "0"},
		"proxy-body-size":         {"proxy-body-size": "99999999999999999999g"},
	} {
		_, err := configure("", annotations)
		var notModelled *ingressnginx.NotModelledError
		require.ErrorAs(t, err, &notModelled, name)
		require.Equal(t, name, notModelled.Annotation)
		require.ErrorContains(t, err, "is not modelled")
	}
	_, err := ingressnginx.New(ingressnginx.Options{Users: map[string]string{}}, ingressnginx.Ingress{
		Annotations: map[string]string{"auth-type": "digest", "auth-secret": "users"},
	})
	require.ErrorContains(t, err, "digest")
}

func TestReleasesKnowDifferentAnnotations(t *testing.T) {
	for annotation, knownTo := range map[string]ingressnginx.Version{
		"global-rate-limit": ingressnginx.V1_11_0, "relative-redirects": ingressnginx.V1_15_1, "temporal-redirect-code": ingressnginx.V1_15_1,
	} {
		onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
			_, err := configure(version, map[string]string{annotation: "1"})
			if version == knownTo {
				var notModelled *ingressnginx.NotModelledError
				require.ErrorAs(t, err, &notModelled)
			} else {
				var unknown *ingressnginx.UnknownAnnotationError
				require.ErrorAs(t, err, &unknown)
			}
		})
	}
}

// With the validator on, some invalid values cost the whole Ingress; without it they cost nothing.
func TestSomeInvalidValuesMakeTheControllerIgnoreTheIngress(t *testing.T) {
	for annotation, invalid := range map[string]string{
		"limit-rps": "many", "limit-rpm": "few", "custom-http-errors": "all", "default-backend": "Not A Service",
		"permanent-redirect": "https://new.example.com/{id}", "temporal-redirect": "https://new.example.com/{id}",
		"auth-url": "https://auth.example.com/{id}", "auth-type": "bearer",
	} {
		t.Run(annotation, func(t *testing.T) {
			onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
				controller, err := configure(version, mainAnnotations(annotation, invalid))
				require.NoError(t, err)
				answer := controller.Answer(get("/", allowed))
				if version == ingressnginx.V1_11_0 {
					require.NotEqual(t, http.StatusNotFound, answer.Status)
					return
				}
				require.Equal(t, http.StatusNotFound, answer.Status)
				require.Empty(t, accessControl(answer))
				require.Equal(t, []ingressnginx.Finding{{
					Ingress: "shop", Annotation: annotation, Value: invalid, Consequence: "is invalid: the controller ignores the whole Ingress", Logged: true,
				}}, controller.Findings())
			})
		})
	}
}

// A location that is denied has no rules left, CORS among them.
func TestSomeInvalidValuesMakeTheControllerDenyEverything(t *testing.T) {
	for name, test := range map[string]struct {
		version     ingressnginx.Version
		annotations map[string]string
	}{
		"no such secret":           {ingressnginx.V1_15_1, mainAnnotations("auth-type", "basic", "auth-secret", "users")},
		"no name of a secret":      {ingressnginx.V1_15_1, mainAnnotations("auth-type", "basic")},
		"a kind of authentication": {ingressnginx.V1_11_0, mainAnnotations("auth-type", "bearer")},
		"a kind of secret":         {ingressnginx.V1_11_0, mainAnnotations("auth-type", "basic", "auth-secret-type", "auth-db")},
		"a relative auth-url":      {ingressnginx.V1_15_1, mainAnnotations("auth-url", "/check")},
		"an address range":         {ingressnginx.V1_15_1, mainAnnotations("whitelist-source-range", "localhost")},
	} {
		t.Run(name, func(t *testing.T) {
			controller, err := configure(test.version, test.annotations)
			require.NoError(t, err)
			for _, request := range []*http.Request{get("/", allowed), preflight("/", allowed)} {
				answer := controller.Answer(request)
				require.Equal(t, http.StatusServiceUnavailable, answer.Status)
				require.Empty(t, accessControl(answer))
			}
			require.Len(t, controller.Findings(), 1)
			require.True(t, controller.Findings()[0].Logged)
		})
	}
}

func TestValuesThatDisableARuleAreFindings(t *testing.T) {
	for name, test := range map[string]struct {
		version     ingressnginx.Version
		annotation  string
		annotations map[string]string
	}{
		"auth-realm off":          {ingressnginx.V1_15_1, "auth-realm", map[string]string{"auth-type": "basic", "auth-secret": "users", "auth-realm": "off"}},
		"an empty auth-url":       {ingressnginx.V1_15_1, "auth-url", map[string]string{"auth-url": " "}},
		"an empty auth-type":      {ingressnginx.V1_11_0, "auth-type", map[string]string{"auth-type": " "}},
		"a redirect code":         {ingressnginx.V1_11_0, "permanent-redirect-code", map[string]string{"permanent-redirect": "https://new.example.com", "permanent-redirect-code": "x"}},
		"a redirect without http": {ingressnginx.V1_15_1, "temporal-redirect", map[string]string{"temporal-redirect": "new.example.com"}},
		"an empty redirect":       {ingressnginx.V1_11_0, "temporal-redirect", map[string]string{"temporal-redirect": " "}},
		"a limit":                 {ingressnginx.V1_11_0, "limit-rps", map[string]string{"limit-rps": "many"}},
		"a list of statuses":      {ingressnginx.V1_11_0, "custom-http-errors", map[string]string{"custom-http-errors": "404, 503"}},
		"a default backend":       {ingressnginx.V1_15_1, "default-backend", map[string]string{"default-backend": "pages"}},
	} {
		t.Run(name, func(t *testing.T) {
			controller, err := ingressnginx.New(ingressnginx.Options{Version: test.version, Users: map[string]string{}}, ingressnginx.Ingress{
				Host: host, Annotations: test.annotations, Paths: []ingressnginx.Path{{Backend: app(200)}},
			})
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, controller.Answer(get("/", "")).Status)
			require.Len(t, controller.Findings(), 1)
			require.Equal(t, test.annotation, controller.Findings()[0].Annotation)
		})
	}
}

func TestPathsThatNoAPIServerAcceptsAreErrors(t *testing.T) {
	for _, path := range []ingressnginx.Path{{Path: "api"}, {Path: "/", Type: "Suffix"}} {
		_, err := ingressnginx.New(ingressnginx.Options{}, ingressnginx.Ingress{Name: "shop", Paths: []ingressnginx.Path{path}})
		require.ErrorContains(t, err, `Ingress "shop"`)
	}
	_, err := ingressnginx.New(ingressnginx.Options{}, ingressnginx.Ingress{
		Annotations: map[string]string{"use-regex": "true"}, Paths: []ingressnginx.Path{{Path: "/(", Type: ingressnginx.ImplementationSpecific}},
	})
	require.ErrorContains(t, err, "regular expression")
}

func FuzzNew(f *testing.F) {
	f.Add("cors-allow-origin", "*", "proxy-body-size", "1k", "/", "/x")
	f.Add("rewrite-target", "/$1", "use-regex", "true", "/a(.*)", "/abc")
	f.Add("custom-http-errors", "404,,503", "limit-rps", "-1", "/\\", "/%00")
	f.Add("auth-signin", "https://$host/?rd=${uri", "auth-url", "https://a/", "/", "/")
	f.Fuzz(func(t *testing.T, name, value, otherName, otherValue, path, asked string) {
		request := get("/", allowed)
		request.URL.Path = asked
		for _, version := range ingressnginx.Versions() {
			controller, err := ingressnginx.New(ingressnginx.Options{Version: version, AuthService: app(401)}, ingressnginx.Ingress{
				Host: host, Annotations: mainAnnotations(name, value, otherName, otherValue), Paths: []ingressnginx.Path{{Path: path, Backend: app(200)}},
			})
			if err != nil {
				require.NotEmpty(t, err.Error())
				continue
			}
			answer := controller.Answer(request)
			require.GreaterOrEqual(t, answer.Status, 200)
			require.Less(t, answer.Status, 600)
		}
	})
}
