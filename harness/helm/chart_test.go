package helm_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"

	"github.com/crosscheck-dev/crosscheck/harness/helm"
)

// packed is the probe chart as an archive in the folder, named as helm package names it.
func packed(t *testing.T, folder string) string {
	t.Helper()
	loaded, err := loader.LoadDir(filepath.Join("testdata", "probe"))
	require.NoError(t, err)
	path, err := chartutil.Save(loaded, folder)
	require.NoError(t, err)
	return path
}

func TestAChartIsFoundOnDisk(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	archive := packed(t, folder)
	plain := filepath.Join(t.TempDir(), "probe.tgz")
	text, err := os.ReadFile(archive)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(plain, text, 0o600))
	for name, chart := range map[string]helm.Chart{
		"its folder":                        {Source: "testdata/probe"},
		"a folder that holds its folder":    {Source: "testdata"},
		"its archive":                       {Source: archive},
		"a folder that holds its archive":   {Source: folder},
		"an archive without version":        {Source: filepath.Dir(plain)},
		"the chart's version":               {Source: folder, Version: "1.2.3"},
		"the application's version":         {Source: folder, Version: "v4.5.6"},
		"the application's version, bare":   {Source: "testdata/probe", Version: "4.5.6"},
		"an archive of a version, by name":  {Source: folder, Version: "1.2.3"},
		"the chart's version with its mark": {Source: "testdata/probe", Version: "v1.2.3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chart.Name = "probe"
			loaded, err := helm.Load(t.Context(), chart)
			require.NoError(t, err)
			require.Equal(t, "1.2.3", loaded.Metadata.Version)
			require.Equal(t, "v4.5.6", loaded.AppVersion())
		})
	}
}

func TestAChartThatIsNotThereSaysWhatIs(t *testing.T) {
	t.Parallel()
	empty, several := t.TempDir(), t.TempDir()
	archive := packed(t, several)
	require.NoError(t, os.Link(archive, filepath.Join(several, "probe-2.0.0.tgz")))
	for name, test := range map[string]struct {
		chart helm.Chart
		want  string
	}{
		"no such folder":       {helm.Chart{Name: "probe", Source: "testdata/none"}, "no such file"},
		"an empty folder":      {helm.Chart{Name: "probe", Source: empty}, "the folder has neither Chart.yaml nor probe/Chart.yaml nor probe.tgz"},
		"another chart":        {helm.Chart{Name: "other", Source: "testdata/probe"}, "is the chart probe"},
		"another version":      {helm.Chart{Name: "probe", Source: "testdata", Version: "9.9.9"}, "has version 1.2.3, for the application's version v4.5.6"},
		"several versions":     {helm.Chart{Name: "probe", Source: several}, "there are 2 archives of it"},
		"no archive":           {helm.Chart{Name: "probe", Source: "chart_test.go"}, "cannot be read as a chart"},
		"a registry of images": {helm.Chart{Name: "probe", Source: "oci://registry.example.com/charts"}, "oci:// is not supported: helm pull it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := helm.Load(t.Context(), test.chart)
			var missing *helm.ChartNotFoundError
			require.ErrorAs(t, err, &missing)
			require.Equal(t, test.chart, missing.Chart)
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, "name a repository's URL, a folder or a .tgz that has it")
		})
	}
	_, err := helm.Load(t.Context(), helm.Chart{Name: "probe"})
	require.ErrorContains(t, err, "a chart's name and source were expected")
}

// The charts of a source tree name their neighbours, and have no version yet. Their folders stay as they are.
func TestAChartBringsItsNeighbours(t *testing.T) {
	t.Parallel()
	loaded, err := helm.Load(t.Context(), helm.Chart{Name: "app", Source: "testdata/neighbours", Version: "edge-26.8.3"})
	require.NoError(t, err)
	rendered, err := helm.Render(t.Context(), helm.Release{Name: "app", Namespace: "default", Chart: loaded}, "v1.34.4")
	require.NoError(t, err)
	require.Contains(t, string(rendered), "name: from-the-neighbour")
	require.NoDirExists(t, "testdata/neighbours/app/charts")
}

func TestAChartWithoutItsDependencySaysSo(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Chart.yaml"), []byte("apiVersion: v2\nname: app\nversion: 1.0.0\n"+
		"dependencies: [{name: database, version: 1.0.0, repository: 'https://charts.example.com'}]\n"), 0o600))
	_, err := helm.Load(t.Context(), helm.Chart{Name: "app", Source: folder})
	require.ErrorContains(t, err, `needs the chart database from "https://charts.example.com" and does not bring it: helm dependency build `+folder)
}
