package helm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/repo/v1"
	"sigs.k8s.io/yaml"
)

// downloadMost bounds what a repository may send: the greatest indexes have some ten megabytes.
const downloadMost = 64 << 20

// downloadTimeout bounds one download.
const downloadTimeout = time.Minute

// download reads the chart from its repository. Helm's own downloader keeps a cache among the user's files
// and cannot be cancelled; its index is used here, and its loader.
// A version that was read once is kept: it never changes, and a cluster can be brought up again without the network.
func (c Chart) download(ctx context.Context) (*chart.Chart, error) {
	if kept, err := loader.LoadFile(c.cached()); err == nil {
		return kept, nil
	}
	listed, err := get(ctx, strings.TrimSuffix(c.Source, "/")+"/index.yaml")
	if err != nil {
		return nil, c.unreachable(ctx, "its index", err)
	}
	index := repo.NewIndexFile()
	if err := yaml.Unmarshal(listed, index); err != nil {
		return nil, c.notFound(err, "what answers there is no repository: its index.yaml cannot be read")
	}
	index.SortEntries()
	entry, err := c.entry(index)
	if err != nil {
		return nil, err
	}
	if len(entry.URLs) == 0 {
		return nil, c.notFound(nil, "its index names no address of version %s", entry.Version)
	}
	address, err := repo.ResolveReferenceURL(c.Source, entry.URLs[0])
	if err != nil {
		return nil, c.notFound(err, "its index names an address that is none: %q", entry.URLs[0])
	}
	archive, err := get(ctx, address)
	if err != nil {
		return nil, c.unreachable(ctx, address, err)
	}
	if sum := sha256.Sum256(archive); entry.Digest != "" && hex.EncodeToString(sum[:]) != strings.TrimPrefix(entry.Digest, "sha256:") {
		return nil, c.notFound(nil, "%s is not what its index says: SHA-256 %x instead of %s", address, sum, entry.Digest)
	}
	loaded, err := loader.LoadArchive(bytes.NewReader(archive))
	if err != nil {
		return nil, c.notFound(err, "%s cannot be read as a chart: %s", address, err)
	}
	c.keep(archive)
	return loaded, nil
}

// cached is the file that keeps this version of the chart; empty for the newest, which changes, and where the user has no cache.
func (c Chart) cached() string {
	folder, err := os.UserCacheDir()
	if err != nil || c.Version == "" {
		return ""
	}
	id := sha256.Sum256([]byte(c.Source + "\n" + c.Name + "\n" + c.Version))
	return filepath.Join(folder, "crosscheck", "charts", fmt.Sprintf("%s-%x.tgz", filepath.Base(c.Name), id[:8]))
}

// keep writes the chart into the cache. A cache that cannot be written is no reason to fail.
func (c Chart) keep(archive []byte) {
	path := c.cached()
	if path == "" || os.MkdirAll(filepath.Dir(path), 0o755) != nil {
		return
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return
	}
	_, err = file.Write(archive)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path) // whole or not at all
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
}

// entry finds the version of the chart in the index: the chart's own version, else that of the application in it.
func (c Chart) entry(index *repo.IndexFile) (*repo.ChartVersion, error) {
	versions := index.Entries[c.Name]
	if len(versions) == 0 {
		return nil, c.notFound(repo.ErrNoChartName, "its index has no chart of this name")
	}
	if c.Version == "" {
		entry, err := index.Get(c.Name, "")
		if err != nil {
			return nil, c.notFound(err, "its index has no released version")
		}
		return entry, nil
	}
	for _, entry := range versions { // the newest first
		if isVersion(entry.Metadata, c.Version) {
			return entry, nil
		}
	}
	newest := versions[0]
	return nil, c.notFound(errNoEntry, "its index has %d versions from %s to %s (application %s)", len(versions), versions[len(versions)-1].Version, newest.Version, newest.AppVersion)
}

func (c Chart) unreachable(ctx context.Context, what string, err error) error {
	if gone := ctx.Err(); gone != nil {
		return fmt.Errorf("download the chart %s: %w", c, gone)
	}
	return c.notFound(err, "%s cannot be read: %s", what, err)
}

// get reads what is at the address. Proxies are those of the environment.
func get(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, downloadTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", address, response.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, downloadMost+1))
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", address, err)
	}
	if len(body) > downloadMost {
		return nil, fmt.Errorf("GET %s: more than %d MB: %w", address, downloadMost>>20, os.ErrInvalid)
	}
	return body, nil
}

var errNoEntry = errors.New("no entry of the repository's index has this version")
