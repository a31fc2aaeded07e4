package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// chart writes a chart of ingress-nginx that is small, and whose images and tests need no network.
func chart(t *testing.T, folder string) {
	t.Helper()
	for name, text := range map[string]string{
		"Chart.yaml":  "apiVersion: v2\nname: ingress-nginx\nversion: 4.99.0\nappVersion: 1.99.0\n",
		"values.yaml": "controller: {image: {registry: registry.example.com, image: controller, tag: v1.99.0, digest: 'sha256:" + digest + "'}}\n",
		"templates/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: controller}\nspec: {containers: [{name: controller, " +
			"image: '{{ with .Values.controller.image }}{{ .registry }}/{{ .image }}:{{ .tag }}@{{ .digest }}{{ end }}'}]}\n",
	} {
		path := filepath.Join(folder, "chart", filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
}

const digest = "ee6521f290b2168b6e0935a181d4cff9be1ac3f505666ef0e3c98fae8199917a"

func TestEnv(t *testing.T) {
	for name, test := range map[string]struct {
		arguments   []string
		environment []string
		code        int
		output      string
	}{
		"the images, by flags": {
			[]string{"images", "--linkerd", "off", "--ingress-nginx-chart", "chart", "--kubernetes", "1.33.1"},
			nil, 0, "kindest/node:v1.33.1\nnode:20-slim\nregistry.example.com/controller:v1.99.0\n",
		},
		"the images, by variables": {
			[]string{"images"},
			[]string{"LINKERD=off", "INGRESS_NGINX_CHART=chart", "K8S_VERSION=v1.33.2"},
			0, "kindest/node:v1.33.2\nnode:20-slim\nregistry.example.com/controller:v1.99.0\n",
		},
		"a flag counts more than its variable": {
			[]string{"images", "--kubernetes", "v1.33.1"},
			[]string{"LINKERD=off", "INGRESS_NGINX_CHART=chart", "K8S_VERSION=v1.33.2"},
			0, "kindest/node:v1.33.1\n",
		},
		"a switch that is neither on nor off": {[]string{"images", "--linkerd", "maybe"}, nil, exitUsage, `LINKERD is "maybe": on or off was expected`},
		"a chart that is not there": {
			[]string{"up", "--linkerd", "off", "--ingress-nginx-chart", "nowhere"},
			nil, exitEnvironment, `step "charts" failed: there is no chart ingress-nginx in nowhere: `,
		},
		"another version than there is": {
			[]string{"images", "--linkerd", "off", "--ingress-nginx-chart", "chart", "--ingress-nginx-version", "v1.15.1"},
			nil, exitEnvironment, "has version 4.99.0, for the application's version 1.99.0",
		},
		"a word too many": {[]string{"down", "now"}, nil, exitUsage, `unknown command "now"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command, output := crosscheck(t, append([]string{"env"}, test.arguments...)...)
			chart(t, command.Dir)
			command.Env = append(command.Env, "TESTCONTAINERS_RYUK_DISABLED=true", "LINKERD=", "LINKERD_CHARTS=", "INGRESS_NGINX_CHART=", "INGRESS_NGINX_WEBHOOK=", "K8S_VERSION=")
			command.Env = append(command.Env, test.environment...)
			require.Equal(t, test.code, exitCode(t, command), output)
			require.Contains(t, output.String(), test.output)
		})
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		5 * time.Second: "5 seconds", 119 * time.Second: "119 seconds", 2 * time.Minute: "2 minutes",
		119 * time.Minute: "119 minutes", 5 * time.Hour: "5 hours", 50 * time.Hour: "2 days",
	} {
		require.Equal(t, want, age(d))
	}
}
