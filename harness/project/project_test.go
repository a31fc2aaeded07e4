package project_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/live"
	"github.com/crosscheck-dev/crosscheck/harness/project"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), project.FileName)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

const complete = `features: [features, more/one.feature]
environment: live
live:
  ca: ca.pem
  hosts:
    api.example.com: 10.0.0.5:443
    login.example.com:8443: 10.0.0.6
  rate: 2.5
  retries: 1
  timeout: 20s
  secrets: [API_TOKEN, SESSION]
  cookies:
    - url: https://api.example.com
      set: session=${SESSION}; Secure; SameSite=None; Path=/
`

func TestAProjectIsReadAsItStands(t *testing.T) {
	path := write(t, complete)
	read, err := project.Read(path)
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(filepath.Dir(path), "features"), filepath.Join(filepath.Dir(path), "more/one.feature")}, read.Paths())
	require.Equal(t, "live", read.Environment)
	require.Equal(t, live.Hosts{"api.example.com": "10.0.0.5:443", "login.example.com:8443": "10.0.0.6"}, read.Live.Hosts)
	require.InDelta(t, 2.5, read.Live.Rate, 0)
	require.Equal(t, 20*time.Second, read.Live.Timeout)
	require.Equal(t, 11, read.SecretLine("SESSION"))
	require.Equal(t, 13, read.Line("live", "cookies", "0"))
}

func TestAMistakeIsSaidWithItsPlaceAndWhatWasMeant(t *testing.T) {
	for name, test := range map[string]struct{ text, message string }{
		"an unknown field":           {"features: [f]\nliv:\n  rate: 1\n", `:2: there is no field "liv" here: did you mean "live"?`},
		"an unknown field of live":   {"features: [f]\nlive:\n  host:\n    a: 1.2.3.4\n", `:3: there is no field "host" here: did you mean "hosts"?`},
		"an unknown field of cookie": {"features: [f]\nlive:\n  cookies:\n    - urls: x\n", `:4: there is no field "urls" here: did you mean "url"?`},
		"a field twice":              {"features: [f]\nfeatures: [g]\n", `:2: mapping key "features" already defined at line 1`},
		"a text for a number":        {"features: [f]\nlive:\n  rate: fast\n", ":3: fast stands where a number is expected"},
		"a number for a list":        {"features: 7\n", ":1: 7 stands where a list, such as [a, b] is expected"},
		"a time without a unit":      {"features: [f]\nlive:\n  timeout: soon\n", ":3: soon stands where a time, such as 10s is expected"},
		"a rate below nothing":       {"features: [f]\nlive:\n  rate: -1\n", ":3: -1 is no rate"},
		"a place that is a name":     {"features: [f]\nlive:\n  hosts:\n    api.example.com: staging\n", `:4: "staging" is no place of api.example.com`},
		"a host that is a URL":       {"features: [f]\nlive:\n  hosts:\n    \"https://api.example.com\": 10.0.0.5\n", `:4: "https://api.example.com" is no host`},
		"a cookie of nobody":         {"features: [f]\nlive:\n  cookies:\n    - set: a=b\n", ":4: a cookie needs url"},
		"a certificate without key":  {"features: [f]\nlive:\n  client_certificates:\n    api.example.com: {certificate: a.pem}\n", ":4: a client certificate needs certificate and key"},
		"a certificate of a URL":     {"features: [f]\nlive:\n  client_certificates:\n    \"https://a.example\": {certificate: a.pem, key: a.key}\n", `:4: "https://a.example" is no host`},
		"a certificate that is text": {"features: [f]\nlive:\n  client_certificates:\n    api.example.com: a.pem\n", ":4: a.pem stands where a certificate and its key is expected"},
		"a field of a certificate":   {"features: [f]\nlive:\n  client_certificates:\n    api.example.com: {cert: a.pem, key: a.key}\n", `:4: there is no field "cert" here: did you mean "certificate"?`},
		"a header of the browser's":  {"features: [f]\nlive:\n  headers:\n    api.example.com:\n      Origin: https://a.example\n", ":5: Origin is what the browser itself says"},
		"headers in a list":          {"features: [f]\nlive:\n  headers:\n    api.example.com: [a]\n", ":4: a list stands where headers and their values is expected"},
		"a secret twice":             {"features: [f]\nlive:\n  secrets: [ABC, ABC]\n", ":3: the secret ABC is there twice"},
		"no features":                {"live:\n  rate: 1\n", ":1: it names no features"},
		"an empty file":              {"", ":1: it names no features"},
		"two documents":              {"features: [f]\n---\nfeatures: [g]\n", ":1: there is a second document"},
		"no YAML":                    {"features: [f\nlive: {\n", "this is no YAML"},
		"a list":                     {"- features\n", ":1: a list stands where fields such as features and live is expected"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, test.text)
			_, err := project.Read(path)
			require.ErrorContains(t, err, path)
			require.ErrorContains(t, err, test.message)
		})
	}
}

func TestTheAuthoritiesAreThoseOfTheFile(t *testing.T) {
	path := write(t, "features: [f]\nlive:\n  ca: ca.pem\n")
	read, err := project.Read(path)
	require.NoError(t, err)
	_, err = read.Roots()
	require.ErrorContains(t, err, path+":3: the authorities cannot be read")
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "ca.pem"), []byte("no PEM"), 0o600))
	_, err = read.Roots()
	require.ErrorContains(t, err, path+":3: ca.pem has no certificate in PEM form")
}

func TestAFolderWithoutAProjectHasNone(t *testing.T) {
	found, err := project.Find(t.TempDir())
	require.NoError(t, err)
	require.Nil(t, found)
}
