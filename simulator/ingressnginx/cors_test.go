package ingressnginx_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

const (
	defaultMethods = "GET, PUT, POST, DELETE, PATCH, OPTIONS"
	defaultHeaders = "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization"
)

// parse reads annotations of an enabled Ingress, and gives the findings as "annotation: logged".
func parse(t *testing.T, version ingressnginx.Version, annotation, value string) (ingressnginx.CORS, []ingressnginx.Finding) {
	t.Helper()
	cors, findings, err := ingressnginx.ParseCORS(ingressnginx.Options{Version: version}, ingressnginx.Ingress{
		Name: "shop", Annotations: map[string]string{"enable-cors": "true", annotation: value},
	})
	require.NoError(t, err)
	return cors, findings
}

func TestEnableCORSAloneMeansTheDefaults(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		cors, findings := parse(t, version, "enable-cors", "true")
		require.Empty(t, findings)
		require.Equal(t, []string{"*"}, cors.AllowOrigin)
		require.Equal(t, defaultMethods, cors.AllowMethods)
		require.Equal(t, defaultHeaders, cors.AllowHeaders)
		require.Empty(t, cors.ExposeHeaders)
		require.True(t, cors.AllowCredentials)
		require.Equal(t, 1728000, cors.MaxAge)
	})
}

func TestBooleansAreThoseOfGo(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		for text, expected := range map[string]bool{"true": true, "TRUE": true, "T": true, "1": true, "false": false, "F": false, "0": false, "no": true, "": true, " false": true} {
			cors, _ := parse(t, version, "cors-allow-credentials", text)
			require.Equal(t, expected, cors.AllowCredentials, "credentials %q", text)
		}
		for text, expected := range map[string]bool{"true": true, "1": true, "yes": false, "": false, "on": false} {
			cors, _ := parse(t, version, "enable-cors", text)
			require.Equal(t, expected, cors.Enabled, "enable %q", text)
		}
	})
}

func TestListsAreCopiedOrReplacedByTheDefault(t *testing.T) {
	for annotation, values := range map[string]map[string]string{
		"cors-allow-methods": {
			"GET, POST": "GET, POST", "get,post": "get,post", "GET POST": "GET POST", " GET ": "GET", "GET,": "GET,",
			"*": defaultMethods, "GET;POST": defaultMethods, "GET,  PUT": defaultMethods, "X-CUSTOM": defaultMethods, "": defaultMethods, "GET , PUT": defaultMethods,
		},
		"cors-allow-headers": {
			"Content-Type, X_Under": "Content-Type, X_Under", "X-A,,X-B": "X-A,,X-B", "X A": "X A",
			"*": defaultHeaders, "X-A; X-B": defaultHeaders, "": defaultHeaders, "  ": defaultHeaders,
		},
		"cors-expose-headers": {
			"*": "*", "*, X-Foo": "*, X-Foo", "ETag, Link": "ETag, Link", "X_a": "X_a", "ETag; Link": "", "": "", "ETag,  Link": "",
		},
	} {
		onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
			for text, expected := range values {
				cors, _ := parse(t, version, annotation, text)
				actual := map[string]string{
					"cors-allow-methods": cors.AllowMethods, "cors-allow-headers": cors.AllowHeaders, "cors-expose-headers": cors.ExposeHeaders,
				}[annotation]
				require.Equal(t, expected, actual, "%s %q", annotation, text)
			}
		})
	}
}

func TestMaxAgeIsAnIntegerOrTheDefault(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		for text, expected := range map[string]int{
			"600": 600, "-1": -1, "0": 0, "+5": 5, "007": 7, "abc": 1728000, "1.5": 1728000, "": 1728000, " 600": 1728000, "99999999999999999999": 1728000,
		} {
			cors, _ := parse(t, version, "cors-max-age", text)
			require.Equal(t, expected, cors.MaxAge, "%q", text)
		}
	})
}

func TestFindingsSayWhatTheControllerDoesAndWhetherItLogs(t *testing.T) {
	for name, test := range map[string]struct {
		version           ingressnginx.Version
		annotation, value string
		consequence       string
		logged            bool
	}{
		"an invalid list falls open, and the log says so":     {ingressnginx.V1_15_1, "cors-allow-origin", "https://app.example.com/", "every origin is allowed", true},
		"an element is left out":                              {ingressnginx.V1_11_0, "cors-allow-origin", "https://app.example.com/, https://a.example.com", "is left out", true},
		"a list of one schemeless element":                    {ingressnginx.V1_15_1, "cors-allow-origin", "app.example.com", "is left out", true},
		"a star in a list":                                    {ingressnginx.V1_11_0, "cors-allow-origin", "https://a.example.com, *", "whatever else is listed", false},
		"credentials fall open, logged with the validator":    {ingressnginx.V1_15_1, "cors-allow-credentials", "no", "credentials are allowed", true},
		"credentials fall open, silently without a validator": {ingressnginx.V1_11_0, "cors-allow-credentials", "no", "credentials are allowed", false},
		"max age":                                 {ingressnginx.V1_15_1, "cors-max-age", "abc", "1728000", true},
		"methods":                                 {ingressnginx.V1_15_1, "cors-allow-methods", "*", defaultMethods, true},
		"methods that only the parser refuses":    {ingressnginx.V1_15_1, "cors-allow-methods", "GET,  PUT", defaultMethods, false},
		"exposed headers are not sent":            {ingressnginx.V1_15_1, "cors-expose-headers", "ETag; Link", "not sent", true},
		"enable-cors":                             {ingressnginx.V1_15_1, "enable-cors", "yes", "CORS is off", true},
		"a line break, refused by the validator":  {ingressnginx.V1_15_1, "cors-allow-methods", "GET,\nPUT", defaultMethods, true},
		"a block scalar makes the list fall open": {ingressnginx.V1_15_1, "cors-allow-origin", "https://a.example.com\n", "every origin is allowed", true},
	} {
		t.Run(name, func(t *testing.T) {
			_, findings := parse(t, test.version, test.annotation, test.value)
			require.NotEmpty(t, findings)
			require.Equal(t, "shop", findings[0].Ingress)
			require.Equal(t, test.annotation, findings[0].Annotation)
			require.Equal(t, test.value, findings[0].Value)
			require.Contains(t, findings[0].Consequence, test.consequence)
			require.Equal(t, test.logged, findings[0].Logged)
			require.Contains(t, findings[0].String(), test.annotation)
		})
	}
}

func TestAnnotationsWithoutEnableCORSAreFindings(t *testing.T) {
	_, findings, err := ingressnginx.ParseCORS(ingressnginx.Options{}, ingressnginx.Ingress{
		Annotations: map[string]string{"cors-max-age": "600", "cors-allow-origin": "https://app.example.com", "ssl-redirect": "false"},
	})
	require.NoError(t, err)
	require.Len(t, findings, 2)
	require.Equal(t, "cors-allow-origin", findings[0].Annotation)
	require.Equal(t, "cors-max-age", findings[1].Annotation)
	require.Contains(t, findings[0].Consequence, "enable-cors")
}

func TestALineBreakThatWouldSplitTheResponseIsNotModelled(t *testing.T) {
	_, _, err := ingressnginx.ParseCORS(ingressnginx.Options{Version: ingressnginx.V1_11_0}, ingressnginx.Ingress{
		Annotations: map[string]string{"enable-cors": "true", "cors-expose-headers": "ETag,\nLink"},
	})
	var notModelled *ingressnginx.NotModelledError
	require.ErrorAs(t, err, &notModelled)
	require.Equal(t, "cors-expose-headers", notModelled.Annotation)
}

func FuzzParseCORS(f *testing.F) {
	f.Add("true", "https://app.example.com, https://*.example.com:8443", "GET, PUT", "X-A", "*", "no", "-1", "https://a.example.com")
	f.Add("1", "*", "", "", "", "", "", "null")
	f.Add("T", "null,tauri://localhost,\n", "GET\r", "\x00", "é", "0", "+1", "")
	f.Fuzz(func(t *testing.T, enable, origins, methods, headers, expose, credentials, age, origin string) {
		for _, version := range ingressnginx.Versions() {
			cors, findings, err := ingressnginx.ParseCORS(ingressnginx.Options{Version: version}, ingressnginx.Ingress{Annotations: map[string]string{
				"enable-cors": enable, "cors-allow-origin": origins, "cors-allow-methods": methods, "cors-allow-headers": headers,
				"cors-expose-headers": expose, "cors-allow-credentials": credentials, "cors-max-age": age,
			}})
			if err != nil {
				var notModelled *ingressnginx.NotModelledError
				require.ErrorAs(t, err, &notModelled)
				continue
			}
			for _, finding := range findings {
				require.NotEmpty(t, finding.String())
			}
			// Whatever the annotations hold, no response can be split by it.
			require.False(t, strings.ContainsAny(cors.AllowMethods+cors.AllowHeaders+cors.ExposeHeaders, "\r\n"))
			allowOrigin, found := cors.AllowOriginFor(origin)
			require.True(t, !found || allowOrigin == "*" || allowOrigin == origin)
			require.False(t, found && !cors.Enabled)
		}
	})
}
