package helm

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
)

// A Chart says which chart is meant, and where it is.
type Chart struct {
	// Name is the chart's name, as in "ingress-nginx".
	Name string
	// Source is the URL of a repository, or on disk the chart's folder, its archive, or a folder that holds either:
	// as NAME, NAME.tgz or NAME-VERSION.tgz.
	Source string
	// Version is the chart's version or that of the application in it, as in "4.15.1" or "v1.15.1".
	// Empty is the newest of a repository, and whatever there is on disk. On disk, a chart of version 0.0.0 passes for any:
	// those of a source tree get their version when they are published.
	Version string
}

// String is the chart for people, without where it is.
func (c Chart) String() string {
	return strings.TrimSpace(c.Name + " " + c.Version)
}

// A ChartNotFoundError says where a chart was looked for, and what was there.
type ChartNotFoundError struct {
	Chart Chart
	// Found is what was there instead.
	Found string
	// Err is the error behind it; nil where there is none.
	Err error
}

// Error says what was asked, what was found and what to do.
func (e *ChartNotFoundError) Error() string {
	return fmt.Sprintf("there is no chart %s in %s: %s; name a repository's URL, a folder or a .tgz that has it", e.Chart, e.Chart.Source, e.Found)
}

// Unwrap returns the error behind it.
func (e *ChartNotFoundError) Unwrap() error { return e.Err }

func (c Chart) notFound(err error, format string, args ...any) error {
	return &ChartNotFoundError{Chart: c, Found: fmt.Sprintf(format, args...), Err: err}
}

// Load reads the chart. An error is a *[ChartNotFoundError] where the chart is not there.
func Load(ctx context.Context, c Chart) (*chart.Chart, error) {
	if c.Name == "" || c.Source == "" {
		return nil, fmt.Errorf("a chart's name and source were expected, found %q and %q", c.Name, c.Source)
	}
	if strings.HasPrefix(c.Source, "http://") || strings.HasPrefix(c.Source, "https://") {
		return c.download(ctx)
	}
	if scheme, _, found := strings.Cut(c.Source, "://"); found {
		return nil, c.notFound(nil, "%s:// is not supported: helm pull it and name the .tgz", scheme)
	}
	path, err := c.locate()
	if err != nil {
		return nil, err
	}
	loaded, err := loader.Load(path)
	if err != nil {
		return nil, c.notFound(err, "%s cannot be read as a chart: %s", path, err)
	}
	if loaded.Name() != c.Name {
		return nil, c.notFound(nil, "%s is the chart %s", path, loaded.Name())
	}
	if c.Version != "" && !isUnreleased(loaded.Metadata) && !isVersion(loaded.Metadata, c.Version) {
		return nil, c.notFound(nil, "%s has version %s, for the application's version %s", path, loaded.Metadata.Version, loaded.AppVersion())
	}
	return loaded, addNeighbours(loaded, path)
}

// locate finds the folder or archive of the chart on disk.
func (c Chart) locate() (string, error) {
	info, err := os.Stat(c.Source)
	if err != nil {
		return "", c.notFound(err, "it cannot be read: %s", err)
	}
	if !info.IsDir() || isChartFolder(c.Source) {
		return c.Source, nil
	}
	if folder := filepath.Join(c.Source, c.Name); isChartFolder(folder) {
		return folder, nil
	}
	if archive := filepath.Join(c.Source, c.Name+".tgz"); exists(archive) {
		return archive, nil
	}
	archives, err := filepath.Glob(filepath.Join(escapeGlob(c.Source), c.Name+"-[0-9]*.tgz"))
	if err != nil {
		return "", c.notFound(err, "%s", err)
	}
	if len(archives) > 1 && c.Version != "" {
		archives = slices.DeleteFunc(archives, func(path string) bool {
			return !strings.HasSuffix(path, "-"+c.Version+".tgz")
		})
	}
	switch len(archives) {
	case 0:
		return "", c.notFound(nil, "the folder has neither Chart.yaml nor %s/Chart.yaml nor %[1]s.tgz nor %[1]s-VERSION.tgz", c.Name)
	case 1:
		return archives[0], nil
	}
	return "", c.notFound(nil, "there are %d archives of it: name one", len(archives))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func isChartFolder(path string) bool { return exists(filepath.Join(path, "Chart.yaml")) }

// escapeGlob lets a folder's name stand for itself in a pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// isVersion tells whether the chart, or the application in it, has the version. A leading v makes no difference.
func isVersion(metadata *chart.Metadata, version string) bool {
	version = strings.TrimPrefix(version, "v")
	return strings.TrimPrefix(metadata.Version, "v") == version || strings.TrimPrefix(metadata.AppVersion, "v") == version
}

// isUnreleased tells whether the chart is one of a source tree, which gets its version when it is published.
func isUnreleased(metadata *chart.Metadata) bool {
	return metadata.Version == "0.0.0" || strings.HasPrefix(metadata.Version, "0.0.0-")
}

// addNeighbours adds the charts that a chart's folder names with file:// URLs. Helm wants them copied into the
// folder first, but a folder may be somebody else's, or read-only.
func addNeighbours(loaded *chart.Chart, path string) error {
	for _, wanted := range loaded.Metadata.Dependencies {
		if slices.ContainsFunc(loaded.Dependencies(), func(has *chart.Chart) bool { return has.Name() == wanted.Name }) {
			continue
		}
		where, isFile := strings.CutPrefix(wanted.Repository, "file://")
		if !isFile {
			return fmt.Errorf("the chart in %s needs the chart %s from %q and does not bring it: helm dependency build %[1]s", path, wanted.Name, wanted.Repository)
		}
		if !filepath.IsAbs(where) {
			where = filepath.Join(path, filepath.FromSlash(where))
		}
		neighbour, err := loader.Load(where)
		if err != nil {
			return fmt.Errorf("the chart in %s needs the chart %s, which cannot be read: %w", path, wanted.Name, err)
		}
		if err := addNeighbours(neighbour, where); err != nil {
			return err
		}
		loaded.AddDependency(neighbour)
	}
	return nil
}

// sameContent tells whether two charts render the same from the same values.
func sameContent(a, b *chart.Chart) bool {
	sameFiles := func(a, b []*common.File) bool {
		return slices.EqualFunc(a, b, func(a, b *common.File) bool { return a.Name == b.Name && string(a.Data) == string(b.Data) })
	}
	// A chart whose dependencies changed has another version, or is being worked on: then the cluster is made anew.
	return a.Metadata.Version == b.Metadata.Version && sameFiles(a.Templates, b.Templates) && sameValues(a.Values, b.Values)
}
