package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/audit"
)

const listedIngress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
  annotations:
    nginx.ingress.kubernetes.io/enable-cors: "true"
    nginx.ingress.kubernetes.io/cors-allow-origin: https://app.example.com
    nginx.ingress.kubernetes.io/cors-max-age: "600"
spec:
  ingressClassName: nginx
  rules:
    - host: api.example.com
`

func TestAuditEndsWithTheRightExitCode(t *testing.T) {
	t.Parallel()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
	}))
	t.Cleanup(api.Close)
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, test := range map[string]struct {
		arguments []string
		code      int
		output    string
	}{
		"a sound Ingress":             {[]string{"sound.yaml", "--ignore", "missing-vary"}, 0, "policies=1 skipped=0 findings=2 (0 high, 0 medium, 0 low, 2 info)"},
		"the same, told everything":   {[]string{"sound.yaml", "--ignore", "missing-vary", "--fail-on", "info"}, exitFailed, "loose-comparison"},
		"an Ingress that is open":     {[]string{"open.yaml"}, exitFailed, `cors-allow-origin "https://app.example.com/": is invalid: every origin is allowed`},
		"the same before the upgrade": {[]string{"open.yaml", "--ingress-version", "v1.11.0", "--fail-on", "high"}, 0, "ingress-nginx v1.11.0 (model)"},
		"a folder":                    {[]string{".", "--fail-on", "high"}, exitUsage, "broken.yaml:3:1: the Ingress has no name"},
		"the standard input":          {[]string{"-", "--fail-on", "high"}, 0, "Ingress api (<stdin>:1)"},
		"another class":               {[]string{"traefik.yaml"}, 0, "policies=0 skipped=1 findings=0"},
		"a class that is named":       {[]string{"traefik.yaml", "--ingress-class", "traefik", "--fail-on", "high"}, 0, "policies=1 skipped=0"},
		"a URL":                       {[]string{api.URL, "--rate", "1000"}, exitFailed, "HIGH  any-origin-with-credentials"},
		"a URL and a file":            {[]string{api.URL, "sound.yaml", "--rate", "1000"}, exitFailed, "policies=2 skipped=0"},
		"a server that is gone":       {[]string{gone.URL}, exitEnvironment, "nothing listens there"},
		"a URL that is none":          {[]string{"http://"}, exitUsage, "URL:"},
		"an origin that is none":      {[]string{api.URL, "--origin", "app.example.com"}, exitUsage, "--origin:"},
		"a file that is not there":    {[]string{"nowhere.yaml"}, exitUsage, "nowhere.yaml"},
		"a file without an Ingress":   {[]string{"service.yaml"}, exitUsage, "service.yaml: there is no Ingress"},
		"YAML that is wrong":          {[]string{"broken.yaml"}, exitUsage, "broken.yaml:3:1:"},
		"a version without a model":   {[]string{"sound.yaml", "--ingress-version", "v1.14.0"}, exitUsage, `--ingress-version: ingress-nginx version "v1.14.0" is not modelled`},
		"an unknown format":           {[]string{"sound.yaml", "--format", "xml"}, exitUsage, `--format: there is no "xml"`},
		"an unknown severity":         {[]string{"sound.yaml", "--fail-on", "fatal"}, exitUsage, `--fail-on: there is no severity "fatal"`},
		"an unknown rule":             {[]string{"sound.yaml", "--ignore", "vary"}, exitUsage, `--ignore: there is no rule "vary": there are any-origin-with-credentials`},
		"no rate":                     {[]string{api.URL, "--rate", "0"}, exitUsage, "--rate:"},
		"no time":                     {[]string{api.URL, "--timeout", "0s"}, exitUsage, "--timeout:"},
		"nothing to audit":            {nil, exitUsage, "requires at least 1 arg"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command, output := crosscheck(t, append([]string{"audit"}, test.arguments...)...)
			command.Stdin = strings.NewReader(listedIngress)
			write(t, command, "sound.yaml", listedIngress)
			write(t, command, "open.yaml", strings.Replace(listedIngress, "https://app.example.com", "https://app.example.com/", 1))
			write(t, command, "traefik.yaml", strings.Replace(listedIngress, "ingressClassName: nginx", "ingressClassName: traefik", 1))
			write(t, command, "broken.yaml", strings.Replace(listedIngress, "  name: api\n", "", 1))
			write(t, command, "service.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: api}\n")
			require.Equal(t, test.code, exitCode(t, command), output)
			require.Contains(t, output.String(), test.output)
		})
	}
}

func TestAuditWritesJSONAndSARIF(t *testing.T) {
	t.Parallel()
	command, output := crosscheck(t, "audit", "api.yaml", "--format", "json")
	write(t, command, "api.yaml", listedIngress)
	require.Equal(t, exitFailed, exitCode(t, command), output)
	var result audit.Result
	require.NoError(t, json.Unmarshal(output.Bytes(), &result), output)
	require.Equal(t, audit.Schema, result.Schema)
	require.Equal(t, "https://api.example.com/", result.Policies[0].URL)

	command, output = crosscheck(t, "audit", "k8s", "--format", "sarif")
	require.NoError(t, os.MkdirAll(filepath.Join(command.Dir, "k8s"), 0o700))
	write(t, command, "k8s/api.yaml", listedIngress)
	require.Equal(t, exitFailed, exitCode(t, command), output)
	var sarif struct {
		Version string
		Runs    []struct{ Results []struct{ RuleID string } }
	}
	require.NoError(t, json.Unmarshal(output.Bytes(), &sarif), output)
	require.Equal(t, "2.1.0", sarif.Version)
	require.Equal(t, "missing-vary", sarif.Runs[0].Results[0].RuleID)
	require.Contains(t, output.String(), `"uri": "k8s/api.yaml"`)
}
