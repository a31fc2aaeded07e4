package ingressnginx_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

func TestOriginsAreComparedAsNginxDoes(t *testing.T) {
	for name, test := range map[string]struct {
		list             string
		matches, refuses []string
	}{
		"one label for a star": {
			list:    "https://*.example.com",
			matches: []string{"https://a.example.com", "https://my-app.example.com", "https://A.EXAMPLE.com"},
			refuses: []string{
				"https://a.b.example.com", "https://example.com", "https://my_app.example.com", "http://a.example.com",
				"https://a.example.com:8443", "https://a.example.com.evil.net", "https://.example.com",
			},
		},
		"a star with a port": {
			list:    "http://origin.cors.com:8080, http://*.origin.com:8080",
			matches: []string{"http://abc.origin.com:8080", "http://bar.origin.com:8080"},
			refuses: []string{"http://abc.origin.com", "http://origin.com:8080"},
		},
		"two stars": {
			list:    "http://*.origin.cors.com, http://*.origin.com:8080",
			matches: []string{"http://foo.origin.cors.com", "http://bar-foo.origin.cors.com"},
			refuses: []string{"http://bar.foo.origin.cors.com"},
		},
		"a port is text": {
			list:    "https://app.example.com:8443",
			matches: []string{"https://app.example.com:8443"},
			refuses: []string{"https://app.example.com", "https://app.example.com:443"},
		},
		"no port matches no port": {
			list:    "https://app.example.com",
			matches: []string{"https://app.example.com"},
			refuses: []string{"https://app.example.com:443", "https://app.example.com:8443"},
		},
		"ports are compared to the end": {
			list: "http://localhost:3000", matches: []string{"http://localhost:3000"}, refuses: []string{"http://localhost:30000"},
		},
		"case does not count": {
			list: "https://App.Example.com", matches: []string{"https://app.example.com", "HTTPS://APP.EXAMPLE.COM"},
		},
		"anything may stand before": {
			list:    "https://app.example.com",
			matches: []string{"https://evil.net?https://app.example.com", "xhttps://app.example.com"},
			refuses: []string{"https://app.example.com.evil.net", "https://appXexample.com", "https://app.example.com/", "null"},
		},
		"commas too many": {
			list:    "https://origin-123.cors.com:8080,   ,https://origin-321.cors.com:8080,",
			matches: []string{"https://origin-123.cors.com:8080", "https://origin-321.cors.com:8080"},
			refuses: []string{"https://evil.example.net", ""},
		},
		"a schemeless element is skipped": {
			list:    "origin.cors.com:8080, https://origin2.cors.com, https://origin.com",
			matches: []string{"https://origin2.cors.com", "https://origin.com"},
			refuses: []string{"origin.cors.com:8080"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
				annotations := map[string]string{"enable-cors": "true", "cors-allow-origin": test.list}
				controller := newController(t, ingressnginx.Options{Version: version}, annotations, app(200))
				for _, origin := range test.matches {
					require.Equal(t, origin, value(controller.Answer(get("/", origin)), "Access-Control-Allow-Origin"))
				}
				for _, origin := range test.refuses {
					require.Empty(t, accessControl(controller.Answer(get("/", origin))), origin)
				}
			})
		})
	}
}

func TestEveryOriginIsAnsweredWithAStar(t *testing.T) {
	for name, list := range map[string]string{
		"a star": "*", "a star and more": "*, https://app.example.com", "more and a star": "https://app.example.com, *",
		"empty": "", "blank": "      ", "a star and a schemeless element": "*, foo.bar.com",
	} {
		t.Run(name, func(t *testing.T) {
			onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
				annotations := map[string]string{"enable-cors": "true", "cors-allow-origin": list}
				controller := newController(t, ingressnginx.Options{Version: version}, annotations, app(405))
				for _, origin := range []string{allowed, foreign, "null", ""} {
					for _, request := range []*http.Request{get("/", origin), preflight("/", origin)} {
						answer := controller.Answer(request)
						require.Equal(t, "*", value(answer, "Access-Control-Allow-Origin"))
						require.Equal(t, "true", value(answer, "Access-Control-Allow-Credentials"))
					}
					require.False(t, controller.Answer(preflight("/", origin)).ReachedApp)
				}
			})
		})
	}
}

func TestAListOfNothingTurnsCORSOff(t *testing.T) {
	for name, list := range map[string]string{
		"separated by blanks": "https://app.example.com https://admin.example.com", "schemeless": "app.example.com", "only commas": ", ,",
	} {
		t.Run(name, func(t *testing.T) {
			onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
				annotations := map[string]string{"enable-cors": "true", "cors-allow-origin": list}
				controller := newController(t, ingressnginx.Options{Version: version}, annotations, app(405))
				answer := controller.Answer(preflight("/", allowed))
				require.True(t, answer.ReachedApp)
				require.Empty(t, accessControl(answer))
			})
		})
	}
}

// These are the differences between the releases, with default flags.
func TestReleasesDifferInTheOriginsTheyTake(t *testing.T) {
	for name, test := range map[string]struct {
		list, origin     string
		v1_11_0, v1_15_1 string
	}{
		"null":                                   {"null, https://app.example.com", "null", "", "null"},
		"custom scheme":                          {"tauri://localhost", "tauri://localhost", "", "tauri://localhost"},
		"trailing slash":                         {"https://app.example.com/", foreign, "", "*"},
		"underscore":                             {"https://app_1.example.com", foreign, "", "*"},
		"one bad element, asked by the good one": {"https://app.example.com, https://bad_host.example.com", allowed, allowed, "*"},
		"one bad element, asked by a foreign one": {"https://app.example.com, https://bad_host.example.com", foreign, "", "*"},
		"scheme in capitals":                      {"HTTPS://app.example.com", allowed, "", "*"},
	} {
		t.Run(name, func(t *testing.T) {
			annotations := map[string]string{"enable-cors": "true", "cors-allow-origin": test.list}
			for version, expected := range map[ingressnginx.Version]string{ingressnginx.V1_11_0: test.v1_11_0, ingressnginx.V1_15_1: test.v1_15_1} {
				controller := newController(t, ingressnginx.Options{Version: version}, annotations, app(200))
				answer := controller.Answer(get("/", test.origin))
				require.Equal(t, expected, value(answer, "Access-Control-Allow-Origin"), version)
				require.Equal(t, expected != "", value(answer, "Access-Control-Allow-Credentials") == "true", version)
			}
		})
	}
}

func TestTheValidationFlagSwapsTheReleasesBehaviour(t *testing.T) {
	annotations := map[string]string{"enable-cors": "true", "cors-allow-origin": "https://app.example.com/"}
	for version, validate := range map[ingressnginx.Version]bool{ingressnginx.V1_11_0: true, ingressnginx.V1_15_1: false} {
		controller := newController(t, ingressnginx.Options{Version: version, AnnotationValidation: &validate}, annotations, app(200))
		expected := ""
		if validate {
			expected = "*"
		}
		require.Equal(t, expected, value(controller.Answer(get("/", foreign)), "Access-Control-Allow-Origin"))
	}
}

// The model compares without a regular expression; nginx compares with this one.
func TestOriginMatchingEqualsTheRegularExpressionOfNginx(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abA.-:/?_*")), 0, 8, -1)
		listed := "https://" + rapid.SampledFrom([]string{"", "*."}).Draw(t, "star") +
			rapid.StringMatching(`[abA.-]{0,4}(:[0-9])?`).Draw(t, "host")
		cors, _, err := ingressnginx.ParseCORS(ingressnginx.Options{}, ingressnginx.Ingress{
			Annotations: map[string]string{"enable-cors": "true", "cors-allow-origin": listed},
		})
		require.NoError(t, err)
		pattern := regexp.MustCompile(`(?i)` + strings.Replace(regexp.QuoteMeta(listed), `\*`, `[A-Za-z0-9-]+`, 1) + `$`)
		origin := rapid.OneOf(text, rapid.Map(text, func(s string) string { return strings.Replace(listed, "*", s, 1) })).Draw(t, "origin")
		_, found := cors.AllowOriginFor(origin)
		require.Equal(t, pattern.MatchString(origin), found, "%q against %q", origin, listed)
	})
}
