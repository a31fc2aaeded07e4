package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/ingressnginx"
)

func TestTheChartOfOneSideOfAnUpgrade(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		choice controllerChoice
		want   ingressnginx.Options
		words  string
	}{
		"the controller's version": {
			controllerChoice{version: "v1.11.0"},
			ingressnginx.Options{Source: "https://mirror.example.com", Version: "v1.11.0"},
			"v1.11.0",
		},
		"the chart's version": {
			controllerChoice{version: "v1.11.0", chart: "4.11.0"},
			ingressnginx.Options{Source: "https://mirror.example.com", Version: "4.11.0"},
			"v1.11.0 of the chart 4.11.0",
		},
		"a file": {
			controllerChoice{chart: "charts/ingress-nginx-4.11.0.tgz"},
			ingressnginx.Options{Source: "charts/ingress-nginx-4.11.0.tgz"},
			"of the chart charts/ingress-nginx-4.11.0.tgz",
		},
		"a folder that has to be of the version": {
			controllerChoice{version: "v1.11.0", chart: "./chart"},
			ingressnginx.Options{Source: "./chart", Version: "v1.11.0"},
			"v1.11.0 of the chart ./chart",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// A version of the variable's is of no side.
			require.Equal(t, test.want, test.choice.of(ingressnginx.Options{Source: "https://mirror.example.com", Version: "v1.2.3"}))
			require.Equal(t, test.words, test.choice.String())
		})
	}
}

func TestWhatRunsIsHeldAgainstTheFlag(t *testing.T) {
	t.Parallel()
	require.NoError(t, controllerChoice{chart: "./chart"}.confirm("v1.11.0"))
	require.NoError(t, controllerChoice{version: "1.11.0"}.confirm("v1.11.0"))
	require.EqualError(t, controllerChoice{side: "to", version: "v1.15.1", chart: "./chart"}.confirm("v1.11.0"),
		"--to names the controller v1.15.1, and the one that runs says that it is v1.11.0: name the version that the chart installs, or another chart with --to-chart")
}
