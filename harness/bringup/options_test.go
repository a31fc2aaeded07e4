package bringup_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/testcontainers/testcontainers-go"

	"github.com/crosscheck-dev/crosscheck/harness/bringup"
)

func TestTheEnvironmentChoosesWhatIsBroughtUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environment map[string]string
		check       func(*testing.T, bringup.Options)
	}{
		"nothing": {nil, func(t *testing.T, o bringup.Options) {
			require.Equal(t, bringup.Options{}, o)
		}},
		"versions": {
			map[string]string{"K8S_VERSION": "1.33.1", "INGRESS_NGINX_VERSION": "v1.11.0", "LINKERD_VERSION": "edge-26.1.1"},
			func(t *testing.T, o bringup.Options) {
				require.Equal(t, "1.33.1", o.Kubernetes)
				require.Equal(t, "v1.11.0", o.IngressNginx.Version)
				require.Equal(t, "edge-26.1.1", o.Linkerd.Version)
			},
		},
		"charts": {
			map[string]string{"INGRESS_NGINX_CHART": "a", "LINKERD_CHARTS": "b", "CROSSCHECK_IMAGES": "c.tar"},
			func(t *testing.T, o bringup.Options) {
				require.Equal(t, "a", o.IngressNginx.Source)
				require.Equal(t, "b", o.Linkerd.Source)
				require.Equal(t, "c.tar", o.ImageArchive)
			},
		},
		"a slow machine": {
			map[string]string{"CROSSCHECK_STEP_TIMEOUT": "20m"},
			func(t *testing.T, o bringup.Options) {
				require.Equal(t, 20*time.Minute, o.StepTimeout)
				require.Equal(t, 20*time.Minute, o.IngressNginx.Timeout)
				require.Equal(t, 20*time.Minute, o.Linkerd.Timeout)
			},
		},
		"switched off": {
			map[string]string{"LINKERD": "off", "INGRESS_NGINX_WEBHOOK": "OFF"},
			func(t *testing.T, o bringup.Options) {
				require.True(t, o.WithoutLinkerd)
				require.True(t, o.IngressNginx.WithoutWebhook)
			},
		},
		"switched on": {
			map[string]string{"LINKERD": "on", "INGRESS_NGINX_WEBHOOK": "true"},
			func(t *testing.T, o bringup.Options) {
				require.False(t, o.WithoutLinkerd)
				require.False(t, o.IngressNginx.WithoutWebhook)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, err := bringup.FromEnvironment(func(variable string) string { return test.environment[variable] })
			require.NoError(t, err)
			test.check(t, o)
		})
	}
	_, err := bringup.FromEnvironment(func(variable string) string { return map[string]string{"LINKERD": "maybe"}[variable] })
	require.EqualError(t, err, `LINKERD is "maybe": on or off was expected`)
	for _, value := range []string{"20", "-1m", "soon"} {
		_, err = bringup.FromEnvironment(func(variable string) string { return map[string]string{"CROSSCHECK_STEP_TIMEOUT": value}[variable] })
		require.EqualError(t, err, fmt.Sprintf("CROSSCHECK_STEP_TIMEOUT is %q: a length of time such as 15m was expected", value))
	}
}

func TestTheNodeImageIsOfTheVersion(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string][2]string{
		"":                                {"kindest/node:" + bringup.DefaultKubernetes, bringup.DefaultKubernetes},
		"v1.33.1":                         {"kindest/node:v1.33.1", "v1.33.1"},
		"1.33.1":                          {"kindest/node:v1.33.1", "v1.33.1"},
		"kindest/node:v1.32.0":            {"kindest/node:v1.32.0", "v1.32.0"},
		"registry.example.com:5000/n:v1":  {"registry.example.com:5000/n:v1", "v1"},
		"registry.example.com:5000/n":     {"registry.example.com:5000/n", bringup.DefaultKubernetes},
		"kindest/node:v1.32.0@sha256:abc": {"kindest/node:v1.32.0@sha256:abc", "v1.32.0"},
	} {
		image, version := bringup.NodeImageOf(bringup.Options{Kubernetes: asked})
		require.Equal(t, want, [2]string{image, version}, asked)
	}
}

func TestTheReaperIsTheOneThatTestcontainersStarts(t *testing.T) {
	t.Parallel()
	//lint:ignore SA1019 the constant tells no more than the name, which is all that is asked here
	require.Equal(t, testcontainers.ReaperDefaultImage, bringup.ReaperImage)
}
